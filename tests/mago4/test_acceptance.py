"""The thirteen acceptance cases: what the accountant expects and what the hub gets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from incasso.contract.ledger import DocumentKind, InstallmentRecord, PaymentMethod
from incasso.domain.ledger.installment_status import Standing, standing
from incasso.domain.ledger.overdue import BANK_GRACE_DAYS, is_at_bank
from incasso_fake_mago4 import Closing, MagoCompany, Term
from tests.mago4.office import ON, Office

MAY, JUNE, JULY = date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)
INVOICED = date(2026, 4, 10)


def stands(record: InstallmentRecord, on: date = ON) -> Standing:
    return standing(
        residual=record.residual,
        due_date=record.due_date,
        on=on,
        at_bank=is_at_bank(
            on,
            payment_method=record.payment_method,
            due_date=record.due_date,
            presented_on=record.presented_on,
            unpaid_on=record.unpaid_on,
            erp_hold=record.erp_hold,
            grace_days=BANK_GRACE_DAYS,
        ),
        unpaid_on=record.unpaid_on,
        erp_hold=record.erp_hold,
    )


def test_1_an_invoice_with_three_installments(company: MagoCompany, office: Office) -> None:
    due = [(MAY, "333.33"), (JUNE, "333.33"), (JULY, "333.34")]
    item = company.invoice("C001", "101", on=INVOICED, due=due)
    found = office.installments()
    assert [record.residual for record in found.values()] == [Decimal(a) for _, a in due]
    assert [record.due_date for record in found.values()] == [MAY, JUNE, JULY]
    assert list(found) == [f"{item}|1", f"{item}|2", f"{item}|3"]
    assert [stands(record) for record in found.values()] == [
        Standing.OVERDUE,
        Standing.NOT_DUE,
        Standing.NOT_DUE,
    ]


def test_2_one_of_them_part_paid(company: MagoCompany, office: Office) -> None:
    item = company.invoice("C001", "101", on=INVOICED, due=[(MAY, "333.33"), (JUNE, "333.34")])
    company.pay(item, 1, "100.10", on=date(2026, 6, 3))
    company.pay(item, 1, "0.03", on=date(2026, 6, 4))
    company.pay(item, 1, "0.20", on=date(2026, 6, 4), kind=Closing.ALLOWANCE)
    record = office.one(item)
    assert (record.residual, record.amount) == (Decimal("233.00"), Decimal("333.33"))
    assert stands(record) is Standing.OVERDUE
    assert office.one(item, 2).residual == Decimal("333.34")


def test_3_a_credit_note_alone_and_set_off(company: MagoCompany, office: Office) -> None:
    invoice = company.invoice("C001", "101", on=INVOICED, due=[(MAY, "500.00")])
    credit = company.credit_note("C001", "7", on=INVOICED, due=[(INVOICED, "120.00")])
    record = office.one(credit)
    assert (record.residual, record.amount) == (Decimal("-120.00"), Decimal("-120.00"))
    assert record.document_kind is DocumentKind.CREDIT_NOTE
    assert stands(record) is Standing.CREDIT
    company.set_off(invoice, credit, "120.00", on=date(2026, 6, 10))
    assert office.one(invoice).residual == Decimal("380.00")
    assert office.one(credit).residual == 0
    assert stands(office.one(credit)) is Standing.PAID


def test_4_an_advance(company: MagoCompany, office: Office) -> None:
    item = company.advance("C002", "9", on=INVOICED, amount="250.00")
    record = office.one(item)
    assert record.residual == Decimal("-250.00")
    assert record.document_kind is DocumentKind.ADVANCE
    assert stands(record) is Standing.CREDIT


def test_5_a_bill_issued_presented_collected(company: MagoCompany, office: Office) -> None:
    due = ON - timedelta(days=3)
    item = company.invoice("C001", "101", on=INVOICED, due=[(due, "800.00")], term=Term.RIBA)
    company.issue_bill("E1", [(item, 1)], on=INVOICED)
    issued = office.one(item)
    assert (issued.residual, issued.bill_number) == (Decimal("800.00"), "E1")
    assert stands(issued) is Standing.OVERDUE, "a bill still in the drawer is no bill at the bank"
    company.present("E1", on=date(2026, 5, 20), closing=True)
    presented = office.one(item)
    assert presented.residual == Decimal("800.00"), "closed in the books, and still at risk"
    assert presented.payment_method is PaymentMethod.RIBA
    assert presented.presented_on == date(2026, 5, 20)
    assert stands(presented) is Standing.AT_BANK
    company.collect("E1", on=due)
    collected = office.one(item)
    assert (collected.residual, collected.amount) == (Decimal("0.00"), Decimal("800.00"))
    assert stands(collected) is Standing.PAID


def test_6_a_bill_unpaid_and_presented_again_with_charges(
    company: MagoCompany, office: Office
) -> None:
    due = date(2026, 5, 31)
    item = company.invoice("C001", "101", on=INVOICED, due=[(due, "800.00")], term=Term.RIBA)
    company.issue_bill("E1", [(item, 1)], on=INVOICED)
    company.present("E1", on=date(2026, 5, 10), closing=True)
    company.come_back("E1", on=date(2026, 6, 4), charges="6.50")
    found = office.installments()
    unpaid, charges = found[f"{item}|1"], found[f"{item + 1}|1"]
    assert (unpaid.residual, unpaid.unpaid_on) == (Decimal("800.00"), date(2026, 6, 4))
    assert unpaid.due_date == due
    assert stands(unpaid) is Standing.UNPAID
    assert charges.residual == Decimal("6.50")
    company.present_again("E1", on=date(2026, 6, 10))
    again = office.one(item)
    assert again.residual == Decimal("800.00")
    assert stands(again) is Standing.AT_BANK, "nobody chases it"
    late = office.one(item, on=date(2026, 6, 30))
    assert stands(late, date(2026, 6, 30)) is Standing.UNPAID


def test_7_a_grouped_bill(company: MagoCompany, office: Office) -> None:
    due = date(2026, 5, 31)
    items = [
        company.invoice("C001", number, on=INVOICED, due=[(due, amount)], term=Term.RIBA)
        for number, amount in (("101", "100.00"), ("102", "250.50"), ("103", "49.50"))
    ]
    company.issue_bill("E9", [(item, 1) for item in items], on=INVOICED)
    company.present("E9", on=date(2026, 5, 10), closing=True)
    # Only the bill says that it came back: the invoices' own rows were not touched.
    company.come_back("E9", on=date(2026, 6, 5), reopen="none", flagged=False)
    found = [office.one(item) for item in items]
    assert [record.residual for record in found] == [
        Decimal("100.00"),
        Decimal("250.50"),
        Decimal("49.50"),
    ]
    assert {record.bill_number for record in found} == {"E9"}
    assert {record.unpaid_on for record in found} == {date(2026, 6, 5)}
    assert {stands(record) for record in found} == {Standing.UNPAID}


def test_8_foreign_currency(company: MagoCompany, office: Office) -> None:
    item = company.invoice(
        "C002", "201", on=INVOICED, due=[(MAY, "1100.00")], currency="USD", rate="1.10"
    )
    company.pay(item, 1, "550.00", base="520.00", on=date(2026, 6, 1))
    company.exchange(item, 1, "-20.00", on=date(2026, 6, 1))
    record = office.one(item)
    assert (record.currency, record.residual) == ("USD", Decimal("550.00"))
    assert record.base_residual == Decimal("500.00")
    assert record.amount == Decimal("1100.00")


def test_9_withholding_and_split_payment(company: MagoCompany, office: Office) -> None:
    held = company.invoice("C002", "301", on=INVOICED, due=[(MAY, "1220.00")], AmountsWithWHTax="1")
    company.pay(held, 1, "200.00", on=date(2026, 6, 1), kind=Closing.WITHHOLDING)
    split = company.invoice("C002", "302", on=INVOICED, due=[(MAY, "1000.00")], total="1220.00")
    assert office.one(held).residual == Decimal("1020.00")
    record = office.one(split)
    assert (record.residual, record.amount) == (Decimal("1000.00"), Decimal("1000.00"))
    assert office.documents()[record.document].total == Decimal("1220.00")


def test_10_a_customer_over_limit_and_blocked(company: MagoCompany, office: Office) -> None:
    company.change_options("C001", MaximumCredit=1000.0)
    company.invoice("C001", "101", on=INVOICED, due=[(JUNE, "2500.00")])
    assert office.clients()["C001"].credit_limit == Decimal("1000.00")
    assert not office.clients()["C001"].blocked
    company.change_options("C001", Blocked="1")
    company.credit("C001", total="1500.00")
    record = office.clients()["C001"]
    assert record.blocked and record.credit_limit == Decimal("1500.00")


def test_11_a_customer_that_was_renumbered(company: MagoCompany, office: Office) -> None:
    item = company.invoice("C001", "101", on=INVOICED, due=[(MAY, "500.00")])
    before = office.one(item)
    company.renumber("C001", "C900")
    after = office.one(item)
    assert (before.client, after.client) == ("C001", "C900")
    assert before.key == after.key
    clients = office.clients()
    assert clients["C900"].formerly == "C001" and "C001" not in clients


def test_12_an_invoice_deleted_after_export(company: MagoCompany, office: Office) -> None:
    kept = company.invoice("C001", "101", on=INVOICED, due=[(MAY, "500.00")])
    item = company.invoice("C001", "102", on=INVOICED, due=[(MAY, "600.00")])
    assert f"{item}|1" in office.installments()
    company.delete(item)
    pages = office.pull()
    assert pages[-1].complete
    assert [record.key for page in pages for record in page.items] == [f"{kept}|1"]
    [gone] = office.handle().refresh((f"{item}|1",), ON)
    assert gone.__class__.__name__ == "Gone"


def test_13_a_due_date_that_was_postponed(company: MagoCompany, office: Office) -> None:
    item = company.invoice("C001", "101", on=INVOICED, due=[(MAY, "500.00")])
    company.pay(item, 1, "200.00", on=date(2026, 5, 20))
    company.postpone(item, 1, JULY)
    record = office.one(item)
    assert (record.key, record.due_date) == (f"{item}|1", JULY)
    assert record.residual == Decimal("300.00")
    assert stands(record) is Standing.NOT_DUE
