"""Post master data: customers and suppliers, branches, contacts, limits, agents, depots."""

from __future__ import annotations

from datetime import date
from typing import Any

from incasso_fake_mago4.books import Books, Money, instant, stored
from incasso_fake_mago4.codes import CUSTOMER, SUPPLIER


class MasterData(Books):
    """Who the company deals with. Further columns may be given by their documented names."""

    def customer(
        self,
        code: str,
        name: str = "",
        *,
        options: dict[str, Any] | None = None,
        **columns: Any,
    ) -> str:
        """A customer with its options row; gives the code."""
        self._subject(CUSTOMER, code, name, columns)
        given = options or {}
        self.insert("MA_CustSuppCustomerOptions", CustSuppType=CUSTOMER, Customer=code, **given)
        return code

    def supplier(self, code: str, name: str = "", **columns: Any) -> str:
        """A supplier: it may have a customer's code."""
        self._subject(SUPPLIER, code, name, columns)
        return code

    def change_customer(self, code: str, **columns: Any) -> None:
        """Other values in the customer's own row."""
        self.update("MA_CustSupp", {"CustSuppType": CUSTOMER, "CustSupp": code}, **columns)

    def change_options(self, code: str, **columns: Any) -> None:
        """Other values in the customer's options: `Blocked="1"`."""
        where = {"CustSuppType": CUSTOMER, "Customer": code}
        self.update("MA_CustSuppCustomerOptions", where, **columns)

    def reminded(self, code: str, *, on: date, level: int) -> None:
        """The ERP itself sent a request for payment."""
        self.change_options(code, ReqForPymtLastDate=instant(on), ReqForPymtLastLevel=level)

    def credit(self, code: str, *, total: Money = "0", single: Money = "0") -> None:
        """A credit limit of the second generation."""
        self.insert(
            "MA_CreditCustomer",
            CustSuppType=CUSTOMER,
            Customer=code,
            TotalExposure=stored(total),
            MaximumCredit=stored(single),
        )

    def branch(self, customer: str, code: str, **columns: Any) -> str:
        """A branch of a customer; `change_customer(…, PaymentAddress=code)` makes it count."""
        where = {"CustSuppType": CUSTOMER, "CustSupp": customer}
        self.insert("MA_CustSuppBranches", **where, Branch=code, **columns)
        return code

    def contact(self, customer: str, line: int, **columns: Any) -> None:
        """A person at a customer; `Invoice=12451841` if invoices go to this person by mail."""
        where = {"CustSuppType": CUSTOMER, "CustSupp": customer}
        self.insert("MA_CustSuppPeople", **where, Line=line, **columns)

    def outstandings(self, customer: str, year: int, count: int, total: Money = "0") -> None:
        """How many bills of a customer came back in a year."""
        self.insert(
            "MA_CustSuppOutstandings",
            CustSuppType=CUSTOMER,
            CustSupp=customer,
            FiscalYear=year,
            NoOfOutstandings=count,
            OutstandingsTotAmt=stored(total),
        )

    def agent(self, code: str, name: str, *, supplier: str = "") -> str:
        """A sales agent, linked to the supplier that its commission is paid to."""
        self.insert("MA_SalesPeople", Salesperson=code, Name=name, Supplier=supplier)
        return code

    def depot(self, code: str, description: str) -> str:
        """A storage."""
        self.insert("MA_Storages", Storage=code, Description=description)
        return code

    def payment_terms(self, code: str, description: str) -> str:
        """A kind of payment terms, such as bank transfer 60 days end of month."""
        self.insert("MA_PaymentTerms", Payment=code, Description=description)
        return code

    def renumber(self, old: str, new: str) -> None:
        """The customer gets another code; its items follow, `OldCustSupp` keeps the old one."""
        key = {"CustSuppType": CUSTOMER, "CustSupp": old}
        self.update("MA_CustSupp", key, CustSupp=new, OldCustSupp=old)
        for table in ("MA_CustSuppBranches", "MA_CustSuppPeople", "MA_CustSuppOutstandings"):
            if table in self.tables:
                self.update(table, key, CustSupp=new)
        for table in ("MA_CustSuppCustomerOptions", "MA_CreditCustomer"):
            if table in self.tables:
                self.update(table, {"CustSuppType": CUSTOMER, "Customer": old}, Customer=new)
        for table in ("MA_PyblsRcvbls", "MA_PyblsRcvblsDetails", "MA_JournalEntriesGLDetail"):
            if table in self.tables:
                self.update(table, key, CustSupp=new)

    def _subject(self, kind: int, code: str, name: str, columns: dict[str, Any]) -> None:
        row = {"CompanyName": name or f"Cliente {code}", "ISOCountryCode": "IT", **columns}
        self.insert("MA_CustSupp", CustSuppType=kind, CustSupp=code, **row)
