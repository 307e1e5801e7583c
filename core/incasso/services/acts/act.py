"""One act of a person: who, when and why, written together with what it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.services.acts.subjects import resolve
from incasso.services.recovery.case_progress import release_cases
from incasso.services.running.hub import Hub
from incasso.store.lists.subjects import Subject, Target, targets
from incasso.store.office import people
from incasso.store.proof import journal
from incasso.store.recovery import agreements, manual_changes, planning


class ActError(IncassoError):
    """This cannot be done; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """An act under way, inside its transaction."""

    connection: Connection
    subject: Subject
    by: str
    on: date
    why: str
    events: list[journal.Event] = field(default_factory=list)

    def targets(self) -> list[Target]:
        """The open installments it is about, oldest due date first; there may be none."""
        return targets(self.connection, self.subject)

    def open_targets(self) -> list[Target]:
        """The same, but at least one. Raises ActError."""
        if found := self.targets():
            return found
        raise ActError(f"Nothing is open on {self.subject}: it is paid, closed or gone.")

    def touch(self, touched: Sequence[Target], what: str, *, leave_steps: bool) -> None:
        """Planning looks at these again, and their cases remember the act.

        `leave_steps` takes the cases out of whatever has not left yet.
        """
        ids = [target.installment_id for target in touched]
        agreements.look_again(self.connection, ids, self.on)
        cases = running(touched)
        self.note(cases, what)
        if leave_steps:
            self.leave_steps(cases, what)

    def leave_steps(self, cases: Sequence[int], what: str) -> None:
        """Take cases out of steps that nobody has begun; what has left has left."""
        waiting = manual_changes.waiting(self.connection, cases)
        release_cases(self.connection, waiting, self.on, self.why or what)

    def note(
        self, cases: Iterable[int], what: str, stage: str = "", step: int | None = None
    ) -> None:
        """Write the act into the history of its cases."""
        agreements.note_on_cases(
            self.connection,
            cases,
            on=self.on,
            what=what,
            who=self.by,
            why=self.why,
            stage=stage,
            step=step,
        )

    def tell(self, kind: str, **facts: object) -> None:
        """Put an event into the journal when the act is finished."""
        subject = self.subject
        self.events.append(
            journal.Event(
                kind=kind,
                actor=self.by,
                on=self.on,
                source=subject.source,
                client=subject.client,
                subject=str(subject),
                facts={"why": self.why, **facts},
            )
        )


@contextmanager
def acting(hub: Hub, subject: str, *, by: str, on: date, why: str) -> Iterator[Act]:
    """One transaction around an act: everything it writes is kept, or nothing.

    Raises ActError if nobody is named or the person may no longer act, SubjectError if the
    subject is not clear.
    """
    with hub.store.write() as connection:
        need_actor(connection, by)
        # A page being planned must not decide on what this act is about to change.
        planning.take_turn(connection)
        whom = resolve(connection, subject)
        act = Act(connection=connection, subject=whom, by=by, on=on, why=why)
        yield act
        # Last, because whoever writes the journal makes the other writers wait.
        journal.record(connection, act.events, at=hub.now())


def running(touched: Iterable[Target]) -> list[int]:
    """The running cases among some installments."""
    return [target.case_id for target in touched if target.case_id is not None]


def need_actor(connection: Connection, by: str) -> None:
    """Somebody must answer for an act; outside programs may act under a name of their own.

    Raises ActError if nobody is named, or a user who may no longer work.
    """
    if not by.strip():
        raise ActError("Say who acts: `--by LOGIN`.")
    if people.is_disabled(connection, by):
        raise ActError(f"{by} is disabled: `incasso users list` shows who may act.")


def need_why(why: str, act: str) -> None:
    """Some acts must be explained to whoever asks next month. Raises ActError."""
    if not why.strip():
        raise ActError(f"Say why, for the record: `--why` is required to {act}.")


def need_future(day: date, on: date, what: str) -> None:
    """A day that must not have passed. Raises ActError."""
    if day < on:
        raise ActError(f"{what} {day} is before {on}: give {on} or a later day.")
