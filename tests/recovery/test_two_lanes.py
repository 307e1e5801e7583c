"""Planning's two lanes agree: what is planned in sets is what weighing one by one comes to."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incasso.contract.ledger import PaymentMethod
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.iters import Iter
from incasso.domain.recovery.matching import Match
from incasso.services.recovery.planned_page import PagePlan
from incasso.store.recovery import looks, ordinary
from incasso.store.recovery.iters import versions
from incasso.store.tables.ledger import installments
from tests.profiles import tries
from tests.recovery.ledgers import Debt, Debtor, Ledger, fill, iters, ledgers, small_office
from tests.recovery.office import TODAY, Office, letters, stage
from tests.recovery.test_kill import picture

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
    return Ledger(
        tuple(replace(one, email=one.email or one.pec) for one in ledger.debtors),
        tuple(
            debt
            if is_odd
            else replace(debt, residual=abs(debt.residual), reminded=None, reminders=0, hold="")
            for debt, is_odd in zip(debts, odd, strict=True)
        ),
    )


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
                numbers = come_in(one, place, ledger.debtors, ledger.debts[place :: len(days)])
                if place < len(life.paid) and life.paid[place] < len(numbers):
                    one.pay(numbers[life.paid[place]])
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
    owners = [
        office.client(f"C{day}-{number}", email=one.email, pec=one.pec, country=one.country)
        for number, one in enumerate(debtors)
    ]
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


def test_plain_debts_are_not_weighed_one_by_one() -> None:
    """Else the lanes would agree for want of one."""
    debtor = Debtor(email="a@example.it", pec="", country="IT")
    debt = Debt(client=0, due=-20, residual=10_000, currency="EUR", method="transfer")
    ledger = Ledger((debtor, debtor), (debt, replace(debt, due=-9), replace(debt, client=1)))
    with small_office() as office, patch.object(PagePlan, "take", side_effect=AssertionError):
        fill(office, ledger, letters(stage("one", 5)))
        assert office.plan().opened == 3
    assert len(ledger.debts) == 3
