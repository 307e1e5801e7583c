"""The rows of a mail's table, from constant pieces with only the cells new.

A template writes the rest of the page; rows are most of it, and each cell costs Jinja a look-up
and an escape of its own. `tests/messages/test_html_rows.py` holds them equal, byte for byte, to the
same rows written by a template.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

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
    begin_heading: str
    """Over two columns."""
    next_heading: str


def rows_html(table: Table, language: Language) -> Markup:
    """The rows asked for and the credits taken off, each with its line break."""
    labels = language.labels
    forms = labels["one_day"], labels["many_days"]
    found = []
    for row in table.rows:
        if row.heading:
            found.append(_heading(row))
            continue
        late = [language.plural(int(row.days), *forms)] if row.days else []
        beside = []
        if table.with_amount and row.amount != row.residual:
            beside.append(language.label("part_of", amount=row.amount))
        if row.interest:
            beside.append(language.label("plus_interest", amount=row.interest))
        found.append(_row(row, late, beside))
    return Markup("".join(found))


def coming_html(table: Table) -> Markup:
    """What falls due next: neither lateness nor a part of an amount."""
    return Markup("".join([_row(row) for row in table.coming]))


def _row(row: Row, late: Sequence[str] = (), beside: Sequence[str] = ()) -> str:
    pieces = _pieces()
    note = [row.note] if row.note else []
    cells = (
        *(pieces.begin, _escaped(row.document), _small(pieces, note)),
        *(pieces.next, _escaped(row.due_date), _small(pieces, late)),
        *(pieces.next, _escaped(row.residual), _small(pieces, beside), pieces.end),
    )
    return "".join(cells)


def _heading(row: Row) -> str:
    """A client of a summary, in bold over the rows below."""
    pieces = _pieces()
    note = [row.note] if row.note else []
    cells = (
        *(pieces.begin_heading, _escaped(row.document), _small(pieces, note)),
        *(pieces.next_heading, _escaped(row.residual), pieces.end),
    )
    return "".join(cells)


def _small(pieces: Pieces, words: Sequence[str]) -> str:
    """What stands below a cell, each on a line of its own."""
    if not words:
        return ""
    return "".join([pieces.small + _escaped(each) + pieces.end_small for each in words])


def _escaped(words: str) -> str:
    """Few cells hold anything to escape, and `escape` makes an object of each."""
    return str(escape(words)) if _UNSAFE.search(words) else words


_UNSAFE: Final = re.compile(r"""[&<>"']""")


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
