"""What the journal keeps of rows that matter: a digest of the columns that nobody may change.

`verify` compares the tables with the last digest of each row, so a user made administrator, a
token put in, or an amount changed behind the hub's back is found.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from incasso.domain.sending.texts import TextStatus
from incasso.store.tables.ledger import client_corrections, clients, installments
from incasso.store.tables.office import api_tokens, office_settings, users
from incasso.store.tables.orders import order_blocks
from incasso.store.tables.parties import price_lists, providers
from incasso.store.tables.proof import attachments, journal
from incasso.store.tables.reaching import client_contacts, consents
from incasso.store.tables.recovery import (
    agreement_dates,
    agreement_installments,
    agreements,
    conversations,
    iter_versions,
    steps,
)
from incasso.store.tables.sending import templates

ROWS_WRITTEN: Final = "rows.written"
"""The kind of event: facts are digests by "table key"; empty: the row is gone."""

SEALER: Final = "init"
"""The actor of the event that seals all rows there are."""

COVERED: Final = "covered"
"""In the facts of that event: the tables whose every row is in the journal from then on."""

_AT_ONCE: Final = 500


SETTINGS: Final = ("contact_policy", "exclusions")
"""The settings of the office that decide what leaves; the others are the hub's own notes."""


class Sealed(NamedTuple):
    """A table, the column that names its rows, and the columns that count.

    Rows with the same key have one digest together; `only`: no other keys count; `where`: no other
    rows do, and one for which it does not hold is as good as gone.
    """

    table: Table
    key: str
    columns: tuple[str, ...]
    only: tuple[str, ...] = ()
    where: sa.ColumnElement[bool] | None = None


DECIDED: Final[Mapping[Table, tuple[str, ...]]] = {
    clients: ("iter_override", "office_excluded"),
    installments: ("iter_override", "charges"),
    steps: (
        *("subject_override", "text_override", "opening_override", "closing_override", "bare"),
    ),
}
"""What people decide about rows that are otherwise the ERP's or planning's: few have any of it."""


def _any_decided(table: Table) -> sa.ColumnElement[bool]:
    columns = (table.c[name] for name in DECIDED[table])
    return sa.or_(*(each if not each.nullable else each.is_not(None) for each in columns))


SEALED: Final[Mapping[str, Sealed]] = {
    each.table.name: each
    for each in (
        Sealed(users, "login", ("role", "scope", "password_hash", "active", "email", "name")),
        Sealed(
            api_tokens,
            "name",
            ("public_id", "sha256", "scopes", "sources", "revoked_at", "expires_at"),
        ),
        Sealed(office_settings, "key", ("value",), only=SETTINGS),
        Sealed(
            iter_versions,
            "id",
            (
                *("iter_id", "version", "definition", "status", "priority"),
                *("published_at", "published_by"),
            ),
        ),
        *(
            Sealed(table, "key", ("number", "definition", "published_at", "published_by"))
            for table in (providers, price_lists)
        ),
        # The client of an agreement follows its debts to another code; the amounts never change.
        Sealed(
            agreements,
            "id",
            (
                "kind",
                "source_id",
                "from_on",
                "until_on",
                "amount",
                "currency",
                "down_payment",
                "interest",
                "made_on",
                *("installment_id", "status", "reason", "department", "owner", "made_by"),
                *("ended_on", "ended_by", "method", "grace_days", "renews_id", "renewal"),
                *("interest_rate", "acceleration", "code", "assignee", "answer", "result"),
                "approved_by",
            ),
        ),
        Sealed(agreement_dates, "agreement_id", ("due_on", "amount")),
        Sealed(agreement_installments, "agreement_id", ("installment_id", "residual_then")),
        *(
            Sealed(table, "id", columns, where=_any_decided(table))
            for table, columns in DECIDED.items()
        ),
        Sealed(
            templates,
            "id",
            ("key", "language", "version", "status", "parts"),
            where=templates.c.status != TextStatus.DRAFT,
        ),
        # The client of all that follows goes with its successor to another code.
        Sealed(
            conversations,
            "id",
            (
                *("step_id", "on_date", "at", "medium", "effective", "who", "note"),
                *("installment_id", "spoken_with", "number", "outcome", "minutes"),
                *("call_back_on", "call_back_time"),
            ),
        ),
        Sealed(
            client_corrections,
            "id",
            ("field", "value", "erp_value", "origin", "made_by", "made_on"),
        ),
        Sealed(
            consents,
            "id",
            (
                *("source_id", "kind", "medium", "address", "formal", "since", "until"),
                *("reason", "origin", "made_by", "made_on"),
            ),
        ),
        Sealed(
            client_contacts,
            "id",
            (
                *("source_id", "role", "person", "language", "email", "pec", "phone", "mobile"),
                *("fax", "address", "zip", "city", "province", "country"),
                *("reason", "origin", "made_by", "made_on"),
            ),
        ),
        Sealed(
            attachments,
            "sha256",
            ("source_id", "name", "size", "act", "subject", "on_date", "at", "made_by"),
        ),
        Sealed(
            order_blocks,
            "id",
            (
                *("source_id", "status", "reason", "made_by", "step_id", "made_on", "made_at"),
                *("release_when", "released_on", "released_at", "released_by", "release_reason"),
            ),
        ),
    )
}


def digests(connection: Connection, rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By "table key" the digest of each row as it is now; empty for one that is gone."""
    found = {f"{table} {key}": "" for table, key in rows}
    keys: dict[str, list[str]] = defaultdict(list)
    for table, key in rows:
        keys[table].append(key)
    for table, some in keys.items():
        for start in range(0, len(some), _AT_ONCE):
            found.update(_digests(connection, SEALED[table], some[start : start + _AT_ONCE]))
    return found


def all_digests(
    connection: Connection, tables: Collection[str] = SEALED
) -> Iterator[tuple[str, str]]:
    """Every sealed row of these tables with its digest. A stream."""
    for name in tables:
        yield from _digests(connection, SEALED[name], None)


def by_init() -> tuple[sa.ColumnElement[bool], ...]:
    """The events of the journal in which `init` sealed rows, in the words of their index."""
    return tuple(
        column == sa.literal_column(f"'{value}'")
        for column, value in ((journal.c.kind, ROWS_WRITTEN), (journal.c.actor, SEALER))
    )


def uncovered(connection: Connection) -> list[str]:
    """The tables that no `init` has sealed yet: a later release seals more of them."""
    said = journal.c.facts[COVERED].as_string()
    query = sa.select(said).where(*by_init())
    known = {name for names in connection.scalars(query) for name in (names or "").split()}
    return [name for name in SEALED if name not in known]


def digest_of(values: Iterable[object]) -> str:
    """A short digest that no other values have: BLAKE2b, 128 bits, of their canonical JSON."""
    return hashlib.blake2b(_encode(list(values)), digest_size=16).hexdigest()


def _digests(
    connection: Connection, sealed: Sealed, keys: list[str] | None
) -> Iterator[tuple[str, str]]:
    table, name = sealed.table, sealed.key
    parts = [key for key in table.primary_key.columns if key.name != name]
    query = sa.select(table.c[name], *(table.c[column] for column in sealed.columns))
    if sealed.only:
        query = query.where(table.c[name].in_(sealed.only))
    if sealed.where is not None:
        query = query.where(sealed.where)
    if keys is not None:
        typed: list[Any] = list(keys)
        if isinstance(table.c[name].type, sa.Integer):
            typed = [int(key) for key in keys]
        query = query.where(table.c[name].in_(typed))
    rows = connection.execute(query.order_by(table.c[name], *parts))
    for key, same in groupby(rows, itemgetter(0)):
        yield f"{table.name} {key}", digest_of(value for row in same for value in row[1:])


_encode: Final = msgspec.json.Encoder(order="sorted").encode
