"""The thirteen acceptance cases from a company's books, through the real commands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from incasso_fake_mexal import Company, MexalServer
from tests.cli.command import inside, well
from tests.mexal.office import ON, days, standard, table, toml

ROSSI, BIANCHI = "501.00001", "501.00002"
MADE, LATE = days(-90), days(-30)
BLOCKED = {"fido": "0.01", "gest_fuori_fido": "B"}

EXPECTED: list[dict[str, Any]] = [
    {"case": "three_installments", "document": "1", "residual": "999.99"},
    {"case": "three_installments", "document": "1", "installment": 1, "standing": "overdue"},
    {"case": "three_installments", "document": "1", "installment": 3, "standing": "not_due"},
    {"case": "part_paid", "document": "2", "residual": "500.00"},
    {"case": "credit_note", "document": "3", "residual": "-122.00", "standing": "credit"},
    {"case": "credit_note", "document": "4", "residual": "0.00", "standing": "paid"},
    {"case": "advance", "document": "5", "residual": "-50.00", "standing": "credit"},
    {"case": "bill", "document": "6", "residual": "800.00", "standing": "at_bank"},
    {"case": "bill", "document": "7", "residual": "0.00", "standing": "paid"},
    {"case": "returned_bill", "document": "8", "residual": "640.50", "standing": "unpaid"},
    {"case": "grouped_bill", "document": "9", "residual": "100.00", "standing": "unpaid"},
    {"case": "grouped_bill", "document": "10", "residual": "200.00", "standing": "unpaid"},
    {"case": "foreign_currency", "document": "11", "residual": "3000.00"},
    {"case": "withholding", "document": "12", "residual": "800.00", "standing": "overdue"},
    {"case": "blocked_client", "client": BIANCHI, "blocked": True},
    {"case": "merged_client", "client": "501.00777", "document": "13", "residual": "70.00"},
    {"case": "deleted", "document": "14", "absent": True},
    {"case": "postponed", "document": "15", "standing": "not_due", "due_date": days(25)},
]


def books(company: Company) -> None:
    """The thirteen, as they stand before the first reading."""
    dues = [(LATE, "333.33"), (days(10), "333.33"), (days(40), "333.33")]
    company.invoice(ROSSI, dues, on=MADE, number=1)
    part = company.invoice(ROSSI, [(LATE, "700.00")], on=MADE, number=2)
    company.pay(part, on=days(-5), amount="200.00")
    company.credit_note(ROSSI, "122.00", on=LATE, number=3)
    credit = company.credit_note(ROSSI, "80.00", on=LATE, number=4)
    company.set_off(company.invoice(ROSSI, [(LATE, "80.00")], on=MADE, number=40), credit, on=LATE)
    company.advance(ROSSI, "50.00", on=LATE, number=5)
    for number, due in ((6, days(-4)), (7, days(-40)), (8, days(-40)), (9, LATE), (10, LATE)):
        amount = {6: "800.00", 7: "90.00", 8: "640.50", 9: "100.00", 10: "200.00"}[number]
        bill = company.invoice(ROSSI, [(due, amount)], on=MADE, number=number, kind="R")
        name = "GROUP" if number > 8 else f"EF{number}"
        company.issue_bills((bill, 1), on=days(-60), bill=name)
    company.invoice(ROSSI, [(LATE, "3000.00")], on=MADE, number=11, currency=2, exchange="1.20")
    company.invoice(ROSSI, [(LATE, "800.00")], on=MADE, number=12, total=Decimal("1000.00"))
    company.change_client(BIANCHI, fido=0.01, gest_fuori_fido="B")
    company.add_client("501.00009", "VERDI SPA")
    company.invoice("501.00009", [(LATE, "70.00")], on=MADE, number=13)
    company.invoice(ROSSI, [(LATE, "1.00")], on=MADE, number=14)
    company.invoice(ROSSI, [(LATE, "60.00")], on=MADE, number=15)


def afterwards(company: Company, how: Literal["reopened", "posting"]) -> None:
    """What happens after it."""
    company.return_bill("EF8", on=days(-6), how=how, charges="6.50")
    company.return_bill("GROUP", on=days(-6), how=how)
    company.recode_client("501.00009", "501.00777")
    company.delete(next(p for p in company.postings if p.number == 14))
    company.postpone(next(p for p in company.postings if p.number == 15), to=days(25))


def case(expected: dict[str, Any]) -> str:
    lines = {"client": ROSSI, **expected}
    return "[[case]]\n" + "".join(
        f"{key} = {value if key == 'due_date' else toml(value)}\n" for key, value in lines.items()
    )


@pytest.mark.parametrize("ledger", ["documento", "partite"])
@pytest.mark.parametrize("how", ["reopened", "posting"])
def test_the_thirteen_cases(
    how: Literal["reopened", "posting"],
    ledger: Literal["documento", "partite"],
    tmp_path: Path,
    server: MexalServer,
) -> None:
    company = standard(server, ledger=ledger)
    books(company)
    settings = table("acme", server, block_orders=BLOCKED)
    (tmp_path / "plugins.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "acceptance-acme.toml").write_text("\n".join(map(case, EXPECTED)), "utf-8")
    well(tmp_path, "init")
    well(tmp_path, "sync", "acme", "--on", f"{days(-8)}")
    assert inside(tmp_path, "acceptance", "acme", "--on", f"{days(-8)}").code == 1, "not yet"
    server.clock.tick(60)
    afterwards(company, how)
    for on in (days(-2), days(-1), ON):
        well(tmp_path, "sync", "acme", "--on", f"{on}")
    ended = inside(tmp_path, "acceptance", "acme", "--on", f"{ON}")
    assert ended.code == 0, ended.out + ended.err
