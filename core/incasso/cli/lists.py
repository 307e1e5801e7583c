"""The lists that stand among the commands: of the ledger, of the recovery, of what happened."""

from __future__ import annotations

import typer

from incasso.cli.listing import list_command
from incasso.store.lists import (
    BALANCES,
    CASES,
    CLIENTS,
    DELIVERIES,
    DOCUMENTS,
    INSTALLMENTS,
    JOURNAL,
    PAYMENTS,
    QUARANTINE,
    STEPS,
)

app = typer.Typer()

for listing in (
    CLIENTS,
    INSTALLMENTS,
    CASES,
    STEPS,
    DELIVERIES,
    QUARANTINE,
    JOURNAL,
    DOCUMENTS,
    PAYMENTS,
    BALANCES,
):
    list_command(app, listing)
