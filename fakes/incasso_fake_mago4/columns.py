"""Column types of a Mago4 company database, as its documented schema has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

NO_DATE: Final = datetime(1799, 12, 31)  # noqa: DTZ001 - a day, not an instant
"""What Mago writes for "no date"."""

Columns: TypeAlias = dict[str, sa.Column[Any]]


def text(length: int = 8, default: str = "") -> sa.Column[Any]:
    """A varchar; empty, never null."""
    return sa.Column(sa.String(length), nullable=False, default=default)


def flag(default: str = "0") -> sa.Column[Any]:
    """A Boolean: char(1) holding '0' or '1'."""
    return sa.Column(sa.String(1), nullable=False, default=default)


def number(default: int = 0, *, small: bool = False) -> sa.Column[Any]:
    """An int: a number, an id or an enum (family × 65536 + item)."""
    kind = sa.SmallInteger() if small else sa.Integer()
    return sa.Column(kind, nullable=False, default=default)


def amount() -> sa.Column[Any]:
    """Money: a binary float."""
    return sa.Column(sa.Double(), nullable=False, default=0.0)


def day() -> sa.Column[Any]:
    """A date in a datetime column; 1799-12-31 stands for none."""
    return sa.Column(sa.DateTime(), nullable=False, default=NO_DATE)


def audit() -> Columns:
    """What every table carries."""
    return {
        "TBCreated": day(),
        "TBModified": day(),
        "TBCreatedID": number(),
        "TBModifiedID": number(),
    }


def texts(**lengths: int) -> Columns:
    """Several varchars by their lengths."""
    return {name: text(length) for name, length in lengths.items()}


def flags(*names: str) -> Columns:
    """Several Booleans, all '0' by default."""
    return {name: flag() for name in names}


def amounts(*names: str) -> Columns:
    """Several amounts."""
    return {name: amount() for name in names}


def days(*names: str) -> Columns:
    """Several dates, all empty by default."""
    return {name: day() for name in names}
