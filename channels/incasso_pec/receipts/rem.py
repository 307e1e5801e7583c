"""European evidence (ETSI EN 319 522-3, which EN 319 532 carries by mail): the common record of it.

Unproven, and said so: no evidence of a real Italian provider was to be had. In 2026 their receipts
still bear `daticert.xml`, with `X-REM-Subject` beside it as the only new thing. Read here is what
the published schema names (namespace `…/19522/v1#`, root `Evidence`, the events of its table 2);
elements are found by their own names, with or without the namespace, since published samples
differ in that. Evidence counts as proof only through the signature of the mail around it: its own
seal (XAdES) and the European trusted list are not checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
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

NAMESPACE: Final = "http://uri.etsi.org/19522/v1#"
ROOT: Final = "Evidence"

EVENTS: Final[Mapping[str, Event]] = {
    "SubmissionAcceptance": Event.ACCEPTED,
    "SubmissionRejection": Event.REFUSED,
    "RelayAcceptance": Event.ON_ITS_WAY,
    "RelayRejection": Event.NOT_DELIVERED,
    "RelayFailure": Event.NOT_DELIVERED,
    # Made available in the recipient's mailbox: what PEC calls `avvenuta-consegna`. The Italian
    # receipts of 2026 name it so in X-REM-Subject.
    "ContentConsignment": Event.DELIVERED,
    "ContentConsignmentFailure": Event.NOT_DELIVERED,
    "ConsignmentNotification": Event.ON_ITS_WAY,
    "ConsignmentNotificationFailure": Event.ON_ITS_WAY,
    "ConsignmentRejection": Event.NOT_DELIVERED,
    "AcceptanceRejectionExpiry": Event.NOT_DELIVERED,
    "ContentHandover": Event.DELIVERED,
    "ContentHandoverFailure": Event.NOT_DELIVERED,
    # It left for a system that gives no evidence: the `esterno` of PEC.
    "RelayToNonERDS": Event.ON_ITS_WAY,
    "RelayToNonERDSFailure": Event.NOT_DELIVERED,
}
"""What each event means, by the last word of its URI."""

_ADDRESS: Final = "mailto:"


def is_evidence(content: bytes) -> bool:
    """Whether an XML file may be such evidence, without reading it."""
    return NAMESPACE.encode() in content[:4096]


def read(content: bytes) -> Notice:
    """The evidence. Raises UnreadableError."""
    root = root_of(content)
    name = etree.QName(root)
    if (name.namespace, name.localname) != (NAMESPACE, ROOT):
        raise UnreadableError(text("its XML is no {what}", what=f"{ROOT} ({NAMESPACE})"))
    kind = _told(root, "ERDSEventId").rstrip("/").rpartition("/")[2]
    recipients = [_address(each) for each in _all(root, "RecipientDetails")]
    return Notice(
        dialect=Dialect.REM,
        kind=kind,
        event=EVENTS.get(kind, Event.OTHER),
        about=in_brackets(_told(root, "MessageIdentifier")),
        sender=next((_address(each) for each in _all(root, "SenderDetails")), ""),
        recipient=recipients[0] if len(recipients) == 1 else "",
        addressees=tuple(
            Addressee(address=each, certified=kind != "RelayToNonERDS") for each in recipients
        ),
        at=_instant(_told(root, "EventTime")),
        identifier=_told(root, "EvidenceIdentifier"),
        detail="; ".join(_reasons(root)),
    )


def _all(parent: etree._Element, name: str) -> list[etree._Element]:
    """The children of that name, whatever their namespace."""
    return [each for each in parent if etree.QName(each).localname == name]


def _told(parent: etree._Element, name: str) -> str:
    return next((words(each) for each in _all(parent, name)), "")


def _address(party: etree._Element) -> str:
    told = _told(party, "Identifier").lower()
    return told.removeprefix(_ADDRESS) if "@" in told else ""


def _reasons(root: etree._Element) -> list[str]:
    """Code and words of every reason that is given."""
    return [
        " ".join(filter(None, (_told(each, "Code").rpartition("/")[2], _told(each, "Details"))))
        for reasons in _all(root, "EventReasons")
        for each in _all(reasons, "EventReason")
    ]


def _instant(told: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None
