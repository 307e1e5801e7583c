"""Amounts as Italian offices, programs and Excel write them, to Decimal; never through float."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, TypeAlias

from incasso.api import text as sentence
from incasso_csv.cells.values import Cell, CellError, text_of

Mark: TypeAlias = Literal[",", ".", ""]
"""The decimal mark of a column; empty: the sample is ambiguous."""

# ISO 4217 currencies that have no cents, and those that have thousandths.
_NO_CENTS: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
)
_THOUSANDTHS: Final = frozenset("BHD IQD JOD KWD LYD OMR TND".split())

CENTS_ONLY: Final = frozenset("EUR USD CHF GBP AUD CAD SEK NOK DKK PLN CZK RON HUF BGN".split())
"""Currencies with two decimals: a plain amount in one of them needs no further check."""

_PLAIN: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?", re.ASCII).fullmatch
_SIGNS: Final = str.maketrans("", "", "€$£ \t\xa0\u202f\u2009'’")
_WORDS: Final = re.compile(
    r"^(?:EUR|EURO|USD|CHF|GBP|S?FR\.?)|(?:EUR|EURO|USD|CHF|GBP|S?FR\.?)$", re.IGNORECASE
)
_COMMA: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?|\d*,\d+|\d+,", re.ASCII)
_DOT: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?|\d*\.\d+|\d+\.", re.ASCII)
_SWISS: Final = re.compile(r"[.,][-–—]{1,2}$")
"""`100.-` is a hundred francs, no credit."""
_NO_FRANCS: Final = re.compile(r"[-–—][.,]\d\d", re.ASCII)
_CENTS: Final = re.compile(r"\d[.,](?:\d{2}|[-–—]{1,2})$", re.ASCII)
_THREE: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def plain_amount(text: str) -> Decimal:
    """The canonical form, digits and a decimal point; ValueError sends it to `read_amount`."""
    if _PLAIN(text) is None:
        raise ValueError(text)
    return Decimal(text)


def read_amount(cell: Cell, mark: Mark = "") -> Decimal | None:
    """The amount in a cell, None if it is empty. Raises CellError if it is not an amount.

    Understands thousands in both styles, currency signs, narrow blanks, a minus before or after,
    parentheses, and D (dare, owed to us) or A (avere) after the number. `1.200` can be read two
    ways: `mark`, the style of the whole column, decides; without it the cell is refused.
    """
    if isinstance(cell, bool):
        raise _not_an_amount(str(cell))
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, Decimal):
        return cell
    if isinstance(cell, float):
        return _from_excel(cell)
    text = text_of(cell)
    return _from_text(text, mark) if text else None


_TOO_MUCH: Final = Decimal(10) ** 18
"""No amount has more digits than this; a calculation in a sheet that went wrong may."""


def _from_excel(number: float) -> Decimal:
    """Excel holds binary numbers: 0.1+0.2 arrives as 0.30000000000000004, which is 0.30."""
    exact = Decimal(repr(number))
    if not exact.is_finite() or abs(exact) >= _TOO_MUCH:
        raise _not_an_amount(repr(number))
    cents = exact.quantize(Decimal("0.0001")).normalize()
    return cents if abs(exact - cents) < Decimal("0.000001") else exact


def _from_text(text: str, mark: Mark) -> Decimal:
    digits, negative = _unsigned(text)
    if _THREE.fullmatch(digits):
        if not mark:
            raise CellError(
                "ambiguous_amount",
                sentence("{text!r} may be a thousand or three decimals", text=text),
                sentence('say which mark the file uses: decimal = "," or decimal = "."'),
            )
        digits = digits.replace(",", ".") if mark in digits else re.sub("[.,]", "", digits)
    elif _COMMA.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif _DOT.fullmatch(digits):
        digits = digits.replace(",", "")
    elif not (digits.isascii() and digits.isdigit()):
        raise _not_an_amount(text)
    if len(digits) > 18:
        raise _not_an_amount(text)
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        raise _not_an_amount(text) from None
    return -amount if negative else amount


def read_amount_of(cell: Cell, mark: Mark, currency: str) -> Decimal | None:
    """The amount in that currency. In francs a dash before the mark stands for no whole ones:
    `-.50` is fifty cents that are owed."""
    if currency == "CHF" and isinstance(cell, str) and _NO_FRANCS.fullmatch(cell.strip()):
        return read_amount(cell.strip()[1:], mark)
    return read_amount(cell, mark)


def is_number(cell: Cell) -> bool:
    """Whether a cell can be read as an amount, whatever it means."""
    if not isinstance(cell, str):
        return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)
    digits = _unsigned(cell.strip())[0]
    return digits.isdecimal() or any(form.fullmatch(digits) for form in (_COMMA, _DOT, _THREE))


def shows_cents(cell: Cell) -> bool:
    """Whether a number is written as money is: 600,00, 100.-, or with a fraction in Excel."""
    if isinstance(cell, str):
        bare = _WORDS.sub("", cell.translate(_SIGNS)).strip("DA()")
        return _CENTS.search(bare) is not None
    return isinstance(cell, Decimal) or (isinstance(cell, float) and not cell.is_integer())


def _unsigned(text: str) -> tuple[str, bool]:
    """Digits and marks only, and whether a sign, parentheses or an A make it negative."""
    bare = _WORDS.sub("", text.translate(_SIGNS).replace("−", "-")).strip()
    bare = _SWISS.sub("", bare)
    negative = False
    if bare[-1:].upper() in ("D", "A"):
        negative = bare[-1].upper() == "A"
        bare = bare[:-1]
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1], True
    elif bare.startswith("-"):
        bare, negative = bare[1:], not negative
    elif bare.endswith("-"):
        bare, negative = bare[:-1], not negative
    elif bare.startswith("+"):
        bare = bare[1:]
    return _WORDS.sub("", bare), negative


def _not_an_amount(text: str) -> CellError:
    return CellError(
        "bad_amount",
        sentence("{text!r} is not an amount", text=text[:60]),
        sentence("correct it in the ERP"),
    )


def check_cents(amount: Decimal, currency: str) -> Decimal:
    """The amount, if its decimals exist in that currency; money is never rounded on the way in."""
    allowed = 0 if currency in _NO_CENTS else 3 if currency in _THOUSANDTHS else 2
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > allowed and amount != round(amount, allowed):
        raise CellError(
            "too_many_decimals",
            sentence(
                "{amount} has more decimals than {currency} allows ({allowed})",
                amount=amount,
                currency=currency,
                allowed=allowed,
            ),
        )
    return amount


def column_mark(cells: Iterable[Cell]) -> Mark:
    """The decimal mark that the unambiguous amounts of a sample agree on."""
    seen: set[Mark] = set()
    for text in {cell.strip() for cell in cells if isinstance(cell, str)}:
        digits = _unsigned(text)[0]
        if _THREE.fullmatch(digits):
            continue
        if _COMMA.fullmatch(digits):
            seen.add(",")
        elif _DOT.fullmatch(digits):
            seen.add(".")
    return seen.pop() if len(seen) == 1 else ""
