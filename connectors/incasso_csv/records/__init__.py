"""Rows turned into records of the contract."""
