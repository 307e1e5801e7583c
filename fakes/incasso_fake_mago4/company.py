"""A whole company: on top of the open items, the life of bills (RiBa, SDD) at the bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from incasso_fake_mago4.books import Money, instant, stored
from incasso_fake_mago4.codes import CLOSING, DEBIT, OPENING, BillStatus, Closing, Term
from incasso_fake_mago4.items import OpenItems

Installment = tuple[int, int]
"""PymtSchedId and InstallmentNo."""

Reopening = Literal["row", "number", "none"]
"""How a bill that came back stands in the books: a reopening row, a new installment, neither."""


class MagoCompany(OpenItems):
    """A Mago4 company database to connect to, with an office that posts into it."""

    def issue_bill(self, bill: str, installments: Sequence[Installment], *, on: date) -> str:
        """One bill for one installment, or a grouped one for several; gives its code."""
        rows = [self.opening(*each) for each in installments]
        total = sum((Decimal(repr(row["Amount"])) for row in rows), Decimal(0))
        for each in installments:
            self.mark(*each, BillNo=bill, BillCode=bill)
        if "MA_Bills" in self.tables:
            self.insert(
                "MA_Bills",
                BillCode=bill,
                Customer=rows[0]["CustSupp"],
                Amount=stored(total),
                DueDate=max(row["InstallmentDate"] for row in rows),
                BillStatus=int(BillStatus.ISSUED),
                IssueDate=instant(on),
            )
        return bill

    def present(self, bill: str, *, on: date, closing: bool = False, slip: str = "D1") -> None:
        """Hand a bill to the bank. `closing`: this company closes the installment at once."""
        for row in self._collected_by(bill):
            self.mark(
                row["PymtSchedId"],
                row["InstallmentNo"],
                Presented="1",
                PresentationDate=instant(on),
                PresentationAmount=row["Amount"],
                Slip=slip,
            )
            if closing:
                self._close(row, on)
        self._bill(bill, BillStatus=int(BillStatus.PRESENTED), PresentationDate=instant(on))

    def collect(self, bill: str, *, on: date) -> None:
        """The bank paid; the installments are closed if they were not."""
        for row in self._collected_by(bill):
            item, number = row["PymtSchedId"], row["InstallmentNo"]
            self.mark(item, number, Collected="1", CollectionDate=instant(on))
            if not self._closings(item, number):
                self._close(row, on)
        self._bill(bill, BillStatus=int(BillStatus.COLLECTED), CollectionDate=instant(on))

    def come_back(
        self,
        bill: str,
        *,
        on: date,
        reopen: Reopening = "row",
        points: Literal["old to new", "new to old"] = "old to new",
        charges: Money = "0",
        flagged: bool = True,
    ) -> list[Installment]:
        """The bank returns a bill; gives the installments that are open again.

        `flagged=False`: only the bill itself knows, the installments do not. `charges` become an
        item of their own.
        """
        rows = self._collected_by(bill)
        owing = [self._returned(row, on, reopen, points, flagged) for row in rows]
        self._bill(
            bill,
            BillStatus=int(BillStatus.UNPAID),
            OutstandingDate=instant(on),
            Return1Date=instant(on),
            Return1Reason="insoluto",
        )
        if Decimal(charges):
            customer = rows[0]["CustSupp"]
            self.invoice(customer, f"SP {bill}", on=on, due=[(on, charges)], term=Term.DIRECT)
        return owing

    def present_again(self, bill: str, *, on: date) -> None:
        """The returned bill goes to the bank again, under the same number."""
        for row in self._collected_by(bill):
            item, number = row["PymtSchedId"], row["InstallmentNo"]
            self.mark(item, number, Presented="1", PresentationDate=instant(on))
        self._bill(bill, BillStatus=int(BillStatus.PRESENTED), RePresentationDate=instant(on))

    def to_legal(self, item: int, number: int) -> None:
        """Hand an installment to the lawyers: `OpenedAdmCases`."""
        self.mark(item, number, OpenedAdmCases="1")

    def _returned(
        self, row: dict[str, Any], on: date, reopen: Reopening, points: str, flagged: bool
    ) -> Installment:
        item, number = row["PymtSchedId"], row["InstallmentNo"]
        if flagged:
            flags = {"Outstanding": "1", "OutstandingDate": instant(on)}
            self.mark(item, number, **flags, OutstandingAmount=row["Amount"])
        if not self._closings(item, number) or reopen == "none":
            return item, number
        if reopen == "row":
            self.pay(item, number, str(row["Amount"]), on=on, kind=Closing.REOPENING)
            return item, number
        return item, self._new_number(row, on, points)

    def _new_number(self, row: dict[str, Any], on: date, points: str) -> int:
        """A new installment takes the debt over; the old one stays closed."""
        item, old = row["PymtSchedId"], row["InstallmentNo"]
        new: int = 1 + max(
            each["InstallmentNo"] for each in self.rows("MA_PyblsRcvblsDetails", PymtSchedId=item)
        )
        self._post(
            item,
            new,
            OPENING,
            Closing.NORMAL,
            row["InstallmentDate"].date(),
            str(row["Amount"]),
            DEBIT,
            customer=row["CustSupp"],
            OpeningDate=row["InstallmentDate"],
            PaymentTerm=row["PaymentTerm"],
            Currency=row["Currency"],
            ReopeningInstallmentNo=old if points == "new to old" else 0,
        )
        if points == "old to new":
            self.mark(item, old, ReopeningInstallmentNo=new)
        self.settle(item)
        return new

    def _close(self, row: dict[str, Any], on: date) -> None:
        amount = str(row["Amount"])
        self.pay(row["PymtSchedId"], row["InstallmentNo"], amount, on=on, BillNo=row["BillNo"])

    def _collected_by(self, bill: str) -> list[dict[str, Any]]:
        where = {"BillCode": bill, "InstallmentType": OPENING}
        return self.rows("MA_PyblsRcvblsDetails", **where)

    def _closings(self, item: int, number: int) -> list[dict[str, Any]]:
        where = {"PymtSchedId": item, "InstallmentNo": number, "InstallmentType": CLOSING}
        return self.rows("MA_PyblsRcvblsDetails", **where)

    def _bill(self, bill: str, **columns: Any) -> None:
        if "MA_Bills" in self.tables:
            self.update("MA_Bills", {"BillCode": bill}, **columns)
