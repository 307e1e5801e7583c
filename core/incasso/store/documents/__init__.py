"""Documents in the database: what lies in folders, what was fetched."""
