"""Compose lots: choose by filters, share out among providers, keep what stays out and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from incasso.contract.exchange import Service
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor, Scope
from incasso.domain.placement.choosing import LeftOut, Reason
from incasso.domain.placement.splitting import SplitError, Unit, Way, shares_of, split
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.placement.errors import LotError
from incasso.services.placement.looking import Against, Look, Looking, look
from incasso.store.lists.meant import placeable
from incasso.store.placement import composing, lots
from incasso.store.placement.composing import Excluded, NewRow
from incasso.store.placement.lots import NewLot
from incasso.store.proof import journal
from incasso.store.proof.journal import Event

PAGE: Final = 1_000

SPLIT_BY: Final = ("province", "country", "area", "agent", "depot", "category")
"""What a rule may look at."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody wants in a lot."""

    service: Service
    among: tuple[str, ...]
    """Keys of providers; one, or those that share it."""
    wanted: Mapping[str, Any] = field(default_factory=dict)
    """Filters of `PLACEABLE`."""
    way: Way = Way.AMOUNT
    shares: tuple[int, ...] = ()
    seed: int = 0
    split_by: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    least: int | None = None
    """What a client must place at least, in minor units of each currency."""
    most: int | None = None
    name: str = ""
    only: tuple[int, ...] = ()
    """Only these installments; none: all that the filters let through."""


@dataclass(frozen=True, kw_only=True)
class Composed:
    """One lot that was composed; money in minor units by currency."""

    lot: str
    source: str
    provider: str
    placements: int
    rows: int
    sums: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Composition:
    """What came of an order."""

    lots: tuple[Composed, ...]
    left_out: Mapping[LeftOut, int]


@dataclass(kw_only=True)
class _Found:
    """What was looked at, sorted into what may go and what stays."""

    going: dict[str, list[Look]] = field(default_factory=lambda: defaultdict(list))
    """By client."""
    left: list[tuple[Look, Reason]] = field(default_factory=list)
    waiting: int = 0
    """How many are only not due yet."""


def compose(
    office: Office,
    actor: Actor,
    order: Order,
    on: date,
    *,
    against: Mapping[str, Against],
    until: Mapping[str, date | None],
) -> Composition:
    """Compose a lot for each provider and company; nothing leaves, and each may be dropped again.

    `against` and `until` are what the providers' own data say, by key. The same ledger, order and
    seed give the same lots. Raises LotError, ActorError, TakenMeanwhileError.
    """
    _check(order)
    with office.store.read() as connection:
        scope = admit(connection, actor, Work.LOTS).scope
        found = _sorted(_looks(office, connection, scope, order, against, on), order)
    shared, homeless = _share(found, order)
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOTS)
        made = _write(connection, who, order, shared, [*found.left, *homeless], on, until, found)
        if made:
            _tell(connection, office, who, made, on)
    left = Counter(reason.code for _, reason in (*found.left, *homeless))
    if found.waiting:
        left[LeftOut.NOT_OVERDUE] = found.waiting
    return Composition(lots=tuple(made), left_out=dict(left.most_common()))


def _check(order: Order) -> None:
    try:
        shares_of(order.among, order.shares)
    except SplitError:
        raise LotError(
            text(
                "Give each provider one share, a whole number above zero: `--share 60 --share 40`."
            )
        ) from None
    if order.way is Way.RULE and (order.split_by not in SPLIT_BY or not order.rules):
        raise LotError(
            text(
                "A rule needs what it looks at, one of {names}, and who gets what: "
                "`--rule-by province --rule TO=alfa --rule '*=beta'`.",
                names=list(SPLIT_BY),
            )
        )
    if strangers := sorted({key for _, key in order.rules} - set(order.among)):
        raise LotError(
            text(
                "The rules name {names}, who are not among {known}.",
                names=strangers,
                known=list(order.among),
            )
        )


def _looks(
    office: Office,
    connection: Connection,
    scope: Scope,
    order: Order,
    against: Mapping[str, Against],
    on: date,
) -> Iterable[list[Look]]:
    means = placeable(connection, scope, order.wanted, on, order.only)
    container = str(order.wanted.get("container") or "")
    looking = Looking(
        service=order.service,
        against=against,
        parked_in=frozenset({container} if container else ()),
        split_by=order.split_by,
    )
    return look(office, connection, means.pages(PAGE), looking, on)


def _sorted(pages: Iterable[list[Look]], order: Order) -> _Found:
    found = _Found()
    for page in pages:
        for one in page:
            if one.reason is None:
                found.going[one.client].append(one)
            elif one.reason.code is LeftOut.NOT_OVERDUE:
                found.waiting += 1
            else:
                found.left.append((one, one.reason))
    for client, theirs in list(found.going.items()):
        if (why := _unfit_sum(theirs, order)) is not None:
            found.left += ((one, why) for one in theirs)
            del found.going[client]
    return found


def _unfit_sum(theirs: Sequence[Look], order: Order) -> Reason | None:
    """A client whose credits in the lot come to too little or too much, in every currency."""
    sums = Counter[str]()
    for one in theirs:
        sums[one.currency] += one.residual
    if order.least is not None and max(sums.values()) < order.least:
        return Reason(LeftOut.BELOW_MINIMUM)
    if order.most is not None and max(sums.values()) > order.most:
        return Reason(LeftOut.ABOVE_MAXIMUM)
    return None


def _share(found: _Found, order: Order) -> tuple[dict[str, list[Look]], list[tuple[Look, Reason]]]:
    """Whole clients to providers; and those whom no rule gives to anybody."""
    units = (
        Unit(
            client,
            sum(one.residual for one in theirs),
            frozenset.intersection(*(one.may for one in theirs)),
            theirs[0].value,
        )
        for client, theirs in found.going.items()
    )
    shares = shares_of(order.among, order.shares)
    whose = split(units, shares, order.way, seed=order.seed, rules=order.rules)
    shared: dict[str, list[Look]] = {key: [] for key in order.among}
    homeless: list[tuple[Look, Reason]] = []
    for client, theirs in found.going.items():
        if client in whose:
            shared[whose[client]] += theirs
        else:
            nobody = theirs[0].refused or Reason(LeftOut.NOT_TO_THIS, "no_rule")
            homeless += ((one, nobody) for one in theirs)
    return shared, homeless


def _write(
    connection: Connection,
    actor: Actor,
    order: Order,
    shared: Mapping[str, Sequence[Look]],
    left: Sequence[tuple[Look, Reason]],
    on: date,
    until: Mapping[str, date | None],
    found: _Found,
) -> list[Composed]:
    """One lot for each provider and company; what stays out is kept with the first of a company."""
    made = []
    for provider, theirs in shared.items():
        by_source: dict[int, list[Look]] = defaultdict(list)
        for one in theirs:
            by_source[one.source_id].append(one)
        for source, rows in sorted(by_source.items()):
            new = NewLot(
                source_id=source,
                provider=provider,
                service=order.service,
                name=order.name,
                mandate="",
                composed_on=on,
                composed_by=actor.name,
                chosen_by=_chosen_by(order, found),
                until=until.get(provider),
            )
            number, _ = lots.make(connection, new)
            composing.add(connection, number, map(_row, rows))
            composing.keep_count(connection, number)
            made.append((number, source))
    _keep_left(connection, made, left, on)
    return [_composed(connection, number) for number, _ in made]


def _keep_left(
    connection: Connection,
    made: Sequence[tuple[int, int]],
    left: Sequence[tuple[Look, Reason]],
    on: date,
) -> None:
    first: dict[int, int] = {}
    for number, source in made:
        first.setdefault(source, number)
    for source, number in first.items():
        theirs = (
            Excluded(one.installment_id, why.code, why.value, one.residual)
            for one, why in left
            if one.source_id == source
        )
        composing.leave_out(connection, number, theirs, on)
    together = [lots.numbered(connection, number).code for number, _ in made]
    for number, _ in made:
        lot = lots.numbered(connection, number)
        lots.change(connection, lot, chosen_by={**lot.chosen_by, "together": together})


def _row(one: Look) -> NewRow:
    return NewRow(
        client_id=one.client_id,
        currency=one.currency,
        installment_id=one.installment_id,
        case_id=one.case_id,
        residual=one.residual,
        days_late=one.days_late,
    )


def _chosen_by(order: Order, found: _Found) -> dict[str, Any]:
    """The order as it is kept with each lot that came of it."""
    filters = {name: _plain(value) for name, value in order.wanted.items() if value}
    kept: dict[str, Any] = {"filters": filters, "among": list(order.among)}
    if len(order.among) > 1:
        shares = shares_of(order.among, order.shares)
        kept |= {"way": order.way.value, "shares": shares, "seed": order.seed}
    if order.rules:
        kept |= {"by": order.split_by, "rules": [list(each) for each in order.rules]}
    for name in ("least", "most"):
        if (value := getattr(order, name)) is not None:
            kept[name] = value
    if found.waiting:
        kept["not_overdue"] = found.waiting
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _composed(connection: Connection, number: int) -> Composed:
    lot = lots.numbered(connection, number)
    return Composed(
        lot=lot.code,
        source=lot.source,
        provider=lot.provider,
        placements=lot.placements,
        rows=lot.rows,
        sums=lot.sums,
    )


def _tell(
    connection: Connection, office: Office, actor: Actor, made: Sequence[Composed], on: date
) -> None:
    events = [
        Event(
            kind="lot.composed",
            actor=actor.name,
            on=on,
            source=one.source,
            subject=f"lot {one.lot}",
            facts={
                "provider": one.provider,
                "placements": one.placements,
                "rows": one.rows,
                "sums": dict(one.sums),
            },
        )
        for one in made
    ]
    journal.record(connection, events, at=office.now())
