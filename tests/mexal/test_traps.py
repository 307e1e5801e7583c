"""Every trap that integrators of Mexal fell into, with input as the ERP gives it.

The numbers are those of the list of traps that the connector was written against.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from incasso.domain.office.actor import Scope
from incasso.store.lists.history import BALANCES
from incasso.store.lists.reading import read_list
from incasso_fake_mexal import Company, MexalServer, Rate
from tests.mexal.office import ON, Office, days, office, standard

ROSSI, BIANCHI = "501.00001", "501.00002"
MADE = days(-90)
LATE = days(-30)


def amounts(rows: list[Any]) -> list[Decimal]:
    return sorted(Decimal(row.residual).scaleb(-2) for row in rows if row.status == "open")


# 1, 2: credits


@pytest.mark.parametrize("negative", [True, False], ids=["signed", "unsigned"])
def test_01_credit_notes_are_negative_whatever_sign_the_erp_shows(
    negative: bool, tmp_path: Path, server: MexalServer
) -> None:
    company = standard(server, negative_credits=negative)
    company.invoice(ROSSI, [(LATE, "500.00")], on=MADE, number=7)
    company.credit_note(ROSSI, "122.00", on=LATE, number=8)
    with office(tmp_path, server) as hub:
        hub.good()
        (credit,) = hub.of(8)
        assert (credit.residual, credit.document_kind) == (-12200, "credit_note")
        assert hub.owed(ROSSI) == Decimal("378.00") == company.balance(ROSSI, ON)
        assert credit.key not in hub.overdue()


@pytest.mark.parametrize("right", [True, False])
def test_01_a_wrong_sign_shows_in_the_erp_s_own_balances(
    right: bool, tmp_path: Path, server: MexalServer
) -> None:
    company = standard(server, negative_credits=False)
    company.invoice(ROSSI, [(LATE, "500.00")], on=MADE)
    company.credit_note(ROSSI, "122.00", on=LATE)
    company.invoice(BIANCHI, [(LATE, "10.00")], on=MADE)
    with office(tmp_path, server, check_balances=True, negate_credits=right) as hub:
        hub.good()
        with hub.hub.store.read() as connection:
            found = list(read_list(connection, BALANCES, Scope.everything(), source="acme"))
        assert [row["client"] for row in found] == ([] if right else [ROSSI])


def test_01_a_credit_note_set_off_leaves_nothing(company: Company, office: Office) -> None:
    invoice = company.invoice(ROSSI, [(LATE, "122.00")], on=MADE)
    credit = company.credit_note(ROSSI, "122.00", on=LATE)
    office.good()
    assert len(office.open()) == 2
    company.set_off(invoice, credit, on=ON)
    office.server.clock.tick(60)
    office.good()
    assert office.open() == {}


def test_02_an_advance_is_a_credit_without_invoice(company: Company, office: Office) -> None:
    company.advance(ROSSI, "50.00", on=LATE, number=9)
    office.good()
    (advance,) = office.of(9)
    assert (advance.residual, advance.document_kind) == (-5000, "advance")
    assert office.overdue() == set()


# 3, 9, 10: less, more, and nearly


@pytest.mark.parametrize("ledger", ["documento", "partite"])
def test_03_a_part_payment_leaves_the_rest(
    ledger: Literal["documento", "partite"], tmp_path: Path, server: MexalServer
) -> None:
    company = standard(server, ledger=ledger)
    invoice = company.invoice(ROSSI, [(LATE, "500.00"), (days(30), "500.00")], on=MADE, number=7)
    with office(tmp_path, server) as hub:
        hub.good()
        assert hub.owed(ROSSI) == 1000
        company.pay(invoice, 1, on=days(-2), amount="200.00")
        server.clock.tick(60)
        hub.good()
        assert hub.owed(ROSSI) == 800 == company.balance(ROSSI, ON)
        assert hub.waiting() == []
        assert amounts(hub.of(7))[-1] == 500


def test_03_the_paid_part_of_a_new_item_is_not_read_in(company: Company, office: Office) -> None:
    invoice = company.invoice(ROSSI, [(LATE, "500.00")], on=MADE, number=7)
    company.pay(invoice, on=days(-2), amount="200.00")
    office.good()
    assert amounts(office.of(7)) == [0, 300] or amounts(office.of(7)) == [300]
    assert office.owed(ROSSI) == 300


def test_09_an_overpayment_is_never_a_debt(company: Company, office: Office) -> None:
    rates = [Rate(due=LATE, amount=Decimal("-4.90"))]
    company.post(ROSSI, rates, on=LATE, reason="IC", number=7)
    office.good()
    assert office.owed(ROSSI) == Decimal("-4.90")
    assert office.overdue() == set()


def test_10_small_differences_stay_exact(company: Company, office: Office) -> None:
    invoice = company.invoice(ROSSI, [(LATE, "1000.10")], on=MADE, number=7)
    company.pay(invoice, on=days(-2), amount="1000.07")
    office.good()
    assert office.owed(ROSSI) == Decimal("0.03")


# 4, 5, 6, 7: bills


def test_04_a_grouped_bill_stands_on_all_its_invoices_and_comes_back_for_all(
    company: Company, office: Office
) -> None:
    first = company.invoice(ROSSI, [(LATE, "800.00")], on=MADE, kind="R", number=1)
    second = company.invoice(ROSSI, [(LATE, "200.00")], on=MADE, kind="R", number=2)
    company.issue_bills((first, 1), (second, 1), on=days(-60), bill="EF17")
    office.good(on=days(-28))
    rows = [*office.of(1), *office.of(2)]
    assert {row.bill_number for row in rows} == {"EF17"}
    assert office.overdue(on=days(-28)) == set()
    office.server.clock.tick(60)
    company.return_bill("EF17", on=days(-27))
    office.good(on=days(-27))
    rows = [*office.of(1), *office.of(2)]
    assert all(row.unpaid_on is not None for row in rows), "the whole bill came back"
    assert {row.key for row in rows} == office.overdue(on=days(-27))


@pytest.mark.parametrize("letter", ["E", "e"])
@pytest.mark.parametrize("kind", ["R", "A", "T", "V"], ids=["riba", "charge", "draft", "mav"])
def test_05_a_bill_at_the_bank_is_never_overdue(
    kind: str, letter: str, company: Company, office: Office
) -> None:
    due = days(-4)
    invoice = company.invoice(ROSSI, [(due, "640.50")], on=MADE, kind=kind, number=7)
    company.issue_bills((invoice, 1), on=days(-40), bill="EF1", letter=letter)
    for count in (-20, -4, 0, 6):
        office.good(on=days(count))
        (bill,) = office.of(7)
        assert bill.residual == 64050, "it is exposure, nobody paid"
        assert bill.presented_on == days(-40)
        assert office.overdue(on=days(count)) == set()


def test_06_an_issued_bill_counts_as_collected_after_its_days_of_grace(
    company: Company, office: Office
) -> None:
    invoice = company.invoice(ROSSI, [(days(-4), "640.50")], on=MADE, kind="R", number=7)
    company.issue_bills((invoice, 1), on=days(-40), bill="EF1")
    office.good(on=days(6))
    assert office.owed(ROSSI) == Decimal("640.50")
    office.good(on=days(7))
    assert office.owed(ROSSI) == 0 == company.balance(ROSSI, days(7))


def test_06_the_days_of_grace_are_the_office_s(tmp_path: Path, server: MexalServer) -> None:
    company = standard(server)
    invoice = company.invoice(ROSSI, [(days(-4), "640.50")], on=MADE, kind="R")
    company.issue_bills((invoice, 1), on=days(-40), bill="EF1")
    with office(tmp_path, server, grace_days={"riba": 25}) as hub:
        for count, owed in ((6, "640.50"), (21, "640.50"), (22, "0")):
            hub.good(on=days(count))
            assert hub.owed(ROSSI) == Decimal(owed)
            assert hub.overdue(on=days(count)) == set()


@pytest.mark.parametrize("how", ["reopened", "posting"])
def test_07_a_bill_that_came_back_is_never_paid(
    how: Literal["reopened", "posting"], company: Company, office: Office
) -> None:
    due = days(-20)
    company.invoice(BIANCHI, [(due, "100.00")] * 9, on=MADE)
    invoice = company.invoice(ROSSI, [(due, "640.50")], on=MADE, kind="R", number=7)
    company.issue_bills((invoice, 1), on=days(-50), bill="EF1")
    office.good(on=days(-19))
    company.return_bill("EF1", on=days(-15), how=how, charges="6.50")
    office.server.clock.tick(60)
    for count in (-19, -15, 0, 30):
        office.good(on=days(count))
        assert office.owed(ROSSI) == Decimal("647.00") == company.balance(ROSSI, days(count))
        late = [row for row in office.of(7) if row.status == "open" and row.residual]
        assert [row.residual for row in late] == [64050]
        assert late[0].unpaid_on is not None
        assert late[0].key in office.overdue(on=days(count))
        assert late[0].bill_number == "EF1"
        assert late[0].first_seen_on == days(-19), "it is the same credit, with its history"
        assert not [row for row in office.of(7) if row.status == "paid"], "nobody paid"
    assert office.client(ROSSI).unpaid_count == 1


def test_07_a_return_that_leaves_the_old_posting_as_it_was_counts_once(
    company: Company, office: Office
) -> None:
    invoice = company.invoice(ROSSI, [(days(-4), "640.50")], on=MADE, kind="R", number=7)
    company.issue_bills((invoice, 1), on=days(-50), bill="EF1")
    office.good()
    office.server.clock.tick(3600)
    back = Rate(due=days(-4), amount=Decimal("640.50"), kind="R", bill="EF1")
    company.post(ROSSI, [back], on=days(-1), reason="IN", number=7, document_date=MADE)
    for _ in range(2):
        office.good()
        assert office.owed(ROSSI) == Decimal("640.50")
        (row,) = office.of(7)
        assert row.unpaid_on == days(-1)


@pytest.mark.parametrize("how", ["reopened", "posting"])
def test_07_a_bill_returned_after_it_counted_as_collected_is_owed_again(
    how: Literal["reopened", "posting"], company: Company, office: Office
) -> None:
    invoice = company.invoice(ROSSI, [(days(-40), "640.50")], on=MADE, kind="R", number=7)
    company.issue_bills((invoice, 1), on=days(-60), bill="EF1")
    office.good(on=days(-39))
    office.good(on=days(-20))
    assert office.owed(ROSSI) == 0
    company.return_bill("EF1", on=days(-18), how=how)
    office.server.clock.tick(60)
    office.good(on=days(-18))
    (row,) = office.of(7)
    assert (row.status, row.residual) == ("open", 64050)
    assert row.unpaid_on is not None
    assert row.first_seen_on == days(-39), "it is the same credit, with its history"


def test_07_a_bill_presented_again_waits_for_the_bank_again(
    company: Company, office: Office
) -> None:
    invoice = company.invoice(ROSSI, [(days(-20), "640.50")], on=MADE, kind="R", number=7)
    company.issue_bills((invoice, 1), on=days(-50), bill="EF1")
    office.good(on=days(-19))
    company.return_bill("EF1", on=days(-15))
    office.server.clock.tick(60)
    office.good(on=days(-15))
    company.postpone(invoice, to=days(10))
    company.issue_bills((invoice, 1), on=days(-10), bill="EF2")
    office.server.clock.tick(60)
    office.good(on=days(-9))
    (row,) = office.of(7)
    assert row.residual == 64050
    assert row.bill_number == "EF2"


# 8: money of others


def test_08_a_foreign_invoice_keeps_both_amounts(company: Company, office: Office) -> None:
    invoice = company.invoice(
        ROSSI, [(LATE, "3000.00")], on=MADE, number=7, currency=2, exchange="1.20"
    )
    office.good()
    (row,) = office.of(7)
    assert (row.currency, row.residual, row.base_residual) == ("USD", 300000, 250000)
    company.pay(invoice, on=days(-1), amount="1200.00")
    office.server.clock.tick(60)
    office.good()
    assert amounts(office.of(7))[-1] == 1800
    assert office.owed(ROSSI) == 1500 == company.balance(ROSSI, ON)


def test_08_yen_have_no_cents(company: Company, office: Office) -> None:
    company.invoice(ROSSI, [(LATE, "150000")], on=MADE, number=7, currency=3, exchange="150")
    office.good()
    (row,) = office.of(7)
    assert (row.currency, row.residual, row.base_residual) == ("JPY", 150000, 100000)


# 11, 12, 13: what moves


def test_11_deleting_an_instalment_moves_the_others_and_loses_none(
    company: Company, office: Office
) -> None:
    dues = [(days(-40), "100.00"), (days(-10), "200.00"), (days(20), "300.00")]
    invoice = company.invoice(ROSSI, dues, on=MADE, number=7)
    company.invoice(BIANCHI, [(LATE, "1.00")] * 20, on=MADE)
    office.good()
    company.drop_rate(invoice, 1)
    office.server.clock.tick(60)
    for count in (0, 1, 2):
        office.good(on=days(count))
    assert amounts(office.of(7)) == [200, 300]
    due = {row.residual: row.due_date for row in office.of(7) if row.status == "open"}
    assert due == {20000: days(-10), 30000: days(20)}
    assert not any(row.status == "paid" for row in office.of(7)), "nobody paid anything"


def test_11_splitting_an_instalment_keeps_the_sum(company: Company, office: Office) -> None:
    invoice = company.invoice(ROSSI, [(LATE, "900.00"), (days(20), "300.00")], on=MADE, number=7)
    office.good()
    company.split(invoice, 1, (LATE, "400.00"), (days(10), "500.00"))
    office.server.clock.tick(60)
    office.good()
    assert amounts(office.of(7)) == [300, 400, 500]


def test_11_a_deleted_posting_closes_only_at_the_second_absence_and_never_as_paid(
    company: Company, office: Office
) -> None:
    invoice = company.invoice(ROSSI, [(LATE, "900.00")], on=MADE, number=7)
    for _ in range(6):
        company.invoice(BIANCHI, [(LATE, "800.00")], on=MADE)
    office.good()
    company.delete(invoice)
    found = []
    for count in (1, 2):
        office.good(on=days(count))
        found.append(office.of(7)[0].status)
    assert found == ["open", "vanished"]


def test_12_a_recoded_client_takes_its_debts_along(company: Company, office: Office) -> None:
    company.invoice(ROSSI, [(LATE, "900.00")], on=MADE, number=7)
    for _ in range(6):
        company.invoice(BIANCHI, [(LATE, "800.00")], on=MADE)
    office.good()
    company.recode_client(ROSSI, "501.00777")
    office.server.clock.tick(60)
    for count in (1, 2):
        office.good(on=days(count))
    assert office.owed("501.00777") == 900
    assert office.owed(ROSSI) == 0
    assert office.client("501.00777").vat == "00743110157"


def test_12_clients_with_one_vat_number_are_not_merged(company: Company, office: Office) -> None:
    company.add_client("501.00003", "ROSSI SRL FILIALE", partita_iva="IT00743110157")
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE)
    company.invoice("501.00003", [(LATE, "20.00")], on=MADE)
    office.good()
    assert office.owed(ROSSI) == 10
    assert office.owed("501.00003") == 20


def test_13_what_we_owe_to_suppliers_is_no_credit(company: Company, office: Office) -> None:
    company.add_agent("601.00001", "FORNITORE SPA")
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE)
    company.post("601.00001", [Rate(due=LATE, amount=Decimal("-700.00"))], on=MADE, reason="FR")
    company.post("601.00001", [Rate(due=LATE, amount=Decimal("300.00"))], on=MADE, reason="FR")
    office.good()
    assert sum(office.open().values()) == 10
    assert office.waiting() == []


# 14, 15, 16, 25: how it is written


@pytest.mark.parametrize("none", ["00000000", "18991230", "17991231", "19000101", "        "])
def test_14_sentinels_are_no_dates(none: str, company: Company, office: Office) -> None:
    posting = company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=7)
    row = posting.row

    def spoilt() -> dict[str, Any]:
        return row() | {"dt_sca_origine": [[1, none]], "data_sollecito": [[1, none]]}

    posting.row = spoilt  # type: ignore[method-assign]
    office.good()
    (found,) = office.of(7)
    assert (found.due_date, found.reminded_on, found.erp_hold) == (LATE, None, "")


def test_14_an_impossible_due_date_is_quarantined_and_the_rest_goes_on(
    company: Company, office: Office
) -> None:
    bad = company.invoice(ROSSI, [(LATE, "10.00"), (LATE, "20.00")], on=MADE, number=7)
    company.invoice(ROSSI, [(LATE, "30.00")], on=MADE, number=8)
    row = bad.row
    bad.row = lambda: row() | {"dt_sca_pg": [[1, "20260231"], [2, "20261024"]]}  # type: ignore[method-assign]
    office.good()
    assert office.owed(ROSSI) == 50
    (kept,) = office.waiting()
    assert "20260231" in kept.problem
    assert "dt_sca_pg" in kept.field


def test_15_padding_control_characters_and_accents(company: Company, office: Office) -> None:
    company.add_client("501.00009", "  CAFFE' PERÙ \x00 & C. S.N.C.   ", localita="FORLÌ\t ")
    company.invoice("501.00009", [(LATE, "10.00")], on=MADE, number=7)
    office.good()
    found = office.client("501.00009")
    assert found.name.split() == ["CAFFE'", "PERÙ", "&", "C.", "S.N.C."]
    assert found.name == found.name.strip()
    assert found.city == "FORLÌ"
    assert office.owed("501.00009") == 10


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("IT00743110157", "00743110157"),
        ("I 00743110157", "00743110157"),
        ("00743 110157 ", "00743110157"),
        ("00000000000", ""),
        ("", ""),
    ],
)
def test_16_vat_numbers_are_freed_of_prefix_blanks_and_zeros(
    written: str, told: str, company: Company, office: Office
) -> None:
    company.change_client(ROSSI, partita_iva=written)
    office.good()
    assert office.client(ROSSI).vat.removeprefix("IT") == told


def test_25_a_formula_in_a_name_is_text(company: Company, office: Office) -> None:
    company.change_client(ROSSI, ragione_sociale='=HYPERLINK("http://x","ROSSI")')
    office.good()
    assert office.client(ROSSI).name == '=HYPERLINK("http://x","ROSSI")'


# 17: years


@pytest.mark.parametrize("how", ["carried", "reposted"])
def test_17_the_turn_of_the_year_neither_loses_nor_doubles(
    how: Literal["carried", "reposted"], company: Company, office: Office
) -> None:
    company.invoice(ROSSI, [(days(30), "900.00")], on=MADE, number=7)
    paid = company.invoice(ROSSI, [(days(31), "100.00")], on=MADE, number=8)
    for on in (date(2026, 12, 30), date(2026, 12, 31)):
        office.good(on=on)
    company.turn_year(2027, how=how)
    company.pay(paid, on=date(2027, 1, 4))
    if how == "reposted":
        again = next(p for p in company.postings if p.reason == "AP" and p.number == 8)
        company.pay(again, on=date(2027, 1, 4))
    company.invoice(BIANCHI, [(date(2027, 2, 28), "55.00")], on=date(2027, 1, 5), number=1)
    office.server.clock.tick(days=45)
    for on in (date(2027, 1, 7), date(2027, 1, 8), date(2027, 1, 9)):
        office.good(on=on)
        assert office.owed(ROSSI) == 900, on
        assert office.owed(BIANCHI) == 55
    (kept,) = [row for row in office.of(7) if row.status == "open"]
    assert kept.first_seen_on == date(2026, 12, 30), "the same credit, with its history"


def test_17_before_the_new_year_is_opened_its_archive_reads_as_empty(
    company: Company, office: Office
) -> None:
    company.invoice(ROSSI, [(LATE, "900.00")], on=MADE, number=7)
    office.good(on=date(2026, 12, 31))
    for on in (date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)):
        office.sync(on=on)
        assert office.owed(ROSSI) == 900


def test_17_a_company_read_in_the_wrong_year_closes_nothing(
    tmp_path: Path, server: MexalServer, company: Company
) -> None:
    company.invoice(ROSSI, [(LATE, "900.00")], on=MADE, number=7)
    with office(tmp_path, server) as hub:
        hub.good()
        before = hub.state()
        server.fail("wrong_year", times=None)
        for count in (1, 2, 3):
            report = hub.sync(on=days(count))
            assert not report.good, report
            assert hub.state() == before
        server.heal()
        hub.good(on=days(4))
        assert hub.owed(ROSSI) == 900


# 18, 20, 21: what is less, at once, or already begun


def test_18_split_payment_is_no_part_payment(company: Company, office: Office) -> None:
    company.change_client(ROSSI, gest_ente_pa="S", gest_spl_pay="S")
    company.invoice(ROSSI, [(LATE, "1000.00")], on=MADE, number=7, total=Decimal("1220.00"))
    office.good()
    (row,) = office.of(7)
    assert (row.amount, row.residual, row.status) == (100000, 100000, "open")
    assert office.client(ROSSI).public_body


def test_20_due_at_once_means_due_with_the_document(company: Company, office: Office) -> None:
    posting = company.invoice(ROSSI, [(LATE, "10.00")], on=LATE, kind="C", number=7)
    row = posting.row
    posting.row = lambda: row() | {"dt_sca_pg": []}  # type: ignore[method-assign]
    office.good()
    assert office.of(7)[0].due_date == LATE


def test_21_reminders_of_the_erp_are_history_and_legal_ones_hold(
    company: Company, office: Office
) -> None:
    reminded = company.invoice(ROSSI, [(LATE, "10.00")], on=MADE, number=7)
    company.dun(reminded, reminded=days(-20), recovered=days(-5))
    legal = company.invoice(ROSSI, [(LATE, "20.00")], on=MADE, number=8)
    company.dun(legal, legal=days(-3))
    office.good()
    (first,), (second,) = office.of(7), office.of(8)
    assert (first.reminded_on, first.erp_hold) == (days(-5), "")
    assert first.reminders >= 1
    assert second.erp_hold == "legal"


# 23, 24: clocks and rebuilds


@pytest.mark.parametrize("hours", [-26, -2, 0, 2, 26], ids=lambda hours: f"{hours:+}h")
def test_23_changes_are_found_whatever_the_server_s_clock_says(
    hours: int, company: Company, office: Office
) -> None:
    clock = office.server.clock
    clock.tick(hours * 3600)
    invoice = company.invoice(ROSSI, [(LATE, "10.00")], on=MADE)
    office.good()
    assert office.owed(ROSSI) == 10
    company.pay(invoice, on=ON)  # in the very second of the reading
    office.good()
    assert office.owed(ROSSI) == 0
    clock.tick(3600)
    company.invoice(ROSSI, [(LATE, "20.00")], on=MADE)
    office.good()
    assert office.owed(ROSSI) == 20


def test_23_a_clock_put_back_loses_nothing(company: Company, office: Office) -> None:
    company.invoice(ROSSI, [(LATE, "10.00")], on=MADE)
    office.good()
    office.server.clock.tick(-3 * 3600)  # winter time, and then some
    company.invoice(ROSSI, [(LATE, "20.00")], on=MADE)
    office.good()
    office.good(on=ON + timedelta(days=1))
    assert office.owed(ROSSI) == 30


def test_24_a_rebuilt_or_cut_archive_stops_before_anything_changes(
    company: Company, office: Office
) -> None:
    for number in range(1, 41):
        company.invoice(ROSSI, [(LATE, "100.00")], on=MADE, number=number)
    office.good()
    before, postings = office.state(), list(company.postings)
    del company.postings[12:]
    for count in (1, 2, 3):
        assert office.sync(on=days(count)).status == "stopped"
        assert office.state() == before
    company.postings[:] = postings
    office.good(on=days(4))
    assert office.state() == before
