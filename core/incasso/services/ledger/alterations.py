"""What somebody changed in the hub's database, and how a sync heals it from the source.

A row whose fingerprint fits is not read again, so a change by hand would stay for ever. Each row
is therefore held against its seal: on the first full read of a business day, on every read that
was asked to be full, and whenever the open items no longer sum up to what the last sync left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from incasso.contract.text import Text, counted, in_a_row, text
from incasso.domain.ledger.trust import Totals
from incasso.domain.money import from_minor
from incasso.locale.fields import INSTALLMENT_FIELDS
from incasso.locale.labels import DOCUMENT_KINDS, INSTALLMENT_STATUSES, PAYMENT_METHODS
from incasso.plugins.settings.company import CompareRows
from incasso.services.ledger import client_alterations
from incasso.services.ledger.client_alterations import ClientAlterations
from incasso.services.ledger.sync_report import SyncCounts
from incasso.store import seals
from incasso.store.bulk import scratch, transaction
from incasso.store.ledger import altered
from incasso.store.ledger.altered import AlteredRow, Healing
from incasso.store.ledger.altered_sources import LostRows, lost_rows, rows_of
from incasso.store.ledger.cross_checks import totals_before
from incasso.store.ledger.sources import Source
from incasso.store.proof.journal import Event
from incasso.store.tables.ledger import clients, installments

TOLD: Final = 1000
"""At most so many rows are journalled one by one; the count covers all."""

_MONEY: Final = ("amount", "residual")
_LABELS: Final = {
    "document_kind": DOCUMENT_KINDS,
    "payment_method": PAYMENT_METHODS,
    "status": INSTALLMENT_STATUSES,
}


@dataclass(kw_only=True)
class Alterations:
    """The rows that somebody else changed, as one sync found them."""

    compared: bool = False
    """The rows were held against their seals."""
    ids: frozenset[int] = frozenset()
    sums: list[str] = field(default_factory=list)
    """Where the open items were not what the last sync left, in words."""
    healed: Sequence[Healing] = ()
    healed_sums: tuple[Mapping[str, Totals], Mapping[str, Totals]] = ({}, {})
    """By currency, what they add to the open items of the database, and what they should."""
    remaining: Sequence[AlteredRow] = ()
    remaining_count: int = 0
    clients: ClientAlterations = field(default_factory=ClientAlterations)

    @property
    def healed_count(self) -> int:
        """Rows that the source brought again."""
        return len(self.ids) - self.remaining_count

    @property
    def any(self) -> bool:
        """Whether anything is to be told."""
        return bool(self.ids or self.sums or self.clients.ids)


def look(
    connection: Connection, source: Source, on: date, how: CompareRows, *, full: bool
) -> Alterations:
    """Find what somebody else changed in the rows of a source; only temporary tables are written.

    `full`: this read was asked to be full, or is the first one of the day that is.
    """
    found = Alterations(sums=_moved_sums(connection, source))

    def due(compared_on: date | None) -> bool:
        daily = how != "sums" and compared_on != on
        return bool(found.sums) or (full and (how == "always" or daily))

    if due(source.clients_compared_on):
        found.clients = client_alterations.look(connection, source)
    if due(source.compared_on):
        found.compared = True
        _compare(connection, source, found)
    return found


def _compare(connection: Connection, source: Source, found: Alterations) -> None:
    if source.compared_on is None:
        with transaction(connection):
            seals.first_sealing(connection, installments, source.id)
    with scratch(connection):
        if altered.note_altered(connection, source.id):
            found.ids = altered.altered_ids(connection)
    found.sums += lost_sentences(lost_rows(connection, [source.name]))


def _moved_sums(connection: Connection, source: Source) -> list[str]:
    """One look at an index, which every sync takes anyway."""
    if source.open_totals is None:
        return []
    left = {code: Totals(**each) for code, each in source.open_totals.items()}
    held, none = totals_before(connection, source.id), Totals()
    return [
        text(
            "the last sync left {left} {currency} in {left_items} open items, and the database "
            "held {held} in {held_items}",
            left=from_minor(left.get(code, none).residual, code),
            currency=code,
            left_items=left.get(code, none).items,
            held=from_minor(held.get(code, none).residual, code),
            held_items=held.get(code, none).items,
        )
        for code in sorted({*left, *held})
        if left.get(code, none) != held.get(code, none)
    ]


def lost_sentences(found: Iterable[LostRows]) -> list[str]:
    """Rows that were deleted or put in, in words."""
    return [
        text(
            "the last sync left {left} rows in the table {table}, and it holds {held}",
            left=each.left,
            table=each.table,
            held=each.held,
        )
        for each in found
    ]


def rows_held(
    connection: Connection, source: Source, found: Alterations, counts: SyncCounts
) -> Mapping[str, int]:
    """How many rows the hub has of the source after this read; counted where it compared them."""
    if found.compared or source.rows_held is None:
        return rows_of(connection, source.id)
    new = {clients.name: counts.clients_new, installments.name: counts.new}
    return {name: held + new[name] for name, held in source.rows_held.items()}


def take_stock(connection: Connection, found: Alterations) -> None:
    """Note which of them this read brings again, with old and new; before it is applied.

    From then on the staged rows count as unchanged: what is healed is no payment.
    """
    if found.clients.ids:
        client_alterations.take_stock(connection, found.clients)
    if not found.ids:
        return
    found.healed = altered.healings(connection, TOLD)
    found.remaining = altered.remaining(connection, TOLD)
    found.remaining_count = altered.count_remaining(connection)
    found.healed_sums = altered.totals_healed(connection)
    altered.believe_source(connection)


def settle(
    connection: Connection, source: Source, found: Alterations, on: date, *, whole: bool
) -> None:
    """After the read is applied: what is closed and not in a whole read stays as it is."""
    if not found.compared:
        return
    if whole and found.remaining_count:
        altered.accept_closed(connection)
    if whole or not found.remaining_count:
        altered.mark_compared(connection, source.id, on)


def warnings_of(found: Alterations) -> list[str]:
    """What the sync's answer says of it."""
    told: list[str] = [
        text("the ledger was changed outside the hub: {what}", what=what) for what in found.sums
    ]
    if found.healed:
        first = found.healed[0]
        told.append(
            counted(
                "{n} installment was changed outside the hub and is again as the source says, "
                "such as {key} of client {client}: {changes}",
                "{n} installments were changed outside the hub and are again as the source says, "
                "such as {key} of client {client}: {changes}",
                n=found.healed_count,
                key=first.key,
                client=first.client,
                changes=_changes(first),
            )
        )
    if found.remaining:
        row = found.remaining[0]
        told.append(
            counted(
                "{n} installment was changed outside the hub, and this read does not bring it: "
                "look at {key} of client {client}",
                "{n} installments were changed outside the hub, and this read does not bring "
                "them: look at {key} of client {client}",
                n=found.remaining_count,
                key=row.key,
                client=row.client,
            )
        )
    return told


def _changes(row: Healing) -> Text:
    return in_a_row(
        text(
            "{field}: {held} → {given}",
            field=INSTALLMENT_FIELDS.get(name, name),
            held=_value(row.held, name, held),
            given=_value(row.given, name, given),
        )
        for name, (held, given) in sorted(row.differences().items())
    )


def _value(row: Mapping[str, Any], name: str, value: Any) -> Any:
    """A column's value as a sentence takes it: amounts, dates, words of codes."""
    if value is not None and name in _MONEY:
        return from_minor(value, row["currency"])
    return _LABELS[name].get(str(value), value) if name in _LABELS else value


def _shown(row: Healing) -> dict[str, tuple[str, str]]:
    """The differing columns as the journal keeps them, money in the currency's own decimals."""
    return {
        name: (_written(row.held, name, held), _written(row.given, name, given))
        for name, (held, given) in row.differences().items()
    }


def _written(row: Mapping[str, Any], name: str, value: Any) -> str:
    if value is not None and name in _MONEY:
        return str(from_minor(value, row["currency"]))
    return "" if value is None else str(value)


def events_of(found: Alterations, source: str, on: date) -> list[Event]:
    """The journal's words: each row with old and new, and the sums that did not fit."""

    def event(kind: str, facts: dict[str, object], client: str = "", key: str = "") -> Event:
        subject = f"installment {key}" if key else f"source {source}"
        return Event(
            kind=kind,
            actor="sync",
            on=on,
            source=source,
            client=client,
            subject=subject,
            facts=facts,
        )

    events = [
        event("installment.healed", _healed(row), row.client, row.key) for row in found.healed
    ]
    events += [
        event("installment.altered", _remains(row), row.client, row.key) for row in found.remaining
    ]
    if found.any:
        counts: dict[str, object] = {
            "healed": found.healed_count,
            "remaining": found.remaining_count,
            "clients_healed": found.clients.healed_count,
            "clients_remaining": found.clients.remaining_count,
            "sums": found.sums,
        }
        events.append(event("ledger.altered", counts))
    return events


def _healed(row: Healing) -> dict[str, object]:
    return {
        name: {"held": held, "source": given} for name, (held, given) in sorted(_shown(row).items())
    }


def _remains(row: AlteredRow) -> dict[str, object]:
    return {
        "residual": str(from_minor(row.residual, row.currency)),
        "currency": row.currency,
        "added": row.is_new,
    }
