"""The caps hold over all iters, whatever happens between the days: counted from what left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st

from incasso.contract.channel import Purpose
from incasso.contract.errors import RejectedError, TemporaryError
from incasso.contract.ledger import PaymentMethod
from incasso.contract.media import Medium
from incasso.domain.acts.agreements import Hold
from incasso.domain.acts.steps import Approve, Move, Reject
from incasso.domain.office.actor import CLOCK, Role
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.domain.recovery.iters import Anchor, Grouping, Iter, Mode, Stage
from incasso.domain.recovery.matching import Match
from incasso.services.acts.doing import ActError
from incasso.services.recovery.plan import plan
from incasso.services.sending.dispatch import dispatch
from incasso.store.recovery import agenda, iters
from incasso.store.tables import ledger, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.databases import migrated_store
from tests.doing import do, people
from tests.profiles import tries
from tests.sending.office import NOW, ON, Office

DAYS = 33
FORMAL = (Medium.PEC, Medium.REGISTERED)
MEDIA = ((Medium.EMAIL,), (Medium.PEC, Medium.EMAIL), (Medium.LETTER,), FORMAL)
METHODS = ("transfer", "riba")


def procedure(dice: Random, number: int, *, early: bool = False) -> Iter:
    """Up to four stages, some to approve, some formal; their keys tell which. `early`: they may
    begin before the due date or on it."""
    begins = dice.choice((-6, -3, 0)) if early else 1
    stages = []
    for place in range(dice.randint(1, 4)):
        media = dice.choice(MEDIA)
        stages.append(
            Stage(
                key=f"i{number}s{place}{'f' if media == FORMAL else 'o'}",
                anchor=Anchor.PREVIOUS if place and dice.random() < 0.5 else Anchor.DUE_DATE,
                days=place * dice.randint(1, 4) + begins,
                channels=media,
                template="primo_sollecito",
                mode=dice.choice((Mode.AUTO, Mode.APPROVE)),
                working_days=dice.random() < 0.3,
            )
        )
    return Iter(
        key=f"i{number}",
        priority=dice.randint(1, 3),
        stages=tuple(stages),
        grouping=dice.choice(tuple(Grouping)),
        match=Match(payment_methods=(PaymentMethod(METHODS[number]),)),
    )


def reactions(dice: Random) -> Iterator[Any]:
    """A channel that mostly works."""
    while True:
        yield dice.choice((None, None, None, TemporaryError("busy"), RejectedError("no")))


class Life:
    """A random office that lives from day to day."""

    def __init__(self, folder: Path, dice: Random, *, early: bool = False) -> None:
        self.dice, self.numbers = dice, count(1)
        self.channels = {
            "mail": FakeChannel(("email",), reactions(dice), capabilities=()),
            "pec": FakeChannel(("pec",), reactions(dice)),
            "post": FakeChannel(("letter", "registered"), reactions(dice)),
        }
        self.office = Office(migrated_store(folder / "office.db", folder), self.channels, folder)
        people(self.office.store, Role.CREDIT_MANAGER)
        self.policy = ContactPolicy(
            messages_per_week=dice.choice((1, 1, 2, 3)),
            messages_per_day=dice.choice((0, 0, 1, 2)),
            join_iters=dice.random() < 0.5,
        )
        with self.office.store.write() as connection:
            iters.save_setting(connection, "contact_policy", self.policy)
            for number in range(len(METHODS)):
                one = procedure(dice, number, early=early)
                iters.publish(connection, one, at=NOW, by="test")
        for _ in range(dice.randint(1, 3)):
            client = self.office.client(language=dice.choice(("it", "en")))
            for _ in range(dice.randint(3, 8)):
                self._owe(client)

    def _owe(self, client: int) -> None:
        dice = self.dice
        with self.office.store.write() as connection:
            connection.execute(
                sa.insert(ledger.installments).values(
                    source_id=self.office.source,
                    client_id=client,
                    key=f"R{next(self.numbers)}",
                    due_date=ON + timedelta(days=dice.randint(-20, 12)),
                    amount=5_000,
                    residual=5_000,
                    currency=dice.choice(("EUR", "EUR", "USD")),
                    payment_method=dice.choice(METHODS),
                )
            )
            agenda.review_client(connection, client, ON)

    def live(self) -> None:
        """Every day is planned, people do this and that, and what may leave leaves, sometimes
        twice in a day."""
        for number in range(DAYS):
            day = ON + timedelta(days=number)
            self.office.clock.at = NOW + timedelta(days=number)
            self.office.trust_ledger(day)
            plan(self.office.hub, CLOCK, day)
            self.people_work(day)
            for _ in range(self.dice.randint(1, 2)):
                dispatch(self.office.hub, CLOCK, day)
                self.office.clock.forward(hours=1)

    def people_work(self, day: date) -> None:
        """Approvals come late and many at once; steps are moved or rejected, debts paid or held."""
        with self.office.store.read() as connection:
            rows = list(connection.execute(sa.select(recovery.steps)))
        signing = self.dice.random() < 0.15
        for row in rows:
            subject = f"step:{row.id}"
            if row.status == "proposed" and signing:
                self._try(Approve(subject=subject), day)
            elif row.status == "proposed" and self.dice.random() < 0.05:
                self._try(Reject(subject=subject, why="no", skip=self.dice.random() < 0.5), day)
            elif row.status == "ready" and self.dice.random() < 0.1:
                self._try(Move(subject=subject, to=day + timedelta(days=1)), day)
        with self.office.store.read() as connection:
            keys = list(connection.scalars(sa.select(ledger.installments.c.key)))
        if self.dice.random() < 0.1:
            until = day + timedelta(days=self.dice.randint(1, 5))
            self._try(Hold(subject=self.dice.choice(keys), until=until, why="x"), day)
        if self.dice.random() < 0.1:
            self.office.pay(self.dice.choice(keys))

    def _try(self, act: Any, day: date) -> None:
        with suppress(ActError):
            do(self.office.hub, act, on=day)

    def sent(self) -> Iterator[tuple[str, date, bool, Any]]:
        """Client, day, whether it is formal, and the message, of everything that left."""
        with self.office.store.read() as connection:
            found = connection.execute(sa.select(recovery.steps.c.id, recovery.steps.c.stage))
            stages = {str(row.id): row.stage for row in found}
        for channel in self.channels.values():
            for one in channel.sent:
                about = one.message.about
                yield about.client, one.at.date(), stages[about.step].endswith("f"), one.message


@tries(4)
@given(st.integers(0, 10**9))
@example(2)
@example(6)
def test_the_caps_hold(seed: int) -> None:
    with TemporaryDirectory(prefix="incasso-") as folder:
        life = Life(Path(folder), Random(seed))
        life.live()
        everything: dict[tuple[str, date], Counter[date]] = defaultdict(Counter)
        ordinary: dict[tuple[str, date], Counter[date]] = defaultdict(Counter)
        for client, day, formal, _ in life.sent():
            week = client, day - timedelta(days=day.weekday())
            everything[week][day] += 1
            ordinary[week][day] += not formal
        for week, days in ordinary.items():
            for day, count in days.items():
                earlier = sum(n for other, n in everything[week].items() if other < day)
                assert count <= max(life.policy.messages_per_week - earlier, 0)
                assert count <= (life.policy.messages_per_day or count)
        life.office.hub.registry.close()
        life.office.store.close()


@tries(4)
@given(st.integers(0, 10**9))
def test_no_message_mixes_currencies_or_languages(seed: int) -> None:
    with TemporaryDirectory(prefix="incasso-") as folder:
        life = Life(Path(folder), Random(seed))
        life.live()
        with life.office.store.read() as connection:
            rows = connection.execute(sa.select(ledger.installments))
            currency = {row.key: row.currency for row in rows}
            rows = connection.execute(sa.select(ledger.clients))
            language = {row.code: row.language for row in rows}
        for client, _, _, message in life.sent():
            assert {currency[one.key] for one in message.about.installments} == {
                message.about.currency
            }
            assert message.language == language[client]
        life.office.hub.registry.close()
        life.office.store.close()


@tries(6)
@given(st.integers(0, 10**9))
def test_no_message_holds_what_is_past_due_and_what_is_not(seed: int) -> None:
    """Nor does a formal notice list anything that is not past due on the day it leaves."""
    with TemporaryDirectory(prefix="incasso-") as folder:
        life = Life(Path(folder), Random(seed), early=True)
        life.live()
        with life.office.store.read() as connection:
            rows = connection.execute(sa.select(ledger.installments))
            due = {row.key: row.due_date for row in rows}
        for channel in life.channels.values():
            for one in channel.sent:
                message, day = one.message, one.at.date()
                past = {due[each.key] < day for each in message.about.installments}
                assert len(past) == 1
                if message.purpose is Purpose.FORMAL_NOTICE:
                    assert past == {True}
        life.office.hub.registry.close()
        life.office.store.close()
