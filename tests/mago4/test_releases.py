"""Older releases: whatever an optional column or table holds, the rest is read without it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incasso_fake_mago4 import MagoCompany, Term
from incasso_fake_mago4.schema import DOCUMENTED
from incasso_mago4.database.wanted import BY_NAME, TABLES
from tests.mago4.office import ON, opened

MADE, DUE = date(2026, 4, 1), date(2026, 5, 31)


def bare() -> dict[str, list[str]]:
    """Leave out every table and column that is not needed."""
    without: dict[str, list[str]] = {}
    for name, described in DOCUMENTED.items():
        wanted = BY_NAME.get(name)
        if wanted is None or wanted.lost:
            without[name] = []
            continue
        columns = {**described["key"], **described["rest"]}
        without[name] = [column for column in columns if column not in wanted.needed]
    return without


def test_nothing_but_what_is_needed(database_url: str, tmp_path: Path) -> None:
    without = {**bare(), "MA_CustSuppCustomerOptions": ["Blocked"]}
    company = MagoCompany.create(database_url, without=without)
    company.customer("C001", "Rossi")
    item = company.invoice("C001", "1", on=MADE, due=[(DUE, "10.00"), (DUE, "20.00")])
    company.insert(
        "MA_PyblsRcvblsDetails",
        PymtSchedId=item,
        InstallmentNo=1,
        InstallmentType=5505025,
        ClosingType=6946816,
        InstallmentDate=company.clock,
        DebitCreditSign=4980737,
        Amount=4.0,
    )
    with opened(company, tmp_path) as office:
        assert [record.residual for record in office.installments().values()] == [
            Decimal("6.00"),
            Decimal("20.00"),
        ]
        assert office.pull()[-1].cursor is None
        assert office.handle().totals(ON).residual == {"EUR": Decimal("26.00")}
        assert office.handle().balances(("C001",), ON) == {"C001": Decimal("26.00")}
        assert office.handle().check(ON).facts["open items EUR"] == "2, their rows sum to 26.00"
        assert len(office.documents()) == 1
        assert [payment.amount for payment in office.payments()] == [Decimal("4.00")]
        assert office.clients()["C001"].name == "Rossi"
        [record] = office.handle().refresh((f"{item}|2",), ON)
        assert record == office.one(item, 2)


@pytest.mark.parametrize("name", [wanted.name for wanted in TABLES if wanted.lost])
def test_each_table_may_be_missing(tmp_path: Path, name: str) -> None:
    if name not in DOCUMENTED:
        pytest.skip(f"{name} is in no company of the tests")
    company = MagoCompany.create(f"sqlite:///{tmp_path / 'x.db'}", without={name: []})
    if name != "MA_CustSuppCustomerOptions":
        company.customer("C001")
        item = company.invoice("C001", "1", on=MADE, due=[(DUE, "10.00")], term=Term.RIBA)
        company.issue_bill("E1", [(item, 1)], on=MADE)
        company.present("E1", on=MADE, closing=True)
    with opened(company, tmp_path) as office:
        office.handle().check(ON)
        pages = office.pull()
        assert pages[-1].complete
        office.pull(pages[-1].cursor)
        office.handle().totals(ON)
        office.handle().balances(("C001",), ON)
        assert office.clients() or name == "MA_CustSuppCustomerOptions"
        office.documents()
        office.payments()
