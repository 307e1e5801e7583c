"""Order blocks and write-backs in the database."""
