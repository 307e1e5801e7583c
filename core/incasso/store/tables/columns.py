"""Column types and the naming convention that all tables share."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    TypeDecorator,
    event,
)
from sqlalchemy import text as sql

from incasso.contract.text_store import from_column, to_column

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives an automatic row id only to a column of type INTEGER, which holds 64 bits there.
Id = BigInteger().with_variant(Integer(), "sqlite")

# Money in minor units (cents) of the currency beside it; never a float, never a NUMERIC.
Minor = BigInteger().with_variant(Integer(), "sqlite")


CODE_POINTS: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""A text that lists are sorted by: in the order of its code points whatever the locale of the
database, so that its index has the order in which every list shows it."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite has no time zone, so there it is naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants: a time without a zone has cost others double reminders."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give the instant back in UTC."""
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


class Code(TypeDecorator[str]):
    """A member of an enumeration, kept as its word; empty where none was set yet.

    A word that no member has cannot be written or searched for. One that is found all the same,
    written by a later version, is given back as it is.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind
        # Calling an enumeration costs ten times a look-up, and it would be paid for every row.
        self._words = {member.value: member.value for member in kind} | {"": ""}
        self._members: dict[str, str] = {member.value: member for member in kind}

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        """The word itself, which every driver takes."""
        try:
            return None if value is None else self._words[value]
        except KeyError:
            raise ValueError(f"{value!r} is no {self.kind.__name__}") from None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The member of that word."""
        return None if value is None else self._members.get(value, value)


class Sentence(TypeDecorator[str]):
    """Words for people: a Text keeps its template and values, so that each reads it in theirs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The column's form of it."""
        return None if value is None else to_column(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The same words again."""
        return None if value is None else from_column(value)


def key_column() -> Column[Any]:
    """The usual surrogate key."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def text(name: str, default: str = "") -> Column[Any]:
    """A text that is empty rather than null."""
    return Column(name, Text, nullable=False, server_default=default, default=default)


def ordered_text(name: str) -> Column[Any]:
    """A text that a list is sorted by."""
    return Column(name, CODE_POINTS, nullable=False)


def sentence(name: str) -> Column[Any]:
    """Words for people; empty rather than null."""
    return Column(name, Sentence, nullable=False, server_default="", default="")


def code(name: str, kind: type[StrEnum], default: StrEnum | None = None) -> Column[Any]:
    """A member of an enumeration; without a default it is empty until it is set."""
    word = "" if default is None else default.value
    return Column(name, Code(kind), nullable=False, server_default=word, default=word)


def quoted(*members: StrEnum) -> str:
    """Words as literals for the condition of an index, which takes no parameters."""
    return ", ".join(f"'{member.value}'" for member in members)


def digest(name: str, **options: Any) -> Column[Any]:
    """A digest or fingerprint as raw bytes."""
    return Column(name, LargeBinary, **options)


WITHOUT_ROWID: Final = {"sqlite_with_rowid": False}
"""For `info` of a table whose rows SQLite keeps by their own key."""


def partial_index(name: str, *columns: str | TextClause, where: str, unique: bool = False) -> Index:
    """An index of the rows for which the condition holds.

    Naming a dialect here would load PostgreSQL's for every small command on SQLite, so the
    dialects learn of it when tables are made.
    """
    conditions = {f"{dialect}_where": sql(where) for dialect in ("sqlite", "postgresql")}
    return Index(name, *columns, unique=unique, info=conditions)


_ONLY: Final[dict[str, str]] = {}
"""The one dialect that has an index, by its name."""


def one_dialect(dialect: str, index: Index) -> Index:
    """An index that one kind of database has and the other needs not."""
    _ONLY[str(index.name)] = dialect
    return index.ddl_if(dialect=dialect)


def belongs(name: str | None, dialect: str) -> bool:
    """Whether databases of that kind have a part of the schema; for Alembic, which compares."""
    return _ONLY.get(name or "", dialect) == dialect


def tell_dialects(*_: Any, **__: Any) -> None:
    """Hand over to the dialects what only they understand; before any table is made or compared."""
    for table in metadata.tables.values():
        parts: list[Table | Index] = [table, *table.indexes]
        for each in parts:
            for name, value in each.info.items():
                each.dialect_kwargs[name] = value


event.listen(metadata, "before_create", tell_dialects)
