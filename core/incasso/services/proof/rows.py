"""Compare tables with what the journal says was written: deliveries, users, tokens, agreements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.money import from_minor
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.store.proof import known_key, sealed_rows, verifying
from incasso.store.proof.journal import StoredEvent
from incasso.store.proof.last_said import LastSaid, Row
from incasso.store.proof.sealed_rows import ROWS_WRITTEN, digest_of

_ACCEPTED: Final = "delivery.accepted"
_STATUSES: Final = {f"delivery.{status.value}": status.value for status in DeliveryStatus}


class SaidRows:
    """Hears every event of the journal, then compares."""

    def __init__(self, said: LastSaid) -> None:
        self._said = said

    def hear(self, events: Sequence[StoredEvent]) -> None:
        """The events of one batch, in order."""
        for event in events:
            if event.kind == ROWS_WRITTEN:
                self._said.say(_decode(event.facts).items())
            elif (status := _STATUSES.get(event.kind)) is not None:
                key = f"deliveries {event.subject.removeprefix('delivery ')}"
                if event.kind == _ACCEPTED:
                    self._said.say([(key, _said_of(event))])
                self._said.say_status([(key, status)])

    def problems(self, connection: Connection) -> Iterator[str]:
        """The first row of each kind of difference, in words."""
        self._said.find(_deliveries(connection))
        # Before there was a key, the journal did not keep what was written.
        if known_key.known(connection) or known_key.was_taken_out(connection):
            self._said.find(Row(*each) for each in sealed_rows.all_digests(connection))
        else:
            self._said.find(Row(*each, "", False) for each in sealed_rows.all_digests(connection))
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


def _said_of(event: StoredEvent) -> str:
    facts = _decode(event.facts)
    names = ("step", "medium", "channel", "to", "total", "currency", "sha256")
    return digest_of(facts.get(name, "") for name in names)


def _deliveries(connection: Connection) -> Iterator[Row]:
    for each in verifying.left(connection):
        total = str(from_minor(each.total, each.currency))
        what = (str(each.step_id), each.medium, each.channel, each.to)
        digest = digest_of((*what, total, each.currency, each.sha256))
        yield Row(f"deliveries {each.id}", digest, each.status, not each.claimed_by)


def _decode(facts: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(facts)
    return found
