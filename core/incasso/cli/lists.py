"""The list commands: ledger, recovery, history."""

from __future__ import annotations

import typer

from incasso.cli.listing import list_command
from incasso.store.lists.agreements import AGREEMENTS, PROMISES
from incasso.store.lists.contacts import BAD_ADDRESSES, CALLBACKS, CONTACTS, CORRECTIONS
from incasso.store.lists.containers import CONTAINERS
from incasso.store.lists.credits import EXPOSURE
from incasso.store.lists.history import BALANCES, DOCUMENTS, PAYMENTS
from incasso.store.lists.inbox import INBOX
from incasso.store.lists.ledger import CLIENTS, INSTALLMENTS, QUARANTINE
from incasso.store.lists.proof import ATTACHMENTS, JOURNAL
from incasso.store.lists.punctuality import PUNCTUALITY
from incasso.store.lists.reaching import ADDRESSES, CLIENT_CONTACTS, CONSENTS
from incasso.store.lists.recovery import CASES, STEPS
from incasso.store.lists.sending import DELIVERIES, DELIVERY_NEWS, REFUSED_NEWS

app = typer.Typer()

for listing in (
    CLIENTS,
    INSTALLMENTS,
    CASES,
    STEPS,
    AGREEMENTS,
    PROMISES,
    DELIVERIES,
    INBOX,
    QUARANTINE,
    REFUSED_NEWS,
    JOURNAL,
    DOCUMENTS,
    PAYMENTS,
    BALANCES,
    CONTACTS,
    CALLBACKS,
    BAD_ADDRESSES,
    DELIVERY_NEWS,
    CORRECTIONS,
    ADDRESSES,
    CONSENTS,
    CLIENT_CONTACTS,
    ATTACHMENTS,
    EXPOSURE,
    CONTAINERS,
    PUNCTUALITY,
):
    list_command(app, listing)
