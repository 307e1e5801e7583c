"""The rows of a mail's table, from constant pieces with only the cells new.

A template writes the rest of the page; rows are most of it, and each cell costs Jinja a look-up
and an escape of its own. `tests/messages/test_html_rows.py` holds them equal, byte for byte, to the
same rows written by a template.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import msgspec
from markupsafe import Markup, escape

from incasso.messages.language import Language
from incasso.messages.table import Row, Table


class Pieces(msgspec.Struct, frozen=True):
    """What stands around the cells; styles are filled in."""

    begin: str
    next: str
    small: str
    end_small: str
    end: str


def rows_html(table: Table, language: Language) -> Markup:
    """The rows asked for and the credits taken off, each with its line break."""
    return Markup("".join(list(_asked(table, language))))


def coming_html(table: Table) -> Markup:
    """What falls due next: neither lateness nor a part of an amount."""
    return Markup("".join([each for row in table.coming for each in _row(row)]))


def _asked(table: Table, language: Language) -> Iterator[str]:
    labels, with_amount = language.labels, table.with_amount
    for row in table.rows:
        days = (
            language.plural(int(row.days), labels["one_day"], labels["many_days"])
            if row.days
            else ""
        )
        beside = []
        if with_amount and row.amount != row.residual:
            beside.append(language.label("part_of", amount=row.amount))
        if row.interest:
            beside.append(language.label("plus_interest", amount=row.interest))
        yield from _row(row, days, beside)


def _row(row: Row, days: str = "", beside: list[str] | None = None) -> Iterator[str]:
    pieces = _pieces()
    yield pieces.begin
    yield escape(row.document)
    yield from _small(pieces, row.note)
    yield pieces.next
    yield escape(row.due_date)
    yield from _small(pieces, days)
    yield pieces.next
    yield escape(row.residual)
    for each in beside or ():
        yield from _small(pieces, each)
    yield pieces.end


def _small(pieces: Pieces, words: str) -> Iterator[str]:
    if words:
        yield pieces.small
        yield escape(words)
        yield pieces.end_small


@lru_cache(maxsize=1)
def _pieces() -> Pieces:
    return msgspec.convert(tomllib.loads(styled(layout("mail.rows.toml"))), Pieces)


def layout(name: str) -> str:
    """A file of the layout."""
    return files("incasso.messages").joinpath("layout").joinpath(name).read_text("utf-8")


def styled(source: str) -> str:
    """The source with the styles that its [names] stand for."""
    for name, style in reversed(tomllib.loads(layout("mail.styles.toml")).items()):
        source = source.replace(f"[{name}]", style)
    return source
