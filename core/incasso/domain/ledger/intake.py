"""Which rows of an ERP are plausible: inconsistent rows are refused, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import MAXYEAR, date
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Final

import msgspec

from incasso.contract.ledger import ClientRecord, DocumentKind, InstallmentRecord, PersonRecord
from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.faults import RecordFault
from incasso.domain.ledger.plausible import (
    CURRENCIES,
    EARLIEST,
    LONGEST_KEY,
    YEARS_AHEAD,
    amount_problem,
    are_storable,
    country_problem,
    currency_problem,
    date_problem,
    key_problem,
    text_problem,
)
from incasso.domain.money import to_minor

ROUNDING: Final = 5
"""Minor units by which a residual may exceed its amount: ERPs round twice."""

_ORDINARY: Final = 10**9
"""Units; larger amounts are checked by the rules."""

_words_of_client: Final = attrgetter(
    *(
        name
        for name in ClientRecord.__struct_fields__
        if isinstance(getattr(ClientRecord(code="", name=""), name), str)
    )
)

_CREDITS = (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE)


def installment_problem(
    record: InstallmentRecord, on: date, own_currency: str = "EUR"
) -> Fault | None:
    """Why this row is refused, or None. `on` bounds the dates; `own_currency` is the company's."""
    return None if _is_usual(record, _latest(on.year)) else first_problem(record, on, own_currency)


def first_problem(record: InstallmentRecord, on: date, own_currency: str = "EUR") -> Fault | None:
    """The rules one by one: the result of `installment_problem`, at four times the cost."""
    return (
        key_problem("key", record.key)
        or key_problem("client", record.client)
        or text_problem(_installment_texts(record))
        or date_problem("due_date", record.due_date, on)
        or date_problem("document_date", record.document_date, on)
        or date_problem("unpaid_on", record.unpaid_on, on)
        or date_problem("presented_on", record.presented_on, on)
        or date_problem("reminded_on", record.reminded_on, on)
        or _money_problem(record)
        or _base_problem(record.base_residual, own_currency)
    )


def _is_usual(record: InstallmentRecord, latest: date) -> bool:
    """Whether a row is an ordinary debit that no rule objects to, as most rows are.

    False decides nothing: the rules do. A first load checks every row of an ERP, so this is the
    fast path.
    """
    key, client, amount, residual = record.key, record.client, record.amount, record.residual
    words = (key, client, record.document_number, record.agent, record.depot, record.area)
    rare = (record.document, record.bill_number, record.erp_hold)
    return (
        max(len(key), len(client)) <= LONGEST_KEY
        and not (key.isspace() or client.isspace())
        and key != "" != client
        and are_storable((*words, *rare, record.notes))
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
        and _are_whole(residual, amount, record.currency)
    )


@cache
def _latest(year: int) -> date:
    return date(min(year + YEARS_AHEAD, MAXYEAR), 12, 31)


def _are_whole(residual: Decimal, amount: Decimal | None, currency: str) -> bool:
    """Whether neither has a fraction of a cent; most rows give one and the same twice."""
    try:
        to_minor(residual, currency)
        if amount is not None and amount is not residual:
            to_minor(amount, currency)
    except ValueError:
        return False
    return True


def client_problem(record: ClientRecord, own_currency: str = "EUR") -> Fault | None:
    """Why this client is refused, or None. `own_currency` is the company's."""
    if problem := key_problem("code", record.code):
        return problem
    if not record.name.strip():
        return fault(RecordFault.EMPTY, "name")
    if not are_storable(_words_of_client(record)) and (
        problem := text_problem(_client_texts(record))
    ):
        return problem
    if problem := country_problem(record.country):
        return problem
    if record.credit_limit is None:
        return None
    return amount_problem("credit_limit", record.credit_limit, own_currency)


def person_problem(record: PersonRecord) -> Fault | None:
    """Why this agent or depot is refused, or None."""
    texts = (record.name, record.email, record.pec, record.phone, record.mobile)
    return key_problem("code", record.code) or text_problem(
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


def _money_problem(record: InstallmentRecord) -> Fault | None:
    currency = record.currency
    if problem := currency_problem(currency):
        return problem
    if problem := amount_problem("residual", record.residual, currency):
        return problem
    if record.amount is not None and (problem := amount_problem("amount", record.amount, currency)):
        return problem
    return _sign_problem(record) or _sum_problem(record)


def _base_problem(base: Decimal | None, own_currency: str) -> Fault | None:
    return None if base is None else amount_problem("base_residual", base, own_currency)


def _sign_problem(record: InstallmentRecord) -> Fault | None:
    """Credit notes and advances are negative; a negative invoice is an overpaid one."""
    if record.document_kind not in _CREDITS:
        return None
    if record.residual > 0:
        return fault(RecordFault.SIGN, "residual", amount=record.residual)
    if record.amount is not None and record.amount > 0:
        return fault(RecordFault.SIGN, "amount", amount=record.amount)
    return None


def _sum_problem(record: InstallmentRecord) -> Fault | None:
    """The residual cannot exceed the amount, nor be overpaid by more than the whole amount."""
    amount, residual = record.amount, record.residual
    if amount is None:
        return None
    if amount < 0 < residual:
        return fault(RecordFault.SIGNS, "residual", residual=residual, amount=amount)
    spare = to_minor(abs(residual), record.currency) - to_minor(abs(amount), record.currency)
    if spare > ROUNDING:
        return fault(RecordFault.SUM, "residual", residual=residual, amount=amount)
    return None
