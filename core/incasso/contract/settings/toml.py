"""A TOML text as tables, its syntax errors reported like every other problem."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

from incasso.contract.settings.reading import Reader
from incasso.contract.settings.wrong import Wrong
from incasso.contract.text import text

T = TypeVar("T")


def toml_tables(given: str, *, decimals: bool = False) -> tuple[dict[str, Any], tuple[Wrong, ...]]:
    """The tables of a TOML text, or where its syntax is wrong.

    With `decimals` a number such as 0.35 is taken exactly as it is written; else it is a float,
    which no amount may be.
    """
    try:
        tables = tomllib.loads(given, parse_float=Decimal if decimals else float)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = text("is not TOML: {error}", error=str(error))
        hint = text("texts stand in quotes, lists in [ ], one key = value per line")
        return {}, (Wrong(key="", code="syntax", message=message, hint=hint),)
    return tables, tuple(_zeros(tables, ""))


def _zeros(value: Any, key: str) -> Iterator[Wrong]:
    """Texts with a zero character, which PostgreSQL takes nowhere."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if "\0" in name:
                yield Wrong(key=key, message=text("a name holds a zero character"), code="zero")
            yield from _zeros(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from _zeros(inner, f"{key}[{place}]")
    elif isinstance(value, str) and "\0" in value:
        yield Wrong(key=key, message=text("holds a zero character"), code="zero")


def read_toml(kind: type[T], given: str) -> tuple[T | None, tuple[Wrong, ...]]:
    """What a TOML text describes, or everything that is wrong in it."""
    tables, wrong = toml_tables(given, decimals=True)
    return (None, wrong) if wrong else Reader().read(kind, tables)
