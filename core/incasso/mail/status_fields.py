"""The fields of a delivery status: one block per recipient, in whatever form they arrive.

RFC 3464 gives them a part of their own, RFC 6533 another one for addresses beyond ASCII; gateways
paste them into the text, and some servers do not fold a diagnostic of several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Final

from incasso.contract.channel import DeliveryState
from incasso.mail.texts import decoded, text_of

STATES: Final[Mapping[str, DeliveryState]] = {
    "failed": DeliveryState.BOUNCED,
    "expired": DeliveryState.EXPIRED,
    "delayed": DeliveryState.DELAYED,
    "delivered": DeliveryState.DELIVERED,
    # The next server gives no reports: all that is known is that it went on.
    "relayed": DeliveryState.SENT,
    "expanded": DeliveryState.SENT,
}

_PARTS: Final = ("message/delivery-status", "message/global-delivery-status")
_KNOWN: Final = frozenset(
    """reporting-mta arrival-date original-envelope-id received-from-mta dsn-gateway
    original-recipient final-recipient action status remote-mta diagnostic-code last-attempt-date
    will-retry-until final-log-id original-message-id disposition reporting-ua mdn-gateway
    error""".split()
)
_FIELD: Final = re.compile(r"\s{0,8}([A-Za-z][A-Za-z-]{2,40})[ \t]*:[ \t]*(.*)")
_BY_CLASS: Final = {"5": "failed", "4": "delayed", "2": "delivered"}
_UNICODE: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")

Fields = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one server says about one recipient of one message."""

    recipient: str
    action: str
    status: str = ""
    diagnostic: str = ""


def status_fields(mail: Message) -> list[Fields]:
    """The blocks of every status part, wherever it stands: Gmail nests it deep."""
    parts = [text_of(part) for part in mail.walk() if part.get_content_type() in _PARTS]
    return [block for text in parts for block in blocks(text)]


def blocks(text: str) -> list[Fields]:
    """The blocks of fields in a text; what is no field continues the one before it."""
    found: list[Fields] = []
    for paragraph in re.split(r"\r?\n[ \t]*\r?\n", text):
        lines = paragraph.splitlines()
        begins = next((_field(line) for line in lines if line.strip()), None) is not None
        block: Fields = {} if begins or not found else found[-1]
        _fill(block, lines)
        if block and (not found or block is not found[-1]):
            found.append(block)
    return found


def reports(found: Iterable[Fields]) -> Iterator[Report]:
    """What the blocks say of each recipient; those about the message as a whole say nothing."""
    for block in found:
        code = block.get("status", "").split(" ")[0]
        action = block.get("action", "").lower().split(" ")[0].strip(";,.")
        if not action and "final-recipient" in block:
            action = _BY_CLASS.get(code[:1], "")
        if action:
            yield Report(
                recipient=_recipient(block),
                action=action,
                status=code,
                diagnostic=_untyped(block.get("diagnostic-code", "")),
            )


def _fill(block: Fields, lines: Iterable[str]) -> None:
    name = next(reversed(block), "")
    for line in lines:
        if (field := _field(line)) is not None:
            name, value = field
            block.setdefault(name, value)
        elif name and line.strip():
            block[name] = f"{block[name]} {line.strip()}"[:2000]


def _field(line: str) -> tuple[str, str] | None:
    found = _FIELD.match(line)
    if found is None:
        return None
    name = found.group(1).lower()
    return (name, found.group(2).strip()) if name in _KNOWN or name.startswith("x-") else None


def _recipient(block: Fields) -> str:
    """The address we wrote to, where the server names it; else the one it failed at."""
    original = block.get("original-recipient", "")
    given = original or block.get("final-recipient", "")
    address = _untyped(given).strip("<> ")
    if original:
        address = _XTEXT.sub(lambda each: chr(int(each.group(1), 16)), address)
    return _UNICODE.sub(_character, address).lower()


def _character(found: re.Match[str]) -> str:
    number = int(found.group(1), 16)
    return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else "?"


def _untyped(value: str) -> str:
    """`rfc822; ada@example.it` without its type."""
    kind, mark, rest = value.partition(";")
    return rest.strip() if mark and " " not in kind.strip() else decoded(value).strip()
