"""Planning's two lanes agree: what is planned in sets is what weighing one by one comes to."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incasso.contract.ledger import PaymentMethod
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.iters import Iter
from incasso.domain.recovery.matching import Match
from incasso.services.recovery.planned_page import PagePlan
from incasso.store.engine import Store
from incasso.store.recovery import agenda, looks, ordinary, planning
from incasso.store.recovery.iters import versions
from incasso.store.tables.ledger import clients, installments
from incasso.store.tables.office import users
from incasso.store.tables.recovery import cases, step_cases
from incasso.store.tables.replies import replies
from tests.profiles import tries
from tests.recovery.ledgers import Debt, Debtor, Ledger, comes, fill, iters, ledgers, small_office
from tests.recovery.office import TODAY, Office, after, letters, stage
from tests.recovery.test_kill import picture

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
POLICIES = st.sampled_from(
    [
        ContactPolicy(enabled=False),
        ContactPolicy(messages_per_week=0),
        ContactPolicy(messages_per_week=1),
        ContactPolicy(),
    ]
)


class Life(msgspec.Struct, frozen=True):
    """What an office goes through: its rules, and on some days payments and looks at everything."""

    transfers: Iter
    bills: Iter | None
    policy: ContactPolicy
    days: tuple[int, ...]
    paid: tuple[int, ...]
    looked: bool
    written: tuple[int, ...]
    """On which of the days the first client wrote, and nobody answered."""


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """One iter for everything, or one for transfers and one for the rest."""
    tolerance = draw(st.sampled_from([Decimal(0), Decimal(60)]))
    bills, transfers = draw(iters()), replace(draw(iters()), tolerance=tolerance)
    two = draw(st.booleans())
    if two:
        transfers = replace(transfers, match=Match(payment_methods=(PaymentMethod.TRANSFER,)))
        bills = replace(bills, key="bills", priority=200)
    return Life(
        transfers=transfers,
        bills=bills if two else None,
        policy=draw(POLICIES),
        days=tuple(draw(st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True))),
        paid=tuple(draw(st.lists(st.integers(0, 9), max_size=2))),
        looked=draw(st.booleans()),
        written=tuple(draw(st.lists(st.integers(0, 3), max_size=1))),
    )


@contextmanager
def everything_weighed() -> Iterator[None]:
    """Planning as if no client were ordinary."""

    def everybody(_connection: Any, _reader: Any, owners: Set[int]) -> Set[int]:
        return owners

    with patch.object(ordinary, "clients_to_weigh", everybody):
        yield


@st.composite
def mostly_plain(draw: st.DrawFn) -> Ledger:
    """A ledger of which little is odd: one odd installment leaves all of its client to weighing."""
    ledger, more = draw(ledgers()), draw(ledgers())
    debts = (*ledger.debts, *(replace(one, client=0) for one in more.debts))
    odd = draw(st.lists(st.booleans(), min_size=len(debts), max_size=len(debts)))
    odd = [one and draw(st.booleans()) and draw(st.booleans()) for one in odd]
    bills = st.sampled_from([(None, None)] * 3 + [(None, 0), (None, 1), (1, None), (9, 2)])
    return Ledger(
        tuple(replace(one, email=one.email or one.pec) for one in ledger.debtors),
        tuple(
            debt if is_odd else _plain(debt, *draw(bills))
            for debt, is_odd in zip(debts, odd, strict=True)
        ),
    )


def _plain(debt: Debt, unpaid: int | None, presented: int | None) -> Debt:
    """Nothing odd about it; if it is a bill, the days count from its due date."""
    return replace(
        debt,
        residual=abs(debt.residual),
        reminded=None,
        reminders=0,
        hold="",
        unpaid=None if unpaid is None else debt.due + unpaid,
        presented=None if presented is None else debt.due - presented,
    )


def wrote(office: Office) -> None:
    """Something came from the first client: planning looks at them again."""
    with office.store.write() as connection:
        first = connection.scalar(sa.select(sa.func.min(clients.c.id)))
        if first is None:
            return
        row = {"channel": "mail", "update_id": str(office.on), "at": NOW, "on_date": office.on}
        said = {"client_id": first, "kind": "reply", "state": "new", "is_cut": False}
        connection.execute(sa.insert(replies), [row | said])
        agenda.review_client(connection, first, office.on)


@tries(60)
@given(mostly_plain(), lives())
def test_both_lanes_come_to_the_same(ledger: Ledger, life: Life) -> None:
    """Day after day some of the ledger comes in, with clients of its own, some of it is paid, and
    the day is planned."""
    with small_office() as office, small_office() as weighed:
        for one in (office, weighed):
            one.publish_policy(life.policy)
            one.publish(*filter(None, (life.transfers, life.bills)))
        days = sorted(life.days)
        for place, day in enumerate(days):
            for one in (office, weighed):
                one.on = TODAY + timedelta(days=day)
                if life.looked:
                    one.look()
                with one.together():
                    numbers = come_in(one, place, ledger.debtors, ledger.debts[place :: len(days)])
                if place < len(life.paid) and life.paid[place] < len(numbers):
                    one.pay(numbers[life.paid[place]])
                if place in life.written:
                    wrote(one)
            report = office.plan()
            with everything_weighed():
                assert vars(weighed.plan()) == vars(report)
            assert picture(office) == picture(weighed)
            assert told(office, office.on) == told(weighed, office.on)
            for one in (office, weighed):
                one.count()


def come_in(
    office: Office, day: int, debtors: tuple[Debtor, ...], debts: tuple[Debt, ...]
) -> list[int]:
    """Clients with new installments, whose numbers are given."""
    owners = [comes(office, f"C{day}-{number}", one) for number, one in enumerate(debtors)]
    return [
        office.owes(
            owners[debt.client],
            debt.residual,
            due=TODAY + timedelta(days=debt.due),
            currency=debt.currency,
            payment_method=debt.method,
            reminded_on=None if debt.reminded is None else TODAY + timedelta(days=debt.reminded),
            reminders=debt.reminders,
            erp_hold=debt.hold,
            document_kind="invoice" if debt.residual > 0 else "credit_note",
            unpaid_on=None if debt.unpaid is None else TODAY + timedelta(days=debt.unpaid),
            presented_on=None if debt.presented is None else TODAY + timedelta(days=debt.presented),
        )
        for debt in debts
    ]


def told(office: Office, on: date) -> list[Any]:
    """What is kept of the day, by installment: what was decided, and the facts but for those that
    no rule looks at."""
    with office.store.read() as connection:
        wanted = {row.id: row.client_id for row in connection.execute(installments.select())}
        found = looks.last_looks(connection, wanted, on, versions(connection))
    return [
        (
            number,
            look.on,
            look.step is None,
            look.seen.decided,
            msgspec.to_builtins(
                replace(look.seen.facts, media=frozenset(), payment_method="", case=None)
            ),
        )
        for number, look in sorted(found.items())
        if look.seen is not None
    ]


DEBTOR = Debtor(email="a@example.it", pec="", country="IT")
DEBT = Debt(client=0, due=-20, residual=10_000, currency="EUR", method="transfer")
PLAIN = Ledger((DEBTOR, DEBTOR), (DEBT, replace(DEBT, due=-9), replace(DEBT, client=1)))

nobody_is_weighed = partial(patch.object, PagePlan, "take", side_effect=AssertionError)
"""Else the lanes would agree for want of one."""


def test_plain_debts_are_not_weighed_one_by_one() -> None:
    with small_office() as office, nobody_is_weighed():
        fill(office, PLAIN, letters(stage("one", 5)))
        assert office.plan().opened == 3


def test_next_stages_are_not_weighed_one_by_one(store: Store) -> None:
    """Of the three cases one has stood in the stage before: the database counts the cycles."""
    office = Office(store)
    with nobody_is_weighed():
        fill(office, PLAIN, letters(stage("one", 5), after("two", 10), after("three", 10)))
        office.plan()
        office.count()
        again, step = office.cases()[2].id, office.steps()[0].id
        with office.store.write() as connection:
            values = {"step_id": step, "case_id": again, "stage": "two", "cycle": 0}
            connection.execute(step_cases.insert().values(**values, residual=1))
        assert office.plan(office.days(9)).looked == 0
        report = office.plan(office.days(10))
        assert (report.looked, report.opened, report.steps_made) == (3, 0, 2)
        assert [(case.next_stage, case.stage) for case in office.cases()] == [("two", "one")] * 3
        members = step_cases.select().where(step_cases.c.stage == "two").order_by("case_id")
        found = [(row.case_id, row.cycle, row.residual) for row in office.rows(members)]
        assert found == [(1, 0, 10_000), (2, 0, 10_000), (3, 0, 1), (3, 1, 10_000)]
        assert [step.total for step in office.steps("ready")] == [20_000, 10_000]
        assert office.plan().looked == 0


@pytest.mark.parametrize("weighed", [False, True])
def test_a_step_is_for_whoever_works_its_first_case_else_its_client(weighed: bool) -> None:
    lane = everything_weighed if weighed else nobody_is_weighed
    with small_office() as office:
        fill(office, PLAIN, letters(stage("one", 5), after("two", 10)))
        office.plan()
        office.count()
        with office.store.write() as connection:
            people = [{"login": name, "name": name, "role": "operator"} for name in "abc"]
            connection.execute(users.insert(), people)
            connection.execute(clients.update().values(operator_id=1))
            for case, operator in ((1, 2), (2, 3)):
                who = cases.update().where(cases.c.id == case)
                connection.execute(who.values(operator_id=operator))
        with lane():
            office.plan(office.days(10))
        assert [step.operator_id for step in office.steps("ready")] == [2, 1]


def test_bills_are_not_weighed_one_by_one() -> None:
    """A returned one is due at once, a presented one when the bank has had its ten days."""
    back = replace(DEBT, method="riba", unpaid=-3)
    there = replace(DEBT, method="riba", client=1, due=-9, presented=-30)
    with small_office() as office, nobody_is_weighed():
        fill(office, Ledger(PLAIN.debtors, (back, there)), letters(stage("one", 5)))
        assert office.plan().opened == 1
        assert office.plan(office.days(1)).opened == 0
        assert office.plan(office.days(2)).opened == 1
        assert [case.unpaid for case in office.cases()] == [True, False]


@pytest.mark.parametrize("stands", ["parked", "moved", "private"])
def test_a_case_with_something_of_its_own_is_weighed(stands: str) -> None:
    odd: dict[str, Any] = {
        "parked": {"state": "parked", "container": "legal"},
        "moved": {"moved_to": TODAY + timedelta(days=12)},
        "private": {"private_stages": msgspec.to_builtins([after("other", 3)])},
    }
    with small_office() as office, small_office() as weighed:
        for one in (office, weighed):
            fill(one, PLAIN, letters(stage("one", 5), after("two", 10)))
            one.plan()
            one.count()
            with one.store.write() as connection:
                connection.execute(cases.update().where(cases.c.id == 1).values(**odd[stands]))
        report = office.plan(office.days(10))
        with everything_weighed():
            assert vars(weighed.plan(weighed.days(10))) == vars(report)
        assert picture(office) == picture(weighed)


def test_a_text_that_holds_the_mark_between_values_is_weighed() -> None:
    """An area and a depot that would read like others if they stood side by side."""
    rules = replace(letters(stage("one", 5)), match=Match(areas=("nord",), depots=("a\x1fb",)))
    with small_office() as office:
        office.publish(rules)
        for area, depot in (("nord", "a\x1fb"), ("nord\x1fa", "b"), ("nord", "a")):
            office.owes(office.client(f"C{area}{depot}"), area=area, depot=depot)
        assert office.plan().opened == 1
        assert [case.installment_id for case in office.cases()] == [1]


def test_planning_gives_back_the_memory_for_pages_that_it_does_not_use() -> None:
    """It takes little while it plans; whoever gets its connection next has what was there."""
    names = "cache_size", "cache_spill", "foreign_keys"

    def settings(connection: Any) -> list[int]:
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    with small_office() as office:
        with office.store.read() as connection:
            before = settings(connection)
        with planning.session(office.store) as connection:
            assert settings(connection) != before
        with office.store.read() as connection:
            assert settings(connection) == before
