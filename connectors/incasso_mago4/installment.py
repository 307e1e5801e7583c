"""One installment as the hub knows it, made from all the rows of its item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from incasso.api import (
    DocumentKind,
    InstallmentRecord,
    PaymentMethod,
    Problem,
    Unreadable,
)
from incasso_mago4.arithmetic import ZERO, OddRowsError, Sums, opening_rows, sums_of
from incasso_mago4.bills import Bill, Undone, bill_of, undone
from incasso_mago4.codes import DEBIT_NOTE, FACTORING, METHODS, PRESENTED_TO_FACTOR
from incasso_mago4.item_rows import ItemRow, Rows
from incasso_mago4.raw import NotMoneyError, day, flag, number, paragraph, text
from incasso_mago4.settings import Mago4Settings
from incasso_mago4.takeover import ByNumber, takeovers

HUB_GRACE_DAYS = 10
"""How long the hub by itself lets a bill rest at the bank; a longer notice is told as a hold."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One installment, understood: the record, and what its rows say apart from the bank."""

    record: InstallmentRecord
    sums: Sums
    settled_by_flag: bool
    """Mago calls it closed and what is left is within the tolerance."""

    @property
    def beyond_rows(self) -> Decimal:
        """What the record shows and the rows do not: bills that may come back, or did."""
        return self.record.residual - self.by_rows

    @property
    def base_beyond_rows(self) -> Decimal:
        """The same in the company's own currency."""
        if self.record.base_residual is None:
            return self.record.residual - self.sums.residual
        return self.record.base_residual - self.sums.base

    @property
    def by_rows(self) -> Decimal:
        """What is left by the rows alone, as the control totals count it."""
        return ZERO if self.settled_by_flag else self.sums.residual

    @property
    def disagreement(self) -> str:
        """Where Mago's flag and the arithmetic differ; empty: nowhere."""
        if self.sums.closed is None or self.settled_by_flag:
            return ""
        if self.sums.closed and self.sums.residual:
            return f"{self.record.key} is closed in Mago, its rows leave {self.sums.residual}"
        if not self.sums.closed and not self.sums.residual:
            return f"{self.record.key} is open in Mago, its rows leave nothing"
        return ""


class Installments:
    """Builds records by the settings of one company, for one business day."""

    def __init__(self, settings: Mago4Settings, on: date) -> None:
        self.settings = settings
        self.on = on
        self.methods = {**METHODS, **settings.methods}

    def read(self, mine: int, item: ByNumber) -> Reading | Unreadable:
        """One installment of an item, or why it cannot be read."""
        rows = item[mine]
        try:
            return self._read(rows, item)
        except OddRowsError as error:
            problem = Problem(
                code="odd_rows", field=error.field, message=str(error), hint=error.hint
            )
        except (NotMoneyError, ArithmeticError, TypeError, ValueError) as error:
            problem = Problem(
                code="unreadable", message=str(error), hint="look at the item in Mago"
            )
        return Unreadable(
            external_id=key_of(rows[0]), problems=(problem,), raw="; ".join(map(_raw, rows))[:2000]
        )

    def _read(self, rows: Rows, item: ByNumber) -> Reading:
        currency = self._currency(rows)
        sums = sums_of(rows, currency)
        first = opening_rows(rows)[0]
        method = self.methods.get(number(first.term), PaymentMethod.OTHER)
        bill = bill_of(rows, sums.due, sums.opened, currency)
        taken, source = self._takeover(rows[0].number, item, currency)
        back = Undone() if taken else undone(bill, rows, self.settings, method, self.on, currency)
        near = abs(sums.residual) <= self.settings.tolerance
        settled = bool(sums.closed) and near and bool(sums.residual)
        residual = (ZERO if settled else sums.residual) + back.amount
        record = InstallmentRecord(
            key=key_of(first),
            client=text(first.client),
            due_date=sums.due,
            residual=residual,
            amount=_amount(sums, residual),
            currency=currency,
            document_kind=_kind(first, residual),
            document_number=text(first.document_number),
            document_date=day(first.document_day),
            document=str(first.item),
            installment_number=first.number,
            payment_method=method,
            presented_on=bill.presented_on,
            unpaid_on=self._unpaid_on(bill, source, residual),
            bill_number=bill.number or (source.number if source else ""),
            agent=text(first.agent) or text(first.item_agent),
            area=text(first.area) or text(first.item_area),
            depot=text(first.depot),
            notes=paragraph(first.notes),
            base_residual=None
            if currency == self.settings.currency
            else (ZERO if settled else sums.base) + back.base,
            reminded_on=self._reminded(first, sums, residual),
            reminders=self._level(first) if self._reminded(first, sums, residual) else 0,
            erp_hold=self._hold(rows, sums, bill, method, residual, settled, back),
        )
        return Reading(record=record, sums=sums, settled_by_flag=settled)

    def _currency(self, rows: Rows) -> str:
        told = {text(row.currency) or text(row.item_currency) for row in rows}
        found = {self.iso(code) for code in told}
        if len(found) > 1:
            raise OddRowsError(
                "Currency",
                f"its rows are in different currencies: {', '.join(sorted(found))}",
                "look at the item in Mago",
            )
        return found.pop()

    def iso(self, code: str) -> str:
        """Mago's code of a currency as ISO 4217; empty is the company's own."""
        return self.settings.currencies.get(code, code) or self.settings.currency

    def _takeover(self, mine: int, item: ByNumber, currency: str) -> tuple[bool, Bill | None]:
        """Whether another installment took over this debt, and whose bill this one took over."""
        if len(item) == 1:
            return False, None
        links = takeovers(item)
        old = next((each for each, new in links.items() if new == mine), None)
        if old is None:
            return mine in links, None
        rows = item[old]
        sums = sums_of(rows, currency)
        return mine in links, bill_of(rows, sums.due, sums.opened, currency)

    def _unpaid_on(self, bill: Bill, source: Bill | None, residual: Decimal) -> date | None:
        """A returned bill that was paid since is history: it is no unpaid credit any more."""
        if residual <= ZERO:
            return None
        return bill.unpaid_on or (source.unpaid_on if source else None)

    def _reminded(self, row: ItemRow, sums: Sums, residual: Decimal) -> date | None:
        """Mago reminds a customer, not an item: what was due that day was in the letter."""
        sent = day(row.reminded_day)
        return sent if sent and residual > ZERO and sums.due <= sent else None

    def _level(self, row: ItemRow) -> int:
        return number(row.reminded_level)

    def _hold(
        self,
        rows: Rows,
        sums: Sums,
        bill: Bill,
        method: PaymentMethod,
        residual: Decimal,
        settled: bool,
        back: Undone,
    ) -> str:
        if not residual:
            return ""
        if any(flag(row.legal) for row in rows):
            return "legal"
        if self._sold(rows):
            return "factoring"
        if any(flag(row.item_blocked) or flag(row.blocked) for row in rows):
            return "blocked"
        if sums.closed and not settled and not back.amount:
            return "chiusa in Mago"
        return self._bank_hold(sums, bill, method)

    def _sold(self, rows: Rows) -> bool:
        factors = self.settings.factors
        return any(
            row.term == FACTORING
            or (flag(row.presented) and row.presentation == PRESENTED_TO_FACTOR)
            or (factors and text(row.bank) in factors)
            for row in rows
        )

    def _bank_hold(self, sums: Sums, bill: Bill, method: PaymentMethod) -> str:
        """The hub by itself counts from the due date and knows no second presentation."""
        if not bill.at_bank(self.on, self.settings.notice(method)):
            return ""
        if bill.again_on:
            return "effetto ripresentato in banca"
        beyond = self.on > sums.due + timedelta(days=HUB_GRACE_DAYS)
        return "effetto in banca" if beyond else ""


def key_of(row: ItemRow) -> str:
    """The hub's key of an installment: due dates are part of Mago's own, so they stay out."""
    return f"{row.item}|{row.number}"


def _kind(row: ItemRow, residual: Decimal) -> DocumentKind:
    if flag(row.credit_note):
        return DocumentKind.CREDIT_NOTE
    if flag(row.advance):
        return DocumentKind.ADVANCE
    if row.sale_kind == DEBIT_NOTE:
        return DocumentKind.DEBIT_NOTE
    return DocumentKind.INVOICE


def _amount(sums: Sums, residual: Decimal) -> Decimal | None:
    """The original amount; charges of a returned bill may leave more than the document asked.

    None where client and company changed sides, as with an overpaid invoice.
    """
    if residual and (residual > ZERO) != (sums.opened > ZERO):
        return None
    return residual if abs(residual) > abs(sums.opened) else sums.opened


def _raw(row: ItemRow) -> str:
    return (
        f"kind={row.row_kind} closing={row.closing} date={row.day} sign={row.sign} "
        f"amount={row.amount} currency={row.currency}"
    )
