"""The Mago4 connector keeps the contract of every connector."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

import incasso_mago4
from incasso.contract.connector import WriteBackKind
from incasso.contract.values import ExternalId
from incasso.testing import BaseConnectorContract
from incasso.testing.suite import Table
from incasso_fake_mago4 import Closing, MagoCompany, Term
from tests.mago4.office import table as table_of

INVOICED = date(2026, 1, 10)
FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 31)


def furnish(company: MagoCompany) -> MagoCompany:
    """A small office with one of everything."""
    company.agent("A1", "Anna Neri", supplier=company.supplier("F9", "Neri", EMail="a@neri.it"))
    company.depot("MI", "Milano")
    for number in range(1, 6):
        company.customer(f"C{number:03}", f"Cliente {number}", options={"Salesperson": "A1"})
    item = company.invoice("C001", "1", on=INVOICED, due=[(FEBRUARY, "100.10"), (MARCH, "99.90")])
    company.pay(item, 1, "40.05", on=date(2026, 2, 20))
    company.pay(item, 1, "0.05", on=date(2026, 2, 20), kind=Closing.ALLOWANCE)
    company.credit_note("C001", "2", on=INVOICED, due=[(INVOICED, "20.00")])
    company.advance("C002", "3", on=INVOICED, amount="15.00")
    for bill, closing in (("E1", True), ("E2", False), ("E3", True)):
        due = [(MARCH if bill == "E1" else FEBRUARY, "300.00")]
        riba = company.invoice("C003", bill, on=INVOICED, due=due, term=Term.RIBA, depot="MI")
        company.issue_bill(bill, [(riba, 1)], on=INVOICED)
        company.present(bill, on=date(2026, 1, 31), closing=closing)
    company.come_back("E3", on=date(2026, 3, 1), reopen="number", charges="5.00")
    dollars = company.invoice(
        "C004", "5", on=INVOICED, due=[(MARCH, "110.00")], currency="USD", rate="1.10"
    )
    company.pay(dollars, 1, "55.00", base="52.00", on=date(2026, 2, 1))
    company.exchange(dollars, 1, "-2.00", on=date(2026, 2, 1))
    return company


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mago4") / "company.db"
    furnish(MagoCompany.create(f"sqlite:///{path}"))
    return path


class TestMago4(BaseConnectorContract):
    on = date(2026, 3, 2)
    trace_kind = WriteBackKind.BLOCK_ORDERS

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_mago4

    @pytest.fixture
    def company(self, furnished: Path, base: Path) -> MagoCompany:
        shutil.copy(furnished, base / "company.db")
        return MagoCompany.at(f"sqlite:///{base / 'company.db'}")

    @pytest.fixture
    def table(self, company: MagoCompany, base: Path) -> Table:
        return table_of(company, base, flag_update=True)

    @pytest.fixture
    def second_table(self, company: MagoCompany, base: Path) -> Table:
        shutil.copy(base / "company.db", base / "second.db")
        return table_of(MagoCompany.at(f"sqlite:///{base / 'second.db'}"), base)

    @pytest.fixture
    def spoil(self, company: MagoCompany) -> Callable[[], None]:
        return lambda: company.mark(2, 1, DebitCreditSign=4711)

    @pytest.fixture
    def rename(self, company: MagoCompany) -> Callable[[str], ExternalId]:
        def rename(name: str) -> ExternalId:
            company.change_customer("C002", CompanyName=name)
            return "C002"

        return rename

    @pytest.fixture
    def change_one(self, company: MagoCompany) -> Callable[[], ExternalId]:
        def change() -> ExternalId:
            company.pay(1, 2, "1.00", on=date(2026, 3, 1))
            return "1|2"

        return change

    @pytest.fixture
    def traces(self, company: MagoCompany) -> Callable[[], int]:
        """Customers that are blocked for orders."""
        return lambda: len(company.rows("MA_CustSuppCustomerOptions", Blocked="1"))

    @pytest.fixture
    def delete_one(self, company: MagoCompany) -> Callable[[], ExternalId]:
        def delete() -> ExternalId:
            company.delete(2)
            return "2|1"

        return delete
