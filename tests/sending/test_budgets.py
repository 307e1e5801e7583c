"""What messages cost, and the month's budget that stops them before it is overrun."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.errors import OutcomeUnknownError, RejectedError, TemporaryError
from incasso.contract.values import Money
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.sending.budget import Budget, month_of, next_month
from incasso.plugins.tariff import Tariff
from incasso.services.sending import pages
from incasso.services.sending.budgets import budget_notes, budgets_of
from incasso.services.sending.dispatch import dispatch
from incasso.store.engine import Store
from incasso.store.lists.costs import COSTS_BY
from incasso.store.lists.reading import read_list
from incasso.testing.fakes.channel import FakeChannel
from tests.cli.command import inside
from tests.sending.conftest import MakeOffice
from tests.sending.office import ON, Office

DECEMBER = date(2026, 12, 1)


def at_price(office: Office, price: str, budget: str | None = None, channel: str = "mail") -> None:
    """As `price` and `budget` in the channel's table."""
    office.hub.registry.channel(channel).tariff = Tariff(
        price=Decimal(price), budget=None if budget is None else Decimal(budget)
    )


def mails(make_office: MakeOffice, *acts: Any) -> tuple[Office, FakeChannel]:
    mail = FakeChannel(("email",), acts, capabilities=())
    return make_office(mail=mail), mail


def test_so_many_leave_and_the_others_wait_until_the_month_is_over(make_office: MakeOffice) -> None:
    office, mail = mails(make_office)
    at_price(office, "0.50", "2.10")
    office.many_steps(6)
    report = dispatch(office.hub, CLOCK, ON)
    assert (report.accepted, len(mail.sent)) == ({"email": 4}, 4)
    waiting = [row for row in office.deliveries() if row.status == "queued"]
    assert {row.attempts for row in waiting} == {0}, "nothing is burned"
    (why,) = report.waiting
    assert "mail: the budget of 11/2026 is reached (2.00 of 2.10 EUR)" in why
    assert "plugins.toml" in why
    assert "2026-12-01" in why
    assert not dispatch(office.hub, CLOCK, ON).accepted
    office.trust_ledger(DECEMBER)
    assert dispatch(office.hub, CLOCK, DECEMBER).accepted == {"email": 2}


def test_who_raises_it_lets_them_go(make_office: MakeOffice) -> None:
    office, mail = mails(make_office)
    at_price(office, "0.50", "1.00")
    steps = office.many_steps(4)
    dispatch(office.hub, CLOCK, ON)
    at_price(office, "0.50", "2.00")
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 2}
    assert len(mail.sent) == 4
    assert {str(office.step_row(step).reason) for step in steps} == {""}


def test_the_office_hears_of_it_from_four_fifths_on(make_office: MakeOffice) -> None:
    office, _ = mails(make_office)
    at_price(office, "1.00", "10.00")
    office.many_steps(7)
    assert dispatch(office.hub, CLOCK, ON).notices == ()
    office.many_steps(1)
    (notice,) = dispatch(office.hub, CLOCK, ON).notices
    assert "80 % of the budget of 11/2026 is spent (8.00 of 10.00 EUR)" in notice
    assert budget_notes(office.hub, DECEMBER) == []
    (line,) = budgets_of(office.hub, ON)
    assert line == "mail: 8.00 of 10.00 EUR spent in 11/2026 (80 %)"


def test_what_may_have_left_counts_and_what_did_not_leave_does_not(
    make_office: MakeOffice,
) -> None:
    office, _ = mails(
        make_office,
        OutcomeUnknownError("no answer"),
        RejectedError("550 no"),
        TemporaryError("451"),
    )
    at_price(office, "0.50", "1.50")
    office.many_steps(3)
    dispatch(office.hub, CLOCK, ON)
    cost = {row.status: row.cost for row in office.deliveries()}
    assert cost == {"uncertain": 50, "failed": None, "queued": None}
    office.many_steps(3)
    office.clock.forward(minutes=1)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 2}, "1.00 was left"


def test_what_the_receipt_says_counts_in_place_of_what_was_expected(
    make_office: MakeOffice,
) -> None:
    office, mail = mails(make_office)
    at_price(office, "1.00", "3.00")
    step = office.many_steps(1)[0]
    dispatch(office.hub, CLOCK, ON)
    assert office.delivery(step).cost == 100
    dear = Money(amount=Decimal("2.5049"), currency="EUR")
    delivery = office.delivery(step)
    with office.store.write() as connection:
        from incasso.services.sending.costs import minor_cost
        from incasso.store.sending import outbox

        minor = minor_cost(dear)
        assert minor == (250, "EUR")
        outbox.set_cost(connection, delivery.id, minor)
    office.many_steps(1)
    assert not dispatch(office.hub, CLOCK, ON).accepted
    assert len(mail.sent) == 1


def test_another_currency_is_another_matter(make_office: MakeOffice) -> None:
    office, _ = mails(make_office)
    at_price(office, "1.00")
    office.hub.registry.channel("mail").tariff = Tariff(price=Decimal(1), currency="CHF")
    office.many_steps(2)
    dispatch(office.hub, CLOCK, ON)
    at_price(office, "1.00", "2.00")
    office.many_steps(3)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"email": 2}
    with office.store.read() as connection:
        rows = list(read_list(connection, COSTS_BY["channel"], Scope.everything()))
    assert [(row["currency"], row["messages"], str(row["cost"])) for row in rows] == [
        ("CHF", 2, "2.00"),
        ("EUR", 2, "2.00"),
    ]


def test_two_dispatchers_share_a_budget(
    postgresql_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have marked messages before the first of them has left."""
    monkeypatch.setattr(pages, "PAGE", 30)
    office, together = postgresql_office, Barrier(2)
    office.many_steps(60)
    at_price(office, "1.00", "30.00")
    mail = office.hub.registry.channel("mail")
    mail.connections = 1
    first = Counter[str]()
    real = mail.send

    def both_first(*given: Any, **named: Any) -> Any:
        from threading import current_thread

        if first.update([current_thread().name]) or first[current_thread().name] == 1:
            together.wait(60)
        return real(*given, **named)

    mail.send = both_first  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda _: dispatch(office.hub, CLOCK, ON), range(2)))
    sent = [report.accepted.get("email", 0) for report in reports]  # type: ignore[call-overload]
    assert (sorted(sent), sum(sent)) == ([5, 25], 30)


@pytest.fixture
def postgresql_office(make_office: MakeOffice, store: Store) -> Office:
    if store.is_sqlite:
        pytest.skip("only one dispatcher works on SQLite")
    return make_office(mail=FakeChannel(("email",), capabilities=()))


def test_sums_by_everything_that_is_asked_for(make_office: MakeOffice) -> None:
    mail, pec = FakeChannel(("email",)), FakeChannel(("pec",))
    office = make_office(mail=mail, pec=pec)
    at_price(office, "0.35", channel="pec")
    for medium in ("email", "pec", "pec"):
        office.step(medium=medium)
    dispatch(office.hub, CLOCK, ON)
    found = {}
    with office.store.read() as connection:
        for by, listing in COSTS_BY.items():
            rows = read_list(connection, listing, Scope.everything())
            found[by] = [(row["messages"], row["without_price"], str(row["cost"])) for row in rows]
    assert found["channel"] == [(1, 1, "0.00"), (2, 0, "0.70")]
    assert found["company"] == found["iter"] == found["stage"] == [(3, 1, "0.70")]
    assert found["client"] == [(1, 1, "0.00"), (1, 0, "0.35"), (1, 0, "0.35")]
    assert found["medium"] == [(1, 1, "0.00"), (2, 0, "0.70")]


@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_month_is_its_days(day: date) -> None:
    first, last = month_of(day)
    assert first <= day <= last
    assert (first.day, first.month, last.month) == (1, day.month, day.month)
    assert next_month(day).day == 1
    assert (next_month(day) - last).days == 1


@given(limit=st.integers(1, 10_000), costs=st.lists(st.integers(0, 500)))
def test_a_budget_is_never_overrun_by_what_is_known(limit: int, costs: list[int]) -> None:
    budget = Budget(limit, 0)
    for cost in costs:
        if budget.bears(cost):
            budget = budget.after(cost)
    assert budget.spent <= limit
    assert budget.is_reached == (budget.percent == 100)


WRONG = {
    "price = -1": "price",
    "budget = 0": "budget",
    'budget = "2.005"': "budget",
    'budget = 5\nprice_currency = "euro"': "price_currency",
}


@pytest.mark.parametrize("keys", WRONG)
def test_what_is_no_amount_is_named(keys: str, tmp_path: Path) -> None:
    (tmp_path / "plugins.toml").write_text(
        f'[channels.room]\nplugin = "folder"\nfolder = "out"\nmedia = ["letter"]\n{keys}\n'
    )
    done = inside(tmp_path, "check")
    assert (done.code, done.has_traceback) == (2, False)
    assert f"[channels.room] {WRONG[keys]}" in done.err
