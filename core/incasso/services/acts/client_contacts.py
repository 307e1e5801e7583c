"""Contacts of a client by role, as a person keeps them."""

from __future__ import annotations

from msgspec.structs import replace

from incasso.contract.text import Text, text
from incasso.domain.acts.client_contacts import EndContact, SetContact
from incasso.domain.acts.undo import Thing
from incasso.services.acts.addresses import checked_addresses
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.acts.finding import let_leave
from incasso.store.recovery import agenda
from incasso.store.sending import client_contacts
from incasso.store.sending.client_contacts import REPLACED, KeptContact


@carry_out.register
def _set(act: SetContact, doing: Doing) -> Text:
    before = client_contacts.in_force(doing.connection, doing.subject.client_id, act.role)
    known = _nobody(act, doing) if before is None else before.contact
    given = checked_addresses(doing, act.addresses, known.country)
    if act.person is not None:
        given["person"] = act.person.strip()
    if act.language is not None:
        given["language"] = act.language
    if before is not None and all(getattr(known, name) == given[name] for name in given):
        raise ActError(
            text(
                "Nothing to change: {role} is kept like this already: {subject}.",
                role=act.role,
                subject=doing.named,
            )
        )
    if before is not None:
        _end(doing, before.id, REPLACED)
    new = replace(
        known,
        reason=doing.why,
        origin=act.from_.strip(),
        made_by=doing.by,
        made_on=doing.on,
        **given,
    )
    made = client_contacts.make(doing.connection, new)
    doing.memory.made(Thing.CLIENT_CONTACT, made)
    doing.tell("client.contact_set", role=act.role, fields=given, origin=new.origin)
    _look_again(doing)
    return text("{role} is kept: {subject}.", role=act.role, subject=doing.named)


@carry_out.register
def _take_away(act: EndContact, doing: Doing) -> Text:
    before = client_contacts.in_force(doing.connection, doing.subject.client_id, act.role)
    if before is None:
        raise ActError(
            text(
                "{subject} has no contact {role}: see `incasso client-contacts`.",
                role=act.role,
                subject=doing.named,
            )
        )
    _end(doing, before.id, doing.by)
    doing.tell("client.contact_ended", role=act.role)
    _look_again(doing)
    return text("{role} is taken away: {subject}.", role=act.role, subject=doing.named)


def _nobody(act: SetContact, doing: Doing) -> KeptContact:
    subject = doing.subject
    return KeptContact(subject.source_id, subject.client_id, act.role, doing.on)


def _end(doing: Doing, number: int, by: str) -> None:
    with doing.memory.watching(Thing.CLIENT_CONTACT, [number]):
        client_contacts.end(doing.connection, number, doing.on, by)


def _look_again(doing: Doing) -> None:
    agenda.review_client(doing.connection, doing.subject.client_id, doing.on)
    let_leave(doing)
