"""Bills: at the bank they are never overdue, come back they are never paid, however booked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.ledger.installment_status import Standing
from incasso_fake_mago4 import MagoCompany, Term
from incasso_mago4.bills import bill_of, reversed_amounts
from incasso_mago4.codes import CLOSING, CREDIT, DEBIT, NORMAL, OPENING
from incasso_mago4.installment import Installments
from incasso_mago4.item_rows import ItemRow
from incasso_mago4.settings import Mago4Settings
from tests.mago4.office import ON, Office, opened
from tests.mago4.test_acceptance import stands
from tests.profiles import tries

MADE, SENT = date(2026, 4, 1), date(2026, 5, 4)
RESTS = (Standing.AT_BANK, Standing.NOT_DUE)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind of server will do: what is tried here is done after the rows were read."""
    return f"sqlite:///{tmp_path / 'company.db'}"


def riba(company: MagoCompany, due: date, amount: str = "800.00", bill: str = "E1") -> int:
    item = company.invoice("C001", bill, on=MADE, due=[(due, amount)], term=Term.RIBA)
    company.issue_bill(bill, [(item, 1)], on=MADE)
    return item


@pytest.mark.parametrize("closing", [True, False], ids=["closed at once", "closed when paid"])
def test_the_last_day_of_notice(company: MagoCompany, office: Office, closing: bool) -> None:
    due = ON - timedelta(days=10)
    item = riba(company, due)
    company.present("E1", on=SENT, closing=closing)
    assert stands(office.one(item)) is Standing.AT_BANK
    after = ON + timedelta(days=1)
    later = office.one(item, on=after)
    expected = Standing.PAID if closing else Standing.OVERDUE
    assert stands(later, after) is expected, "after its notice what the rows say counts"


def test_a_longer_notice_keeps_the_bill_at_the_bank(company: MagoCompany, tmp_path: Path) -> None:
    item = riba(company, ON - timedelta(days=20))
    company.present("E1", on=SENT, closing=True)
    with opened(company, tmp_path, notice_days={"riba": 25}) as office:
        record = office.one(item)
        assert (record.residual, record.erp_hold) == (Decimal("800.00"), "at_bank")
        assert stands(record) is Standing.AT_BANK
        assert stands(office.one(item, on=ON + timedelta(days=6))) is Standing.PAID


def test_an_office_may_believe_the_rows_at_once(company: MagoCompany, tmp_path: Path) -> None:
    item = riba(company, ON + timedelta(days=30))
    company.present("E1", on=SENT, closing=True)
    with opened(company, tmp_path, closed_bills="closed") as office:
        assert office.one(item).residual == 0


@pytest.mark.parametrize("closing", [True, False])
@pytest.mark.parametrize("flagged", [True, False])
@pytest.mark.parametrize("reopen", ["row", "none"])
def test_come_back_under_its_own_number(
    company: MagoCompany,
    office: Office,
    reopen: Literal["row", "none"],
    flagged: bool,
    closing: bool,
) -> None:
    item = riba(company, date(2026, 5, 31))
    company.present("E1", on=SENT, closing=closing)
    company.come_back("E1", on=date(2026, 6, 5), reopen=reopen, flagged=flagged)
    record = office.one(item)
    assert record.residual == Decimal("800.00"), "owed once, neither paid nor twice"
    assert record.unpaid_on == date(2026, 6, 5)
    assert stands(record) is Standing.UNPAID
    company.pay(item, 1, "300.00", on=date(2026, 6, 12))
    assert office.one(item).residual == Decimal("500.00")
    company.pay(item, 1, "500.00", on=date(2026, 6, 13))
    paid = office.one(item)
    assert (paid.residual, paid.unpaid_on) == (Decimal("0.00"), None)


@pytest.mark.parametrize("points", ["old to new", "new to old"])
def test_come_back_under_a_new_number(
    company: MagoCompany, office: Office, points: Literal["old to new", "new to old"]
) -> None:
    item = riba(company, date(2026, 5, 31))
    company.present("E1", on=SENT, closing=True)
    [(_, new)] = company.come_back("E1", on=date(2026, 6, 5), reopen="number", points=points)
    old, taken = office.one(item), office.one(item, new)
    assert (old.residual, stands(old)) == (Decimal("0.00"), Standing.PAID)
    assert (taken.residual, taken.unpaid_on) == (Decimal("800.00"), date(2026, 6, 5))
    assert (taken.due_date, taken.bill_number) == (date(2026, 5, 31), "E1")


def test_part_paid_before_it_was_presented(company: MagoCompany, office: Office) -> None:
    item = riba(company, date(2026, 5, 31))
    company.pay(item, 1, "300.00", on=date(2026, 4, 20))
    where = {"PymtSchedId": item, "InstallmentType": OPENING}
    company.present("E1", on=SENT)
    company.update("MA_PyblsRcvblsDetails", where, PresentationAmount=500.0)
    company.pay(item, 1, "500.00", on=SENT)
    within = office.one(item, on=date(2026, 6, 8))
    assert within.residual == Decimal("500.00"), "the bill asked for what was left"
    company.come_back("E1", on=date(2026, 6, 5), reopen="none", flagged=False)
    assert office.one(item).residual == Decimal("500.00")


def test_charges_reopened_with_the_bill_are_owed_too(company: MagoCompany, office: Office) -> None:
    item = riba(company, date(2026, 5, 31))
    company.present("E1", on=SENT, closing=True)
    company.come_back("E1", on=date(2026, 6, 5))
    where = {"PymtSchedId": item, "ClosingType": 6946818}
    company.update("MA_PyblsRcvblsDetails", where, Amount=806.5)
    record = office.one(item)
    assert (record.residual, record.amount) == (Decimal("806.50"), Decimal("806.50"))


def test_an_older_release_without_bills(database_url: str, tmp_path: Path) -> None:
    company = MagoCompany.create(database_url, without={"MA_Bills": []})
    company.customer("C001")
    item = riba(company, date(2026, 5, 31))
    company.present("E1", on=SENT, closing=True)
    company.come_back("E1", on=date(2026, 6, 5))
    with opened(company, tmp_path) as office:
        assert office.one(item).unpaid_on == date(2026, 6, 5)


DAYS = st.integers(-60, 60).map(lambda n: ON + timedelta(days=n))
BLANK = ItemRow._make([None] * len(ItemRow._fields))
HUNDRED = Decimal("100.00")


@tries(300)
@given(
    due=DAYS,
    sent=DAYS,
    closed=st.none() | DAYS,
    back=st.none() | DAYS,
    collected=st.booleans(),
    notice=st.integers(0, 40),
)
def test_whatever_the_dates(
    due: date,
    sent: date,
    closed: date | None,
    back: date | None,
    collected: bool,
    notice: int,
) -> None:
    """Never overdue within its notice, never more owed than was asked, never paid once back."""
    rows = [
        BLANK._replace(
            item=1,
            number=1,
            client="C001",
            row_kind=OPENING,
            closing=NORMAL,
            day=due,
            sign=DEBIT,
            amount=100.0,
            term=int(Term.RIBA),
            presented="1",
            presented_day=sent,
            presented_amount=100.0,
            collected="1" if collected else "0",
            outstanding="1" if back else "0",
            outstanding_day=back,
        )
    ]
    if closed:
        rows.append(rows[0]._replace(row_kind=CLOSING, day=closed, sign=CREDIT, presented="0"))
    given_settings = Mago4Settings(url="sqlite://", notice_days={"riba": notice})
    reading = Installments(given_settings, ON).read(1, {1: rows})
    record = reading.record  # type: ignore[union-attr]
    assert 0 <= record.residual <= HUNDRED
    bill = bill_of(rows, due, HUNDRED, "EUR")
    if bill.at_bank(ON, notice):
        assert record.residual == 0 or stands(record) in RESTS or bill.again_on
    if back and back >= sent and (closed is None or sent <= closed <= back):
        assert record.residual == HUNDRED and record.unpaid_on == back
    assert (
        reversed_amounts(bill, rows, given_settings, record.payment_method, ON, "EUR").amount
        <= HUNDRED
    )
