"""`daticert.xml` of Italian PEC (RFC 6109, 4.4): bytes in, the common record out.

The kinds are those of the RFC and of `docs/howto/pec.md`. There is no `mancata-consegna`: that word
stands in subjects only, the kind is `errore-consegna`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from lxml import etree

from incasso.api import text
from incasso_pec.receipts.notice import (
    Addressee,
    Dialect,
    Event,
    Notice,
    UnreadableError,
    in_brackets,
)
from incasso_pec.receipts.xml import root_of, words

FILE: Final = "daticert.xml"

EVENTS: Final[Mapping[str, Event]] = {
    "accettazione": Event.ACCEPTED,
    "non-accettazione": Event.REFUSED,
    "presa-in-carico": Event.ON_ITS_WAY,
    "avvenuta-consegna": Event.DELIVERED,
    "errore-consegna": Event.NOT_DELIVERED,
    "preavviso-errore-consegna": Event.LATE,
    # Between providers; should one ever reach a sender, the message was stopped.
    "rilevazione-virus": Event.NOT_DELIVERED,
}
"""What each kind means. Everything else is for a person."""

_NO_ERROR: Final = "nessuno"
_ZONE: Final = re.compile(r"([+-])(\d\d):?(\d\d)")


def read(content: bytes) -> Notice:
    """The receipt. Raises UnreadableError."""
    root = root_of(content)
    if root.tag != "postacert":
        raise UnreadableError(text("its XML is no {what}", what=FILE))
    kind = root.get("tipo", "").strip().lower()
    error = root.get("errore", "").strip().lower()
    facts = root.find("dati")
    return Notice(
        dialect=Dialect.PEC,
        kind=kind,
        event=EVENTS.get(kind, Event.OTHER),
        about=in_brackets(_told(facts, "msgid")),
        sender=_told(root.find("intestazione"), "mittente").lower(),
        recipient=_told(facts, "consegna").lower(),
        addressees=tuple(_addressees(root)),
        at=_instant(facts.find("data") if facts is not None else None),
        issuer=_told(facts, "gestore-emittente"),
        identifier=_told(facts, "identificativo"),
        error="" if error == _NO_ERROR else error,
        detail=_told(facts, "errore-esteso"),
        part=_part(facts),
    )


def _told(parent: etree._Element | None, name: str) -> str:
    return words(parent.find(name)) if parent is not None else ""


def _addressees(root: etree._Element) -> list[Addressee]:
    """The recipients; a type that is neither word counts as certified: nothing ends by a guess."""
    return [
        Addressee(
            address=words(each).lower(),
            certified=each.get("tipo", "").strip().lower() != "esterno",
        )
        for each in root.findall("intestazione/destinatari")
    ]


def _part(facts: etree._Element | None) -> str:
    told = facts.find("ricevuta") if facts is not None else None
    return told.get("tipo", "").strip().lower() if told is not None else ""


def _instant(told: etree._Element | None) -> datetime | None:
    """Day, time and zone in one; None where one of them is missing or impossible."""
    if told is None:
        return None
    zone = _ZONE.fullmatch(told.get("zona", "").strip())
    written = f"{words(told.find('giorno'))} {words(told.find('ora'))}"
    try:
        at = datetime.strptime(written, "%d/%m/%Y %H:%M:%S").replace(tzinfo=_offset(zone))
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(zone: re.Match[str] | None) -> timezone:
    if zone is None:
        raise ValueError("no zone")
    sign, hours, minutes = zone.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)
