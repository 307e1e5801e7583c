"""The thirteen cases: what the accountant expects, held against the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incasso.contract.ledger import PaymentMethod
from incasso.domain.ledger.acceptance import (
    CASES,
    Expected,
    Found,
    disagreements,
    read_expected,
    write_expected,
)
from incasso.domain.ledger.installment_status import Standing, standing
from incasso.domain.ledger.overdue import BANK_GRACE_DAYS, is_at_bank
from incasso.locale import localize
from incasso.locale.acceptance import ACCEPTANCE_CASES
from incasso.locale.problems import sentence
from tests.cli.command import CONFIG, DAY, inside, well

INSTALLMENTS = """\
key,client,document_kind,document_number,due_date,amount,residual,payment_method,presented_on,unpaid_on
1-1,C1,invoice,F1,2026-10-31,400.00,400.00,transfer,,
1-2,C1,invoice,F1,2026-12-31,400.00,150.00,transfer,,
2,C1,credit_note,N7,2026-10-31,-90.00,-90.00,transfer,,
3,C2,invoice,F3,2026-11-20,700.00,700.00,riba,2026-11-02,
4,C2,invoice,F4,2026-10-20,300.00,300.00,riba,,2026-10-28
"""
CLIENTS = "code,name,blocked\nC1,Rossi Srl,false\nC2,Bianchi Spa,true\n"

GOOD = """
[[case]]
case = "three_installments"
client = "C1"
document = "F1"
residual = "550.00"

[[case]]
case = "part_paid"
client = "C1"
document = "F1"
installment = 2
residual = "150.00"
standing = "not_due"
due_date = 2026-12-31

[[case]]
case = "credit_note"
client = "C1"
document = "n7"
residual = "-90.00"
standing = "credit"

[[case]]
case = "bill"
client = "C2"
document = "F3"
standing = "at_bank"

[[case]]
case = "returned_bill"
client = "C2"
document = "F4"
standing = "unpaid"
unpaid_on = 2026-10-28

[[case]]
case = "blocked_client"
client = "C2"
blocked = true

[[case]]
case = "deleted"
client = "C1"
document = "F0"
absent = true
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A company read once."""
    (tmp_path / "ledger").mkdir()
    numbered = INSTALLMENTS.replace("document_number,", "document_number,installment_number,")
    rows = numbered.replace(",F1,2026-10", ",F1,1,2026-10").replace(",F1,2026-12", ",F1,2,2026-12")
    rows = rows.replace(",N7,", ",N7,1,").replace(",F3,", ",F3,1,").replace(",F4,", ",F4,1,")
    (tmp_path / "ledger/installments.csv").write_text(rows)
    (tmp_path / "ledger/clients.csv").write_text(CLIENTS)
    (tmp_path / "plugins.toml").write_text(CONFIG.replace("[hub]", '[hub]\nlanguage = "en"'))
    well(tmp_path, "init")
    well(tmp_path, "sync", "--on", DAY)
    return tmp_path


def test_what_agrees_is_told_as_such(office: Path) -> None:
    (office / "acceptance-acme.toml").write_text(GOOD)
    rows = well(office, "acceptance", "acme", "--on", DAY, "--format", "json").rows()
    assert [row["verdict"] for row in rows] == ["ok"] * 7
    shown = inside(office, "acceptance", "acme", "--on", DAY, language="it").out
    assert shown.count("come atteso") == 7
    assert "residuo 550,00" in shown and "non più da" in shown and "ok" not in shown.split()


@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [
        ('residual = "550.00"', 'residual = "800.00"', "residual 550.00, expected 800.00"),
        ('standing = "at_bank"', 'standing = "overdue"', "at the bank, expected overdue"),
        ("unpaid_on = 2026-10-28", "unpaid_on = 2026-10-20", "expected 20 Oct 2026"),
        ("blocked = true", "blocked = false", "the client is blocked in the hub"),
        ('client = "C2"\nblocked', 'client = "C9"\nblocked', "does not know this client"),
        ('document = "F3"', 'document = "F33"', "does not know this item"),
        ('document = "F0"', 'document = "F1"', "the hub still asks for it"),
        ("due_date = 2026-12-31", "due_date = 2026-11-30", "expected 30 Nov 2026"),
    ],
)
def test_each_disagreement_is_told(office: Path, right: str, wrong: str, verdict: str) -> None:
    assert right in GOOD
    (office / "acceptance-acme.toml").write_text(GOOD.replace(right, wrong, 1))
    ended = inside(office, "acceptance", "acme", "--on", DAY, "--format", "json")
    told = [row["verdict"] for row in ended.rows() if not row["good"]]
    assert ended.code == 1
    assert len(told) == 1 and verdict in told[0]


def test_cases_without_example_are_named(office: Path) -> None:
    (office / "acceptance-acme.toml").write_text(GOOD)
    ended = inside(office, "acceptance", "acme", "--on", DAY)
    assert "grouped_bill" in ended.err and "part_paid" not in ended.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[case]\n", "line 1"),
        ('[[case]]\ncase = "part_payed"\nclient = "1"', "did you mean 'part_paid'?"),
        ('[[case]]\ncase = "bill"', "client"),
        ('[[case]]\ncase = "bill"\nclient = "1"\nresidual = "a lot"', "residual"),
        ('[[case]]\ncase = "bill"\nclient = "1"\nstanding = "late"', "standing"),
        ('[[case]]\ncase = "bill"\nclient = "1"\nresidul = "1"', "residul"),
        ("case = 3", "case"),
    ],
)
def test_a_wrong_file_is_told_where(office: Path, text: str, told: str) -> None:
    (office / "acceptance-acme.toml").write_text(text)
    ended = inside(office, "acceptance", "acme")
    assert ended.code == 2 and told in ended.err and not ended.has_traceback


def test_without_a_file_or_source_the_cure_is_told(office: Path) -> None:
    assert "--ask" in inside(office, "acceptance", "acme").err
    assert "acme" in inside(office, "acceptance", "zeta").err
    assert "terminal" in inside(office, "acceptance", "acme", "--ask").err


def test_the_file_that_is_written_reads_the_same() -> None:
    cases = (
        Expected(case="bill", client='C"1\\', document="F 1", standing=Standing.AT_BANK),
        Expected(case="postponed", client="C2", due_date=date(2026, 3, 1), installment=2),
        Expected(case="part_paid", client="C2", residual=Decimal("0.10")),
        Expected(case="deleted", client="C2", absent=True, blocked=False),
    )
    assert read_expected(write_expected(cases)) == (cases, ())


def test_every_case_can_be_told_in_both_languages() -> None:
    assert len(CASES) == 13
    assert tuple(ACCEPTANCE_CASES) == CASES
    assert localize(ACCEPTANCE_CASES["advance"], "it") == "un acconto senza fattura"


def test_installments_of_one_document_are_summed_and_may_differ() -> None:
    expected = Expected(case="bill", client="C", document="F", standing=Standing.OVERDUE)
    found = Found(items=2, standings=frozenset((Standing.OVERDUE, Standing.NOT_DUE)))
    (reason,) = disagreements(expected, found)
    assert "not due, overdue" in localize(sentence(reason), "en")


def test_a_paid_part_of_a_document_says_nothing_about_the_rest() -> None:
    expected = Expected(case="part_paid", client="C", document="F", standing=Standing.OVERDUE)
    both = Found(items=2, standings=frozenset((Standing.OVERDUE, Standing.PAID)))
    settled = Found(items=2, standings=frozenset((Standing.PAID,)))
    assert disagreements(expected, both) == ()
    (reason,) = disagreements(expected, settled)
    assert sentence(reason) == "standing paid, expected overdue"


def at_bank(on: date, unpaid_on: date | None = None) -> bool:
    return is_at_bank(
        on,
        payment_method=PaymentMethod.RIBA,
        due_date=date(2026, 10, 10),
        presented_on=date(2026, 9, 20),
        unpaid_on=unpaid_on,
        erp_hold="",
        grace_days=BANK_GRACE_DAYS,
    )


@pytest.mark.parametrize("day", range(1, 32))
def test_a_bill_at_the_bank_is_never_overdue_within_its_grace(day: int) -> None:
    on, due = date(2026, 10, day), date(2026, 10, 10)
    found = standing(residual=Decimal(1), due_date=due, on=on, at_bank=at_bank(on))
    assert found is (Standing.AT_BANK if day <= 20 else Standing.OVERDUE)


def test_a_bill_that_came_back_is_unpaid_even_within_the_grace() -> None:
    on = returned = date(2026, 10, 12)
    found = standing(
        residual=Decimal(1),
        due_date=date(2026, 10, 10),
        on=on,
        at_bank=at_bank(on, unpaid_on=returned),
        unpaid_on=returned,
    )
    assert found is Standing.UNPAID
