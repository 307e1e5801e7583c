"""A whole ledger read as a stream of pages, its totals verified."""
