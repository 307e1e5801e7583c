"""The scorecards of providers, as the report shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.exchange import Service
from incasso.domain.ledger.bands import PLACES
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Scope
from incasso.domain.placement.providers import Provider
from incasso.domain.placement.scores import By, LotRecord, Promised, Received, Score, scores
from incasso.domain.placement.states import EntryKind
from incasso.services.office.office import Office
from incasso.services.placement.fees import compared
from incasso.services.placement.providers import known_provider
from incasso.store.placement import providers as parties
from incasso.store.placement import scores as store
from incasso.store.placement.scores import DaySum, LotSums

Key = tuple[str, str]
"""Lot and currency."""
BandKey = tuple[str, str, str]
"""And band of lateness."""


class ScoreCard(msgspec.Struct, frozen=True, kw_only=True):
    """A provider and service, one lot of it, or one band of lateness, as of a day; amounts in
    `currency`. What is done for a placement as a whole is `None` of a band."""

    provider: str
    label: str
    service: Service
    lot: str
    band: str
    lots: int
    handed_on: date
    currency: str
    placements: int
    installments: int
    placed: Decimal
    collected: Decimal
    direct: Decimal
    recovered_percent: Decimal | None
    after: Mapping[str, Decimal | None]
    """By days since the hand-over the percentage that was recovered by then."""
    first_action_days: Decimal | None
    untouched: int | None
    promises: int | None
    promises_kept: int | None
    complaints: int | None
    fees_due: Decimal | None
    fees_asked: Decimal | None
    cost_per_euro: Decimal | None


def score_cards(
    office: Office, scope: Scope, on: date, *, provider: str = "", by: By = By.PROVIDER
) -> list[ScoreCard]:
    """The cards of all providers, or of one. Raises LookupError for one that there is not."""
    with office.store.read() as connection:
        if provider:
            known_provider(connection, provider)
        labels = parties.read_providers(connection)
        if by is By.AGE:
            records = _money_alone(connection, scope, on, provider)
        else:
            records = _records(connection, scope, on, provider, labels)
    return [_card(score, labels) for score in scores(records, on, by)]


def _money_alone(connection: Connection, scope: Scope, on: date, provider: str) -> list[LotRecord]:
    """A record for each band of lateness of each lot."""
    lots = store.lot_sums(connection, scope, on, provider, by_band=True)
    sums = store.money_by_day(connection, scope, on, provider, by_band=True)
    received = _by_lot(sums)
    records = [
        _record(lot, received=received.get((lot.lot, lot.currency, lot.band), ())) for lot in lots
    ]
    return sorted(records, key=lambda each: PLACES.index(each.band))


def _records(
    connection: Connection,
    scope: Scope,
    on: date,
    provider: str,
    parties: Mapping[str, Provider],
) -> list[LotRecord]:
    wanted = (connection, scope, on, provider)
    lots = store.lot_sums(*wanted)
    received = _by_lot(store.money_by_day(*wanted))
    first: dict[Key, list[date]] = defaultdict(list)
    for action in store.first_actions(*wanted):
        first[action.lot, action.currency].append(action.on_date)
    promises = _promises(*wanted)
    complaints = {(each.lot, each.currency): each.number for each in store.complaints(*wanted)}
    due, asked = _fees(connection, scope, on, {lot.provider for lot in lots}, parties)
    return [
        _record(
            lot,
            received=received.get((lot.lot, lot.currency, ""), ()),
            first_actions=first[lot.lot, lot.currency],
            promises=promises[lot.lot, lot.currency],
            complaints=complaints.get((lot.lot, lot.currency), 0),
            fees_due=due[lot.lot, lot.currency],
            fees_asked=asked[lot.lot, lot.currency],
        )
        for lot in lots
    ]


def _record(lot: LotSums, **found: Any) -> LotRecord:
    return LotRecord(**msgspec.structs.asdict(lot), **found)


_SIGNS: Final[Mapping[EntryKind, tuple[int, int]]] = {
    EntryKind.COLLECTED: (1, 0),
    EntryKind.REVERSED: (-1, 0),
    EntryKind.DIRECT: (0, 1),
    EntryKind.DIRECT_REVERSED: (0, -1),
}
"""How an entry counts for what was collected, and for what was paid directly."""


def _by_lot(sums: Iterable[DaySum]) -> dict[BandKey, tuple[Received, ...]]:
    found: dict[BandKey, list[DaySum]] = defaultdict(list)
    for each in sums:
        found[each.lot, each.currency, each.band].append(each)
    return {key: _received(same) for key, same in found.items()}


def _received(sums: Iterable[DaySum]) -> tuple[Received, ...]:
    days: dict[date, tuple[int, int]] = {}
    for each in sums:
        collected, direct = days.get(each.on_date, (0, 0))
        sign, direct_sign = _SIGNS[each.kind]
        days[each.on_date] = (
            collected + sign * each.amount,
            direct + direct_sign * each.amount,
        )
    return tuple(Received(on, *sums) for on, sums in sorted(days.items()))


def _promises(
    connection: Connection, scope: Scope, on: date, provider: str
) -> dict[Key, list[Promised]]:
    money: dict[int, list[DaySum]] = defaultdict(list)
    for each in store.money_of_promises(connection, scope, on, provider):
        money[each.placement].append(each)
    found: dict[Key, list[Promised]] = defaultdict(list)
    for row in store.promises(connection, scope, on, provider):
        received = _received(money[row.placement])
        promise = Promised(row.on_date, row.until, row.amount, received)
        found[row.lot, row.currency].append(promise)
    return found


def _fees(
    connection: Connection,
    scope: Scope,
    on: date,
    keys: Iterable[str],
    parties: Mapping[str, Provider],
) -> tuple[dict[Key, int], dict[Key, int]]:
    """What is due and what was asked, by lot."""
    due: dict[Key, int] = defaultdict(int)
    asked: dict[Key, int] = defaultdict(int)
    for key in sorted(keys):
        if key not in parties:
            continue
        for head, found in compared(connection, scope, on, parties[key]):
            if head is not None:
                due[head.lot, head.currency] += found.due.amount
                asked[head.lot, head.currency] += found.asked or 0
    return due, asked


def _card(score: Score, parties: Mapping[str, Provider]) -> ScoreCard:
    party = parties.get(score.provider)

    def money(minor: int) -> Decimal:
        return from_minor(minor, score.currency)

    return ScoreCard(
        provider=score.provider,
        label=party.label if party else score.provider,
        service=score.service,
        lot=score.lot,
        band=score.band,
        lots=score.lots,
        handed_on=score.handed_on,
        currency=score.currency,
        placements=score.placements,
        installments=score.rows,
        placed=money(score.placed),
        collected=money(score.collected),
        direct=money(score.direct),
        recovered_percent=score.percent,
        after={str(each.days): each.percent for each in score.ages},
        first_action_days=score.first_action_days,
        untouched=score.untouched,
        promises=score.promises,
        promises_kept=score.promises_kept,
        complaints=score.complaints,
        fees_due=None if score.fees_due is None else money(score.fees_due),
        fees_asked=None if score.fees_asked is None else money(score.fees_asked),
        cost_per_euro=score.cost_per_unit,
    )
