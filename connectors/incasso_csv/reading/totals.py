"""Compare the sums that a file states with the sums of the rows that were read."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final, TypeAlias

from incasso.api import ControlTotals, InstallmentRecord, Problem, term
from incasso.api import text as sentence
from incasso_csv.cells.amounts import Mark, read_amount
from incasso_csv.cells.values import CellError
from incasso_csv.layouts.entries import Total

_WHOLE = Decimal(0)


_FIELDS: Final = {
    "amount": term("total", "amount"),
    "residual": term("total", "residual"),
    "paid": term("total", "paid"),
}
"""What a total row sums up, in words."""

_Place: TypeAlias = tuple[str, str]
"""A field and a currency; empty: all currencies."""


class _Sums:
    """Running sums of some rows, and what they were at every total so far."""

    def __init__(self) -> None:
        self.now: defaultdict[_Place, Decimal] = defaultdict(Decimal)
        self._beginnings: defaultdict[_Place, set[Decimal]] = defaultdict(lambda: {_WHOLE})

    def add(self, record: InstallmentRecord) -> None:
        residual = record.residual
        amount = residual if record.amount is None else record.amount
        for currency in ("", record.currency):
            self.now["residual", currency] += residual
            self.now["amount", currency] += amount
            self.now["paid", currency] += amount - residual

    def fit(self, place: _Place, stated: Decimal, grand: bool) -> bool:
        return self.now[place] - stated in ({_WHOLE} if grand else self._beginnings[place])

    def begin(self) -> None:
        for place, running in self.now.items():
            self._beginnings[place].add(running)


class TotalsCheck:
    """Running sums of one reading.

    A partial total must be the sum of the rows since some earlier total (a client's rows, a page);
    a grand total that of all rows. Prints nest totals in various ways, so any earlier total may be
    the beginning. A mixed list may state the sum of clients alone or that of suppliers as well.
    """

    def __init__(self, marks: dict[str, Mark]) -> None:
        self._marks = marks
        self._clients, self._everybody = _Sums(), _Sums()
        self.stated: dict[str, Decimal] = {}
        """The file's own totals of what clients owe, per currency, as far as it states them."""
        self.currencies: set[str] = set()

    def add(self, record: InstallmentRecord) -> None:
        """Count one record that was read."""
        self.currencies.add(record.currency)
        self._clients.add(record)
        self._everybody.add(record)

    def add_supplier(self, record: InstallmentRecord) -> None:
        """Count a row that only the file's totals may include."""
        self._everybody.add(record)

    def verify(self, total: Total, default_currency: str) -> Problem | None:
        """What is wrong with a total row, None if it is right or states nothing readable."""
        currency = _currency(total) or ("" if len(self.currencies) != 1 else default_currency)
        problem = None
        for field, stated in self._stated(total).items():
            place = (field, currency)
            ours, mixed = (each.fit(place, stated, total.grand) for each in self._both)
            if not ours and not mixed:
                problem = problem or _mismatch(field, stated, self._clients.now[place], currency)
            if mixed and not ours:
                stated -= self._everybody.now[place] - self._clients.now[place]
            if field == "residual" or stated == self._clients.now["residual", currency]:
                self.stated[currency or default_currency] = stated
        for each in self._both:
            each.begin()
        return problem

    @property
    def _both(self) -> tuple[_Sums, _Sums]:
        return self._clients, self._everybody

    def _stated(self, total: Total) -> dict[str, Decimal]:
        stated: dict[str, Decimal] = {}
        for field in ("amount", "residual", "paid", "debit", "credit"):
            try:
                amount = read_amount(total.fields.get(field, ""), self._marks.get(field, ""))
            except CellError:
                continue
            if amount is not None:
                stated[field] = amount
        debit, credit = stated.pop("debit", None), stated.pop("credit", None)
        if debit is not None or credit is not None:
            stated["residual"] = (debit or _WHOLE) - (credit or _WHOLE)
        return stated

    def control_totals(self) -> ControlTotals:
        """The totals that the file states and that hold."""
        return ControlTotals(residual=dict(self.stated))


def _currency(total: Total) -> str:
    text = str(total.fields.get("currency", "")).strip().upper()
    return {"EURO": "EUR", "€": "EUR"}.get(text, text)


def _mismatch(field: str, stated: Decimal, read: Decimal, currency: str) -> Problem:
    return Problem(
        code="total_mismatch",
        field="total",
        message=sentence(
            "the file states a total of {stated} {currency} ({field}), its rows read so far give "
            "{read} {currency}",
            stated=stated,
            field=_FIELDS[field],
            read=read,
            currency=currency,
        ),
        hint=sentence(
            "rows are missing or could not be read; nothing is closed until the sums agree"
        ),
    )
