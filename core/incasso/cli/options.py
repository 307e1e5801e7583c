"""Options that many commands share, and the parsing of dates and amounts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from incasso.cli.language import language
from incasso.contract.text import text
from incasso.domain.acts.attachments import LARGEST, LONGEST_NAME, Attachment
from incasso.domain.acts.contacts import CallBack
from incasso.locale.reading import UnclearError, read_amount, read_day
from incasso.locale.system_words import system_words


class Format(StrEnum):
    """How a list is printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


def day(words: str) -> date:
    """A date, ISO or as the office writes it."""
    try:
        return read_day(words, language())
    except UnclearError as error:
        raise typer.BadParameter(error.args[0]) from None


def month_named(words: str) -> date | None:
    """The first day of `2026-11`; None for nothing."""
    if not words:
        return None
    try:
        return date.fromisoformat(f"{words}-01")
    except ValueError:
        raise typer.BadParameter(
            text("{month!r} is no month: write it like 2026-11", month=words)
        ) from None


def amount(words: str) -> Decimal:
    """An amount, with a decimal point or as the office writes it."""
    try:
        return read_amount(words)
    except UnclearError as error:
        raise typer.BadParameter(error.args[0]) from None


def dated_amount(words: str) -> tuple[date, Decimal]:
    """`2026-12-01=500.00`: a day and what is paid then."""
    when, equals, how_much = words.partition("=")
    if not equals:
        raise typer.BadParameter(
            text("'{words}' is not DATE=AMOUNT; write it as 2026-12-01=500.00", words=words)
        )
    return day(when), amount(how_much)


def call_back(words: str) -> CallBack:
    """`2026-11-25 15:30`, `25/11/2026 15.30`, or only the day."""
    on, _, at = words.strip().replace("T", " ").partition(" ")
    if not at.strip():
        return CallBack(on=day(on))
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])", at.strip())
    if found is None:
        raise typer.BadParameter(
            text("'{words}' is not DATE TIME; write it as 2026-11-25 15:30", words=words)
        )
    return CallBack(on=day(on), at=time(int(found[1]), int(found[2])))


def one_of(given: Sequence[str] | None, known: Collection[str]) -> tuple[str, ...]:
    """The values of a repeated option. Raises BadParameter for one that no row can have."""
    for word in given or ():
        if word not in known:
            raise typer.BadParameter(_none_of(word, [str(each) for each in known]))
    return tuple(given or ())


def _none_of(word: str, known: list[str]) -> str:
    """A word that does not exist, with all that do and the one it looks like."""
    if close := get_close_matches(word, known, n=1, cutoff=0.75):
        return text(
            "'{word}' is none of {known}; did you mean '{near}'?",
            word=word,
            known=known,
            near=close[0],
        )
    return text("'{word}' is none of {known}", word=word, known=known)


On: TypeAlias = Annotated[
    date | None,
    typer.Option("--on", parser=day, metavar="DATE", help="Business date; today if left out."),
]
Listed: TypeAlias = Annotated[
    Format, typer.Option("--format", help="Complete lists without paging in json and jsonl.")
]
Limit: TypeAlias = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="At most so many rows (table: 200 if left out)."),
]
Source: TypeAlias = Annotated[
    str | None,
    typer.Option("--source", help="Only this company."),
]
By: TypeAlias = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="LOGIN",
        envvar="INCASSO_USER",
        help="Who acts; else the system's user by [hub.os_users], else the administrator.",
    ),
]
Why: TypeAlias = Annotated[str, typer.Option("--why", help="The reason, for the record.")]
Attach: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--attach", metavar="FILE", help="A file to keep with it; may be repeated."),
]
Subject: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT",
        help="CODE or SOURCE/CODE of a client, key of an installment, case:12, step:34.",
    ),
]
ReadableFile: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="A TOML file."),
]


def read_text(file: Path) -> str:
    """The text of a file that people wrote; anything but UTF-8 is refused."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeError:
        raise typer.BadParameter(
            text("{file} is not UTF-8 text: save it as UTF-8", file=str(file))
        ) from None


def read_attachments(files: Sequence[Path] | None) -> tuple[Attachment, ...]:
    """Files to keep with an act. Raises BadParameter for one that cannot be read."""
    return tuple(map(_attachment, files or ()))


def _attachment(file: Path) -> Attachment:
    try:
        # One byte more than allowed is enough to see that it is too large.
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        raise typer.BadParameter(
            text(
                "{file} cannot be read ({reason}): attach another file",
                file=str(file),
                reason=system_words(error),
            )
        ) from None
    name = "".join(letter for letter in file.name if letter.isprintable())
    return Attachment(name=name[:LONGEST_NAME], content=content)
