"""What leaving, having left and staying mean for a lot: placements, rows, cases, notices."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.money import from_minor
from incasso.domain.placement.moves import LotMove, PlacementMove, RowMove
from incasso.domain.placement.names import placement_name
from incasso.domain.placement.states import NoticeState, PlacementState
from incasso.locale import localize
from incasso.store.placement import handing, lots, notices
from incasso.store.placement.batches import BatchRow
from incasso.store.placement.handing import PlacementRow
from incasso.store.placement.lots import Lot
from incasso.store.proof.journal import Event
from incasso.store.recovery import agenda


def lot_leaves(connection: Connection, lot: Lot, on: date, language: str) -> None:
    """From now on the provider may have it: no step of ours leaves for these credits. Twice is
    harmless."""
    agenda.take_turn(connection)
    why = localize(text("placed with {provider}", provider=lot.provider), language)
    handing.stop_house(connection, lot.id, on, why)


def lot_stays(connection: Connection, lot: Lot, on: date) -> None:
    """It certainly did not leave: the cases run on."""
    agenda.take_turn(connection)
    handing.resume_house(connection, handing.rows_of(handing.in_lot(lot.id)), on)


def handed_over(
    connection: Connection, lot: Lot, batch: BatchRow, by: str, on: date
) -> list[Event]:
    """The provider has the lot: the events, one for it and one for each client."""
    agenda.take_turn(connection)
    inside = handing.in_lot(lot.id)
    handing.move_rows(connection, handing.rows_of(inside), RowMove.PLACE)
    handing.move(connection, inside, PlacementMove.HAND_OVER, until=lot.until)
    handing.count_proposals(connection, lot.id, on)
    lots.move(connection, lot, LotMove.HAND_OVER, handed_on=on)
    placed = handing.of_lot(connection, lot.id, (PlacementState.HANDED_OVER,))
    whole = Event(
        kind="lot.handed_over",
        actor=by,
        on=on,
        source=lot.source,
        subject=f"lot {lot.code}",
        facts={
            "provider": lot.provider,
            "batch": batch.name,
            "sha256": batch.sha256,
            "digest": lot.digest,
            "until": None if lot.until is None else lot.until.isoformat(),
        },
    )
    return [
        whole,
        *(placement_event("placement.handed_over", lot, each, by, on) for each in placed),
    ]


def notices_sent(connection: Connection, batch: BatchRow, *, back: bool = False) -> None:
    """The provider was told, or refused to be: then they wait for a person."""
    state = NoticeState.BY_HAND if back else NoticeState.SENT
    notices.of_batch_are(connection, batch.id, state)


def placement_event(
    kind: str, lot: Lot, placement: PlacementRow, by: str, on: date, **facts: object
) -> Event:
    """Something that happened to one client's credits in a lot, in that client's history."""
    until = placement.until
    return Event(
        kind=kind,
        actor=by,
        on=on,
        source=placement.source,
        client=placement.client,
        subject=f"placement {placement_name(placement.id)}",
        facts={
            "lot": lot.code,
            "provider": lot.provider,
            "service": lot.service.value,
            "total": str(from_minor(placement.total, placement.currency)),
            "currency": placement.currency,
            "until": None if until is None else until.isoformat(),
            **facts,
        },
    )
