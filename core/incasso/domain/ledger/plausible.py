"""Implausible values of any field: dates before computers, broken texts, fractions of cents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.faults import RecordFault
from incasso.domain.money import decimals, to_minor

EARLIEST: Final = date(1980, 1, 1)
"""ERPs write 1799-12-31, 1899-12-30 or 1900-01-01 for "no date"; no open credit is this old."""

YEARS_AHEAD: Final = 30
"""The longest instalment plan known from an office ended after 20 years."""

LARGEST: Final = 10**15
"""Minor units; a larger amount lacks a decimal point, and sums would exceed eight bytes."""

LONGEST_KEY: Final = 128
LONGEST_TEXT: Final = 10_000
"""Characters. A cell of a million is a broken quote that swallowed the rest of the file."""

CURRENCIES: Final = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
    "GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR "
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG".split()
)


def key_problem(field: str, key: str) -> Fault | None:
    """The fault of a key that is empty or too long."""
    if not key.strip():
        return fault(RecordFault.EMPTY, field)
    if len(key) > LONGEST_KEY:
        return fault(RecordFault.TOO_LONG, field, n=len(key), most=LONGEST_KEY)
    return None


def text_problem(texts: Iterable[tuple[str, str]]) -> Fault | None:
    """The first of the texts (field, text) that no database can keep.

    PostgreSQL keeps no NUL, no database a lone surrogate; both come from a wrong encoding.
    """
    for field, value in texts:
        if len(value) > LONGEST_TEXT:
            return fault(RecordFault.TOO_LONG, field, n=len(value), most=LONGEST_TEXT)
        if not is_storable(value):
            return fault(RecordFault.TEXT, field)
    return None


def are_storable(values: Iterable[str]) -> bool:
    """Whether all texts can be stored, checked joined together in one pass."""
    together = "".join(values)
    return len(together) <= LONGEST_TEXT and is_storable(together)


def is_storable(value: str) -> bool:
    """Whether every database can store it: no NUL, no half of a surrogate pair."""
    if "\0" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def date_problem(field: str, value: date | None, on: date) -> Fault | None:
    """The fault of a day implausibly far from the business date; None passes."""
    if value is None or (value >= EARLIEST and value.year <= on.year + YEARS_AHEAD):
        return None
    years = {"first": EARLIEST.year, "last": on.year + YEARS_AHEAD}
    return fault(RecordFault.IMPOSSIBLE_DATE, field, day=value, **years)


def currency_problem(currency: str) -> Fault | None:
    """The fault of a currency that is not used for payments."""
    if currency in CURRENCIES:
        return None
    return fault(RecordFault.UNKNOWN_CURRENCY, "currency", currency=currency)


def country_problem(country: str) -> Fault | None:
    """The fault of a country that is not written as two capital letters; none at all passes.

    Of "Italia" the hub would make a letter abroad, in English.
    """
    if not country or (
        len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()
    ):
        return None
    return fault(RecordFault.UNKNOWN_COUNTRY, "country", country=country[:60])


def amount_problem(field: str, amount: Decimal, currency: str) -> Fault | None:
    """The fault of an amount that is no number, or that its currency cannot represent."""
    if not amount.is_finite():
        return fault(RecordFault.NOT_A_NUMBER, field, amount=str(amount))
    if abs(amount) >= LARGEST:
        return fault(RecordFault.TOO_LARGE, field, amount=str(amount))
    try:
        minor = to_minor(amount, currency)
    except ValueError:
        places = decimals(currency)
        return fault(
            RecordFault.FRACTION, field, amount=str(amount), currency=currency, places=places
        )
    if abs(minor) >= LARGEST:
        return fault(RecordFault.TOO_LARGE, field, amount=str(amount))
    return None
