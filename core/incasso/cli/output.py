"""Print lists: a table for people, JSON for programs with nothing else beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from incasso.cli.options import Format
from incasso.cli.words import heading, shown

if TYPE_CHECKING:
    from rich.console import Console

TABLE_ROWS = 200
"""More rows than this scroll away unread; `--limit` and the machine formats give them all."""

UNSEEN_WIDTH = 120
"""Columns of a table that goes into a file or a pipe."""

_RIGHT = frozenset(
    "id run row amount residual total cost attempts overdue_days count not_due overdue priority "
    "version stages".split()
)


def show(
    rows: Iterable[Mapping[str, Any]],
    format: Format,
    *,
    columns: Sequence[str],
    language: str,
    limit: int | None = None,
    right: Iterable[str] = (),
) -> None:
    """Print a list; `columns` are what a table shows, machine formats get every field."""
    match format:
        case Format.TABLE:
            _table(rows, columns, language, limit or TABLE_ROWS, _RIGHT.union(right))
        case Format.JSON:
            _json(islice(rows, limit))
        case Format.JSONL:
            _jsonl(islice(rows, limit))


def say(sentence: str) -> None:
    """One line for a person, on standard output."""
    print(sentence)  # noqa: T201


def complain(sentence: str) -> None:
    """One line about a problem, on standard error, so that it never spoils a list."""
    print(sentence, file=sys.stderr)  # noqa: T201


def console() -> Console:
    """Rich on standard output, wide enough for a list when nobody watches."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNSEEN_WIDTH, highlight=False)


def _jsonl(rows: Iterable[Mapping[str, Any]]) -> None:
    import msgspec

    encode = msgspec.json.Encoder().encode
    write = sys.stdout.buffer.write
    for row in rows:
        write(encode(row))
        write(b"\n")


def _json(rows: Iterable[Mapping[str, Any]]) -> None:
    """One array, written while it is read: a million rows need no more memory than one."""
    import msgspec

    encode = msgspec.json.Encoder().encode
    write = sys.stdout.buffer.write
    write(b"[")
    for number, row in enumerate(rows):
        write(b",\n " if number else b"\n ")
        write(encode(row))
    write(b"\n]\n")


def _table(
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    language: str,
    limit: int,
    right: frozenset[str],
) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    some = iter(rows)
    page = list(islice(some, limit))
    if not page:
        say("Niente da mostrare." if language == "it" else "Nothing to show.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        number = column in right
        table.add_column(
            heading(column, language),
            justify="right" if number else "left",
            # A cut amount is a wrong amount; a cut name is only a shorter one.
            no_wrap=number,
            overflow="fold",
        )
    for row in page:
        table.add_row(*(escape(shown(column, row.get(column), language)) for column in columns))
    console().print(table)
    _say_if_cut(some, limit, language)


def _say_if_cut(rest: Iterator[object], limit: int, language: str) -> None:
    if next(rest, None) is None:
        return
    if language == "it":
        complain(f"Solo le prime {limit} righe: filtri, --limit o --format jsonl per le altre.")
    else:
        complain(f"Only the first {limit} rows: filters, --limit or --format jsonl for the rest.")
