"""The seal of each installment: a digest of what the hub wrote, to see what others changed.

Every statement that writes what the ERP says of an installment seals the row anew. A row whose
seal does not fit was changed by somebody else, whatever its fingerprint says: the fingerprint
tells what the source said, the seal what the hub made of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from incasso.store.engine import BETWEEN
from incasso.store.ledger.staging import INSTALLMENT_COLUMNS
from incasso.store.tables.ledger import clients, installments, sources

SEALED: Final = (
    *(name for name in INSTALLMENT_COLUMNS if name != "fingerprint"),
    "client_id",
    "status",
)
"""The columns that a seal covers: all that no person of the office decides."""


class AlteredSource(msgspec.Struct, frozen=True):
    """A source with such rows."""

    source: str
    rows: int
    key: str
    """One of them."""
    client: str


class _Seal(sa.sql.functions.FunctionElement[str]):
    """MD5 of some values as text with a separator between them; nothing for null."""

    type = sa.Text()
    inherit_cache = True


@compiles(_Seal)
def _by_our_function(element: _Seal, compiler: SQLCompiler, **options: Any) -> str:
    """`store.engine` gives it to SQLite."""
    return f"incasso_seal({compiler.process(element.clauses, **options)})"


@compiles(_Seal, "postgresql")
def _by_the_server(element: _Seal, compiler: SQLCompiler, **options: Any) -> str:
    parts = (_text_of(each, compiler, options) for each in element.clauses)
    return f"md5(concat_ws({BETWEEN!r}, {', '.join(parts)}))"


def _text_of(value: sa.ColumnElement[Any], compiler: SQLCompiler, options: dict[str, Any]) -> str:
    written = compiler.process(value, **options)
    # The session decides how a day is cast to text.
    day = f"to_char({written}, 'YYYY-MM-DD')"
    return f"coalesce({day if isinstance(value.type, sa.Date) else f'({written})::text'}, '')"


def seal_of(values: Mapping[str, Any]) -> sa.ColumnElement[str]:
    """The seal of a row with these values of `SEALED`; the same on every database."""
    typed = (sa.type_coerce(values[name], installments.c[name].type) for name in SEALED)
    return _Seal(*typed)


def reseal(connection: Connection, condition: sa.ColumnElement[bool]) -> None:
    """Seal these installments as they are now."""
    own = {name: installments.c[name] for name in SEALED}
    connection.execute(sa.update(installments).where(condition).values(seal=seal_of(own)))


def unlike_seal() -> sa.ColumnElement[bool]:
    """Whether somebody else changed or made the row. It reads every column: not for every sync."""
    own = {name: installments.c[name] for name in SEALED}
    return sa.or_(installments.c.seal.is_(None), installments.c.seal != seal_of(own))


def first_sealing(connection: Connection, source_id: int) -> None:
    """Rows of an older release have no seal yet: they are sealed as they stand."""
    reseal(
        connection, sa.and_(installments.c.source_id == source_id, installments.c.seal.is_(None))
    )


def altered_sources(connection: Connection, names: Collection[str] = ()) -> list[AlteredSource]:
    """Which sources (of these, or all) hold rows that somebody else changed."""
    query = (
        sa.select(sources.c.name, sa.func.count(), sa.func.min(installments.c.id))
        .join(installments, installments.c.source_id == sources.c.id)
        .where(sources.c.compared_on.is_not(None), unlike_seal())
        .group_by(sources.c.name)
        .order_by(sources.c.name)
    )
    if names:
        query = query.where(sources.c.name.in_(names))
    return [
        AlteredSource(name, int(rows), *_named(connection, first))
        for name, rows, first in connection.execute(query).all()
    ]


def _named(connection: Connection, installment: int) -> tuple[str, str]:
    query = (
        sa.select(installments.c.key, clients.c.code)
        .join(clients, clients.c.id == installments.c.client_id)
        .where(installments.c.id == installment)
    )
    key, client = connection.execute(query).one()
    return key, client
