"""Whatever an office posts: what changed, told after a cursor, leads to what a full read tells."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from incasso.contract.ledger import InstallmentRecord
from incasso.contract.values import Page
from incasso.testing.connector import Remembered
from incasso_fake_mago4 import Closing, MagoCompany, Term
from tests.mago4.office import ON, Office, opened
from tests.profiles import tries

Act = Callable[[MagoCompany, int, Decimal], None]

HOUR = timedelta(hours=1)
START = ON - timedelta(days=60)


def invoice(company: MagoCompany, pick: int, amount: Decimal) -> None:
    due = [(ON + timedelta(days=pick * 5 - 20 + 30 * n), str(amount)) for n in range(1 + pick % 3)]
    term = Term.RIBA if pick % 2 else Term.TRANSFER
    company.invoice("C001", f"F{company.clock:%j%H%M}", on=START, due=due, term=term)


def dollars(company: MagoCompany, pick: int, amount: Decimal) -> None:
    due = [(ON - timedelta(days=pick), str(amount))]
    company.invoice("C002", "USD", on=START, due=due, currency="USD", rate="1.25")


def credit(company: MagoCompany, pick: int, amount: Decimal) -> None:
    company.credit_note("C002", "N", on=START, due=[(START, str(amount))])


def pay(company: MagoCompany, pick: int, amount: Decimal) -> None:
    item, number = chosen(company, pick)
    kind = [Closing.NORMAL, Closing.ALLOWANCE, Closing.WITHHOLDING][pick % 3]
    company.pay(item, number, str(amount), on=ON - timedelta(days=pick), kind=kind)


def pay_all(company: MagoCompany, pick: int, amount: Decimal) -> None:
    item, number = chosen(company, pick)
    left = sum(signed(row) for row in rows_of(company, item, number))
    if left > 0:
        company.pay(item, number, str(left), on=ON - timedelta(days=1))


def take_back(company: MagoCompany, pick: int, amount: Decimal) -> None:
    closings = company.rows("MA_PyblsRcvblsDetails", InstallmentType=5505025)
    row = closings[pick % len(closings)]
    day = row["InstallmentDate"].date()
    company.take_back(row["PymtSchedId"], row["InstallmentNo"], on=day, quietly=pick > 3)


def present(company: MagoCompany, pick: int, amount: Decimal) -> None:
    item, number = chosen(company, pick)
    bill = company.issue_bill(f"B{company.number('bill')}", [(item, number)], on=START)
    company.present(bill, on=START, closing=bool(pick % 2))


def come_back(company: MagoCompany, pick: int, amount: Decimal) -> None:
    bills = company.rows("MA_Bills")
    ways = ("row", "number", "none")
    company.come_back(
        bills[pick % len(bills)]["BillCode"],
        on=ON - timedelta(days=2),
        reopen=ways[pick % 3],  # type: ignore[arg-type]
        points=("old to new", "new to old")[pick % 2],
        flagged=bool(pick % 5),
    )


def collect(company: MagoCompany, pick: int, amount: Decimal) -> None:
    bills = company.rows("MA_Bills")
    company.collect(bills[pick % len(bills)]["BillCode"], on=ON - timedelta(days=3))


def postpone(company: MagoCompany, pick: int, amount: Decimal) -> None:
    company.postpone(*chosen(company, pick), ON + timedelta(days=pick))


def delete(company: MagoCompany, pick: int, amount: Decimal) -> None:
    company.delete(chosen(company, pick)[0])


def remind(company: MagoCompany, pick: int, amount: Decimal) -> None:
    company.reminded("C001", on=ON - timedelta(days=pick), level=pick)


def hold(company: MagoCompany, pick: int, amount: Decimal) -> None:
    company.hold(chosen(company, pick)[0])


ACTS: tuple[Act, ...] = (
    invoice,
    invoice,
    dollars,
    credit,
    pay,
    pay,
    pay_all,
    take_back,
    present,
    present,
    come_back,
    collect,
    postpone,
    delete,
    remind,
    hold,
)
ACT = st.tuples(
    st.sampled_from(ACTS),
    st.integers(0, 9),
    st.decimals("0.01", "999.99", places=2),
)


def chosen(company: MagoCompany, pick: int) -> tuple[int, int]:
    rows = company.rows("MA_PyblsRcvblsDetails", InstallmentType=5505024)
    row = rows[pick % len(rows)]
    return row["PymtSchedId"], row["InstallmentNo"]


def rows_of(company: MagoCompany, item: int, number: int) -> list[dict[str, Any]]:
    return company.rows("MA_PyblsRcvblsDetails", PymtSchedId=item, InstallmentNo=number)


def signed(row: dict[str, Any]) -> Decimal:
    if row["ClosingType"] in (Closing.EXCHANGE, Closing.REVALUATION):
        return Decimal(0)
    amount = Decimal(repr(row["Amount"])).quantize(Decimal("0.01"))
    return amount if row["DebitCreditSign"] == 4980736 else -amount


def play(company: MagoCompany, acts: Iterable[tuple[Act, int, Decimal]]) -> None:
    for act, pick, amount in acts:
        with suppress(ZeroDivisionError, IndexError):  # nothing there yet to act upon
            act(company, pick, amount)


class Hub:
    """What a hub holds after the pages of a pull."""

    def __init__(self) -> None:
        self.records: dict[str, InstallmentRecord] = {}

    @property
    def known(self) -> Remembered:
        return Remembered(self.records.values())

    def take(self, pages: list[Page[Any]]) -> str | None:
        seen: list[str] = []
        for page in pages:
            seen += page.unchanged
            for item in page.items:
                assert isinstance(item, InstallmentRecord), item
                self.records[item.key] = item
                seen.append(item.key)
        assert len(seen) == len(set(seen)), "a key came twice"
        assert pages[-1].complete
        self.records = {key: self.records[key] for key in seen}
        return pages[-1].cursor

    @property
    def told(self) -> dict[str, InstallmentRecord]:
        return {key: record for key, record in self.records.items() if record.residual}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("histories") / "company.db"
    company = MagoCompany.create(f"sqlite:///{path}")
    company.customer("C001")
    company.customer("C002")
    return path


@tries(40, HealthCheck.function_scoped_fixture)
@given(before=st.lists(ACT, min_size=2, max_size=14), after=st.lists(ACT, max_size=8))
def test_changes_lead_where_a_full_read_leads(
    template: Path, tmp_path: Path, before: list[Any], after: list[Any]
) -> None:
    shutil.copy(template, tmp_path / "company.db")
    company = MagoCompany.at(f"sqlite:///{tmp_path / 'company.db'}")
    company.clock = company.clock.replace(month=6, day=1)
    with opened(company, tmp_path) as office:
        hub = Hub()
        play(company, [(invoice, 1, Decimal("100.00")), *before])
        company.clock += HOUR
        company.change_customer("C002", Notes="the server's clock goes on")
        company.insert("MA_PyblsRcvbls", PymtSchedId=9999, CustSupp="C002", DocNo="later")
        cursor = hub.take(office.pull())
        company.clock += HOUR
        play(company, after)
        hub.take(office.pull(cursor, hub.known))
        whole = Hub()
        whole.take(office.pull())
        assert hub.told == whole.told
        agrees(company, office, whole)


def agrees(company: MagoCompany, office: Office, hub: Hub) -> None:
    """The records, the sum of the parts, the server's totals and the journal are one ledger."""
    totals = office.handle().totals(ON)
    sums: dict[str, Decimal] = {}
    for record in hub.told.values():
        sums[record.currency] = sums.get(record.currency, Decimal(0)) + record.residual
    assert {code: total for code, total in totals.residual.items() if total} == {
        code: total for code, total in sums.items() if total
    }
    assert totals.open_items == len(hub.told)
    for key, record in hub.records.items():
        item, number = map(int, key.split("|"))
        rows = rows_of(company, item, number)
        by_rows = sum((signed(row) for row in rows), Decimal(0))
        bill = any(row["BillCode"] for row in rows)
        if not bill and not record.unpaid_on:
            assert record.residual == by_rows, key
        assert record.residual >= by_rows, "a bill makes no debt smaller"
