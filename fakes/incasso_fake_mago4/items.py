"""Post open items: invoices, credit notes, advances, and the payments and corrections of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from incasso_fake_mago4.books import Money, instant, stored
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
from incasso_fake_mago4.people import MasterData

Due = Sequence[tuple[date, Money]]
"""Due date and amount of each installment, in the item's currency."""


class OpenItems(MasterData):
    """The scadenzario. An item is named by its PymtSchedId, an installment by its number."""

    def invoice(
        self,
        customer: str,
        document: str,
        *,
        on: date,
        due: Due,
        term: int = Term.TRANSFER,
        currency: str = "EUR",
        rate: Money = "1",
        total: Money | None = None,
        kind: int = SaleDocument.INVOICE,
        depot: str = "",
        **header: Any,
    ) -> int:
        """An invoice and its installments. `rate`: units of its currency for one of ours.

        `total` is what the document says, where withholding or split payment make the
        installments less. Further columns of the header by their documented names.
        """
        item = self.number("item")
        added = sum((Decimal(amount) for _, amount in due), Decimal(0))
        sale = self._sale_document(item, customer, document, on, kind, depot, currency)
        self._totals(sale, Decimal(total) if total is not None else added)
        row = {"Currency": currency, "TotalAmount": stored(total or added), **header}
        self.insert(
            "MA_PyblsRcvbls",
            PymtSchedId=item,
            CustSuppType=CUSTOMER,
            CustSupp=customer,
            DocNo=document,
            DocumentDate=instant(on),
            **row,
        )
        credit = header.get("CreditNote") == "1" or header.get("Advance") == "1"
        sign = CREDIT if credit else DEBIT
        for number, (day, amount) in enumerate(due, 1):
            self._post(
                item,
                number,
                OPENING,
                Closing.NORMAL,
                day,
                amount,
                sign,
                customer=customer,
                rate=rate,
                OpeningDate=instant(day),
                PaymentTerm=term,
                Currency=currency,
                DocumentId=sale,
                DocumentType=SALE_DOCUMENT if sale else 0,
            )
        return item

    def credit_note(self, customer: str, document: str, *, on: date, due: Due, **rest: Any) -> int:
        """A credit note: stored positive, on the other side."""
        rest = {"kind": SaleDocument.CREDIT_NOTE, "CreditNote": "1", **rest}
        return self.invoice(customer, document, on=on, due=due, **rest)

    def advance(self, customer: str, document: str, *, on: date, amount: Money, **rest: Any) -> int:
        """Money that came before its invoice."""
        rest = {"kind": SaleDocument.ADVANCE, "Advance": "1", **rest}
        return self.invoice(customer, document, on=on, due=[(on, amount)], **rest)

    def pay(
        self,
        item: int,
        number: int,
        amount: Money,
        *,
        on: date,
        kind: Closing = Closing.NORMAL,
        base: Money | None = None,
        **columns: Any,
    ) -> None:
        """A closing row against an installment, whatever the reason, and the flags that follow.

        A second one of the same kind on the same day is added to the first: the key of the table
        has room for one. `base` is the amount in the company's currency.
        """
        opening = self.opening(item, number)
        against = CREDIT if opening["DebitCreditSign"] == DEBIT else DEBIT
        sign = opening["DebitCreditSign"] if kind is Closing.REOPENING else against
        self._post(
            item,
            number,
            CLOSING,
            kind,
            on,
            amount,
            sign,
            customer=opening["CustSupp"],
            base=base,
            rate=opening["Fixing"] or 1,
            **{
                "OpeningDate": opening["InstallmentDate"],
                "PaymentTerm": opening["PaymentTerm"],
                "Currency": opening["Currency"],
                **columns,
            },
        )
        self.settle(item)

    def exchange(self, item: int, number: int, base: Money, *, on: date) -> None:
        """An exchange difference: it exists in the company's currency only."""
        self.pay(item, number, "0", base=base, on=on, kind=Closing.EXCHANGE)

    def set_off(self, debt: int, credit: int, amount: Money, *, on: date) -> None:
        """Settle an invoice with a credit note or an advance."""
        number = self.number("compensation")
        self.pay(debt, 1, amount, on=on, CompensationNo=number)
        self.pay(credit, 1, amount, on=on, CompensationNo=number)

    def postpone(self, item: int, number: int, to: date) -> None:
        """Another due date: it is part of the key, so the row is deleted and inserted again."""
        row = self.opening(item, number)
        key = {name: row[name] for name in self._key_columns()}
        self.remove("MA_PyblsRcvblsDetails", **key)
        day = instant(to)
        moved = {**row, "InstallmentDate": day, "OpeningDate": day, "TBModified": self.tick()}
        self.insert("MA_PyblsRcvblsDetails", **moved)

    def hold(self, item: int, number: int | None = None) -> None:
        """Block an item, or one installment of it."""
        if number is None:
            self.update("MA_PyblsRcvbls", {"PymtSchedId": item}, Blocked="1")
        else:
            self.mark(item, number, Blocked="1")

    def mark(self, item: int, number: int, **columns: Any) -> None:
        """Other values in the opening row of an installment."""
        where = {"PymtSchedId": item, "InstallmentNo": number, "InstallmentType": OPENING}
        self.update("MA_PyblsRcvblsDetails", where, **columns)

    def delete(self, item: int) -> None:
        """The whole item, with its document."""
        for table in ("MA_PyblsRcvblsDetails", "MA_PyblsRcvbls", "MA_SaleDoc"):
            if table in self.tables:
                self.remove(table, PymtSchedId=item)

    def take_back(self, item: int, number: int, *, on: date, quietly: bool = False) -> None:
        """Delete a payment that was entered by mistake; `quietly` nothing else is written."""
        where = {"PymtSchedId": item, "InstallmentNo": number, "InstallmentDate": instant(on)}
        self.remove("MA_PyblsRcvblsDetails", **where, InstallmentType=CLOSING)
        if not quietly:
            self.settle(item)

    def opening(self, item: int, number: int) -> dict[str, Any]:
        """The opening row of an installment."""
        where = {"PymtSchedId": item, "InstallmentNo": number, "InstallmentType": OPENING}
        return self.rows("MA_PyblsRcvblsDetails", **where)[0]

    def settle(self, item: int) -> None:
        """Set `Closed` and `Settled` as arithmetic has them, as the product does."""
        left: dict[int, Decimal] = {}
        for row in self.rows("MA_PyblsRcvblsDetails", PymtSchedId=item):
            signed = Decimal(repr(row["Amount"])).quantize(Decimal("0.01"))
            sign = 1 if row["DebitCreditSign"] == DEBIT else -1
            left[row["InstallmentNo"]] = left.get(row["InstallmentNo"], Decimal(0)) + sign * signed
        for number, residual in left.items():
            self.mark(item, number, Closed="0" if residual else "1")
        settled = "0" if any(left.values()) else "1"
        self.update("MA_PyblsRcvbls", {"PymtSchedId": item}, Settled=settled)

    def _post(
        self,
        item: int,
        number: int,
        kind: int,
        closing: int,
        on: date,
        amount: Money,
        sign: int,
        *,
        customer: str,
        rate: Money | float = "1",
        base: Money | None = None,
        **columns: Any,
    ) -> None:
        """One row of the scadenzario, and the line of the journal that belongs to it."""
        entry = self.number("journal")
        ours = Decimal(base) if base is not None else Decimal(amount) / Decimal(str(rate))
        ours = ours.quantize(Decimal("0.01"))
        key = {
            "PymtSchedId": item,
            "InstallmentNo": number,
            "InstallmentType": kind,
            "ClosingType": int(closing),
            "InstallmentDate": instant(on),
        }
        self._line(entry, customer, sign, ours, on)
        if before := self.rows("MA_PyblsRcvblsDetails", **key):
            amount = Decimal(repr(before[0]["Amount"])) + Decimal(amount)
            ours += Decimal(repr(before[0]["PayableAmountInBaseCurr"]))
            money = {"Amount": stored(amount), "PayableAmountInBaseCurr": stored(ours)}
            self.update("MA_PyblsRcvblsDetails", key, **money)
            return
        row = {"Fixing": float(rate), "JournalEntryId": entry, **columns}
        self.insert(
            "MA_PyblsRcvblsDetails",
            **key,
            CustSuppType=CUSTOMER,
            CustSupp=customer,
            DebitCreditSign=sign,
            Amount=stored(amount),
            PayableAmountInBaseCurr=stored(ours),
            **row,
        )

    def _line(self, entry: int, customer: str, sign: int, amount: Decimal, on: date) -> None:
        if "MA_JournalEntriesGLDetail" in self.tables:
            self.insert(
                "MA_JournalEntriesGLDetail",
                JournalEntryId=entry,
                Line=1,
                PostingDate=instant(on),
                CustSuppType=CUSTOMER,
                CustSupp=customer,
                DebitCreditSign=sign,
                Amount=stored(amount),
            )

    def _sale_document(
        self,
        item: int,
        customer: str,
        document: str,
        on: date,
        kind: int,
        depot: str,
        currency: str,
    ) -> int:
        if "MA_SaleDoc" not in self.tables:
            return 0
        sale = self.number("document")
        self.insert(
            "MA_SaleDoc",
            SaleDocId=sale,
            DocumentType=int(kind),
            DocNo=document,
            DocumentDate=instant(on),
            CustSupp=customer,
            Currency=currency,
            PymtSchedId=item,
            StoragePhase1=depot,
            Issued="1",
        )
        return sale

    def _totals(self, sale: int, total: Decimal) -> None:
        if sale and "MA_SaleDocSummary" in self.tables:
            self.insert("MA_SaleDocSummary", SaleDocId=sale, TotalAmount=stored(total))

    def _key_columns(self) -> list[str]:
        return [column.key for column in self.tables["MA_PyblsRcvblsDetails"].primary_key.columns]
