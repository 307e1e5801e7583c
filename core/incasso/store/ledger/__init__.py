"""The writing side of the ledger: staging, comparing, settling and applying one read."""
