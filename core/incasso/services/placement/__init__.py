"""Placements: the use cases around what is handed to agencies and lawyers."""
