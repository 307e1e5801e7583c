"""Proof: how a database stands to what was kept outside it."""
