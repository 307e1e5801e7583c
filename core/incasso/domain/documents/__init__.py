"""Which file is the document of a credit."""
