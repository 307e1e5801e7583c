"""Contacts that no step asked for, and corrected addresses."""

from __future__ import annotations

from incasso.contract.settings import nearest
from incasso.contract.text import Text, text
from incasso.domain.acts.contacts import CallBack, Contact, Correct, Unmark
from incasso.domain.acts.undo import Thing
from incasso.domain.recovery.contacts import ContactKind, Outcome, outcome_named
from incasso.locale.labels import CLIENT_FIELDS
from incasso.services.acts.addresses import correct, told
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.services.acts.finding import let_leave
from incasso.store.recovery import agenda, contacts
from incasso.store.recovery.contacts import NewContact
from incasso.store.sending import wrong_addresses


@carry_out.register
def _contact(act: Contact, doing: Doing) -> Text:
    kind = ContactKind(act.kind)
    outcome = _outcome(doing, act.outcome)
    changed = correct(doing, act.addresses, f"{kind.value}: {act.who}" if act.who else kind.value)
    # Our own call says whether somebody answered only by its outcome.
    reached = kind is not ContactKind.CALL or outcome is not None
    record(doing, kind, outcome=outcome, call_back=act.call_back, contact=act, reached=reached)
    if changed:
        told(doing, changed, act.addresses, kind.value)
    doing.tell(
        "client.contacted",
        contact=kind,
        who=act.who,
        number=act.number,
        outcome=act.outcome,
        minutes=act.minutes,
        text=act.text,
        **_call_back(act.call_back),
    )
    let_leave(doing)
    if act.call_back is None:
        return text("Recorded ({kind}): {subject}.", kind=kind, subject=doing.named)
    return text(
        "Recorded ({kind}), to be called back on {day} {time}: {subject}.",
        kind=kind,
        day=act.call_back.on,
        time=time_of(act.call_back),
        subject=doing.named,
    )


@carry_out.register
def _correct(act: Correct, doing: Doing) -> Text:
    changed = correct(doing, act.addresses, act.from_.strip())
    if not changed:
        raise ActError(
            text("Nothing to correct: this is what is in use for {subject}.", subject=doing.named)
        )
    told(doing, changed, act.addresses, act.from_.strip())
    leaving = let_leave(doing)
    fields = [CLIENT_FIELDS[field] for field in changed]
    if leaving:
        return text(
            "Corrected {fields}, and what waited for an address can leave: {subject}.",
            fields=fields,
            subject=doing.named,
        )
    return text("Corrected {fields}: {subject}.", fields=fields, subject=doing.named)


@carry_out.register
def _unmark(act: Unmark, doing: Doing) -> Text:
    address, client = act.address.strip(), doing.subject.client_id
    media = wrong_addresses.unmark(doing.connection, client, address, act.medium.strip())
    if not media:
        raise ActError(
            text(
                "{address} is not marked for {subject}: see `incasso bad-addresses`.",
                address=address,
                subject=doing.named,
            )
        )
    agenda.review_client(doing.connection, client, doing.on)
    doing.tell("client.address_unmarked", address=address, media=media)
    let_leave(doing)
    return text("{address} is used again: {subject}.", address=address, subject=doing.named)


def record(
    doing: Doing,
    kind: ContactKind,
    *,
    outcome: Outcome | None,
    call_back: CallBack | None,
    contact: Contact | None = None,
    reached: bool = True,
    note: str = "",
) -> int:
    """Write a contact down, of an act of its own or inside a step; its id."""
    subject = doing.subject
    made = contacts.record(
        doing.connection,
        NewContact(
            client_id=subject.client_id,
            installment_id=subject.id if subject.kind == "installment" else None,
            step_id=subject.id if subject.kind == "step" else None,
            on_date=doing.on,
            at=doing.office.now(),
            medium=kind,
            effective=kind.speaks and reached and (outcome is None or outcome.reached),
            who=doing.by,
            note=note if contact is None else contact.text or contact.why,
            spoken_with="" if contact is None else contact.who,
            number="" if contact is None else contact.number,
            outcome="" if outcome is None else outcome.key,
            minutes=None if contact is None else contact.minutes,
            call_back_on=None if call_back is None else call_back.on,
            call_back_time=time_of(call_back),
        ),
    )
    doing.memory.made(Thing.CONTACT, made)
    return made


def time_of(call_back: CallBack | None) -> str:
    """The hour of an appointment as it is kept; empty without one."""
    if call_back is None or call_back.at is None:
        return ""
    return f"{call_back.at:%H:%M}"


def _call_back(call_back: CallBack | None) -> dict[str, str]:
    """An appointment, as the journal keeps it."""
    if call_back is None:
        return {}
    return {"call_back_on": call_back.on.isoformat(), "call_back_time": time_of(call_back)}


def _outcome(doing: Doing, key: str) -> Outcome | None:
    """The outcome a person named, if it is on the office's list. Raises ActError."""
    if not key:
        return None
    known = contacts.outcomes(doing.connection)
    if found := outcome_named(key, known):
        return found
    raise ActError(
        text(
            "{key} is no outcome ({hint}): `incasso outcomes` lists them.",
            key=key,
            hint=nearest(key, [one.key for one in known]),
        )
    )
