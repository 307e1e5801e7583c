"""The tables, by what they are about: ledger, recovery, sending, office, proof."""

from incasso.store.tables import ledger, office, proof, recovery, sending
from incasso.store.tables.columns import metadata

__all__ = ["ledger", "metadata", "office", "proof", "recovery", "sending"]
