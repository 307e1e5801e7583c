"""What is archived of a text message: recipient, sender and words, as a page of plain text.

The words are exactly those that leave. A message that may have left is known again by this page.
"""

from __future__ import annotations

from dataclasses import dataclass

_TO, _FROM = "To: ", "From: "


@dataclass(frozen=True)
class Sms:
    """One text message as it leaves."""

    to: str
    """E.164."""
    sender: str
    text: str

    def as_bytes(self) -> bytes:
        """The page."""
        return f"{_TO}{self.to}\n{_FROM}{self.sender}\n\n{self.text}".encode()


def sms_in(page: bytes) -> Sms | None:
    """The message of a page; None if these bytes are none."""
    try:
        head, _, words = page.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        return None
    to, _, sender = head.partition("\n")
    if not (to.startswith(_TO) and sender.startswith(_FROM)):
        return None
    return Sms(to.removeprefix(_TO), sender.removeprefix(_FROM), words)
