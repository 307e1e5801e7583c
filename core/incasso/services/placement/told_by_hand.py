"""A person told a provider what the hub could not carry."""

from __future__ import annotations

from datetime import date

from incasso.contract.text import Text, text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.services.office.actors import admit
from incasso.services.office.office import Office
from incasso.services.placement.errors import LotError
from incasso.store.placement import notices
from incasso.store.proof import journal
from incasso.store.proof.journal import Event


def told_by_hand(office: Office, actor: Actor, name: str, on: date) -> Text:
    """Take a notice off the list of a person. Raises LotError, ActorError."""
    with office.store.write() as connection:
        who = admit(connection, actor, Work.LOTS)
        if not notices.told(connection, name.strip(), who.name):
            raise LotError(
                text(
                    "Nobody has to tell “{name}”: `incasso exchange notices --state by_hand` lists "
                    "what a person must tell.",
                    name=name.strip(),
                )
            )
        event = Event(kind="notice.told", actor=who.name, on=on, subject=f"notice {name.strip()}")
        journal.record(connection, [event], at=office.now())
    return text("{name}: told.", name=name.strip())
