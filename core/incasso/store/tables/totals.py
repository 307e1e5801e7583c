"""Sums of the ledger by client, kept level with it so that a page need not add it up."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from incasso.domain.ledger.bands import CREDITS, LATE, NOT_DUE, PLACES
from incasso.store.tables.columns import WITHOUT_ROWID, Id, Minor, metadata

_WORDS: Final = {NOT_DUE: "not_due", CREDITS: "credits"} | {
    place: f"late_{PLACES[place].rstrip('+').split('-')[0]}" for place in LATE
}

SUMS: Final = tuple(_WORDS[place] for place in range(len(PLACES)))
"""The column of each place: what is open there, in minor units."""

ITEMS: Final = tuple(f"{name}_items" for name in SUMS)
"""How many open items that is."""

# `store.ledger.totals` alone writes it. No foreign keys: both are made anew by the thousand.
client_totals = Table(
    "client_totals",
    metadata,
    Column("client_id", Id, nullable=False),
    Column("currency", Text, nullable=False),
    Column("counted_on", Date, nullable=False),  # the business day for which it was counted
    # The first day after it on which something may stand elsewhere: then it must be counted again.
    Column("stale_on", Date, nullable=False),
    *(Column(name, Minor, nullable=False) for name in SUMS),
    *(Column(name, Integer, nullable=False) for name in ITEMS),
    Column("overdue", Minor, nullable=False),  # the sum of what is late
    Column("returned", Minor, nullable=False),  # owed on bills that came back
    Column("at_bank", Minor, nullable=False),  # owed on bills that the bank may still collect
    Column("oldest_overdue_on", Date),  # effective due date; null: nothing is late
    PrimaryKeyConstraint("client_id", "currency"),
    # How a read finds out at once that all of them hold on its day.
    Index("ix_client_totals_stale_on", "stale_on"),
    Index("ix_client_totals_counted_on", "counted_on"),
    info=WITHOUT_ROWID,
)

# `store.recovery.case_counts` alone writes it.
client_cases = Table(
    "client_cases",
    metadata,
    Column("client_id", Id, primary_key=True, autoincrement=False),
    Column("running", Integer, nullable=False),  # cases that are not closed
)
