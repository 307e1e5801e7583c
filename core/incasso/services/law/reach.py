"""Of which client somebody may have a dossier, and about which credits.

Whoever works here has it of the clients that they see. A lawyer outside has it of clients that are
placed with them: of their debts and the messages about them only what was placed; the history, and
what the client wrote, are the client's.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.office.actor import Scope
from incasso.services.office.subjects import SubjectError, resolve
from incasso.store.law import credits


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """One client, and what of it."""

    client: int
    named: str
    """As every command understands it without doubt."""
    scope: Scope
    """What reads about this client go by."""
    only: frozenset[int] | None = None
    """The installments that may be spoken of, by id; None: all."""


def reach_of(connection: Connection, scope: Scope, typed: str) -> Reach:
    """What a text names, for somebody. Raises SubjectError."""
    if scope.providers is not None:
        return _placed(connection, scope.providers, typed)
    subject = resolve(connection, typed, scope).whole_client
    return Reach(client=subject.client_id, named=str(subject), scope=scope)


def _placed(connection: Connection, providers: frozenset[str], typed: str) -> Reach:
    rows = credits.placed_with(connection, providers)
    named = {(each.client_id, each.source, each.code) for each in rows if _is_called(each, typed)}
    if len(named) != 1:
        raise SubjectError(
            text("No client, or more than one, called “{typed}” is placed with you.", typed=typed)
        )
    client, source, code = named.pop()
    return Reach(
        client=client,
        named=f"client {source}/{code}",
        scope=Scope.everything(),
        only=frozenset(each.installment_id for each in rows if each.client_id == client),
    )


def _is_called(row: credits.PlacedRow, typed: str) -> bool:
    return typed.strip() in (row.code, f"{row.source}/{row.code}")
