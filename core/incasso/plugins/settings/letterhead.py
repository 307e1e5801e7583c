"""What a company's letters and mails look like: the table `[companies.NAME.letterhead]`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import Between, Form, setting
from incasso.contract.text import Text, text
from incasso.contract.values import Problem


@dataclass(frozen=True, kw_only=True)
class WindowPlace:
    """Where the recipient is printed: what the window shows however the sheet slides."""

    left: Annotated[Decimal, Between(10, 180)] = setting(
        help="From the sheet's left edge", unit="mm"
    )
    top: Annotated[Decimal, Between(40, 110)] = setting(help="From the sheet's top", unit="mm")
    width: Annotated[Decimal, Between(50, 110)] = setting(help="Its width", unit="mm")
    height: Annotated[Decimal, Between(16, 45)] = setting(help="Its height", unit="mm")
    body: Annotated[Decimal, Between(60, 140)] | None = setting(
        help="Where the letter may begin; left out: 10 mm below the recipient",
        unit="mm",
        default=None,
    )

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise ConfigurationError(problems)

    def _problems(self) -> Iterator[Problem]:
        if self.left + self.width > _SHEET_WIDTH:
            words = text("left and width together are more than the sheet's 210 mm")
            yield _problem("width", words, text("measure the window from the sheet's left edge"))
        if self.body is not None and self.body < self.top + self.height:
            words = text("the letter would begin inside the window")
            hint = text("give {n} or more", n=str(self.top + self.height))
            yield _problem("body", words, hint)


@dataclass(frozen=True, kw_only=True)
class LetterheadTable:
    """The table as it is written; what is left out is not printed."""

    colour: Annotated[str, Form("#[0-9a-fA-F]{6}", "#1f4e79")] = setting(
        help="Colour of the name and of rules", default="#1f4e79"
    )
    logo: Path | None = setting(help="Picture: SVG, PNG or JPEG", default=None)
    logo_width: Annotated[int, Between(10, 90)] = setting(
        help="Width of the logo on paper; it is never higher than 19 mm", unit="mm", default=45
    )
    logo_in_mails: bool = setting(
        help="Whether mails carry the logo too, about 5 kB each", default=True
    )
    sender: tuple[str, ...] = setting(
        help="Lines beside the logo; left out: address, telephone, mail, VAT number", default=()
    )
    registered_office: str = setting(help="Registered office (art. 2250 c.c.)", default="")
    register: str = setting(
        help="Register of companies: office and number (art. 2250 c.c.)", default=""
    )
    rea: str = setting(help="R.E.A. number, e.g. TO-1234567", default="")
    capital: str = setting(
        help='Capital actually paid in, e.g. "€ 100.000,00 i.v." (art. 2250 c.c.)', default=""
    )
    footer: tuple[str, ...] = setting(
        help="More lines at the foot: single shareholder, liquidation, who directs the company",
        default=(),
    )
    signature: Path | None = setting(
        help="Picture of the signature above its line: SVG, PNG or JPEG", default=None
    )
    window: Literal["right", "left"] = setting(
        help="Where the envelope's window is: right (Italian 11 x 23 cm) or left (DIN 5008 B)",
        default="right",
    )
    window_place: WindowPlace | None = setting(
        help="The window in millimetres, where neither fits the office's envelopes", default=None
    )

    def __post_init__(self) -> None:
        if len(self.sender) > _MOST_LINES:
            words = text("{n} lines are too many beside the logo", n=len(self.sender))
            problem = _problem("sender", words, text("give {n} at most", n=_MOST_LINES))
            raise ConfigurationError([problem])

    @property
    def is_default(self) -> bool:
        """Whether nothing of it was written."""
        return self == LetterheadTable()


_SHEET_WIDTH = 210
_MOST_LINES = 4


def _problem(field: str, words: Text, hint: Text) -> Problem:
    return Problem(code="letterhead", field=field, message=words, hint=hint)
