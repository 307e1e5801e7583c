"""Find clients and installments by what somebody types, the best first.

Clients by name, code, VAT number, tax code, mail address and telephone; installments by document
number, by key and, while they are open, by the amount still owed. Each question is a few ranges of
an index, whatever the size of the ledger.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.domain.office.actor import Scope
from incasso.store.lists.search_clients import ClientHit, clients_found
from incasso.store.lists.search_installments import InstallmentHit, installments_found

LIMIT: Final = 20


class Found(msgspec.Struct, frozen=True):
    """What a search found of each, the best first."""

    clients: list[ClientHit]
    installments: list[InstallmentHit]


def search(connection: Connection, scope: Scope, question: str, limit: int = LIMIT) -> Found:
    """At most so many clients and so many installments that the scope lets through."""
    typed = " ".join(question.replace("\0", " ").split())[:200]
    if not typed:
        return Found([], [])
    return Found(
        clients_found(connection, scope, typed, limit),
        installments_found(connection, scope, typed, limit),
    )
