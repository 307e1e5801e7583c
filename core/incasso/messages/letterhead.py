"""A company's paper: logo, colour, what the law wants on it, and where the envelope's window is."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from incasso.contract.values import Value
from incasso.messages.clean import clean
from incasso.messages.language import Language


class Side(StrEnum):
    """On which side of the envelope the window is."""

    RIGHT = "right"
    """Italian envelopes, 11 x 23 cm."""
    LEFT = "left"
    """DIN 5008, form B: envelopes of German make, DL and C6/5."""


class Window(Value, frozen=True, kw_only=True):
    """Where the recipient is printed, in millimetres from the sheet's left and top edge.

    It is the part that is seen however the sheet slides in its envelope, not the whole window.
    """

    left: Decimal
    top: Decimal
    width: Decimal
    height: Decimal
    body: Decimal
    """Where the letter may begin: nothing above it may show in the window."""
    sender_above: bool = False
    """Whether the sender's address stands in small print above the recipient's."""


WINDOWS: Final = {
    # 110 x 220 mm, window 35 mm high, its foot 20 mm above the envelope's. The sheet in three
    # slides up and down by 11 mm.
    Side.RIGHT: Window(
        left=Decimal(115), top=Decimal(55), width=Decimal(75), height=Decimal(24), body=Decimal(90)
    ),
    # The address zone begins 45 mm from the top, 20 mm from the left; its upper 17.7 mm are for
    # the sender and remarks.
    Side.LEFT: Window(
        left=Decimal(25),
        top=Decimal("62.7"),
        width=Decimal(80),
        height=Decimal("27.3"),
        body=Decimal(98),
        sender_above=True,
    ),
}


class Letterhead(Value, frozen=True, kw_only=True):
    """What a company's letters and mails look like. Pictures are drawings (SVG), checked before."""

    colour: str = "#1f4e79"
    logo: str = ""
    logo_width: int = 45
    """Millimetres on paper."""
    logo_in_mails: bool = True
    sender: tuple[str, ...] = ()
    """The lines beside the logo; without any the address, telephone and mail of the company."""
    registered_office: str = ""
    register: str = ""
    """Place and number in the register of companies."""
    rea: str = ""
    capital: str = ""
    footer: tuple[str, ...] = ()
    """More lines at the foot: single shareholder, liquidation, who directs the company."""
    signature: str = ""
    window: Window = WINDOWS[Side.RIGHT]


PLAIN: Final = Letterhead()


def foot_lines(head: Letterhead, name: str, vat: str, language: Language) -> list[str]:
    """What art. 2250 c.c. wants on a company's letters, as far as it is known; else nothing.

    Name and VAT number are left out where they stand elsewhere on the page.
    """
    label = language.label
    where = label("registered_office", place=head.registered_office)
    first = [name, where * bool(head.registered_office), vat and label("vat", number=vat)]
    second = [
        label("register", number=head.register) if head.register else "",
        label("rea", number=head.rea) if head.rea else "",
        label("share_capital", amount=head.capital) if head.capital else "",
    ]
    if not any([head.registered_office, *second]):
        first = []
    lines = [" · ".join([clean(each) for each in line if each]) for line in (first, second)]
    return [line for line in (*lines, *map(clean, head.footer)) if line]
