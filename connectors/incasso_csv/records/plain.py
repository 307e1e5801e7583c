"""The fast path for canonical open items: a quarter of the time for a usual row."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from incasso.api import DocumentKind, InstallmentRecord
from incasso_csv.cells.amounts import CENTS_ONLY, plain_amount
from incasso_csv.cells.dates import read_date
from incasso_csv.cells.kinds import read_kind
from incasso_csv.cells.values import LONGEST_CODE
from incasso_csv.cells.words import read_method
from incasso_csv.layouts.headings import Heading
from incasso_csv.records.plain_rows import PlainRows, Remembered
from incasso_csv.records.record import read_currency, read_number
from incasso_csv.settings import CsvSettings

FIELDS: Final = (
    "key", "client", "document_kind", "document_number", "document_date", "installment_number",
    "due_date", "amount", "residual", "currency", "payment_method", "unpaid_on", "presented_on",
    "agent", "depot", "area", "notes",
)  # fmt: skip
_NEEDED: Final = frozenset({"key", "client", "due_date", "residual"})
_NEGATIVE: Final = frozenset({DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE})


class PlainReader:
    """Reads rows in the documented form and declines all others.

    It rejects nothing: declined rows go through `RecordReader`, which has every rule and error
    text. `RecordReader` reads accepted rows the same (a test proves it).
    """

    def __init__(self, heading: Heading, separator: str, settings: CsvSettings) -> None:
        self._cells = PlainRows(heading, separator, FIELDS).cells
        self._day = Remembered(read_date, None)
        self._kind = Remembered(read_kind, DocumentKind.INVOICE)
        self._currency = Remembered(read_currency, settings.currency)
        overrides = settings.method_overrides
        self._method = Remembered(
            lambda cell: read_method(cell, overrides), read_method("", overrides)
        )
        self._number = Remembered(read_number, 1)

    @staticmethod
    def suits(heading: Heading) -> bool:
        """Whether a table has canonical columns only."""
        return heading.columns.keys() <= set(FIELDS) and heading.columns.keys() >= _NEEDED

    def read(self, row: str, fingerprint: bytes) -> InstallmentRecord | None:
        """The record, or None if the row is anything but plain."""
        cells = self._cells(row)
        if cells is None:
            return None
        try:
            return self._record(cells, fingerprint)
        except ValueError:
            return None

    def _record(self, cells: tuple[str, ...], fingerprint: bytes) -> InstallmentRecord | None:
        (
            key, client, kind_word, number, issued, rate, due, amount_text, residual_text, money,
            method, unpaid, presented, agent, depot, area, notes,
        ) = cells  # fmt: skip
        due_date = self._day[due]
        kind = self._kind[kind_word]
        currency = self._currency[money]
        residual = plain_amount(residual_text)
        amount = residual if amount_text == residual_text else _amount(amount_text)
        if not (key and client) or due_date is None or currency not in CENTS_ONLY:
            return None
        if max(len(key), len(client), len(agent), len(depot)) > LONGEST_CODE:
            return None
        usual = amount_text == residual_text and residual >= 0 and kind not in _NEGATIVE
        if not usual and not _plausible(kind, kind_word, amount, residual):
            return None
        return InstallmentRecord(
            key=key,
            client=client,
            document_kind=kind,
            document_number=number,
            document_date=self._day[issued],
            installment_number=self._number[rate],
            due_date=due_date,
            amount=amount,
            residual=residual,
            currency=currency,
            payment_method=self._method[method],
            unpaid_on=self._day[unpaid],
            presented_on=self._day[presented],
            agent=agent,
            depot=depot,
            area=area,
            notes=notes,
            fingerprint=fingerprint,
        )


def _amount(text: str) -> Decimal | None:
    return plain_amount(text) if text else None


def _plausible(kind: DocumentKind, word: str, amount: Decimal | None, residual: Decimal) -> bool:
    """Whether signs and sizes are unproblematic."""
    if (residual > 0 and kind in _NEGATIVE) or (residual < 0 and not word):
        return False
    return amount is None or abs(residual) <= abs(amount) or (residual > 0) != (amount > 0)
