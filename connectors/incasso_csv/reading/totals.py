"""Compare the sums that a file states with the sums of the rows that were read."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from incasso.api import ControlTotals, InstallmentRecord, Problem
from incasso.api import text as sentence
from incasso_csv.cells.amounts import Mark, read_amount
from incasso_csv.cells.values import CellError
from incasso_csv.layouts.entries import Total

_WHOLE = Decimal(0)


class TotalsCheck:
    """Running sums of one reading.

    A partial total must be the sum of the rows since some earlier total (a client's rows, a page);
    a grand total that of all rows. Prints nest totals in various ways, so any earlier total may be
    the beginning.
    """

    def __init__(self, marks: dict[str, Mark]) -> None:
        self._marks = marks
        self._sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._beginnings: defaultdict[tuple[str, str], set[Decimal]] = defaultdict(lambda: {_WHOLE})
        self.stated: dict[str, Decimal] = {}
        """The file's own totals of what is open, per currency, as far as it states them."""
        self.currencies: set[str] = set()

    def add(self, record: InstallmentRecord) -> None:
        """Count one record that was read."""
        residual = record.residual
        amount = residual if record.amount is None else record.amount
        self.currencies.add(record.currency)
        for currency in ("", record.currency):
            self._sums["residual", currency] += residual
            self._sums["amount", currency] += amount
            self._sums["paid", currency] += amount - residual

    def verify(self, total: Total, default_currency: str) -> Problem | None:
        """What is wrong with a total row, None if it is right or states nothing readable."""
        currency = _currency(total) or ("" if len(self.currencies) != 1 else default_currency)
        problem = None
        for field, stated in self._stated(total).items():
            place = (field, currency)
            running = self._sums[place]
            begins = {_WHOLE} if total.grand else self._beginnings[place]
            if running - stated not in begins:
                problem = problem or _mismatch(field, stated, running, currency)
            if total.grand or stated == self._sums["residual", currency]:
                self.stated[currency or default_currency] = stated
        for place, running in self._sums.items():
            self._beginnings[place].add(running)
        return problem

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
            "the file states a total of {stated} for {field}, its rows read so far "
            "give {read} {currency}",
            stated=stated,
            field=field,
            read=read,
            currency=currency,
        ).rstrip(),
        hint=sentence(
            "rows are missing or could not be read; nothing is closed until the sums agree"
        ),
    )
