"""Freeze, approve and drop lots that have not left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.placement.choosing import LeftOut, Reason
from incasso.domain.placement.digest import Totals, totals_of
from incasso.domain.placement.moves import IllegalMoveError, LotMove, lot_after
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.placement.errors import LotError, cannot
from incasso.services.placement.finding import lot_called
from incasso.services.placement.looking import Against, Look, Looking, look
from incasso.store.placement import composing, frozen, lots
from incasso.store.placement.composing import Excluded, Residual
from incasso.store.placement.lots import Lot
from incasso.store.proof import journal
from incasso.store.proof.journal import Event


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A lot that was frozen, and what fell out because it fits no more."""

    lot: Lot
    left_out: Mapping[LeftOut, int]


def freeze(
    office: Office, actor: Actor, code: str, on: date, *, against: Mapping[str, Against]
) -> Frozen:
    """Fix rows, totals and digest of a lot, after one more look at every credit.

    What was paid, promised or disputed since it was composed falls out. Raises LotError,
    ActorError.
    """
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOTS)
        lot = lot_called(connection, code, who.scope, lock=True)
        need(lot, LotMove.FREEZE)
        left = look_again(office, connection, lot, on, against)
        totals = fix(connection, lot)
        if not totals.rows:
            raise LotError(text("{lot} is empty: nothing in it may be placed today.", lot=lot.code))
        lots.move(
            connection,
            lot,
            LotMove.FREEZE,
            frozen_at=office.now(),
            frozen_by=who.name,
            digest=totals.digest,
        )
        facts = {**told(totals), "left_out": {code.value: n for code, n in left.items()}}
        event = lot_event("lot.frozen", lot, who.name, on, **facts)
        journal.record(connection, [event], at=office.now())
        return Frozen(lot=lots.numbered(connection, lot.id), left_out=left)


def approve(office: Office, actor: Actor, code: str, on: date, *, why: str = "") -> Lot:
    """Let a frozen lot leave. Where the office asks for a second person, it is another one than who
    composed or froze it. Raises LotError, ActorError."""
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOT_APPROVAL)
        lot = lot_called(connection, code, who.scope, lock=True)
        need(lot, LotMove.APPROVE)
        if office.config.lots_second_person and who.name in (lot.composed_by, lot.frozen_by):
            raise LotError(
                text(
                    "{lot} needs a second person: {login} composed or froze it.",
                    lot=lot.code,
                    login=who.name,
                )
            )
        lots.move(connection, lot, LotMove.APPROVE, approved_by=who.name, approved_at=office.now())
        event = lot_event("lot.approved", lot, who.name, on, digest=lot.digest, why=why)
        journal.record(connection, [event], at=office.now())
        return lots.numbered(connection, lot.id)


def drop(office: Office, actor: Actor, code: str, on: date, *, why: str) -> Lot:
    """Give up a lot that has not left; its credits are free for another. Raises LotError,
    ActorError."""
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOTS)
        lot = lot_called(connection, code, who.scope, lock=True)
        need(lot, LotMove.DROP)
        composing.take_out_all(connection, lot.id, on)
        lots.move(connection, lot, LotMove.DROP, reason=why, closed_on=on)
        event = lot_event("lot.dropped", lot, who.name, on, why=why)
        journal.record(connection, [event], at=office.now())
        return lots.numbered(connection, lot.id)


def need(lot: Lot, move: LotMove) -> None:
    """Raises LotError where the lot cannot be moved like this."""
    try:
        lot_after(lot.state, move)
    except IllegalMoveError as error:
        raise cannot(lot, error) from None


def look_again(
    office: Office,
    connection: Connection,
    lot: Lot,
    on: date,
    against: Mapping[str, Against],
    *,
    only_less: bool = False,
) -> Counter[LeftOut]:
    """Look at every credit of a lot that has not left: what fits no more falls out, the others get
    what is open of them now. How many fell out, by reason.

    `only_less`: what was approved may become smaller, never larger.
    """
    filters = lot.chosen_by.get("filters", {})
    container = str(filters.get("container") or "")
    looking = Looking(
        service=lot.service,
        against={lot.provider: against[lot.provider]} if lot.provider in against else {},
        parked_in=frozenset({container} if container else ()),
        lot=lot.id,
    )
    fell: Counter[LeftOut] = Counter()
    for page in composing.row_pages(connection, lot.id):
        rows = {installment: row for row, installment in page}
        looks = [one for few in look(office, connection, [list(rows)], looking, on) for one in few]
        gone = {one.installment_id: one.reason for one in looks if one.reason is not None}
        for lost in rows.keys() - {one.installment_id for one in looks}:
            gone[lost] = Reason(LeftOut.NOT_OWED)
        _take_out(connection, lot, rows, gone, looks, on)
        fell.update(reason.code for reason in gone.values())
        composing.set_residuals(
            connection, _residuals(rows, looks, only_less, composing.residuals(connection, rows))
        )
    return fell


def _take_out(
    connection: Connection,
    lot: Lot,
    rows: Mapping[int, int],
    gone: Mapping[int, Reason],
    looks: Iterable[Look],
    on: date,
) -> None:
    worth = {one.installment_id: one.residual for one in looks}
    composing.take_out(connection, [rows[each] for each in gone], on)
    left = (Excluded(each, why.code, why.value, worth.get(each, 0)) for each, why in gone.items())
    composing.leave_out(connection, lot.id, left, on)


def _residuals(
    rows: Mapping[int, int],
    looks: Iterable[Look],
    only_less: bool,
    known: Mapping[int, int],
) -> Iterable[Residual]:
    for one in looks:
        if one.reason is None:
            row = rows[one.installment_id]
            most = known[row] if only_less else one.residual
            yield Residual(row, min(one.residual, most), one.days_late)


def fix(connection: Connection, lot: Lot) -> Totals:
    """Keep rows as the ERP has them now, and give their totals and digest."""
    frozen.freeze(connection, lot.id)
    composing.sum_placements(connection, lot.id)
    composing.keep_count(connection, lot.id)
    return totals_of(row.digested for row in frozen.rows(connection, lot.id))


def told(totals: Totals) -> dict[str, object]:
    """Control totals as the journal keeps them."""
    return {
        "digest": totals.digest,
        "placements": totals.placements,
        "rows": totals.rows,
        "sums": dict(totals.sums),
    }


def lot_event(kind: str, lot: Lot, by: str, on: date, **facts: object) -> Event:
    """Something that happened to a lot."""
    return Event(
        kind=kind,
        actor=by,
        on=on,
        source=lot.source,
        subject=f"lot {lot.code}",
        facts={"provider": lot.provider, **facts},
    )
