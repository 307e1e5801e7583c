"""The tables, by what they are about; the hub's own database has no others."""

from incasso.store.tables import (
    documents,
    exchange,
    history,
    jobs,
    ledger,
    notices,
    office,
    orders,
    parties,
    placement,
    proof,
    reaching,
    recovery,
    remembered,
    replies,
    sending,
    totals,
)
from incasso.store.tables.columns import metadata

__all__ = [
    "documents",
    "exchange",
    "history",
    "jobs",
    "ledger",
    "metadata",
    "notices",
    "office",
    "orders",
    "parties",
    "placement",
    "proof",
    "reaching",
    "recovery",
    "remembered",
    "replies",
    "sending",
    "totals",
]
