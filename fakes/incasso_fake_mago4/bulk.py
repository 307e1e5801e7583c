"""A company with hundreds of thousands of open items, written in bulk: to measure with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from incasso_fake_mago4.codes import (
    CLOSING,
    CREDIT,
    CUSTOMER,
    DEBIT,
    OPENING,
    SALE_DOCUMENT,
    Closing,
    SaleDocument,
    Term,
)
from incasso_fake_mago4.columns import NO_DATE
from incasso_fake_mago4.company import MagoCompany

AT_ONCE: Final = 5_000
PER_CUSTOMER: Final = 20
PER_INVOICE: Final = 2

Row = dict[str, Any]


def fill(company: MagoCompany, installments: int, *, on: date) -> None:
    """Write so many open installments, two to an invoice, twenty to a customer.

    Every third one is part-paid, every fourth is a RiBa at the bank; equal calls write equal rows.
    """
    invoices = -(-installments // PER_INVOICE)
    customers = -(-installments // PER_CUSTOMER)
    _write(company, "MA_CustSupp", (_customer(n) for n in range(customers)))
    _write(company, "MA_CustSuppCustomerOptions", (_options(n) for n in range(customers)))
    _write(company, "MA_SaleDoc", (_document(n, customers, on) for n in range(1, invoices + 1)))
    _write(company, "MA_PyblsRcvbls", (_header(n, customers, on) for n in range(1, invoices + 1)))
    rows = (row for n in range(1, invoices + 1) for row in _details(n, customers, on))
    _write(company, "MA_PyblsRcvblsDetails", rows)


def _write(company: MagoCompany, table: str, rows: Iterator[Row]) -> None:
    target = company.tables[table]
    defaults = {
        column.key: column.default.arg  # type: ignore[attr-defined]
        for column in target.c
        if column.default is not None
    }
    defaults.update(TBCreated=company.clock, TBModified=company.clock)
    with company.engine.begin() as connection:
        full = ({**defaults, **_written(company, n), **row} for n, row in enumerate(rows))
        while part := list(islice(full, AT_ONCE)):
            fitting = [{name: row[name] for name in row if name in target.c} for row in part]
            connection.execute(target.insert(), fitting)


def _written(company: MagoCompany, n: int) -> Row:
    """Spread over the year before: an office does not post everything in one minute."""
    return {"TBModified": company.clock - timedelta(hours=n % 8_000)}


def _customer(n: int) -> Row:
    return {
        "CustSuppType": CUSTOMER,
        "CustSupp": f"C{n:07}",
        "CompanyName": f"Cliente numero {n} S.r.l.",
        "EMail": f"amministrazione{n}@clienti.example",
        "ISOCountryCode": "IT",
    }


def _options(n: int) -> Row:
    return {"CustSuppType": CUSTOMER, "Customer": f"C{n:07}", "Salesperson": f"A{n % 30}"}


def _document(n: int, customers: int, on: date) -> Row:
    return {
        "SaleDocId": n,
        "DocumentType": int(SaleDocument.INVOICE),
        "PymtSchedId": n,
        "DocNo": f"{n}",
        "CustSupp": f"C{n % customers:07}",
        "DocumentDate": _at(on - timedelta(days=60 + n % 90)),
        "StoragePhase1": f"D{n % 5}",
    }


def _header(n: int, customers: int, on: date) -> Row:
    return {
        "PymtSchedId": n,
        "CustSupp": f"C{n % customers:07}",
        "DocNo": f"{n}",
        "DocumentDate": _at(on - timedelta(days=60 + n % 90)),
        "Currency": "EUR",
        "Salesperson": f"A{n % 30}",
        "TotalAmount": 2 * _amount(n),
    }


def _details(n: int, customers: int, on: date) -> Iterator[Row]:
    for number in range(1, PER_INVOICE + 1):
        due = on - timedelta(days=n % 60 - 30 * (number - 1) + 5)
        at_bank = (n + number) % 4 == 0
        common = {
            "PymtSchedId": n,
            "InstallmentNo": number,
            "CustSupp": f"C{n % customers:07}",
            "Currency": "EUR",
            "OpeningDate": _at(due),
        }
        yield {
            **common,
            "InstallmentType": OPENING,
            "InstallmentDate": _at(due),
            "DebitCreditSign": DEBIT,
            "Amount": _amount(n),
            "PayableAmountInBaseCurr": _amount(n),
            "PaymentTerm": int(Term.RIBA if at_bank else Term.TRANSFER),
            "Presented": "1" if at_bank else "0",
            "PresentationDate": _at(due - timedelta(days=20)) if at_bank else NO_DATE,
            "DocumentId": n,
            "DocumentType": SALE_DOCUMENT,
        }
        if (n + number) % 3 == 0:
            paid = round(_amount(n) / 4, 2)
            yield {
                **common,
                "InstallmentType": CLOSING,
                "ClosingType": int(Closing.NORMAL),
                "InstallmentDate": _at(due - timedelta(days=30)),
                "DebitCreditSign": CREDIT,
                "Amount": paid,
                "PayableAmountInBaseCurr": paid,
                "PaymentTerm": int(Term.TRANSFER),
            }


def _amount(n: int) -> float:
    return (n * 7919 % 500_000 + 1_000) / 100


def _at(day: date) -> datetime:
    return datetime.combine(day, time.min)
