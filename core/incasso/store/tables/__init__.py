"""The tables, by what they are about; the hub's own database has no others."""

from incasso.store.tables import history, ledger, office, orders, papers, proof, recovery, sending
from incasso.store.tables.columns import metadata

__all__ = [
    "history",
    "ledger",
    "metadata",
    "office",
    "orders",
    "papers",
    "proof",
    "recovery",
    "sending",
]
