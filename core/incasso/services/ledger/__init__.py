"""Ledger in: `sync`, and what it is made of; reports and surveys of the ledger."""
