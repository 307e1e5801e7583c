"""Planning's two lanes agree: what is planned in sets is what weighing one by one comes to."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import date
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
    bills, transfers = draw(iters()), draw(iters())
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


@tries(60)
@given(ledgers(), lives())
def test_both_lanes_come_to_the_same(ledger: Ledger, life: Life) -> None:
    with small_office() as office, small_office() as weighed:
        for one in (office, weighed):
            one.publish_policy(life.policy)
            if life.bills is not None:
                one.publish(life.bills)
        known = [fill(one, ledger, life.transfers) for one in (office, weighed)]
        for place, day in enumerate(sorted(life.days)):
            for one, numbers in zip((office, weighed), known, strict=True):
                one.on = TODAY.fromordinal(TODAY.toordinal() + day)
                if life.looked:
                    one.look()
                if place < len(life.paid) and life.paid[place] < len(numbers):
                    one.pay(numbers[life.paid[place]])
            report = office.plan()
            with everything_weighed():
                assert vars(weighed.plan()) == vars(report)
            assert picture(office) == picture(weighed)
            assert told(office, office.on) == told(weighed, office.on)
            for one in (office, weighed):
                one.count()


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
