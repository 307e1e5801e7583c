"""Which rows of an ERP are believable: what does not add up is refused, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import MAXYEAR, date
from decimal import Decimal
from functools import cache
from typing import Final

import msgspec

from incasso.contract.ledger import ClientRecord, DocumentKind, InstallmentRecord, PersonRecord
from incasso.contract.values import Problem
from incasso.domain.money import to_minor

EARLIEST: Final = date(1980, 1, 1)
"""ERPs write 1799-12-31, 1899-12-30 or 1900-01-01 for "no date"; no open credit is this old."""

YEARS_AHEAD: Final = 30
"""The longest plan of instalments an office has shown us ended after 20 years."""

ROUNDING: Final = 5
"""Minor units by which a residual may exceed its amount: ERPs round twice."""

LARGEST: Final = 10**15
"""Minor units; beyond it a decimal point is missing, and eight bytes would not hold the sums."""

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

_ORDINARY: Final = 10**9
"""Units; larger amounts are looked at by the rules."""

_CREDITS = (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE)


def installment_problem(
    record: InstallmentRecord, on: date, own_currency: str = "EUR"
) -> Problem | None:
    """Why this row cannot be believed, or None. `on` bounds the dates; `own_currency` is the
    company's."""
    return None if _is_usual(record, _latest(on.year)) else first_problem(record, on, own_currency)


def first_problem(record: InstallmentRecord, on: date, own_currency: str = "EUR") -> Problem | None:
    """The rules one by one: what `installment_problem` says, at four times the price."""
    return (
        _key_problem("key", record.key)
        or _key_problem("client", record.client)
        or _text_problem(_installment_texts(record))
        or _date_problem("due_date", record.due_date, on)
        or _date_problem("document_date", record.document_date, on)
        or _date_problem("unpaid_on", record.unpaid_on, on)
        or _date_problem("presented_on", record.presented_on, on)
        or _date_problem("reminded_on", record.reminded_on, on)
        or _money_problem(record)
        or _base_problem(record.base_residual, own_currency)
    )


def _is_usual(record: InstallmentRecord, latest: date) -> bool:
    """Whether a row is like nearly all of a ledger: an ordinary debit that no rule objects to.

    A no means nothing: the rules decide. A first load judges every row of an ERP.
    """
    key, client, amount, residual = record.key, record.client, record.amount, record.residual
    words = (key, client, record.document_number, record.agent, record.depot, record.area)
    rare = (record.document, record.bill_number, record.erp_hold)
    return (
        max(len(key), len(client)) <= LONGEST_KEY
        and not (key.isspace() or client.isspace())
        and key != "" != client
        and _are_texts((*words, *rare, record.notes))
        and EARLIEST <= record.due_date <= latest
        and EARLIEST <= (record.document_date or EARLIEST) <= latest
        and record.unpaid_on is record.presented_on is None
        and record.reminded_on is None
        and record.base_residual is None
        and record.document_kind not in _CREDITS
        and record.currency in CURRENCIES
        and residual.is_finite()
        and (amount is None or amount is residual or amount.is_finite())
        and 0 <= residual <= (residual if amount is None else amount) < _ORDINARY
        and _is_whole(residual, record.currency)
        and (amount is None or amount is residual or _is_whole(amount, record.currency))
    )


@cache
def _latest(year: int) -> date:
    return date(min(year + YEARS_AHEAD, MAXYEAR), 12, 31)


def _is_whole(amount: Decimal, currency: str) -> bool:
    try:
        to_minor(amount, currency)
    except ValueError:
        return False
    return True


def client_problem(record: ClientRecord, own_currency: str = "EUR") -> Problem | None:
    """Why this client cannot be believed, or None. `own_currency` is the company's."""
    if problem := _key_problem("code", record.code):
        return problem
    if not record.name.strip():
        return _problem("name", "empty", "the name is empty", "give the client a name in the ERP")
    texts = [value for value in msgspec.structs.astuple(record) if isinstance(value, str)]
    if not _are_texts(texts) and (problem := _text_problem(_client_texts(record))):
        return problem
    if record.credit_limit is None:
        return None
    return _amount_problem("credit_limit", record.credit_limit, own_currency)


def person_problem(record: PersonRecord) -> Problem | None:
    """Why this agent or depot cannot be believed, or None."""
    texts = (record.name, record.email, record.pec, record.phone, record.mobile)
    return _key_problem("code", record.code) or _text_problem(
        zip(("name", "email", "pec", "phone", "mobile"), texts, strict=True)
    )


def _installment_texts(record: InstallmentRecord) -> Iterable[tuple[str, str]]:
    return (
        ("key", record.key),
        ("client", record.client),
        ("document_number", record.document_number),
        ("agent", record.agent),
        ("depot", record.depot),
        ("area", record.area),
        ("document", record.document),
        ("bill_number", record.bill_number),
        ("erp_hold", record.erp_hold),
        ("notes", record.notes),
    )


def _client_texts(record: ClientRecord) -> Iterable[tuple[str, str]]:
    fields = msgspec.structs.asdict(record).items()
    return ((name, value) for name, value in fields if isinstance(value, str))


def _key_problem(field: str, key: str) -> Problem | None:
    if not key.strip():
        return _problem(field, "empty", "is empty", "every row needs it; look at the export")
    if len(key) > LONGEST_KEY:
        return _problem(field, "too_long", f"has {len(key)} characters, at most {LONGEST_KEY}")
    return None


def _text_problem(texts: Iterable[tuple[str, str]]) -> Problem | None:
    """PostgreSQL keeps no NUL, no database a lone surrogate; both come from a wrong encoding."""
    for field, value in texts:
        if len(value) > LONGEST_TEXT:
            hint = "a quotation mark may be missing in the file"
            return _problem(field, "too_long", f"has {len(value)} characters", hint)
        if not is_text(value):
            hint = "the file's encoding may be wrong"
            return _problem(field, "text", "holds characters that are no text", hint)
    return None


def _are_texts(values: Iterable[str]) -> bool:
    """Whether no text is objectionable, at the price of one look: what passes together passes."""
    together = "".join(values)
    return len(together) <= LONGEST_TEXT and is_text(together)


def is_text(value: str) -> bool:
    """Whether every database can hold it: no NUL, no half of a surrogate pair."""
    if "\0" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _date_problem(field: str, value: date | None, on: date) -> Problem | None:
    if value is None or (value >= EARLIEST and value.year <= on.year + YEARS_AHEAD):
        return None
    hint = f"dates run from {EARLIEST.year} to {on.year + YEARS_AHEAD}; leave it empty if unknown"
    return _problem(field, "impossible_date", f"{value.isoformat()} cannot be true", hint)


def _amount_problem(field: str, amount: Decimal, currency: str) -> Problem | None:
    if not amount.is_finite():
        return _problem(field, "not_a_number", f"{amount} is not an amount")
    if abs(amount) >= LARGEST:
        return _problem(field, "too_large", f"{amount} cannot be true", "is a comma missing?")
    try:
        minor = to_minor(amount, currency)
    except ValueError as error:
        return _problem(field, "fraction", str(error), "money is never rounded here")
    if abs(minor) >= LARGEST:
        return _problem(field, "too_large", f"{amount} cannot be true", "is a comma missing?")
    return None


def _money_problem(record: InstallmentRecord) -> Problem | None:
    currency = record.currency
    if currency not in CURRENCIES:
        hint = "three capital letters of ISO 4217, such as EUR"
        return _problem("currency", "unknown_currency", f"{currency!r} is no currency", hint)
    if problem := _amount_problem("residual", record.residual, currency):
        return problem
    if record.amount is not None and (
        problem := _amount_problem("amount", record.amount, currency)
    ):
        return problem
    return _sign_problem(record) or _sum_problem(record)


def _base_problem(base: Decimal | None, own_currency: str) -> Problem | None:
    return None if base is None else _amount_problem("base_residual", base, own_currency)


def _sign_problem(record: InstallmentRecord) -> Problem | None:
    """Credit notes and advances are negative; a negative invoice is an overpaid one."""
    if record.document_kind not in _CREDITS:
        return None
    hint = "credit notes and advances are negative in the ledger"
    if record.residual > 0:
        return _problem("residual", "sign", f"{record.residual} on a credit is positive", hint)
    if record.amount is not None and record.amount > 0:
        return _problem("amount", "sign", f"{record.amount} on a credit is positive", hint)
    return None


def _sum_problem(record: InstallmentRecord) -> Problem | None:
    """What is left can never be more than what there was; overpaid by more than all is doubt."""
    amount, residual = record.amount, record.residual
    if amount is None:
        return None
    if amount < 0 < residual:
        return _problem(
            "residual", "sign", f"{residual} is left of {amount}", "the signs contradict"
        )
    spare = to_minor(abs(residual), record.currency) - to_minor(abs(amount), record.currency)
    if spare > ROUNDING:
        hint = "look at the item in the ERP: it does not add up"
        return _problem("residual", "sum", f"{residual} is left of {amount}", hint)
    return None


def _problem(field: str, code: str, message: str, hint: str = "") -> Problem:
    return Problem(code=code, field=field, message=message, hint=hint)
