"""What a client allowed and refused, as a person records it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from incasso.contract.text import Text, text
from incasso.domain.acts.consents import AboutMedia, Agree, Refuse
from incasso.domain.acts.undo import Thing
from incasso.domain.recovery.conditions import REFUSED
from incasso.domain.sending.consents import ConsentKind
from incasso.domain.sending.open_ways import address_key
from incasso.locale.reasons import media_names
from incasso.services.acts.doing import Doing, carry_out
from incasso.services.acts.finding import is_open, let_leave
from incasso.services.acts.one_address import address_of_medium
from incasso.store.recovery import agenda, manual_changes
from incasso.store.sending import consents
from incasso.store.sending.consents import BY_CONSENT, REPLACED, NewConsent


@carry_out.register
def _refuse(act: Refuse, doing: Doing) -> Text:
    for medium in dict.fromkeys(act.medium):
        address = _address(act, doing, medium)
        known = consents.refused(doing.connection, doing.subject.client_id, medium, address)
        _end(doing, known, REPLACED)
        _record(act, doing, medium, address)
    stopped = _take_back(doing, act.medium)
    _told(act, doing, "client.refused")
    if stopped:
        return text(
            "Not contacted by {media} any more, and what waited takes another way: {subject}.",
            media=_named(act),
            subject=doing.named,
        )
    return text(
        "Not contacted by {media} any more: {subject}.", media=_named(act), subject=doing.named
    )


@carry_out.register
def _agree(act: Agree, doing: Doing) -> Text:
    for medium in dict.fromkeys(act.medium):
        address = _address(act, doing, medium)
        over = consents.refused(doing.connection, doing.subject.client_id, medium, address or None)
        _end(doing, over, BY_CONSENT)
        _record(act, doing, medium, address)
    _told(act, doing, "client.consented")
    let_leave(doing)
    return text("May be contacted by {media}: {subject}.", media=_named(act), subject=doing.named)


def _address(act: AboutMedia, doing: Doing, medium: str) -> str:
    if not (given := act.address.strip()):
        return ""
    country = doing.office.config.company(doing.subject.source).country
    return address_key(medium, address_of_medium(doing, medium, given, country), country)


def _record(act: AboutMedia, doing: Doing, medium: str, address: str) -> None:
    is_refusal = isinstance(act, Refuse)
    new = NewConsent(
        source_id=doing.subject.source_id,
        client_id=doing.subject.client_id,
        kind=ConsentKind.REFUSED if is_refusal else ConsentKind.GIVEN,
        medium=medium,
        address=address,
        formal=act.formal if isinstance(act, Refuse) else False,
        since=act.since or doing.on,
        until=act.until if isinstance(act, Refuse) else None,
        reason=doing.why,
        origin=act.from_.strip(),
        made_by=doing.by,
        made_on=doing.on,
    )
    doing.memory.made(Thing.CONSENT, consents.record(doing.connection, new))


def _end(doing: Doing, ids: Sequence[int], by: str) -> None:
    with doing.memory.watching(Thing.CONSENT, ids):
        consents.end(doing.connection, ids, doing.on, by)


def _take_back(doing: Doing, media: Collection[str]) -> list[int]:
    """What waits by these media is decided anew; the steps that were."""
    client, stopped = doing.subject.client_id, []
    for number in manual_changes.waiting_by(doing.connection, client, media):
        step = manual_changes.step(doing.connection, number)
        if not is_open(doing, step):
            doing.leave_steps(manual_changes.cases_in(doing.connection, number), REFUSED)
            stopped.append(number)
    agenda.review_client(doing.connection, client, doing.on)
    return stopped


def _told(act: AboutMedia, doing: Doing, kind: str) -> None:
    facts = {"media": list(dict.fromkeys(act.medium)), "address": act.address.strip()}
    until = act.until if isinstance(act, Refuse) else None
    doing.tell(kind, **facts, origin=act.from_.strip(), since=act.since or doing.on, until=until)


def _named(act: AboutMedia) -> list[str]:
    return media_names(" ".join(dict.fromkeys(act.medium)))
