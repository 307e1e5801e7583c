"""An act being done: its subject and actor, what it changes, and the trace it leaves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import singledispatch
from typing import Any

import msgspec
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.domain.acts.act import Act
from incasso.domain.acts.undo import Thing
from incasso.domain.office.actor import Actor, Role
from incasso.domain.recovery.states import AgreementKind, AgreementStatus, CaseState
from incasso.services.acts.memory import Memory
from incasso.services.cases.progress import release_cases
from incasso.services.office.actors import need_role
from incasso.services.office.office import Office
from incasso.store.lists.subjects import Subject, Target, targets
from incasso.store.office import people
from incasso.store.proof import archive, journal
from incasso.store.recovery import agenda, agreements, manual_changes
from incasso.store.recovery.agreements import InForce


class ActError(IncassoError):
    """This cannot be done; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Doing:
    """An act under way, inside its transaction."""

    office: Office
    connection: Connection
    actor: Actor
    subject: Subject
    key: str
    """What names the subject where it is none of those: the id of a delivery or write-back."""
    on: date
    why: str
    infinitive: Text
    """How a sentence names the act."""
    memory: Memory
    attached: Sequence[archive.Entry] = ()
    """Files that the person put beside it."""
    events: list[journal.Event] = field(default_factory=list)
    afterwards: list[Callable[[], Iterable[Text]]] = field(default_factory=list)
    """What follows the commit; each may give notes for the person."""

    @property
    def by(self) -> str:
        """Who acts, as history and journal write it."""
        return self.actor.trace("acts")

    def targets(self) -> list[Target]:
        """The open installments it is about, oldest due date first; there may be none."""
        return targets(self.connection, self.subject)

    def open_targets(self) -> list[Target]:
        """The same, but at least one. Raises ActError."""
        if found := self.targets():
            return found
        raise ActError(
            text("Nothing is open on {subject}: it is paid, closed or gone.", subject=self.named)
        )

    def targets_named(self, keys: Sequence[str]) -> list[Target]:
        """The open installments of these keys, with the subject's own unless it is the client.

        Raises ActError for a key that is not an open installment of the client.
        """
        whole = self.subject.kind == "client"
        found = {} if whole and keys else {t.key: t for t in self.open_targets()}
        open_ones = {t.key: t for t in targets(self.connection, self.subject.whole_client)}
        for typed in keys:
            key = typed.strip()
            target = open_ones.get(key) or open_ones.get(
                key.removeprefix(f"{self.subject.source}/")
            )
            if target is None:
                raise ActError(
                    text(
                        "“{key}” is no open installment of {client}: `incasso installments` lists "
                        "them.",
                        key=key,
                        client=client_name(self.subject),
                    )
                )
            found[target.key] = target
        return sorted(found.values(), key=lambda t: (t.due_date, t.installment_id))

    @property
    def named(self) -> Text:
        """The subject, as it can be typed again without doubt."""
        return subject_name(self.subject)

    def touch(self, touched: Sequence[Target], what: str, *, leave_steps: bool) -> None:
        """Planning looks at these again, and their cases remember the act.

        `leave_steps` takes the cases out of whatever has not left yet.
        """
        ids = [target.installment_id for target in touched]
        agenda.review_on(self.connection, ids, self.on)
        cases = running(touched)
        self.note(cases, what)
        if leave_steps:
            self.leave_steps(cases, what)

    def leave_steps(self, cases: Sequence[int], what: str) -> None:
        """Take cases out of steps that have not begun; messages that left are not affected."""
        waiting = manual_changes.waiting(self.connection, cases)
        with self.memory.watching_steps_of(waiting):
            release_cases(self.connection, waiting, self.on, self.why or what)

    def change_cases(self, ids: Collection[int], **values: object) -> None:
        """Change fields of some cases."""
        with self.memory.watching(Thing.CASE, ids):
            manual_changes.set_cases(self.connection, ids, **values)

    def close_cases(self, ids: Collection[int]) -> int:
        """Close running cases because a person moves them to another iter. How many."""
        with self.memory.watching(Thing.CASE, ids):
            return manual_changes.close_cases(self.connection, ids, self.on)

    def open_case(self, case: int) -> None:
        """Let a case run that was made closed, so that undoing closes it again."""
        self.change_cases([case], state=CaseState.OPEN, closed_on=None, close_reason="")

    def change_step(self, step: int, **values: object) -> None:
        """Change fields of a step."""
        with self.memory.watching(Thing.STEP, [step]):
            manual_changes.set_step(self.connection, step, **values)

    def change_client(self, **values: object) -> None:
        """Change what the office decides about the client; its running work is handed over too."""
        client = self.subject.id
        with self.memory.watching(Thing.CLIENT, [client]):
            people.change_client(self.connection, client, **values)
        handed = {n: values[n] for n in ("operator_id", "responsible_id") if n in values}
        if not handed:
            return
        cases, steps = people.running_work(self.connection, client)
        self.change_cases(cases, **handed)
        if "operator_id" in handed:
            for step in steps:
                self.change_step(step, operator_id=handed["operator_id"])

    def change_installment(self, installment: int, **values: object) -> None:
        """Change what the office decides about an installment."""
        with self.memory.watching(Thing.INSTALLMENT, [installment]):
            manual_changes.set_installment(self.connection, installment, **values)

    def in_force(self, kinds: Collection[AgreementKind]) -> list[InForce]:
        """Agreements of these kinds: of a client all, of anything smaller only its own."""
        whole = self.subject.kind == "client"
        own = {target.installment_id for target in self.targets()}
        found = agreements.in_force(self.connection, self.subject.client_id, kinds)
        return [row for row in found if whole or (row.about and row.about <= own)]

    def end_agreements(self, ids: Collection[int], **answer: str) -> None:
        """Agreements no longer hold; who ended them is kept, and what a dispute was answered."""
        with self.memory.watching(Thing.AGREEMENT, ids):
            agreements.end(
                self.connection,
                ids,
                on=self.on,
                by=self.by,
                status=AgreementStatus.RELEASED,
                **answer,
            )

    def supersede(self, ids: Collection[int]) -> None:
        """Agreements give way to a new one."""
        gone = AgreementStatus.SUPERSEDED
        with self.memory.watching(Thing.AGREEMENT, ids):
            agreements.end(self.connection, ids, on=self.on, by=self.by, status=gone)

    def need_role(self, roles: frozenset[Role]) -> None:
        """What was looked up is for these roles only. Raises ActorError."""
        need_role(self.actor, roles, self.infinitive)

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

    def trace(self) -> list[journal.Event]:
        """The events of the act; the last one keeps what was before."""
        if not self.events:
            return []
        *others, last = self.events
        before = self.memory.before()
        kept: dict[str, Any] = {"before": msgspec.to_builtins(before)} if before else {}
        if self.attached:
            kept["attached"] = [
                {"name": one.filename, "sha256": one.sha256, "size": one.size}
                for one in self.attached
            ]
        facts = {**last.facts, **kept}
        return [*others, msgspec.structs.replace(last, facts=facts)]


@singledispatch
def carry_out(act: Act, doing: Doing) -> Text:
    """Do an act in its transaction; what was done, in a sentence. Raises ActError.

    Each act has its own function, found by its type.
    """
    raise NotImplementedError(f"nothing carries out {type(act).__name__}")


def subject_name(subject: Subject) -> Text:
    """A subject as it can be typed again without doubt."""
    match subject.kind:
        case "client":
            return text("client {name}", name=f"{subject.source}/{subject.client}")
        case "installment":
            return text("installment {name}", name=f"{subject.source}/{subject.key}")
    return text("{subject}", subject=str(subject))


def stored_name(subject: str) -> Text:
    """The same of a subject as the journal keeps it, "client acme/1001"."""
    kind, _, name = subject.partition(" ")
    match kind:
        case "client":
            return text("client {name}", name=name)
        case "installment":
            return text("installment {name}", name=name)
        case "reply":
            return text("reply {number}", number=name)
    return text("{subject}", subject=subject)


def client_name(subject: Subject) -> Text:
    """The client of a subject, as it can be typed."""
    return text("client {name}", name=f"{subject.source}/{subject.client}")


def running(touched: Iterable[Target]) -> list[int]:
    """The running cases among some installments."""
    return [target.case_id for target in touched if target.case_id is not None]
