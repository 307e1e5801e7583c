"""Clients that somebody changed in the hub's database, and how a sync heals them from the source.

As `alterations` does it for installments: on the first full read of a business day and on every
read that was asked to be full. An address in force by a person's correction stays in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from incasso.contract.text import Text, counted, in_a_row, text
from incasso.domain.money import from_minor
from incasso.store import seals
from incasso.store.bulk import scratch, transaction
from incasso.store.ledger import altered_clients
from incasso.store.ledger.altered_clients import AlteredClient, HealedClient
from incasso.store.ledger.sources import Source
from incasso.store.proof.journal import Event
from incasso.store.tables.ledger import clients

TOLD: Final = 1000
"""At most so many clients are journalled one by one; the count covers all."""


@dataclass(kw_only=True)
class ClientAlterations:
    """The clients that somebody else changed, as one sync found them."""

    compared: bool = False
    ids: frozenset[int] = frozenset()
    healed: Sequence[HealedClient] = ()
    remaining: Sequence[AlteredClient] = ()
    remaining_count: int = 0

    @property
    def healed_count(self) -> int:
        """Clients that the source brought again."""
        return len(self.ids) - self.remaining_count


def look(connection: Connection, source: Source) -> ClientAlterations:
    """Find them; only temporary tables are written, and seals where an older release wrote none."""
    if source.clients_compared_on is None:
        with transaction(connection):
            seals.first_sealing(connection, clients, source.id)
    with scratch(connection):
        return ClientAlterations(
            compared=True, ids=altered_clients.note_altered(connection, source.id)
        )


def take_stock(connection: Connection, found: ClientAlterations) -> None:
    """Note which of them this read brings again, with old and new; before it is applied."""
    found.healed = altered_clients.healings(connection, TOLD)
    found.remaining = altered_clients.remaining(connection, TOLD)
    found.remaining_count = altered_clients.count_remaining(connection)


def settle(
    connection: Connection, source: Source, found: ClientAlterations, on: date, *, whole: bool
) -> None:
    """After the read is applied: who is gone and not in a whole read stays as they are."""
    if not found.compared:
        return
    if whole and found.remaining_count:
        altered_clients.accept_gone(connection)
    if whole or not found.remaining_count:
        altered_clients.mark_compared(connection, source.id, on)


def warnings_of(found: ClientAlterations, currency: str) -> list[str]:
    """What the sync's answer says of it; `currency` is the company's own."""
    told: list[str] = []
    if found.healed:
        first = found.healed[0]
        told.append(
            counted(
                "{n} client was changed outside the hub and is again as the source says, such as "
                "{client}: {changes}",
                "{n} clients were changed outside the hub and are again as the source says, such "
                "as {client}: {changes}",
                n=found.healed_count,
                client=first.code,
                changes=in_a_row(_changes(first, currency)),
            )
        )
    if found.remaining:
        told.append(
            counted(
                "{n} client was changed outside the hub, and this read does not bring it: look "
                "at {client}",
                "{n} clients were changed outside the hub, and this read does not bring them: "
                "look at {client}",
                n=found.remaining_count,
                client=found.remaining[0].code,
            )
        )
    return told


def _changes(client: HealedClient, currency: str) -> list[Text]:
    return [
        text(
            "{field}: {held} → {given}",
            field=name,
            held=_word(name, client.held[name], currency),
            given=_word(name, client.given[name], currency),
        )
        for name in sorted(client.held)
    ]


def _word(name: str, value: Any, currency: str) -> str:
    if value is None or value == "":
        return text("nothing")
    if isinstance(value, bool):
        return text("yes") if value else text("no")
    return str(_plain(name, value, currency))


def _plain(name: str, value: Any, currency: str) -> Any:
    """A value as JSON keeps it, money in the currency's own decimals."""
    if value is not None and name == "credit_limit":
        return str(from_minor(value, currency))
    return value.isoformat() if isinstance(value, date) else value


def events_of(found: ClientAlterations, source: Source, on: date) -> list[Event]:
    """The journal's words about each client, with old and new."""

    def event(kind: str, code: str, facts: dict[str, object]) -> Event:
        subject = f"client {source.name}/{code}"
        return Event(
            kind=kind,
            actor="sync",
            on=on,
            source=source.name,
            client=code,
            subject=subject,
            facts=facts,
        )

    healed = [event("client.healed", one.code, _both(one, source.currency)) for one in found.healed]
    left = [event("client.altered", one.code, {"added": one.is_new}) for one in found.remaining]
    return healed + left


def _both(client: HealedClient, currency: str) -> dict[str, object]:
    return {
        name: {
            "held": _plain(name, client.held[name], currency),
            "source": _plain(name, client.given[name], currency),
        }
        for name in sorted(client.held)
    }
