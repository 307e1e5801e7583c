"""Print a page of a dossier: titles, paragraphs, facts and tables in one plain form, by Typst."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from incasso.messages.clean import clean
from incasso.messages.words import runs

if TYPE_CHECKING:
    from typst import Compiler

_ONE_AT_A_TIME: Final = Lock()
_LONGEST: Final = 4000

Runs: TypeAlias = tuple[tuple[bool, str], ...]
"""Words as plain and bold parts."""


class Title(msgspec.Struct, frozen=True, tag="title"):
    """What the page is, with a line below."""

    words: str
    below: str = ""
    centred: bool = False


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """The beginning of a part."""

    words: str
    centred: bool = False


class Words(msgspec.Struct, frozen=True, tag="words"):
    """A paragraph."""

    runs: Runs
    size: float = 10
    faint: bool = False


class Items(msgspec.Struct, frozen=True, tag="items"):
    """A list."""

    items: tuple[Runs, ...]
    numbered: bool = False


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """Labels with their values."""

    rows: tuple[tuple[str, str], ...]


class Grid(msgspec.Struct, frozen=True, kw_only=True, tag="grid"):
    """A table. A row begins with "*" where it is bold, else with "" ; of one cell it spans all."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    """Of each column: 0 as wide as it needs, above zero its share, below zero millimetres."""
    right_from: int
    """The first column whose cells stand on the right."""
    size: float = 9
    mono: tuple[int, ...] = ()
    """Columns of digests."""
    paths: tuple[int, ...] = ()
    """Columns of paths."""


class Note(msgspec.Struct, frozen=True, tag="note"):
    """Lines that must not be overlooked."""

    lines: tuple[str, ...]
    title: str = ""
    grave: bool = False


class Signature(msgspec.Struct, frozen=True, tag="signature"):
    """Room for somebody to sign."""

    words: str


Piece: TypeAlias = Title | Heading | Words | Items | Facts | Grid | Note | Signature


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file of pages. Every text is already in its language."""

    title: str
    author: str
    pieces: tuple[Piece, ...]
    foot: str
    page: str
    """How pages are counted, with {page} and {pages}."""
    banner: str = ""
    keywords: tuple[str, ...] = ()
    wide: bool = False
    justified: bool = False


def words(text: str, *, size: float = 10, faint: bool = False) -> Words:
    """A paragraph; bold where `strong` marked it."""
    return Words(tuple(runs(text)), size, faint)


def items(texts: Iterable[str], *, numbered: bool = False) -> Items:
    """A list of such paragraphs."""
    return Items(tuple(tuple(runs(each)) for each in texts), numbered)


def row(cells: Sequence[str], *, bold: bool = False) -> tuple[str, ...]:
    """A row of a table, safe to print whatever an ERP called it."""
    return ("*" if bold else "", *(clean(each, _LONGEST) for each in cells))


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    from typst import Compiler

    return Compiler(Path(__file__).with_name("layout") / "paper.typ")


def paper_pdf(paper: Paper, on: date) -> bytes:
    """The pages; equal papers give equal bytes on one machine. About 50 ms a page."""
    given = {"paper": msgspec.json.encode(paper).decode()}
    noon = (on.toordinal() - 719163) * 86400 + 43200
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs=given, timestamp=noon)
    assert isinstance(made, bytes)
    return made
