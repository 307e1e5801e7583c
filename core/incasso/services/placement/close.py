"""Close a lot: every euro of it is accounted for, and the provider deletes what it has."""

from __future__ import annotations

from datetime import date

from incasso.contract.exchange import NoticeKind
from incasso.contract.text import counted, text
from incasso.domain.acts.work import Work
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Actor
from incasso.domain.placement.moves import LotMove
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.placement.errors import LotError
from incasso.services.placement.finding import lot_called
from incasso.services.placement.in_hand import lot_event, need
from incasso.store.placement import accounts, live, lots, notices
from incasso.store.placement.lots import Lot
from incasso.store.placement.notices import NewNotice
from incasso.store.proof import journal


def close(office: Office, actor: Actor, code: str, on: date, *, why: str = "") -> Lot:
    """Close a lot of which the provider has nothing any more; it is asked to delete the data and
    to say so. Raises LotError, ActorError."""
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOTS)
        lot = lot_called(connection, code, who.scope, lock=True)
        need(lot, LotMove.CLOSE)
        if left := live.count(connection, lot.id):
            raise LotError(
                text(
                    "{provider} still has {clients} of {lot}: recall them, or let the mandate end.",
                    provider=lot.provider,
                    clients=counted("{n} client", "{n} clients", n=left),
                    lot=lot.code,
                )
            )
        sums = accounts.of_lot(connection, lot.id)
        if wrong := [each for each in sums if each.open]:
            raise LotError(
                text(
                    "{lot} does not add up: {amount} {currency} are neither collected, paid, "
                    "withdrawn nor ended. `incasso exchange account {lot}` shows where they are.",
                    lot=lot.code,
                    amount=from_minor(wrong[0].open, wrong[0].currency),
                    currency=wrong[0].currency,
                )
            )
        lots.move(connection, lot, LotMove.CLOSE, closed_on=on, reason=why)
        notices.make(
            connection,
            [
                NewNotice(
                    name=f"closing-{lot.code}",
                    provider=lot.provider,
                    lot_id=lot.id,
                    kind=NoticeKind.CLOSING,
                    on_date=on,
                    reason=why,
                    made_at=office.now(),
                    made_by=who.name,
                )
            ],
        )
        told = {
            each.currency: {
                name: str(from_minor(getattr(each, name), each.currency))
                for name in ("placed", "collected", "direct", "reduced", "withdrawn", "ended")
            }
            for each in sums
        }
        event = lot_event("lot.closed", lot, who.name, on, why=why, account=told)
        journal.record(connection, [event], at=office.now())
        return lots.numbered(connection, lot.id)
