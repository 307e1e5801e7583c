"""Takes in the numbers that the post gave to registered letters; a bad row costs only itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.media import Medium
from incasso.contract.text import Text, template, text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.sending.post import NumberFault, post_number
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.office.subjects import SubjectError
from incasso.services.office.subjects import delivery as named_delivery
from incasso.services.sending.news import note_tracking
from incasso.services.sending.post_file import PostFile, PostFileError, TypedNumber, read_post_file
from incasso.store.proof import journal
from incasso.store.sending import deliveries, outbox, post_day
from incasso.store.sending.post_day import PostedLetter

_FAULTS: Final = {
    NumberFault.EMPTY: template("the number is missing"),
    NumberFault.FORM: template(
        "“{number}” is no number of a registered letter: twelve digits, or like RR123456785IT; a "
        "spreadsheet may have shortened it, make its column text"
    ),
    NumberFault.CHECK_DIGIT: template("“{number}” is mistyped: its check digit does not fit"),
}


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not taken, and why."""

    row: int
    reference: str
    number: str
    problem: str


class NumbersReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rows."""

    taken: int = 0
    known: int = 0
    """The same number stood there already."""
    open: int = 0
    """Rows of the list without a number."""
    refused: tuple[RefusedRow, ...] = ()


def take_numbers(
    office: Office,
    actor: Actor,
    file: Path,
    on: date,
    *,
    day: date | None = None,
    source: str = "",
    channels: Sequence[str] = (),
    replace: bool = False,
) -> NumbersReport:
    """Keep each number with its delivery; the same file twice changes nothing.

    `day`, `source` and `channels` say which list a plain list of numbers follows, row by row.
    `replace`: a number that stood there was wrong. Raises PostFileError, ActorError.
    """
    typed = read_post_file(file)
    with office.store.write() as connection:
        now = admit(connection, actor, Work.POST)
        taking = _Taking(connection, now, on, replace=replace)
        if typed.is_list:
            rows = _beside_the_list(
                connection, now, typed, day=day, source=source, channels=channels
            )
        else:
            rows = typed.rows
        for row in rows:
            taking.take(row)
        journal.record(connection, taking.events, at=office.now())
    return taking.report()


class _Taking:
    def __init__(self, connection: Connection, actor: Actor, on: date, *, replace: bool) -> None:
        self._connection = connection
        self._actor = actor
        self._on = on
        self._replace = replace
        self._counts: Counter[str] = Counter()
        self._refused: list[RefusedRow] = []
        self._seen: dict[str, int] = {}
        self.events: list[journal.Event] = []

    def take(self, row: TypedNumber) -> None:
        """One row."""
        if row.reference and not row.number:
            self._counts["open"] += 1
            return
        number = post_number(row.number)
        if isinstance(number, NumberFault):
            self._refuse(row, Text(_FAULTS[number], {"number": row.number}))
        elif earlier := self._seen.get(number):
            self._refuse(row, text("the same number stands in row {n} already", n=str(earlier)))
        else:
            self._seen[number] = row.row
            self._keep(row, number)

    def report(self) -> NumbersReport:
        """What became of all rows."""
        return NumbersReport(
            taken=self._counts["taken"],
            known=self._counts["known"],
            open=self._counts["open"],
            refused=tuple(self._refused),
        )

    def _keep(self, row: TypedNumber, number: str) -> None:
        if not row.reference:
            self._refuse(row, text("the reference of its delivery is missing"))
            return
        try:
            name, _ = named_delivery(self._connection, row.reference, self._actor.scope)
        except SubjectError:
            self._refuse(row, text("there is no delivery “{id}”", id=row.reference))
            return
        delivery = deliveries.named(self._connection, name)
        assert delivery is not None  # just found, in this transaction
        if not Medium(delivery.medium).by_post:
            self._refuse(row, text("delivery {id} did not go by post", id=name))
        elif delivery.status not in post_day.LEFT:
            self._refuse(row, text("delivery {id} has not left", id=name))
        elif others := [each for each in self._numbered(number) if each != name]:
            self._refuse(row, text("delivery {id} has that number already", id=others[0]))
        else:
            self._change(row, name, number)

    def _change(self, row: TypedNumber, name: str, number: str) -> None:
        delivery = deliveries.named(self._connection, name)
        assert delivery is not None
        before = outbox.tracking_of(self._connection, name)
        if before == number:
            self._counts["known"] += 1
            return
        if before and not self._replace:
            words = text(
                "delivery {id} has the number {before}: give --replace if that is wrong",
                id=name,
                before=before,
            )
            self._refuse(row, words)
            return
        by = self._actor.trace("post")
        self.events += note_tracking(self._connection, delivery, number, by, self._on)
        self._counts["taken"] += 1

    def _numbered(self, number: str) -> list[str]:
        return post_day.numbered(self._connection, number)

    def _refuse(self, row: TypedNumber, problem: str) -> None:
        self._refused.append(
            RefusedRow(row=row.row, reference=row.reference, number=row.number, problem=problem)
        )


def _beside_the_list(
    connection: Connection,
    actor: Actor,
    typed: PostFile,
    *,
    day: date | None,
    source: str,
    channels: Sequence[str],
) -> tuple[TypedNumber, ...]:
    """A plain list follows the registered letters of a day's list. One number too few would give
    every letter behind it the next one's number, so the counts must be equal."""
    if day is None:
        raise PostFileError(
            text("a plain list of numbers follows the list of a day: say which, `--day DATE`.")
        )
    letters = [
        each
        for each in post_day.letters_of(connection, actor.scope, day, channels)
        if each.medium == Medium.REGISTERED and source in ("", each.source)
    ]
    if len(named := {each.source for each in letters}) > 1:
        raise PostFileError(
            text("several companies sent letters: say whose, `--source {one}`.", one=min(named))
        )
    return _paired(typed.rows, letters, day)


def _paired(
    rows: Sequence[TypedNumber], letters: Sequence[PostedLetter], day: date
) -> tuple[TypedNumber, ...]:
    if len(rows) != len(letters):
        raise PostFileError(
            text(
                "there are {found} numbers and {wanted} registered letters of {day}: nothing was "
                "taken, because each number behind the gap would be another letter's.",
                found=str(len(rows)),
                wanted=str(len(letters)),
                day=day,
            )
        )
    return tuple(
        msgspec.structs.replace(row, reference=letter.id)
        for row, letter in zip(rows, letters, strict=True)
    )
