"""The words of a dossier: Italian, as an Italian court reads them, whatever the office speaks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from incasso.contract.values import Money
from incasso.locale import localize
from incasso.locale.labels import Labels
from incasso.locale.language import ITALIAN
from incasso.locale.sentences import label
from incasso.messages.clean import clean
from incasso.messages.formats import percent_text
from incasso.messages.language import Language, languages


def italian() -> Language:
    """How Italian writes dates and money."""
    return languages()[ITALIAN]


def said(sentence: str) -> str:
    """A sentence in Italian, safe to print."""
    return clean(localize(sentence, ITALIAN), 4000)


def word(labels: Labels, code: str) -> str:
    """The word for a code."""
    return label(labels, code, ITALIAN)


def day(on: date | None) -> str:
    """A date for a table."""
    return "" if on is None else f"{on:%d/%m/%Y}"


def money(amount: Decimal | None, currency: str = "EUR") -> str:
    """An amount with its currency; empty for none."""
    return "" if amount is None else italian().money(Money(amount=amount, currency=currency))


def percent(rate: Decimal) -> str:
    """A yearly rate."""
    return percent_text(rate, italian().locale)
