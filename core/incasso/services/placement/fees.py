"""What providers may ask and what they asked, payment by payment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import Text
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.placement.fee_notes import Asked, Compared, Finding, compare
from incasso.domain.placement.fees import Entry, Income, Part, Placed
from incasso.domain.placement.names import placement_name
from incasso.domain.placement.prices import PriceList
from incasso.domain.placement.providers import Provider
from incasso.domain.placement.states import EntryKind
from incasso.locale.fees import due_text, finding_text
from incasso.services.office.office import Office
from incasso.services.placement.providers import known_provider
from incasso.store.placement import fees as store
from incasso.store.placement import providers as parties
from incasso.store.placement.fees import EntryRow, FeeRow, HeardPayment, PlacementHead

_INCOME: Final[Mapping[EntryKind, Income]] = {
    EntryKind.COLLECTED: Income.COLLECTED,
    EntryKind.DIRECT: Income.DIRECT,
    EntryKind.REVERSED: Income.REVERSAL,
    EntryKind.DIRECT_REVERSED: Income.REVERSAL,
}

_NONE_AGREED: Final = PriceList(key="none", versions=())
"""Of a provider or service without a price list: everything that is asked is too much."""


class FeeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One payment, or the fixed prices of a placement: what is due and what was asked."""

    on: date
    lot: str
    placement: str
    source: str
    client: str
    client_name: str
    payment: str
    base: Decimal
    """The money that came in, net of what went back; of fixed prices what was handed over."""
    due: Decimal
    asked: Decimal | None
    difference: Decimal
    """What was asked above what is due."""
    currency: str
    finding: Finding
    rule: Text | None
    """Where the fee comes from; None: there is no such payment."""
    explanation: Text
    """What explains the difference."""


def fee_report(
    office: Office, scope: Scope, provider: str, first: date, last: date
) -> Iterator[FeeLine]:
    """Every payment between two days, both included, with its fee and what was asked for it.

    A stream. Raises LookupError for a provider that there is not.
    """
    with office.store.read() as connection:
        party = known_provider(connection, provider)
    return _lines(office, scope, party, first, last)


def _lines(
    office: Office, scope: Scope, provider: Provider, first: date, last: date
) -> Iterator[FeeLine]:
    with office.store.read() as connection:
        for head, found in compared(connection, scope, last, provider):
            if first <= found.on <= last:
                yield _line(head, found)


def compared(
    connection: Connection, scope: Scope, until: date, provider: Provider
) -> Generator[tuple[PlacementHead | None, Compared], None, None]:
    """Each payment of a provider's placements up to a day beside what was asked for it.

    Without a head: what was asked for placements that there are not; only who sees all clients is
    told of these.
    """
    lists = parties.read_price_lists(connection)
    for heads in store.handed_over(connection, scope, until, provider.key):
        money = _Money(connection, heads, until)
        for head in heads:
            prices = lists.get(provider.prices(head.service), _NONE_AGREED)
            for found in money.compared(head, prices):
                yield head, found
    if scope.is_everything:
        strays = map(_asked, store.stray_fee_lines(connection, provider.key, until))
        nothing = Placed(on=until, amount=0, currency="", service=provider.services[0])
        for found in compare(_NONE_AGREED, nothing, (), _named(strays)):
            yield None, found


def _named(lines: Iterable[Asked]) -> Iterator[Asked]:
    """Lines of no placement: each stands for itself if it names no payment either."""
    for line in lines:
        yield line if line.payment else msgspec.structs.replace(line, payment=line.id)


class _Money:
    """The money of one page of placements, by placement."""

    def __init__(self, connection: Connection, heads: list[PlacementHead], until: date) -> None:
        ids = [head.id for head in heads]
        self._rows: dict[int, list[EntryRow]] = defaultdict(list)
        self._asked: dict[int, list[FeeRow]] = defaultdict(list)
        self._told: dict[tuple[int | None, date, int], list[str]] = defaultdict(list)
        for row in store.entries_of(connection, ids, until):
            self._rows[row.placement].append(row)
        for line in store.fee_lines(connection, ids, until):
            self._asked[line.placement or 0].append(line)
        for told in store.told_payments(connection, ids):
            self._told[told.row, told.on_date, told.amount].append(told.name)
        self._heard: dict[int, list[HeardPayment]] = defaultdict(list)
        for heard in store.heard_payments(connection, ids):
            self._heard[heard.placement].append(heard)

    def compared(self, head: PlacementHead, prices: PriceList) -> tuple[Compared, ...]:
        """The payments of one placement."""
        entries = self._entries(head.id)
        names = _heard_names(self._heard.pop(head.id, []), entries)
        asked = [
            msgspec.structs.replace(line, payment=names.get(line.payment, line.payment))
            for line in map(_asked, self._asked.pop(head.id, []))
        ]
        return compare(prices, _placed(head), entries, asked)

    def _entries(self, placement: int) -> list[Entry]:
        """Its movements, each reversal after its payment; what paid several installments at once is
        one payment."""
        names: dict[int, str] = {}
        found: dict[tuple[str, str], list[EntryRow]] = defaultdict(list)
        rows = self._rows.pop(placement, [])
        for row in sorted(rows, key=lambda row: _INCOME[row.kind] is Income.REVERSAL):
            names[row.id] = self._name(row)
            found[names[row.id], names.get(row.corrects or 0, "")].append(row)
        days = {name: same[0].on_date for (name, _), same in found.items()}
        entries = [_entry(name, of, same) for (name, of), same in found.items()]
        return sorted(entries, key=lambda each: max(each.on, days.get(each.of, each.on)))

    def _name(self, row: EntryRow) -> str:
        """What the provider calls a movement: by its own id, or as it was told of it."""
        if row.update_id:
            return row.update_id
        told = self._told.get((row.row, row.on_date, row.amount))
        return told.pop(0) if told else f"#{row.id}"


def _heard_names(heard: Iterable[HeardPayment], entries: Iterable[Entry]) -> dict[str, str]:
    """What the provider calls direct payments it heard of: the ledger shows them by their amount,
    often on another day."""
    direct = [entry for entry in entries if entry.income is Income.DIRECT]
    names: dict[str, str] = {}
    for one in heard:
        same = next((entry for entry in direct if entry.amount == one.amount), None)
        if same is not None:
            direct.remove(same)
            names[one.update_id] = same.id
    return names


def _entry(name: str, of: str, rows: list[EntryRow]) -> Entry:
    return Entry(
        id=name,
        income=_INCOME[rows[0].kind],
        on=rows[0].on_date,
        parts=tuple(Part(row.amount, row.days_late) for row in rows),
        of=of,
    )


def _placed(head: PlacementHead) -> Placed:
    return Placed(
        on=head.handed_on,
        amount=head.total,
        currency=head.currency,
        service=head.service,
        ended_on=head.over_on,
    )


def _asked(line: FeeRow) -> Asked:
    return Asked(
        id=line.update_id,
        payment=line.corrects,
        on=line.on_date,
        amount=line.amount,
        currency=line.currency,
    )


def _line(head: PlacementHead | None, found: Compared) -> FeeLine:
    currency = head.currency if head else found.currency
    return FeeLine(
        on=found.on,
        lot=head.lot if head else "",
        placement=placement_name(head.id) if head else "",
        source=head.source if head else "",
        client=head.client if head else "",
        client_name=head.client_name if head else "",
        payment=found.payment,
        base=from_minor(found.base, currency),
        due=from_minor(found.due.amount, currency),
        asked=None if found.asked is None else from_minor(found.asked, currency),
        difference=from_minor(found.difference, currency),
        currency=currency,
        finding=found.finding,
        rule=None if found.finding is Finding.UNKNOWN_PAYMENT else due_text(found.due),
        explanation=finding_text(found),
    )
