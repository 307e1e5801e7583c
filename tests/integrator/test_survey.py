"""`check --read` and `discover`: what an integrator sees before the first sync."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incasso.contract.capabilities import ConnectorCapability as Can
from incasso.contract.connector import ControlTotals
from incasso.contract.errors import TemporaryError
from incasso.contract.ledger import (
    ClientRecord,
    DocumentKind,
    DocumentRecord,
    InstallmentRecord,
    PaymentMethod,
    Unreadable,
)
from incasso.contract.values import Problem
from incasso.domain.ledger.installment_status import Standing
from incasso.locale.problems import problem_of
from incasso.services.ledger.survey import Beside, Survey, survey
from incasso.testing.fakes import FakeConnector, registry_of
from tests.cli.command import DAY, inside, make_office, well

ON = date(2026, 11, 23)
CLIENTS = (
    ClientRecord(code="C1", name="Rossi Srl", email="rossi@example.it", vat="IT00159560366"),
    ClientRecord(code="C2", name="Bianchi Spa", blocked=True),
    ClientRecord(code="C3", name=" "),
)
OPEN = InstallmentRecord(
    key="1", client="C1", due_date=date(2026, 10, 31), residual=Decimal("100.00")
)


def changed(**values: Any) -> InstallmentRecord:
    return msgspec.structs.replace(OPEN, **values)


ITEMS = (
    OPEN,
    changed(key="2", due_date=date(2026, 12, 31)),
    changed(key="3", residual=Decimal("-40.00"), document_kind=DocumentKind.CREDIT_NOTE),
    changed(
        key="4",
        client="C2",
        due_date=date(2026, 11, 20),
        presented_on=date(2026, 11, 2),
        payment_method=PaymentMethod.RIBA,
    ),
    changed(key="5", client="C2", unpaid_on=date(2026, 11, 8), currency="USD"),
    changed(key="6", client="C2", erp_hold="legal"),
    changed(key="7", client="C9"),
    changed(key="8", residual=Decimal("1.005")),
)


def read(**options: Any) -> tuple[FakeConnector, Callable[[], Survey]]:
    erp = FakeConnector(CLIENTS, ITEMS, **options)

    def run() -> Survey:
        hub = registry_of({"acme": erp})
        handle = hub.connector("acme")
        return survey(handle, handle.check(ON), ON, lambda _what, _rows: None)

    return erp, run


def test_counts_and_sums_are_those_of_the_ledger() -> None:
    _, run = read(capabilities=())
    found = run().portrait
    assert found.clients["read"] == 2
    assert found.clients["blocked"] == found.clients["no_email"] == 1
    totals = {key: (each.items, each.total) for key, each in found.standings.items()}
    assert totals == {
        (Standing.OVERDUE, "EUR"): (1, Decimal("100.00")),
        (Standing.NOT_DUE, "EUR"): (1, Decimal("100.00")),
        (Standing.CREDIT, "EUR"): (1, Decimal("-40.00")),
        (Standing.AT_BANK, "EUR"): (1, Decimal("100.00")),
        (Standing.UNPAID, "USD"): (1, Decimal("100.00")),
        (Standing.HELD, "EUR"): (1, Decimal("100.00")),
    }
    assert found.open_items["EUR"].total == Decimal("360.00")


def test_what_would_be_quarantined_is_told_with_its_reason() -> None:
    erp, run = read(capabilities=())
    cut = Problem(code="cut", field="residual", message="the row is cut", hint="export it again")
    erp.put(Unreadable(external_id="99", problems=(cut,)))
    troubles = run().portrait.troubles
    assert {name: each.examples for name, each in troubles.items()} == {
        "name: empty": ["C3"],
        "unknown_client": ["7 (C9)"],
        "residual: fraction": ["8"],
        "residual: cut": ["99"],
    }
    assert problem_of(troubles["residual: cut"].problem).hint == "export it again"


def test_the_erp_s_own_sums_are_compared() -> None:
    erp, run = read(capabilities=(Can.TOTALS, Can.BALANCES))
    erp.always(
        "erp_totals",
        lambda _honest: ControlTotals(open_items=6, residual={"EUR": Decimal("460.00")}),
    )
    balances = {"C1": Decimal("160.00"), "C2": Decimal("100.00")}
    erp.always("erp_balances", lambda _honest: balances)
    found = run()
    assert [(each.what, each.erp, each.hub) for each in found.differences] == [
        ("open items in EUR", Decimal("460.00"), Decimal("360.00")),
        ("C2", Decimal("100.00"), Decimal("300.00")),
    ]
    assert found.balances_compared == 2 and not found.good


def test_a_part_that_cannot_be_read_does_not_hide_the_others() -> None:
    note = DocumentRecord(key="D1", client="C1", number="1", date=ON)
    erp, run = read(document_list=[note], capabilities=(Can.DOCUMENT_LIST, Can.PAYMENTS))
    erp.then("erp_pull_payments", TemporaryError("the journal is locked"))
    found = run()
    assert found.beside == {Beside.DOCUMENTS: 1}
    assert found.failures == ["payments: the journal is locked"]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return make_office(tmp_path / "acme")


def test_check_read_tells_people_and_programs_and_stores_nothing(office: Path) -> None:
    well(office, "init")
    people = inside(office, "check", "acme", "--read", "--on", DAY)
    assert people.code == 0 and "nothing was stored" in people.out
    assert "would go to quarantine, due date: '2026-31-12'" in people.err
    [row] = inside(office, "check", "acme", "--read", "--on", DAY, "--format", "json").rows()
    assert row["read"]["open_items"] == {"EUR": {"items": 4, "total": "3230.50"}}
    assert well(office, "installments", "--format", "json").rows() == []


def test_a_source_that_cannot_be_read_fails_the_check(office: Path) -> None:
    (office / "ledger/installments.csv").unlink()
    ended = inside(office, "check", "--read", "--on", DAY)
    assert ended.code == 1 and not ended.has_traceback


def test_discover_says_who_cannot(office: Path) -> None:
    assert "does not offer discovery" in inside(office, "discover", "acme").err
    ended = inside(office, "discover", "zeta")
    assert ended.code == 2 and "acme" in ended.err
