"""Hand one client to a provider without making a lot by hand: a lot of one, ready to leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from incasso.contract.text import text
from incasso.domain.acts.permission import may
from incasso.domain.acts.work import WHO_MAY, Work
from incasso.domain.office.actor import Actor
from incasso.domain.placement.choosing import LeftOut
from incasso.locale.placement_labels import LEFT_OUT
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.office.subjects import resolve
from incasso.services.placement.compose import Composition, Order, compose
from incasso.services.placement.errors import LotError
from incasso.services.placement.in_hand import approve, freeze
from incasso.services.placement.takers import takers
from incasso.store.placement import lots
from incasso.store.placement.lots import Lot


def place(office: Office, actor: Actor, client: str, order: Order, on: date, *, why: str) -> Lot:
    """What is past due of a client, in a frozen lot of its own. It is approved too where this
    person may approve and no second one is asked for.

    Raises LotError, ActorError, SubjectError.
    """
    with office.store.read() as connection:
        who = admit(connection, actor, Work.LOTS)
        found = resolve(connection, f"client:{client}", who.scope)
    against = takers(office, order.among)
    named = replace(order, wanted={"client": f"{found.source}/{found.client}"}, name=str(found))
    made = compose(office, who, named, on, against=against, until={})
    if not made.lots:
        raise _nothing(client, made)
    code = made.lots[0].lot
    freeze(office, who, code, on, against=against)
    if may(who, WHO_MAY[Work.LOT_APPROVAL]) and not office.config.lots_second_person:
        approve(office, who, code, on, why=why)
    with office.store.read() as connection:
        lot = lots.find(connection, code, who.scope)
    assert lot is not None
    return lot


def _nothing(client: str, made: Composition) -> LotError:
    if not made.left_out:
        return LotError(text("{client} owes nothing that is open.", client=client))
    reasons = [LEFT_OUT[reason] for reason in LeftOut if reason in made.left_out]
    return LotError(
        text("Nothing of {client} may be placed: {reasons}.", client=client, reasons=reasons)
    )
