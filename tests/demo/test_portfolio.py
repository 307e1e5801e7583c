"""The invented portfolio: the same for the same seed, plausible, harmless, and alive."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.at import uid as austrian
from stdnum.ch import uid as swiss
from stdnum.de import vat as german
from stdnum.fr import tva as french
from stdnum.it import codicefiscale, iva

from incasso.contract.ledger import ClientRecord, DocumentKind, InstallmentRecord, PaymentMethod
from incasso.demo.portfolio import Portfolio
from incasso.demo.portfolio_change import change
from tests.profiles import tries

START = date(2026, 9, 1)
SEEDS = st.integers(min_value=0, max_value=10_000)
VALID = {"IT": iva, "DE": german, "AT": austrian, "FR": french, "CH": swiss}


@pytest.fixture(scope="module")
def office() -> Portfolio:
    return Portfolio(7, START)


@pytest.fixture(scope="module")
def first_day(office: Portfolio) -> list[InstallmentRecord]:
    return list(office.ledger(START))


@pytest.fixture(scope="module")
def clients(office: Portfolio) -> list[ClientRecord]:
    return list(office.client_records())


def days(office: Portfolio, count: int) -> Iterator[dict[str, InstallmentRecord]]:
    for later in range(count):
        yield {row.key: row for row in office.ledger(START + timedelta(days=later))}


@given(seed=SEEDS, size=st.integers(min_value=1, max_value=60))
@tries(25)
def test_the_first_day_has_exactly_the_open_items_asked_for(seed: int, size: int) -> None:
    rows = list(Portfolio(seed, START, clients=9, installments=size).ledger(START))
    assert len(rows) == size
    assert len({row.key for row in rows}) == size
    assert all(row.residual for row in rows)


@given(seed=SEEDS, later=st.integers(min_value=0, max_value=90))
@tries(20)
def test_seed_and_day_decide_everything(seed: int, later: int) -> None:
    on = START + timedelta(days=later)
    one, other = (Portfolio(seed, START, clients=9, installments=30) for _ in range(2))
    list(one.ledger(START))  # what was read before must not matter
    assert list(one.ledger(on)) == list(other.ledger(on))
    assert list(one.client_records()) == list(other.client_records())


def test_another_seed_is_another_company(first_day: list[InstallmentRecord]) -> None:
    assert list(Portfolio(8, START).ledger(START)) != first_day


@given(seed=SEEDS, later=st.integers(min_value=0, max_value=120))
@tries(20)
def test_money_is_in_whole_cents_and_never_more_than_the_document(seed: int, later: int) -> None:
    on = START + timedelta(days=later)
    for row in Portfolio(seed, START, clients=9, installments=40).ledger(on):
        assert row.amount is not None
        assert row.residual == round(row.residual, 2)
        assert row.amount == round(row.amount, 2)
        assert 0 <= row.residual / row.amount <= 1
        credit = row.document_kind in (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE)
        assert (row.amount < 0) == credit
        assert row.document_date is not None and row.document_date <= on


def test_rates_of_a_document_add_up_to_whole_euros_and_cents(
    first_day: list[InstallmentRecord],
) -> None:
    rates: Counter[str] = Counter(row.document_number for row in first_day)
    assert {1, 2, 3} <= set(rates.values())


def test_every_open_item_belongs_to_a_listed_client(
    first_day: list[InstallmentRecord], clients: list[ClientRecord]
) -> None:
    codes = [client.code for client in clients]
    assert len(set(codes)) == len(codes) == 300
    assert {row.client for row in first_day} <= set(codes)


def test_agents_and_depots_of_clients_exist(
    office: Portfolio, clients: list[ClientRecord], first_day: list[InstallmentRecord]
) -> None:
    agents = {person.code for person in office.agents()}
    depots = {person.code for person in office.depots()}
    places = {(client.agent, client.depot) for client in clients}
    places |= {(row.agent, row.depot) for row in first_day}
    assert {agent for agent, _ in places} == agents
    assert {depot for _, depot in places} == depots


def test_tax_numbers_have_true_check_digits(clients: list[ClientRecord]) -> None:
    countries = Counter(client.country for client in clients)
    assert set(countries) == set(VALID)
    for client in clients:
        assert client.vat or client.is_person
        if client.vat:
            VALID[client.country].validate(client.vat)
        if client.is_person:
            codicefiscale.validate(client.tax_code)


def test_nobody_real_can_be_written_to(office: Portfolio, clients: list[ClientRecord]) -> None:
    addresses = [address for c in clients for address in (c.email, c.pec) if address]
    addresses += [person.email for person in (*office.agents(), *office.depots())]
    assert len(addresses) > 300
    for address in addresses:
        assert address.isascii()
        assert address.endswith((".example", "@example.it"))


def test_what_an_office_meets_is_there(
    first_day: list[InstallmentRecord], clients: list[ClientRecord]
) -> None:
    methods = {row.payment_method for row in first_day}
    wanted = {"transfer", "riba", "direct", "sdd", "cod"}
    assert {PaymentMethod(method) for method in wanted} <= methods
    assert {DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE} <= {r.document_kind for r in first_day}
    assert {"EUR", "CHF", "USD"} <= {row.currency for row in first_day}
    assert any(row.unpaid_on for row in first_day)
    assert any(row.presented_on and not row.unpaid_on for row in first_day)
    assert any(row.residual != row.amount for row in first_day)
    overdue = sum(row.due_date < START for row in first_day) / len(first_day)
    assert 0.3 < overdue < 0.7
    assert any(not client.email and not client.pec for client in clients)
    assert any(client.seasonal for client in clients)
    assert any(client.category == "PA" for client in clients)
    assert {client.rating for client in clients} == set("ABCD")


def test_bills_come_back_only_after_they_were_due_and_never_on_other_methods(
    first_day: list[InstallmentRecord],
) -> None:
    for row in first_day:
        if row.unpaid_on:
            assert row.payment_method in (PaymentMethod.RIBA, PaymentMethod.SDD)
            assert row.presented_on and row.presented_on <= row.due_date < row.unpaid_on


def test_six_weeks_bring_payments_returns_and_invoices(office: Portfolio) -> None:
    happened: Counter[str] = Counter()
    before: dict[str, InstallmentRecord] = {}
    for ledger in days(office, 42):
        for key, row in ledger.items() if before else ():
            if key not in before:
                happened["new"] += 1
                continue
            old = before[key]
            assert abs(row.residual) <= abs(old.residual), "a debt grew"
            assert (old.due_date, old.amount, old.client) == (row.due_date, row.amount, row.client)
            happened["paid"] += bool(old.residual and not row.residual)
            happened["part"] += bool(0 < row.residual < old.residual)
            happened["presented"] += bool(row.presented_on and not old.presented_on)
            happened["returned"] += bool(row.unpaid_on and not old.unpaid_on)
        for key in before.keys() - ledger.keys():
            happened["left after payment" if not before[key].residual else "left unexplained"] += 1
        before = ledger
    assert all(
        happened[what] >= 5
        for what in ("new", "paid", "part", "presented", "returned", "left after payment")
    ), happened
    assert happened["left unexplained"] >= 1
    still_open = sum(bool(row.residual) for row in before.values())
    assert 1200 < still_open < 1900, "the ledger keeps its size"


def test_no_ledger_before_the_first_day(office: Portfolio) -> None:
    with pytest.raises(ValueError, match="begins on 2026-09-01"):
        office.ledger(START - timedelta(days=1))


def test_files_are_canonical_and_hold_what_the_ledger_holds(
    office: Portfolio, first_day: list[InstallmentRecord], tmp_path: Path
) -> None:
    assert office.write(tmp_path, START) == len(first_day)
    with (tmp_path / "installments.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[:4] == ["key", "client", "document_kind", "document_number"]
    assert [row["key"] for row in rows] == [row.key for row in first_day]
    written = sum(Decimal(row["residual"]) for row in rows if row["currency"] == "EUR")
    assert written == sum(row.residual for row in first_day if row.currency == "EUR")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "agents.csv",
        "clients.csv",
        "depots.csv",
        "installments.csv",
    ]


def test_bad_rows_come_on_request_and_last(office: Portfolio, tmp_path: Path) -> None:
    office.write(tmp_path, START)
    good = (tmp_path / "installments.csv").read_text("utf-8")
    office.write(tmp_path, START, with_bad_rows=True)
    both = (tmp_path / "installments.csv").read_text("utf-8")
    assert both.startswith(good)
    unknown, impossible, word, double = both.removeprefix(good).splitlines()
    assert "C999999" in unknown
    assert "-02-31" in impossible
    assert "duecento" in word
    assert double.startswith(good.splitlines()[1].split(",")[0] + ",")


@given(seed=st.integers(min_value=0, max_value=50))
@tries(10)
def test_change_keeps_to_its_shares(seed: int) -> None:
    rows = list(islice(Portfolio(3, START, clients=50, installments=2000).ledger(START), 2000))
    after = {row.key: row for row in change(rows, seed=seed)}
    before = {row.key: row for row in rows}
    gone = before.keys() - after.keys()
    new = after.keys() - before.keys()
    changed = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    assert 0.01 < len(gone) / 2000 < 0.035
    assert 0.01 < len(new) / 2000 < 0.035
    assert 0.03 < len(changed) / 2000 < 0.075
    assert list(change(rows, seed=seed)) == list(after.values())


def test_change_of_nothing_changes_nothing(first_day: list[InstallmentRecord]) -> None:
    assert list(change(first_day, changed=0, new=0, gone=0)) == first_day


def test_impossible_shares_are_refused(first_day: list[InstallmentRecord]) -> None:
    with pytest.raises(ValueError, match="shares"):
        list(change(first_day, changed=0.7, gone=0.5))


def test_a_portfolio_needs_a_client() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Portfolio(1, START, clients=0)
