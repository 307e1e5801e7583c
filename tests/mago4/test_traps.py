"""The traps of open items that concern Mago, each with rows as Mago writes them."""

from __future__ import annotations

import logging
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from incasso.contract.ledger import (
    DocumentKind,
    DocumentRecord,
    PaymentKind,
    PaymentMethod,
    Unreadable,
)
from incasso.testing.connector import Remembered
from incasso_fake_mago4 import Closing, MagoCompany, SaleDocument, Term
from tests.mago4.office import ON, Office, opened

MADE, DUE = date(2026, 4, 1), date(2026, 5, 31)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One kind of server will do: what is tried here is done after the rows were read."""
    return f"sqlite:///{tmp_path / 'company.db'}"


@pytest.fixture
def item(company: MagoCompany) -> int:
    return company.invoice("C001", "101", on=MADE, due=[(DUE, "500.00")])


# Money.


def test_binary_floats_become_exact_cents(company: MagoCompany, office: Office) -> None:
    item = company.invoice("C001", "1", on=MADE, due=[(DUE, "0.30")])
    for day in (1, 2):
        company.pay(item, 1, "0.10", on=date(2026, 6, day))
    assert office.one(item).residual == Decimal("0.10")
    company.mark(item, 1, Amount=0.1 + 0.2)
    assert office.one(item).amount == Decimal("0.30")


def test_an_overpaid_invoice_is_no_debt(company: MagoCompany, office: Office, item: int) -> None:
    company.pay(item, 1, "500.00", on=DUE)
    company.pay(item, 1, "20.00", on=DUE, kind=Closing.OVERPAYMENT)
    record = office.one(item)
    assert (record.residual, record.amount) == (Decimal("-20.00"), None)
    assert record.document_kind is DocumentKind.INVOICE


def test_a_small_difference_that_mago_calls_closed(
    company: MagoCompany, office: Office, item: int
) -> None:
    company.pay(item, 1, "499.97", on=DUE)
    assert office.one(item).residual == Decimal("0.03")
    company.mark(item, 1, Closed="1")
    assert office.one(item).residual == 0


def test_amounts_follow_the_rows_and_the_flag_stops_the_chase(
    company: MagoCompany, office: Office, item: int, caplog: pytest.LogCaptureFixture
) -> None:
    company.pay(item, 1, "100.00", on=DUE)
    company.mark(item, 1, Closed="1")
    with caplog.at_level(logging.WARNING):
        record = office.one(item)
    assert (record.residual, record.erp_hold) == (Decimal("400.00"), "chiusa in Mago")
    assert "1|1 is closed in Mago, its rows leave 400.00" in caplog.text


def test_an_open_flag_does_not_make_a_debt(company: MagoCompany, office: Office, item: int) -> None:
    company.pay(item, 1, "500.00", on=DUE)
    company.mark(item, 1, Closed="0")
    assert office.one(item).residual == 0


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("DebitCreditSign", 0, "neither debit"),
        ("Amount", float("inf"), "is no amount"),
        ("Amount", 1e17, "is no amount"),
        ("Currency", "", ""),
    ],
)
def test_rows_that_make_no_sense_are_quarantined_and_the_rest_goes_on(
    company: MagoCompany, office: Office, item: int, column: str, value: object, told: str
) -> None:
    company.invoice("C002", "2", on=MADE, due=[(DUE, "7.00")])
    company.mark(item, 1, **{column: value})
    items = [each for page in office.pull() for each in page.items]
    bad = [each for each in items if isinstance(each, Unreadable)]
    assert len(items) == 2
    if not told:
        assert not bad, "a row without a currency has its header's"
        return
    assert bad[0].external_id == "1|1" and told in bad[0].problems[0].message
    assert bad[0].problems[0].hint and bad[0].raw
    totals = office.handle().totals(ON)
    assert totals.open_items in (1, 2)


def test_rows_in_two_currencies(company: MagoCompany, office: Office, item: int) -> None:
    company.pay(item, 1, "10.00", on=DUE, Currency="USD")
    [bad] = office.unreadable()
    assert "different currencies: EUR, USD" in bad.problems[0].message


def test_a_payment_without_its_opening(company: MagoCompany, office: Office, item: int) -> None:
    company.pay(item, 1, "10.00", on=DUE)
    company.remove("MA_PyblsRcvblsDetails", PymtSchedId=item, InstallmentType=5505024)
    [bad] = office.unreadable()
    assert "never opened" in bad.problems[0].message


def test_exchange_rows_change_nothing_of_what_is_owed(company: MagoCompany, office: Office) -> None:
    item = company.invoice("C001", "1", on=MADE, due=[(DUE, "110.00")], currency="USD", rate="1.10")
    company.exchange(item, 1, "3.00", on=DUE)
    company.pay(item, 1, "2.00", base="5.00", on=ON, kind=Closing.REVALUATION)
    record = office.one(item)
    assert (record.residual, record.base_residual) == (Decimal("110.00"), Decimal("92.00"))
    assert not office.payments(), "they are no payments either"


def test_currencies_by_the_companys_own_names(company: MagoCompany, tmp_path: Path) -> None:
    item = company.invoice("C001", "1", on=MADE, due=[(DUE, "9.00")], currency="EURO")
    with opened(company, tmp_path, currencies={"EURO": "EUR"}) as office:
        record = office.one(item)
        assert (record.currency, record.base_residual) == ("EUR", None)


def test_three_decimals(company: MagoCompany, office: Office) -> None:
    item = company.invoice("C001", "1", on=MADE, due=[(DUE, "9.125")], currency="KWD")
    assert office.one(item).residual == Decimal("9.125")
    assert "KWD" not in office.handle().totals(ON).residual


def test_two_payments_of_one_day_are_one_row(
    company: MagoCompany, office: Office, item: int
) -> None:
    company.pay(item, 1, "100.00", on=DUE)
    company.pay(item, 1, "50.00", on=DUE)
    assert office.one(item).residual == Decimal("350.00")
    [payment] = office.payments()
    assert payment.amount == Decimal("150.00")


# Dates.


@pytest.mark.parametrize("empty", ["1799-12-31", "1899-12-30", "1900-01-01"])
def test_dates_that_are_none(company: MagoCompany, office: Office, item: int, empty: str) -> None:
    nothing = datetime.fromisoformat(empty)
    company.update("MA_PyblsRcvbls", {"PymtSchedId": item}, DocumentDate=nothing)
    company.mark(item, 1, PresentationDate=nothing, OutstandingDate=nothing)
    record = office.one(item)
    assert (record.document_date, record.presented_on, record.unpaid_on) == (None, None, None)


def test_a_bill_that_came_back_on_no_date(company: MagoCompany, office: Office, item: int) -> None:
    company.mark(item, 1, Outstanding="1", PaymentTerm=int(Term.RIBA))
    assert office.one(item).unpaid_on == DUE


def test_the_due_date_is_the_opening_rows_own(
    company: MagoCompany, office: Office, item: int
) -> None:
    company.mark(item, 1, OpeningDate=datetime(2026, 7, 31))  # noqa: DTZ001
    company.pay(item, 1, "1.00", on=date(2026, 4, 2))
    assert office.one(item).due_date == DUE


# Who, what, why.


def test_the_same_code_is_a_customer_and_a_supplier(
    company: MagoCompany, office: Office, item: int
) -> None:
    payable = company.invoice("C001", "F1", on=MADE, due=[(DUE, "999.00")])
    for table in ("MA_PyblsRcvbls", "MA_PyblsRcvblsDetails"):
        company.update(table, {"PymtSchedId": payable}, CustSuppType=3211265)
    assert list(office.installments()) == [f"{item}|1"]
    assert office.clients()["C001"].name == "Ferramenta Rossi S.n.c."


@pytest.mark.parametrize(
    ("columns", "hold"),
    [
        ({"OpenedAdmCases": "1", "Blocked": "1"}, "legal"),
        ({"Blocked": "1"}, "blocked"),
        ({"PaymentTerm": int(Term.FACTORING), "Blocked": "1"}, "factoring"),
        ({"Presented": "1", "Presentation": 1376261}, "factoring"),
        ({"PresentationBank": "FACTORIT"}, "factoring"),
    ],
)
def test_what_the_erp_holds(
    company: MagoCompany, tmp_path: Path, item: int, columns: dict[str, object], hold: str
) -> None:
    company.mark(item, 1, **columns)
    with opened(company, tmp_path, factors=["FACTORIT"]) as office:
        assert office.one(item).erp_hold == hold


def test_a_whole_item_on_hold(company: MagoCompany, office: Office, item: int) -> None:
    company.hold(item)
    assert office.one(item).erp_hold == "blocked"
    company.pay(item, 1, "500.00", on=DUE)
    assert office.one(item).erp_hold == "", "what is paid needs no hold"


def test_the_erps_own_reminders(company: MagoCompany, office: Office, item: int) -> None:
    later = company.invoice("C001", "2", on=MADE, due=[(date(2026, 6, 10), "5.00")])
    company.reminded("C001", on=date(2026, 6, 8), level=2)
    record = office.one(item)
    assert (record.reminded_on, record.reminders) == (date(2026, 6, 8), 2)
    assert office.one(later).reminded_on is None, "it was not yet due when the letter left"


def test_agent_and_area_of_the_row_come_before_the_headers(
    company: MagoCompany, office: Office
) -> None:
    due = [(DUE, "1.00"), (DUE, "2.00")]
    item = company.invoice("C001", "1", on=MADE, due=due, Salesperson="A1", Area="NORD")
    company.mark(item, 2, Salesperson="A2", Area="SUD")
    first, second = office.one(item), office.one(item, 2)
    assert (first.agent, first.area) == ("A1", "NORD")
    assert (second.agent, second.area) == ("A2", "SUD")


@pytest.mark.parametrize(
    ("term", "method"),
    [
        (Term.CASH, PaymentMethod.DIRECT),
        (Term.ON_DELIVERY, PaymentMethod.COD),
        (Term.RIBA, PaymentMethod.RIBA),
        (Term.TRANSFER, PaymentMethod.TRANSFER),
        (Term.SDD_CORE, PaymentMethod.SDD),
        (Term.SDD_B2B, PaymentMethod.SDD),
        (Term.CHEQUE, PaymentMethod.CHEQUE),
        (Term.CREDIT_CARD, PaymentMethod.CARD),
        (Term.BILL_OF_EXCHANGE, PaymentMethod.BILL),
        (12345, PaymentMethod.OTHER),
    ],
)
def test_payment_methods(
    company: MagoCompany, office: Office, item: int, term: int, method: PaymentMethod
) -> None:
    company.mark(item, 1, PaymentTerm=int(term))
    assert office.one(item).payment_method is method


def test_a_payment_term_may_be_read_otherwise(
    company: MagoCompany, tmp_path: Path, item: int
) -> None:
    company.mark(item, 1, PaymentTerm=2686993)
    with opened(company, tmp_path, payment_methods={"2686993": "riba"}) as office:
        assert office.one(item).payment_method is PaymentMethod.RIBA


def test_immediate_payment_is_due_on_the_day_of_the_document(
    company: MagoCompany, office: Office
) -> None:
    item = company.invoice("C001", "1", on=MADE, due=[(MADE, "5.00")], term=Term.CASH)
    assert office.one(item).due_date == MADE


# Documents and payments.


def test_documents_carry_the_codes_of_tenders(company: MagoCompany, office: Office) -> None:
    company.depot("MI", "Milano")
    public = company.invoice(
        "C001",
        "77/PA",
        on=MADE,
        due=[(DUE, "10.00")],
        depot="MI",
        ContractCode="Z1234567890",
        ProjectCode="J31H03000180009",
    )
    debit = company.invoice("C001", "8", on=MADE, due=[(DUE, "3")], kind=SaleDocument.DEBIT_NOTE)
    credit = company.credit_note("C001", "9", on=MADE, due=[(MADE, "4.00")])
    documents = office.documents()
    found = documents[str(public)]
    assert (found.cig, found.cup, found.depot) == ("Z1234567890", "J31H03000180009", "MI")
    assert (found.number, found.date, found.reason) == ("77/PA", MADE, "fattura")
    assert documents[str(debit)].kind is DocumentKind.DEBIT_NOTE
    assert documents[str(credit)].total == Decimal("-4.00")
    assert office.one(public).document == found.key and office.one(public).depot == "MI"


def test_only_money_is_money(company: MagoCompany, office: Office, item: int) -> None:
    for day, kind in enumerate(Closing, 1):
        company.pay(item, 1, "10.00", on=date(2026, 6, day), kind=kind)
    credit = company.credit_note("C001", "9", on=MADE, due=[(MADE, "4.00")])
    company.set_off(item, credit, "4.00", on=date(2026, 6, 14))
    found = {(each.paid_on.day, each.amount): each.kind for each in office.payments()}
    assert found == {
        (1, Decimal("10.00")): PaymentKind.MONEY,
        (2, Decimal("10.00")): PaymentKind.ALLOWANCE,
        (3, Decimal("-10.00")): PaymentKind.REVERSAL,
        (5, Decimal("10.00")): PaymentKind.MONEY,
        (6, Decimal("10.00")): PaymentKind.WITHHOLDING,
        (14, Decimal("4.00")): PaymentKind.SET_OFF,
        (14, Decimal("-4.00")): PaymentKind.SET_OFF,
    }


def test_payments_add_up_to_what_is_no_longer_owed(
    company: MagoCompany, office: Office, item: int
) -> None:
    company.pay(item, 1, "120.50", on=DUE)
    company.pay(item, 1, "0.50", on=DUE, kind=Closing.ALLOWANCE)
    record = office.one(item)
    assert record.amount is not None
    paid = sum(each.amount for each in office.payments())
    assert record.amount - paid == record.residual


# The ledger as a whole.


def test_totals_are_silent_when_the_ledger_moved_meanwhile(
    company: MagoCompany, office: Office, item: int
) -> None:
    office.pull()
    assert office.handle().totals(ON).open_items == 1
    company.clock = company.clock.replace(month=6)
    company.pay(item, 1, "1.00", on=ON)
    assert office.handle().totals(ON).open_items is None


def test_a_restored_copy_reads_like_the_original(
    company: MagoCompany, office: Office, item: int
) -> None:
    records = office.installments().values()
    company.update("MA_PyblsRcvbls", {"PymtSchedId": item})
    pages = office.pull(known=Remembered(records))
    assert not [each for page in pages for each in page.items]


def test_names_with_padding_and_control_characters(
    company: MagoCompany, office: Office, item: int
) -> None:
    company.change_customer("C001", CompanyName="=CMD()\t CAFFÈ\x00 ROSSI   ", EMail=" a@b.it  ")
    company.update("MA_PyblsRcvbls", {"PymtSchedId": item}, DocNo="  101\x1f/A ")
    client = office.clients()["C001"]
    assert (client.name, client.email) == ("=CMD() CAFFÈ ROSSI", "a@b.it")
    assert office.one(item).document_number == "101 /A"


# The server's own comparison of codes.


def test_codes_that_are_one_to_the_server_are_one_client(database_url: str, tmp_path: Path) -> None:
    company = MagoCompany.create(database_url, collation="NOCASE")
    company.customer("ROSSI", "Ferramenta Rossi S.n.c.")
    for code, number in (("ROSSI", "1"), ("Rossi", "2")):
        company.invoice(code, number, on=MADE, due=[(DUE, "100.00")])
    company.invoice("Nessuno", "3", on=MADE, due=[(DUE, "7.00")])
    with opened(company, tmp_path) as office:
        clients = [record.client for record in office.installments().values()]
        pages = office.handle().pull_documents(None, ON)
        documents = [each for page in pages for each in page.items]
        warnings = [warning.code for warning in office.handle().check(ON).warnings]
        balances = office.handle().balances(("ROSSI",), ON)
    assert clients == ["ROSSI", "ROSSI", "Nessuno"]
    named = [each.client for each in documents if isinstance(each, DocumentRecord)]
    assert named == ["ROSSI", "ROSSI", "Nessuno"]
    assert list(balances) == ["ROSSI"]
    assert warnings == ["strangers"]


def test_a_server_that_minds_case_keeps_two_clients(database_url: str, tmp_path: Path) -> None:
    company = MagoCompany.create(database_url)
    for code, number in (("ROSSI", "1"), ("Rossi", "2")):
        company.customer(code, f"Ferramenta {code}")
        company.invoice(code, number, on=MADE, due=[(DUE, "100.00")])
    with opened(company, tmp_path) as office:
        assert [each.client for each in office.installments().values()] == ["ROSSI", "Rossi"]
