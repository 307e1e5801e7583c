"""Print lists: a table for people, JSON for programs with nothing else beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from incasso.cli.language import here, hub_language, language
from incasso.cli.options import Format
from incasso.cli.words import Words
from incasso.contract.text import Text, encodable
from incasso.contract.visible import visible, visible_cell
from incasso.locale import localize
from incasso.locale.labels import PLUGIN_STATES, Labels
from incasso.store.lists.listing import Column

if TYPE_CHECKING:
    from rich.console import Console

    from incasso.plugins.discovery import Failure
    from incasso.plugins.settings.config import HubConfig

TABLE_ROWS = 200
"""Default limit of a table in a terminal; `--limit` and the machine formats give more."""

UNSEEN_WIDTH = 120
"""Columns of a table that goes into a file or a pipe."""

_LEGIBLE = 12
"""Least width of a column of prose."""


def show(
    rows: Iterable[Mapping[str, Any]],
    format: Format,
    *,
    columns: Sequence[Column] = (),
    office: HubConfig | None = None,
    limit: int | None = None,
    labels: Mapping[str, Labels] = MappingProxyType({}),
) -> None:
    """Print a list; `columns` are what a table shows, machine formats get every field.

    A table is in the reader's language and the office's time zone, UTC without one; sentences in
    machine formats are in the hub's language.
    """
    # A list is often a cursor, which must always be closed before its connection.
    with _closing(rows):
        match format:
            case Format.TABLE:
                words = Words(language(), office.timezone if office else UTC, labels)
                _table(rows, columns, words, limit or TABLE_ROWS)
            case Format.JSON:
                _json(islice(rows, limit))
            case Format.JSONL:
                _jsonl(islice(rows, limit))


def say(sentence: str) -> None:
    """One line for a person, on standard output, at once even where that is a pipe to a log."""
    print(visible(localize(sentence, language())), flush=True)  # noqa: T201


def pour(content: str) -> None:
    """The content of a file, exactly as it is, on standard output."""
    print(content, end="")  # noqa: T201


def complain(sentence: str) -> None:
    """One line about a problem, on standard error, so that it never mixes with a list."""
    print(visible(localize(sentence, language())), file=sys.stderr)  # noqa: T201


def failure_line(failure: Failure) -> str:
    """A plugin package, or one of its kinds, that cannot be used."""
    cure = f" ({here(failure.hint)})" if failure.hint else ""
    state = here(PLUGIN_STATES.get(failure.state, failure.state))
    return f"{failure.package}: {state}: {here(failure.reason)}{cure}"


def console() -> Console:
    """Rich on standard output; wide enough for a list when it is not a terminal."""
    from rich.console import Console

    known = sys.stdout.isatty() or "COLUMNS" in os.environ

    class PipedConsole(Console):
        """Rich would end the program itself when the pipe is closed."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return PipedConsole(width=None if known else UNSEEN_WIDTH, highlight=False)


@contextmanager
def _closing(rows: object) -> Iterator[None]:
    try:
        yield
    finally:
        if isinstance(rows, Generator):
            rows.close()


def written(value: object) -> str:
    """What machine formats give of a sentence: the hub's language, whoever asks."""
    return localize(value, hub_language()) if isinstance(value, Text) else encodable(value)


def _jsonl(rows: Iterable[Mapping[str, Any]]) -> None:
    import msgspec

    encode = msgspec.json.Encoder(enc_hook=written).encode
    write = sys.stdout.buffer.write
    for row in rows:
        write(encode(row))
        write(b"\n")


def _json(rows: Iterable[Mapping[str, Any]]) -> None:
    """One array, written while it is read: a million rows need no more memory than one."""
    import msgspec

    encode = msgspec.json.Encoder(enc_hook=written).encode
    write = sys.stdout.buffer.write
    write(b"[")
    for number, row in enumerate(rows):
        write(b",\n " if number else b"\n ")
        write(encode(row))
    write(b"\n]\n")


def _table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], words: Words, limit: int
) -> None:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    some = iter(rows)
    page = list(islice(some, limit))
    if not page:
        say(words.nothing)
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in columns:
        # Prose gives way when the terminal is narrow; a cut amount would be a wrong amount.
        table.add_column(
            words.heading(column.vocabulary),
            justify="right" if column.kind.is_right else "left",
            no_wrap=not column.kind.is_broken,
            min_width=_LEGIBLE if column.kind.is_broken else None,
            overflow="fold" if column.kind.is_broken else "ellipsis",
        )
    for row in page:
        table.add_row(*(escape(_shown(words, column, row)) for column in columns))
    console().print(table)
    if next(some, None) is not None:
        complain(words.cut(limit))


def _shown(words: Words, column: Column, row: Mapping[str, Any]) -> str:
    shown = words.shown(column.vocabulary, row.get(column.key))
    return visible(shown) if column.kind.is_broken else visible_cell(shown)
