"""The tables, by what they are about: ledger, history, recovery, sending, orders, office, proof."""

from incasso.store.tables import history, ledger, office, orders, proof, recovery, sending
from incasso.store.tables.columns import metadata

__all__ = ["history", "ledger", "metadata", "office", "orders", "proof", "recovery", "sending"]
