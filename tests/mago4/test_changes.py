"""After a cursor: what changed comes, everything else is named, what was deleted is absent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from incasso.contract.errors import CursorExpiredError
from incasso.contract.ledger import InstallmentRecord
from incasso.testing.connector import Remembered
from incasso_fake_mago4 import MagoCompany, Term
from tests.mago4.office import Office, opened

DUE = date(2026, 6, 1)
MADE = date(2026, 5, 1)
HOUR = timedelta(hours=1)


class Nights:
    """A hub that read the ledger some hours ago."""

    def __init__(self, company: MagoCompany, office: Office) -> None:
        self.company, self.office = company, office
        pages = office.pull()
        found = [item for page in pages for item in page.items]
        self.known = [item for item in found if isinstance(item, InstallmentRecord)]
        # Somebody works on, or the server's clock does: the last change is not the newest item's.
        self.cursor = pages[-1].cursor
        company.clock += HOUR

    def later(self) -> tuple[list[str], list[str]]:
        """Keys of what comes, and of what is named as unchanged."""
        pages = self.office.pull(self.cursor, Remembered(self.known))
        assert pages[-1].complete
        came = [item.key for page in pages for item in page.items]
        return came, [key for page in pages for key in page.unchanged]


@pytest.fixture
def company(company: MagoCompany) -> MagoCompany:
    """Three open invoices of April, and a payment of each; the clock says June."""
    for number in ("1", "2", "3"):
        item = company.invoice("C001", number, on=MADE, due=[(DUE, "100.00")])
        company.pay(item, 1, "10.00", on=date(2026, 5, 20))
        company.clock += HOUR
    company.clock = company.clock.replace(month=6, day=14)
    return company


@pytest.fixture
def nights(company: MagoCompany, office: Office) -> Nights:
    return Nights(company, office)


def test_nothing_changed(nights: Nights) -> None:
    assert nights.later() == ([], ["1|1", "2|1", "3|1"])


def test_a_payment(nights: Nights) -> None:
    nights.company.pay(2, 1, "5.00", on=date(2026, 6, 10))
    assert nights.later() == (["2|1"], ["1|1", "3|1"])


def test_a_payment_that_was_deleted_leaves_its_mark_in_the_count(nights: Nights) -> None:
    nights.company.take_back(2, 1, on=date(2026, 5, 20), quietly=True)
    assert nights.later() == (["2|1"], ["1|1", "3|1"])


def test_an_invoice_that_was_deleted_is_absent(nights: Nights) -> None:
    nights.company.delete(2)
    assert nights.later() == ([], ["1|1", "3|1"])


def test_a_new_invoice_and_one_that_the_hub_lost(nights: Nights) -> None:
    nights.company.invoice("C002", "4", on=DUE, due=[(DUE, "7.00")])
    del nights.known[0]
    assert nights.later() == (["1|1", "4|1"], ["2|1", "3|1"])


def test_a_postponed_due_date(nights: Nights) -> None:
    nights.company.postpone(3, 1, date(2026, 8, 1))
    assert nights.later() == (["3|1"], ["1|1", "2|1"])


def test_a_reminder_sent_by_the_erp_touches_all_that_was_due(nights: Nights) -> None:
    nights.company.reminded("C001", on=date(2026, 6, 12), level=2)
    assert nights.later() == (["1|1", "2|1", "3|1"], [])


def test_a_settled_item_comes_once_with_nothing_left(nights: Nights) -> None:
    nights.company.pay(1, 1, "90.00", on=date(2026, 6, 12))
    came, same = nights.later()
    assert (came, same) == (["1|1"], ["2|1", "3|1"])
    assert nights.office.one(1).residual == 0


def test_a_bill_that_only_the_bank_knows_to_have_come_back(
    company: MagoCompany, office: Office
) -> None:
    item = company.invoice("C002", "9", on=MADE, due=[(DUE, "100.00")], term=Term.RIBA)
    company.issue_bill("E1", [(item, 1)], on=MADE)
    company.present("E1", on=date(2026, 5, 15), closing=True)
    nights = Nights(company, office)
    company.come_back("E1", on=date(2026, 6, 9), reopen="none", flagged=False)
    came, _ = nights.later()
    assert came == [f"{item}|1"]


def test_a_clock_that_is_behind_loses_nothing(company: MagoCompany, office: Office) -> None:
    nights = Nights(company, office)
    company.clock -= HOUR + timedelta(minutes=5)
    company.pay(2, 1, "5.00", on=date(2026, 6, 10))
    assert nights.later()[0] == ["2|1"]


def test_a_row_that_was_only_touched_is_unchanged(nights: Nights) -> None:
    nights.company.update("MA_PyblsRcvbls", {"PymtSchedId": 1})
    came, same = nights.later()
    assert (came, sorted(same)) == ([], ["1|1", "2|1", "3|1"])


def test_settled_history_is_not_read_in(company: MagoCompany, tmp_path: Path) -> None:
    company.clock = company.clock.replace(year=2024)
    paid = [(date(2024, 3, 1), "50.00"), (DUE, "60.00")]
    old = company.invoice("C001", "old", on=date(2024, 1, 10), due=paid)
    company.pay(old, 1, "50.00", on=date(2024, 3, 1))
    gone = company.invoice("C001", "older", on=date(2024, 1, 10), due=paid[:1])
    company.pay(gone, 1, "50.00", on=date(2024, 3, 1))
    with opened(company, tmp_path) as office:
        found = office.installments()
        assert f"{old}|2" in found and not {f"{old}|1", f"{gone}|1"} & found.keys()
        # A hub that still has it open is told that it is not.
        known = Remembered([_like(found[f"{old}|2"], f"{old}|1")])
        items = [item for page in office.pull(known=known) for item in page.items]
        assert {i.key: i.residual for i in items}[f"{old}|1"] == Decimal("0.00")


def _like(record: InstallmentRecord, key: str) -> InstallmentRecord:
    import msgspec

    return msgspec.structs.replace(record, key=key, fingerprint=b"other")


def test_other_settings_read_everything_anew(company: MagoCompany, tmp_path: Path) -> None:
    with opened(company, tmp_path) as office:
        pages = office.pull()
    with (
        opened(company, tmp_path, closed_bills="closed") as office,
        pytest.raises(CursorExpiredError),
    ):
        office.pull(pages[-1].cursor)


def test_without_instants_there_is_no_cursor(database_url: str, tmp_path: Path) -> None:
    company = MagoCompany.create(database_url, without={"MA_PyblsRcvblsDetails": ["TBModified"]})
    company.customer("C001")
    company.invoice("C001", "1", on=DUE, due=[(DUE, "1.00")])
    with opened(company, tmp_path) as office:
        assert office.pull()[-1].cursor is None
