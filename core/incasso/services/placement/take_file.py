"""Takes one file of a provider in: archived, checked as a whole, then page by page.

Whatever interrupts it, it is read again from the beginning: what was taken is known by its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import BinaryIO, Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.errors import RejectedError
from incasso.contract.exchange import ReturnSheet, UpdateItem
from incasso.contract.values import Page
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.states import ArrivalState
from incasso.locale.returns import refusal_text
from incasso.plugins.handles import ProviderHandle
from incasso.services.hub.hub import Hub
from incasso.services.placement.fates import Fate, Line, Moment, Origin, RowFate
from incasso.services.placement.file_checks import (
    Contents,
    FileProblem,
    contents,
    gap,
    head_problem,
    total_problem,
)
from incasso.services.placement.pages import take_lines
from incasso.store.placement import arrivals, refusals
from incasso.store.placement.arrivals import KnownArrival, NewArrival
from incasso.store.placement.refusals import NewRefusal
from incasso.store.proof import archive, journal
from incasso.store.proof.journal import Event

MOST_TOLD: Final = 1000
"""Rows whose fate a report repeats; all of them stand in the answer to the provider."""


class FileReport(msgspec.Struct, kw_only=True):
    """What became of a file."""

    provider: str
    name: str
    state: ArrivalState
    repeated: bool = False
    """The very same bytes were taken before; the counts are those of then."""
    rows: int = 0
    counts: dict[str, int] = {}
    """Rows by their fate."""
    problem: ReturnProblem | None = None
    message: str = ""
    """Why nothing of it was taken, or what is odd about it."""
    fates: list[RowFate] = []
    """Of rows that were not simply applied, the first ones."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A file whose bytes lie in the archive."""

    provider: str
    name: str
    identity: str
    """By which the plugin knows it; empty: given by hand."""
    entry: archive.Entry


def take_file(hub: Hub, handle: ProviderHandle, file: Incoming, on: date) -> FileReport:
    """Take it, or answer as before if it was taken. Raises errors of the plugin that pass."""
    with hub.store.read() as connection:
        known = arrivals.known(connection, file.provider, file.entry.sha256)
    if known is not None and known.state is not ArrivalState.READING:
        return _as_before(file, known)
    return _FileTaking(hub, handle, file, on).take()


def read_whole(
    handle: ProviderHandle, name: str, source: Callable[[], BinaryIO], on: date
) -> Contents:
    """Read a file from beginning to end before anything of it is taken. Raises RejectedError."""
    with source() as file:
        return contents(item for page in handle.read(name, file, on) for item in page.items)


def lines_of(page: Page[UpdateItem]) -> list[Line]:
    """The rows of a page with their numbers."""
    numbers: Iterable[int | None] = page.rows or (None for _ in page.items)
    return list(zip(numbers, page.items, strict=False))


class _FileTaking:
    def __init__(self, hub: Hub, handle: ProviderHandle, file: Incoming, on: date) -> None:
        self._hub, self._handle, self._file, self._on = hub, handle, file, on
        self._sheet = ReturnSheet()
        self._fates: list[RowFate] = []
        self._rows = 0

    def take(self) -> FileReport:
        """Head, whole, then page by page."""
        problem = self._unfit()
        with self._hub.store.write() as connection:
            number = self._begin(connection)
        if problem is not None:
            return self._refuse(number, problem)
        origin = Origin(
            provider=self._file.provider,
            arrival=number,
            sha256=self._file.entry.sha256,
            file=self._file.name,
        )
        for page in self._pages():
            if not self._take(origin, page):
                break  # another process finished it
        return self._finish(number)

    def _unfit(self) -> FileProblem | None:
        """Why nothing of it may be taken."""
        try:
            with self._open() as source:
                self._sheet = self._handle.identify(self._file.name, source, self._on)
            with self._hub.store.read() as connection:
                found = head_problem(connection, self._file.provider, self._sheet)
            if found is not None:
                return found
            whole = read_whole(self._handle, self._file.name, self._open, self._on)
            return total_problem(self._sheet, whole)
        except RejectedError as error:
            return FileProblem(ReturnProblem.WRONG_FORM, {"problem": str(error)})

    def _begin(self, connection: Connection) -> int:
        archive.note(connection, [self._file.entry], at=self._hub.now())
        return arrivals.begin(
            connection,
            NewArrival(
                provider=self._file.provider,
                instance=self._handle.id,
                name=self._file.name,
                identity=self._file.identity,
                sha256=self._file.entry.sha256,
                size=self._file.entry.size,
                at=self._hub.now(),
                on_date=self._on,
                sequence=self._sheet.sequence,
                lot=self._sheet.lot,
            ),
        )

    def _pages(self) -> Iterator[list[Line]]:
        with self._open() as source:
            for page in self._handle.read(self._file.name, source, self._on):
                yield lines_of(page)

    def _take(self, origin: Origin, lines: list[Line]) -> bool:
        """A page; whether the file was still to be taken."""

        def is_mine(connection: Connection) -> bool:
            return origin.arrival is not None and arrivals.is_reading(connection, origin.arrival)

        moment = Moment(on=self._on, at=self._hub.now())
        fates = take_lines(self._hub, origin, lines, moment, only_if=is_mine)
        if fates is None:
            return False
        self._rows += len(lines)
        odd = [each for each in fates if each.fate not in (Fate.APPLIED, Fate.REPEATED)]
        self._fates += odd[: MOST_TOLD - len(self._fates)]
        return True

    def _refuse(self, number: int, problem: FileProblem) -> FileReport:
        """Nothing of it is taken; the provider hears why."""
        with self._hub.store.write() as connection:
            self._tell(connection, number, problem, kept=False)
            message = refusal_text(problem.problem, problem.values)
            arrivals.finish(connection, number, ArrivalState.REFUSED, 0, message)
            self._journal(connection, ArrivalState.REFUSED, {"problem": problem.problem})
        return FileReport(
            provider=self._file.provider,
            name=self._file.name,
            state=ArrivalState.REFUSED,
            problem=problem.problem,
            message=message,
        )

    def _finish(self, number: int) -> FileReport:
        with self._hub.store.write() as connection:
            if not arrivals.is_reading(connection, number):
                known = arrivals.known(connection, self._file.provider, self._file.entry.sha256)
                assert known is not None  # it was written when we began
                return _as_before(self._file, known)
            missing = gap(connection, self._file.provider, self._sheet)
            if missing is not None:
                self._tell(connection, number, missing, kept=True)
            message = refusal_text(*missing) if missing else ""
            counts = arrivals.finish(connection, number, ArrivalState.TAKEN, self._rows, message)
            self._journal(connection, ArrivalState.TAKEN, counts)
        return FileReport(
            provider=self._file.provider,
            name=self._file.name,
            state=ArrivalState.TAKEN,
            rows=self._rows,
            counts={each.value: counts[each.value] for each in Fate},
            problem=missing.problem if missing else None,
            message=message,
            fates=self._fates,
        )

    def _tell(
        self, connection: Connection, number: int, problem: FileProblem, *, kept: bool
    ) -> None:
        refusal = NewRefusal(
            provider=self._file.provider,
            arrival_id=number,
            cause=f"{self._file.entry.sha256}:::{problem.problem}",
            line=None,
            update_id="",
            code=problem.problem,
            message=refusal_text(problem.problem, problem.values),
            kept=kept,
            on_date=self._on,
        )
        refusals.keep(connection, [refusal])

    def _journal(self, connection: Connection, state: ArrivalState, facts: object) -> None:
        event = Event(
            kind=f"exchange.file_{state}",
            actor="exchange",
            on=self._on,
            subject=f"file {self._file.name}",
            facts={
                "provider": self._file.provider,
                "sha256": self._file.entry.sha256,
                "counts": facts,
            },
        )
        journal.record(connection, [event], at=self._hub.now())

    def _open(self) -> BinaryIO:
        return archive.path_of(self._hub.store, self._file.entry.sha256).open("rb")


def _as_before(file: Incoming, known: KnownArrival) -> FileReport:
    return FileReport(
        provider=file.provider,
        name=file.name,
        state=known.state,
        repeated=True,
        rows=known.rows,
        counts={each.value: getattr(known, each.value) for each in Fate},
        message=known.reason,
    )
