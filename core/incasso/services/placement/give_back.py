"""Take back what a provider has: recalled by a person, or because the mandate ended; and extend it.

What comes back is in the office's hands at once: its cases run on that day. The provider hears of
it with the next exchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from incasso.contract.exchange import NoticeKind
from incasso.contract.text import Text, counted, text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor, Scope
from incasso.domain.placement.moves import OUT
from incasso.domain.placement.names import placement_name, row_name
from incasso.domain.placement.states import PlacementState
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.office.subjects import resolve
from incasso.services.placement.ending import take_back
from incasso.services.placement.errors import LotError
from incasso.services.placement.fates import Moment
from incasso.services.placement.finding import lot_called
from incasso.services.placement.in_hand import lot_event
from incasso.store.placement import live, lots, notices
from incasso.store.placement.lots import Lot
from incasso.store.placement.notices import NewNotice
from incasso.store.proof import journal
from incasso.store.proof.journal import Event
from incasso.store.recovery import agenda

WARNED_BEFORE: Final = timedelta(days=7)
"""Before a lot comes back by itself."""

MANDATE_OVER: Final = "mandate_over"
"""The reason that a provider is told; the mandate is its own too."""


@dataclass(frozen=True, kw_only=True)
class What:
    """What of a lot is meant: all of it, one client's credits, or one of them."""

    client: str = ""
    installment: str = ""


@dataclass(frozen=True, kw_only=True)
class Back:
    """What came back."""

    lot: Lot
    placements: int
    rows: int


def recall(office: Office, actor: Actor, code: str, what: What, on: date, *, why: str) -> Back:
    """Take back a lot, one client's credits or one of them. Raises LotError, ActorError,
    SubjectError."""
    if not why.strip():
        raise LotError(text("Say why, for the record and for the provider: `--why`."))
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOTS)
        lot = _out(lot_called(connection, code, who.scope, lock=True))
        client, installment = _meant(connection, what, who.scope)
        pages = live.rows(connection, lot.id, client=client, installment=installment)
        moment = Moment(on=on, at=office.now())
        cause = f"recall {lot.code} {moment.at.isoformat()}"
        taken, events = _take_back(connection, lot, pages, PlacementState.RECALLED, moment, cause)
        if not taken:
            raise LotError(
                text(
                    "{provider} has nothing of that in {lot}.", provider=lot.provider, lot=lot.code
                )
            )
        new = _recalls(lot, what, taken, moment, why, who.name)
        notices.make(connection, new)
        facts = {"why": why, "client": what.client, "installment": what.installment}
        counts = {"placements": len(taken), "rows": sum(map(len, taken.values()))}
        whole = lot_event("lot.recalled", lot, who.name, on, **facts, **counts)
        journal.record(connection, [whole, *events], at=moment.at)
        return Back(lot=lots.numbered(connection, lot.id), **counts)


def extend(
    office: Office, actor: Actor, code: str, until: date, on: date, *, client: str = "", why: str
) -> Lot:
    """Let a provider keep what it has up to another day. Raises LotError, ActorError."""
    if until < on:
        raise LotError(text("{day} has passed: give a day to come.", day=until))
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOTS)
        lot = _out(lot_called(connection, code, who.scope, lock=True))
        owner, _ = _meant(connection, What(client=client), who.scope)
        if not live.extend(connection, lot.id, until, client=owner):
            raise LotError(
                text(
                    "{provider} has nothing of that in {lot}.", provider=lot.provider, lot=lot.code
                )
            )
        agenda.review_on(connection, live.installments_of(lot.id), on)
        if owner is None:
            lots.change(connection, lot, until=until)
        at = office.now()
        for number in _placements(connection, lot, owner):
            notices.make(
                connection,
                [
                    _notice(
                        lot,
                        NoticeKind.EXTENSION,
                        Moment(on=on, at=at),
                        why,
                        who.name,
                        placement=number,
                        until=until,
                    )
                ],
            )
        event = lot_event(
            "lot.extended", lot, who.name, on, until=until.isoformat(), client=client, why=why
        )
        journal.record(connection, [event], at=at)
        return lots.numbered(connection, lot.id)


def return_ended(office: Office, on: date) -> list[Text]:
    """What mandates ended before that day comes back by itself, a lot at a time; what was done, in
    sentences. Safe to kill and to start again."""
    with office.store.read() as connection:
        ended = live.ending(connection, on - timedelta(days=1))
    told = []
    for each in ended:
        with office.store.write() as connection:
            back = _return(office, connection, each.id, on)
        if back is not None:
            told.append(
                text(
                    "{lot} came back from {provider}, its mandate ended: {n}",
                    lot=back.lot.code,
                    provider=back.lot.provider,
                    n=counted("{n} client", "{n} clients", n=back.placements),
                )
            )
    return told


def _return(office: Office, connection: Connection, number: int, on: date) -> Back | None:
    lot = lots.numbered(connection, number, lock=True)
    if lot.state not in OUT:
        return None
    moment = Moment(on=on, at=office.now())
    pages = live.rows(connection, lot.id, until_before=on)
    cause = f"mandate {lot.code} {lot.until} {on}"
    taken, events = _take_back(connection, lot, pages, PlacementState.RETURNED, moment, cause)
    if not taken:
        return None
    whole = live.count(connection, lot.id) == 0
    numbers: Sequence[int | None] = [None] if whole else list(taken)
    notices.make(
        connection,
        [
            _notice(lot, NoticeKind.RECALL, moment, MANDATE_OVER, "", placement=each)
            for each in numbers
        ],
    )
    counts = {"placements": len(taken), "rows": sum(map(len, taken.values()))}
    event = lot_event("lot.mandate_ended", lot, "exchange", on, **counts)
    journal.record(connection, [event, *events], at=moment.at)
    return Back(lot=lot, **counts)


def mandate_notes(office: Office, on: date) -> list[Text]:
    """The lots that will come back by themselves soon, as sentences."""
    with office.store.read() as connection:
        ending = live.ending(connection, on + WARNED_BEFORE)
        named = {each.id: lots.numbered(connection, each.id) for each in ending}
    return [
        text(
            "{lot} comes back from {provider} after {day}: extend it or let it end",
            lot=named[each.id].code,
            provider=named[each.id].provider,
            day=each.first,
        )
        for each in ending
        if each.first >= on
    ]


def _take_back(
    connection: Connection,
    lot: Lot,
    pages: Iterable[Mapping[int, Sequence[int]]],
    state: PlacementState,
    moment: Moment,
    cause: str,
) -> tuple[dict[int, Sequence[int]], list[Event]]:
    agenda.take_turn(connection)
    taken: dict[int, Sequence[int]] = {}
    events: list[Event] = []
    for page in pages:
        events += take_back(connection, lot.provider, page, state, moment, cause)
        taken |= page
    return taken, events


def _nothing(lot: Lot) -> LotError:
    return LotError(
        text("{provider} has nothing of that in {lot}.", provider=lot.provider, lot=lot.code)
    )


def _out(lot: Lot) -> Lot:
    """Raises LotError unless the provider has it."""
    if lot.state in OUT:
        return lot
    raise LotError(
        text(
            "{lot} is not with a provider: `incasso lots show {lot}` says how it stands.",
            lot=lot.code,
        )
    )


def _meant(connection: Connection, what: What, scope: Scope) -> tuple[int | None, int | None]:
    """The client and the installment that are meant; None: all of them."""
    client = installment = None
    if what.client:
        client = resolve(connection, f"client:{what.client}", scope).id
    if what.installment:
        installment = resolve(connection, f"installment:{what.installment}", scope).id
    return client, installment


def _placements(connection: Connection, lot: Lot, client: int | None) -> list[int | None]:
    if client is None:
        return [None]
    pages = live.rows(connection, lot.id, client=client)
    return [number for page in pages for number in page]


def _recalls(
    lot: Lot,
    what: What,
    taken: Mapping[int, Sequence[int]],
    moment: Moment,
    why: str,
    by: str,
) -> list[NewNotice]:
    kind = NoticeKind.RECALL
    if not what.client and not what.installment:
        return [_notice(lot, kind, moment, why, by)]
    if not what.installment:
        return [_notice(lot, kind, moment, why, by, placement=each) for each in taken]
    return [
        _notice(lot, kind, moment, why, by, placement=each, row=row)
        for each, rows in taken.items()
        for row in rows
    ]


def _notice(
    lot: Lot,
    kind: NoticeKind,
    moment: Moment,
    why: str,
    by: str,
    *,
    placement: int | None = None,
    row: int | None = None,
    until: date | None = None,
) -> NewNotice:
    parts = (
        kind.value,
        lot.code,
        "" if placement is None else placement_name(placement),
        "" if row is None else row_name(row),
        f"{moment.at:%Y%m%dT%H%M%S}",
    )
    return NewNotice(
        name="-".join(part for part in parts if part),
        provider=lot.provider,
        lot_id=lot.id,
        placement_id=placement,
        row_id=row,
        kind=kind,
        on_date=moment.on,
        reason=why,
        until=until,
        made_at=moment.at,
        made_by=by,
    )
