"""One installment as the hub knows it, made from all the rows of its item."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from incasso.api import (
    DocumentKind,
    InstallmentRecord,
    PaymentMethod,
    Problem,
    Unreadable,
)
from incasso.api import text as sentence
from incasso_mago4.arithmetic import ZERO, InconsistentRowsError, Sums, sums_of
from incasso_mago4.banking import Banking, banking_of, concerns_bank
from incasso_mago4.codes import DEBIT_NOTE, FACTORING, METHODS, PRESENTED_TO_FACTOR
from incasso_mago4.item_rows import ItemRow, Rows
from incasso_mago4.raw import NotMoneyError, day, flag, number, paragraph, text
from incasso_mago4.rules import Rules
from incasso_mago4.takeover import ByNumber


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
        """Where Mago's flag and the arithmetic differ; empty if they agree."""
        if self.sums.closed is None or self.settled_by_flag:
            return ""
        if self.sums.closed and self.sums.residual:
            return sentence(
                "{key} is closed in Mago, its rows leave {residual}",
                key=self.record.key,
                residual=self.sums.residual,
            )
        if not self.sums.closed and not self.sums.residual:
            return sentence("{key} is open in Mago, its rows leave nothing", key=self.record.key)
        return ""


class Installments:
    """Builds records by the settings of one company, for one business day."""

    def __init__(self, settings: Rules, on: date) -> None:
        self.settings = settings
        self.on = on
        self.methods = {**METHODS, **settings.methods}
        self._isos: dict[str, str] = {}

    def read(
        self, mine: int, item: ByNumber, fingerprint: bytes = b"", *, concerned: bool | None = None
    ) -> Reading | Unreadable:
        """One installment of an item, or why it cannot be read; `concerned` as `concerns_bank`
        says, if that was asked already."""
        rows = item[mine]
        try:
            if concerned is None:
                concerned = concerns_bank(mine, item)
            return self._read(rows, item, fingerprint, concerned)
        except InconsistentRowsError as error:
            problem = Problem(
                code="odd_rows", field=error.field, message=str(error), hint=error.hint
            )
        except (NotMoneyError, ArithmeticError, TypeError, ValueError) as error:
            problem = Problem(
                code="unreadable", message=str(error), hint=sentence("look at the item in Mago")
            )
        return Unreadable(
            external_id=key_of(rows[0]), problems=(problem,), raw="; ".join(map(_raw, rows))[:2000]
        )

    def _read(self, rows: Rows, item: ByNumber, fingerprint: bytes, concerned: bool) -> Reading:
        currency = self._currency(rows)
        foreign = currency != self.settings.currency
        sums = sums_of(rows, currency, foreign=foreign)
        first = sums.first
        method = self.methods.get(first.term, PaymentMethod.OTHER)
        bank = banking_of(rows, item, sums, method, self.settings, self.on, concerned=concerned)
        settled = bool(sums.closed) and 0 < abs(sums.residual) <= self.settings.tolerance
        residual = (ZERO if settled else sums.residual) + bank.back.amount
        owed = residual > ZERO
        reminded_on = self._reminded(first, sums.due) if owed else None
        record = InstallmentRecord(
            key=key_of(first),
            client=text(first.client),
            due_date=sums.due,
            residual=residual,
            amount=_amount(sums, residual),
            currency=currency,
            document_kind=_kind(first),
            document_number=text(first.document_number),
            document_date=day(first.document_day),
            document=str(first.item),
            installment_number=first.number,
            payment_method=method,
            presented_on=bank.presented_on,
            # A returned bill that was paid since is history: it is no unpaid credit any more.
            unpaid_on=bank.unpaid_on if owed else None,
            bill_number=bank.number,
            agent=text(first.agent) or text(first.item_agent),
            area=text(first.area) or text(first.item_area),
            depot=text(first.depot),
            notes=paragraph(first.notes),
            base_residual=(ZERO if settled else sums.base) + bank.back.base if foreign else None,
            reminded_on=reminded_on,
            reminders=number(first.reminded_level) if reminded_on else 0,
            erp_hold=self._hold(rows, sums, bank, settled) if residual else "",
            fingerprint=fingerprint,
        )
        return Reading(record=record, sums=sums, settled_by_flag=settled)

    def _currency(self, rows: Rows) -> str:
        raw = {row.currency or row.item_currency for row in rows}
        if len(raw) == 1:
            return self._iso_of(raw.pop())
        found = {self._iso_of(code) for code in raw}
        if len(found) > 1:
            raise InconsistentRowsError(
                "Currency",
                sentence("its rows are in different currencies: {found}", found=sorted(found)),
                sentence("look at the item in Mago"),
            )
        return found.pop()

    def _iso_of(self, raw: str) -> str:
        """As `iso`; a company has two or three currencies."""
        if (found := self._isos.get(raw)) is None:
            found = self._isos[raw] = self.iso(text(raw))
        return found

    def iso(self, code: str) -> str:
        """Mago's code of a currency as ISO 4217; empty is the company's own."""
        return self.settings.currencies.get(code, code) or self.settings.currency

    def _reminded(self, row: ItemRow, due: date) -> date | None:
        """Mago reminds a customer, not an item: what was due that day was in the letter."""
        sent = day(row.reminded_day)
        return sent if sent and due <= sent else None

    def _hold(self, rows: Rows, sums: Sums, bank: Banking, settled: bool) -> str:
        """Why it must not be dunned, the most serious reason first."""
        blocked = sold = False
        for row in rows:
            if row.legal != "0" and flag(row.legal):
                return "legal"
            if row.item_blocked != "0" or row.blocked != "0":
                blocked = blocked or flag(row.item_blocked) or flag(row.blocked)
            sold = sold or self._is_sold(row)
        if sold or blocked:
            return "factoring" if sold else "blocked"
        if sums.closed and not settled and not bank.back.amount:
            return "chiusa in Mago"
        return bank.hold

    def _is_sold(self, row: ItemRow) -> bool:
        return (
            row.term == FACTORING
            or (row.presentation == PRESENTED_TO_FACTOR and flag(row.presented))
            or text(row.bank) in self.settings.factors
        )


def key_of(row: ItemRow) -> str:
    """The hub's key of an installment: due dates are part of Mago's own, so they stay out."""
    return f"{row.item}|{row.number}"


def _kind(row: ItemRow) -> DocumentKind:
    if row.credit_note != "0" and flag(row.credit_note):
        return DocumentKind.CREDIT_NOTE
    if row.advance != "0" and flag(row.advance):
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
