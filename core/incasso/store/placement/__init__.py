"""Placements in the database: the parties, and what was handed to them."""
