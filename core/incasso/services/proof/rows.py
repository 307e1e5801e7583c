"""Compare tables with what the journal says was written: deliveries, users, tokens, agreements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.money import from_minor
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.ledger.altered_sources import rows_of_source
from incasso.store.proof import known_key, left_rows, sealed_rows, verifying
from incasso.store.proof.journal import StoredEvent
from incasso.store.proof.last_said import LastSaid, Row
from incasso.store.proof.sealed_rows import COVERED, ROWS_WRITTEN, SEALED, digest_of

_ACCEPTED: Final = "delivery.accepted"
_REPORTED: Final = "delivery.reported"
"""A report that waits for a person."""
_APPROVED: Final = "approved"
_LEFT: Final = "left"
_THERE: Final = "there"
_STATUSES: Final = {f"delivery.{status.value}": status.value for status in DeliveryStatus}


class SaidRows:
    """Hears every event of the journal, then compares."""

    def __init__(self, said: LastSaid) -> None:
        self._said = said
        self._covered: set[str] = set()
        self._rows_held: dict[str, dict[str, int]] = {}

    def hear(self, events: Sequence[StoredEvent]) -> None:
        """The events of one batch, in order."""
        for event in events:
            if event.kind == ROWS_WRITTEN:
                facts = _decode(event.facts)
                self._covered.update(facts.pop(COVERED, "").split())
                self._said.say(facts.items())
            elif event.kind == "sync.finished":
                self._synced(event)
            elif event.kind == "step.approved":
                key = f"approval of step {event.subject.removeprefix('step:')}"
                self._said.say_status([(key, _APPROVED)])
            elif (status := _STATUSES.get(event.kind)) is not None:
                key = f"deliveries {event.subject.removeprefix('delivery ')}"
                facts = _decode(event.facts)
                if event.kind == _ACCEPTED:
                    self._said.say([(key, _said_of(facts))])
                    self._left(key, facts)
                self._proved(key, facts)
                self._said.say_status([(key, status)])
            elif event.kind == _REPORTED:
                key = f"deliveries {event.subject.removeprefix('delivery ')}"
                self._proved(key, _decode(event.facts))

    def _proved(self, delivery: str, facts: dict[str, Any]) -> None:
        if sha256 := facts.get("evidence"):
            self._said.say([(f"{delivery} evidence {sha256}", _THERE)])

    def _synced(self, event: StoredEvent) -> None:
        facts = _decode(event.facts)
        self._rows_held[event.source] = facts.get("rows_held", {})
        if read_at := facts.get("read_at"):
            key = f"sources {event.source} last read"
            self._said.say([(key, digest_of([event.on_date, read_at]))])

    def _left(self, delivery: str, facts: dict[str, Any]) -> None:
        """Events of an older release have no digests of the rows; a step has its last one."""
        step = f"steps {facts['step']} as sent"
        if row := facts.get("row"):
            self._said.say([(f"{delivery} row", row)])
        if of_step := facts.get("of_step"):
            self._said.say([(step, of_step)])
            self._said.say_status([(step, _LEFT)])

    def problems(self, connection: Connection) -> Iterator[str]:
        """The first row of each kind of difference, in words."""
        self._said.find(_deliveries(connection))
        self._said.find(_steps(connection))
        self._said.find(_evidence(connection))
        self._said.find(_last_read(connection))
        # Before there was a key, the journal did not keep what was written.
        keyed = known_key.known(connection) or known_key.was_taken_out(connection)
        for table in SEALED:
            settled = bool(keyed) and table in self._covered
            rows = sealed_rows.all_digests(connection, [table])
            self._said.find(Row(*each, "", settled) for each in rows)
        yield from self._differences()
        yield from self._unapproved(connection)
        yield from self._lost(connection)

    def _unapproved(self, connection: Connection) -> Iterator[str]:
        self._said.find(
            Row(f"approval of step {step}", "", _APPROVED, False)
            for step in left_rows.past_approval(connection)
        )
        if (key := self._said.without_status(_APPROVED)) is not None:
            yield text(
                "{step} is past its approval, and the journal knows nobody who gave it",
                step=key.removeprefix("approval of "),
            )

    def _lost(self, connection: Connection) -> Iterator[str]:
        for source, left in self._rows_held.items():
            held = rows_of_source(connection, source)
            for table, count in left.items():
                if held[table] != count:
                    yield text(
                        "{source}: the journal says that the last sync left {left} rows in the "
                        "table {table}, and it holds {held}",
                        source=source,
                        left=count,
                        table=table,
                        held=held[table],
                    )

    def _differences(self) -> Iterator[str]:
        if (key := self._said.changed()) is not None:
            yield text("{row} was changed behind the hub's back", row=key)
        if (moved := self._said.moved()) is not None:
            yield text(
                "{row} is {found}, and the journal says {said}: it was changed behind the hub's "
                "back",
                row=moved[0],
                said=moved[1],
                found=moved[2],
            )
        if (key := self._said.gone()) is not None:
            yield text("{row} was deleted behind the hub's back", row=key)
        if (key := self._said.added()) is not None:
            yield text("{row} was put in behind the hub's back", row=key)


def _said_of(facts: dict[str, Any]) -> str:
    names = ("step", "medium", "channel", "to", "total", "currency", "sha256")
    return digest_of(facts.get(name, "") for name in names)


def _deliveries(connection: Connection) -> Iterator[Row]:
    for each in verifying.left(connection):
        total = str(from_minor(each.total, each.currency))
        what = (str(each.step_id), each.medium, each.channel, each.to)
        digest = digest_of((*what, total, each.currency, each.sha256))
        yield Row(f"deliveries {each.id}", digest, each.status, not each.claimed_by)
    for identity, digest in left_rows.deliveries_left(connection):
        yield Row(f"deliveries {identity} row", digest, "", False)


def _steps(connection: Connection) -> Iterator[Row]:
    for each in left_rows.steps_left(connection):
        status = _LEFT if each.status in left_rows.BEGUN else each.status
        yield Row(f"steps {each.id} as sent", each.digest, status, False)


def _evidence(connection: Connection) -> Iterator[Row]:
    for delivery, sha256 in verifying.evidence(connection):
        yield Row(f"deliveries {delivery} evidence {sha256}", _THERE, "", False)


def _last_read(connection: Connection) -> Iterator[Row]:
    for source, on, at in verifying.last_read(connection):
        yield Row(f"sources {source} last read", digest_of([on, at.isoformat()]), "", False)


def _decode(facts: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(facts)
    return found
