"""What a receipt means for the message it is about: the hub's own words for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from incasso.api import (
    ArrivedMail,
    Attachment,
    DeliveryState,
    DeliveryUpdate,
    Origin,
    in_a_row,
    mail,
    text,
)
from incasso_pec.receipts.notice import Dialect, Event, Notice, in_brackets
from incasso_pec.receipts.reading import Reading
from incasso_pec.wording import is_full, what_happened

STATES: Final[Mapping[Event, DeliveryState]] = {
    Event.ACCEPTED: DeliveryState.SENT,
    Event.REFUSED: DeliveryState.REFUSED,
    Event.ON_ITS_WAY: DeliveryState.SENT,
    Event.DELIVERED: DeliveryState.DELIVERED,
    Event.NOT_DELIVERED: DeliveryState.BOUNCED,
    Event.LATE: DeliveryState.DELAYED,
    Event.OTHER: DeliveryState.UNREADABLE,
}

_NO_ADDRESS: Final = frozenset({"no-dest", "no-dominio"})
_CODE: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_LONGEST_REF: Final = 128


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is true of the message now."""

    state: DeliveryState
    permanent: bool = True
    bad_address: bool = False


def about(reading: Reading) -> str:
    """The Message-ID that a receipt is about, by its XML, else by its headers."""
    told = reading.notice.about if reading.notice else ""
    found = told or in_brackets(reading.head.about)
    return found if len(found) <= _LONGEST_REF else ""


def update_of(
    reading: Reading, arrived: ArrivedMail, is_final: Callable[[Notice], bool]
) -> DeliveryUpdate:
    """The news in a receipt. `is_final` tells a verdict from a warning where both look alike.

    The bytes as they came are its evidence. What is not proven says so in its note, and the hub
    believes no more of it than of any stranger's mail.
    """
    notice = reading.notice
    verdict = _verdict(notice, is_final if reading.proven else lambda _: False)
    at = notice.at if reading.proven and notice and notice.at else arrived.at
    return DeliveryUpdate(
        ref=about(reading),
        update_id=f"receipt:{reading.key}",
        state=verdict.state,
        at=at,
        permanent=verdict.permanent,
        bad_address=verdict.bad_address,
        note=in_a_row(_words(reading, verdict)),
        evidence=Attachment(
            filename=f"{_file_name(reading)}.eml",
            media_type="message/rfc822",
            content=arrived.content,
        ),
        # We do check who writes: a stranger's receipt must not even hold a stage.
        origin=Origin(proven=reading.proven, checked=True),
        recipient=notice.recipient if reading.proven and notice else "",
        known_as=_name_given(notice) if reading.proven and notice else "",
    )


def _verdict(notice: Notice | None, is_final: Callable[[Notice], bool]) -> Verdict:
    if notice is None:
        return Verdict(state=DeliveryState.UNREADABLE)
    match notice.event:
        case Event.ACCEPTED if _nobody_certified(notice):
            return Verdict(state=DeliveryState.REFUSED, bad_address=True)
        case Event.LATE:
            final = is_final(notice)
            state = DeliveryState.EXPIRED if final else DeliveryState.DELAYED
            return Verdict(state=state, permanent=final)
        case Event.NOT_DELIVERED:
            return Verdict(state=DeliveryState.BOUNCED, bad_address=_no_such_address(notice))
        case _:
            return Verdict(state=STATES[notice.event])


def _nobody_certified(notice: Notice) -> bool:
    """The address is an ordinary mailbox: no delivery receipt will ever come."""
    return bool(notice.addressees) and not any(each.certified for each in notice.addressees)


def _no_such_address(notice: Notice) -> bool:
    """By the status code in the provider's words, else by the class of error: the classes are used
    loosely (Aruba says `altro` of an unknown mailbox), and a full one may be `no-dest` too."""
    if _CODE.match(notice.detail):
        return mail.means_bad_address(notice.detail)
    return notice.error in _NO_ADDRESS and not is_full(notice)


def _name_given(notice: Notice) -> str:
    """The Message-ID under which the recipient got the message: providers put in their own."""
    given = in_brackets(notice.identifier)
    named = notice.dialect is Dialect.PEC and "@" in given and len(given) <= _LONGEST_REF
    return given if named else ""


def _words(reading: Reading, verdict: Verdict) -> list[str]:
    notice, said = reading.notice, []
    if not reading.proven:
        said.append(text("not proven: {why}", why=reading.doubt))
    if notice is None:
        return [*said, text("receipt {kind}", kind=reading.head.kind or "?")]
    if (happened := what_happened(notice, verdict.state)) is not None:
        said.append(happened)
    said.append(
        text("{kind} of {issuer}", kind=notice.kind or "?", issuer=notice.issuer)
        if notice.issuer
        else text("receipt {kind}", kind=notice.kind or "?")
    )
    return [*said, *filter(None, (notice.error, notice.detail[:500]))]


def _file_name(reading: Reading) -> str:
    kind = reading.notice.kind if reading.notice else reading.head.kind
    plain = re.sub(r"[^a-z0-9-]+", "", kind.lower())[:40]
    return f"{plain or 'ricevuta'}-{reading.key[:12]}"
