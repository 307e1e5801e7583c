"""The account of a lot for a person, and the end of what came back with something to decide."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from incasso.contract.text import Text, text
from incasso.domain.acts.work import Work
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Actor, Scope
from incasso.domain.placement.names import lot_named, placement_name, placement_number
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.placement.decide import ReportError
from incasso.store.lists.subjects import client_numbered
from incasso.store.placement import accounts, lots, standing
from incasso.store.placement.accounts import LotAccount
from incasso.store.proof import journal
from incasso.store.proof.journal import Event

_NO_MONEY: Final = ("currency", "rows", "rows_out")


def account_of(office: Office, scope: Scope, code: str) -> list[dict[str, Any]]:
    """Where each euro of a lot is, one row for each currency. Raises ReportError."""
    with office.store.read() as connection:
        lot = lots.find(connection, lot_named(code) or "", scope)
        if lot is None:
            raise ReportError(
                text("No lot is called “{code}”: `incasso lots list` lists them.", code=code)
            )
        return [_fields(each) for each in accounts.of_lot(connection, lot.id)]


def settle(office: Office, actor: Actor, name: str, why: str, on: date) -> Text:
    """What a placement came back with is decided. Raises ActorError, ReportError."""
    if not why.strip():
        raise ReportError(text("Say why, for the record: `--why`."))
    with office.store.write() as connection:
        who = admit(connection, actor, Work.EXCHANGE)
        number = placement_number(name) or 0
        ended = standing.to_decide(connection, number)
        subject = client_numbered(connection, who.scope, ended.client_id) if ended else None
        if ended is None or subject is None:
            raise ReportError(
                text(
                    "“{name}” has nothing to decide: `incasso exchange ended` lists what has.",
                    name=name,
                )
            )
        standing.propose(connection, number, None, needs_report=False)
        event = Event(
            kind="placement.settled",
            actor=who.name,
            on=on,
            source=subject.source,
            client=subject.client,
            subject=f"placement {placement_name(number)}",
            facts={"proposed": ended.proposes, "report": ended.needs_report, "why": why},
        )
        journal.record(connection, [event], at=office.now())
    return text("{placement}: decided.", placement=placement_name(number))


def _fields(account: LotAccount) -> dict[str, Any]:
    fields = msgspec.structs.asdict(account)
    money = {
        name: from_minor(value, account.currency)
        for name, value in fields.items()
        if name not in _NO_MONEY
    }
    return {**fields, **money}
