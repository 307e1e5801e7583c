"""No text refers to a message that did not leave: random portfolios, courses and failures.

Every text prints the days of the earlier messages that it claims. They are compared with what the
channels really handed over on those days, and to whom, and about what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.channel import DeliveryState
from incasso.contract.errors import OutcomeUnknownError, RejectedError, TemporaryError
from incasso.contract.media import Medium
from incasso.domain.acts.act import Act
from incasso.domain.acts.agreements import Extend, Hold, Release
from incasso.domain.acts.deliveries import ResolveDelivery
from incasso.domain.acts.stages import EnterStage, Skip
from incasso.domain.acts.steps import Approve, Reject
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iters import Anchor, CatchUp, Grouping, Iter, Mode, Stage
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.acts.doing import ActError
from incasso.services.acts.perform import perform
from incasso.services.hub.hub import Hub
from incasso.services.office.subjects import SubjectError
from incasso.services.recovery.plan import plan
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.sending import templates
from incasso.store.tables.ledger import installments
from incasso.store.tables.recovery import cases
from incasso.store.tables.sending import deliveries
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.fakes.registry import config_of, registry_of
from incasso.testing.script import Reaction, after, raises
from tests.databases import migrated_store
from tests.profiles import tries
from tests.recovery.ledgers import Debt, Debtor, Ledger, fill
from tests.recovery.office import TODAY, Office

CLAIM: Final = "{% for each in previous %}[{{ each.date | date('short') }}]{% endfor %}"
ASKS: Final = f"{{% if previous %}}{CLAIM}{{% endif %}} {{{{ table }}}}"
ASSUMES: Final = {
    "subject": "Prova",
    "text": f"segue {CLAIM} {{{{ table }}}}",
    "assumes": "previous",
    "first.text": "primo {{ table }}",
}
TEXTS: Final = {"asks": {"subject": "Prova", "text": ASKS}, "assumes": ASSUMES}

FATES: Final[Sequence[Reaction | BaseException | None]] = (
    None,
    None,
    None,
    None,
    RejectedError("no"),
    TemporaryError("not now"),
    raises(OutcomeUnknownError("who knows")),
    after(OutcomeUnknownError("who knows")),
)


class Left(msgspec.Struct, frozen=True):
    """A message that a channel took."""

    on: date
    delivery: str
    client: str
    installments: frozenset[str]
    text: str

    @property
    def claimed(self) -> list[date]:
        days = re.findall(r"\[(\d\d)/(\d\d)/(\d{4})\]", self.text)
        return [date(int(year), int(month), int(day)) for day, month, year in days]


class Course:
    """An office whose channels fail now and then, and what they really took."""

    def __init__(self, office: Office, hub: Hub, channels: Sequence[FakeChannel]) -> None:
        self.office, self.hub, self.channels = office, hub, channels
        self.left: list[Left] = []
        self.bounced: dict[str, date] = {}

    def day(self, on: date, acts: Sequence[int], bounce: bool) -> None:
        """A whole day: what comes back, the plan, people, what leaves."""
        self.office.on = on
        self.office.trust(on)
        collect(self.hub, CLOCK, on)
        plan(self.hub, CLOCK, on)
        for number in acts:
            self._act(number, on)
        before = [len(channel.sent) for channel in self.channels]
        dispatch(self.hub, CLOCK, on)
        for channel, known in zip(self.channels, before, strict=True):
            for sent in channel.sent[known:]:
                about = sent.message.about
                keys = frozenset(each.key for each in about.installments)
                text = sent.message.text
                self.left.append(Left(on, sent.delivery, about.client, keys, text))
                if bounce and channel.capabilities:
                    channel.report(sent.delivery, DeliveryState.BOUNCED, self.office.now())
                    self.bounced[sent.delivery] = on

    def check(self) -> None:
        """Every message that left claims only what is true."""
        query = sa.select(installments.c.key, installments.c.reminded_on)
        by_erp = {row.key: row.reminded_on for row in self.office.rows(query)}
        for one in self.left:
            _holds(one, self, by_erp)

    def _act(self, number: int, on: date) -> None:
        with suppress(ActError, SubjectError):
            perform(self.hub, CLOCK, self._some_act(number), on)

    def _some_act(self, number: int) -> Act:
        """One of what people do, to a case or step that exists."""
        known = self.office.rows(sa.select(cases.c.id).where(cases.c.state != "closed"))
        waiting = self.office.steps("proposed", "ready")
        case = f"case:{known[number % len(known)].id}" if known else "case:1"
        step = f"step:{waiting[number % len(waiting)].id}" if waiting else "step:1"
        day = self.office.on + timedelta(days=1 + number % 9)
        doubtful = [row.id for row in self.office.rows(_UNCERTAIN)]
        acts: list[Act] = [
            Approve(subject=step),
            Approve(subject=step),
            Approve(subject=step),
            Reject(subject=step, why="no"),
            Skip(subject=case, why="no"),
            Hold(subject=case, until=day, why="wait"),
            Release(subject=case, why="go on"),
            Extend(subject=case, to=day, why="more time"),
            EnterStage(subject=case, stage=f"s{number % 3}", why="there"),
        ]
        if doubtful:
            found = any(doubtful[0] == each.delivery for each in self.left)
            settled = ResolveDelivery(subject=f"delivery:{doubtful[0]}", sent=found, why="asked")
            acts += [settled] * len(acts)
        return acts[number % len(acts)]


_UNCERTAIN: Final = (
    sa.select(deliveries.c.id)
    .where(deliveries.c.status == DeliveryStatus.UNCERTAIN)
    .order_by(deliveries.c.id)
)


@contextmanager
def played(ledger: Ledger, procedure: Iter, fates: Sequence[int]) -> Iterator[Course]:
    """The office with this ledger; its channels do at each call what `fates` say."""
    with TemporaryDirectory(prefix="incasso-") as name:
        folder = Path(name)
        store = migrated_store(folder / "office.db", folder)
        office = Office(store)
        reactions = [FATES[each] for each in fates]
        mail = FakeChannel(("email",), reactions, capabilities=())
        pec = FakeChannel(("pec", "letter"), reactions)
        fakes = {"mail": mail, "pec": pec}
        config = config_of(fakes, path=folder / "plugins.toml")
        registry = registry_of(fakes, now=office.now, config=config)
        hub = Hub(config=config, store=store, registry=registry, now=office.now)
        texts = [(key, language, own) for key, own in TEXTS.items() for language in ("it", "en")]
        with store.write() as connection:
            templates.install(connection, texts, at=office.now())
        fill(office, ledger, _with_claims(procedure))
        yield Course(office, hub, (mail, pec))
        registry.close()
        store.close()


def _with_claims(procedure: Iter) -> Iter:
    """The same iter with texts that say what they claim."""

    def claiming(place: int, stage: Stage) -> Stage:
        return msgspec.structs.replace(stage, template="asks" if place % 2 else "assumes")

    stages = tuple(claiming(place, stage) for place, stage in enumerate(procedure.stages))
    return msgspec.structs.replace(procedure, stages=stages)


@st.composite
def portfolios(draw: st.DrawFn) -> Ledger:
    """Up to three clients, all with an address, who owe up to six installments."""
    addresses = st.sampled_from([("a@example.it", ""), ("a@example.it", "a@pec.example.it")])
    debtors = [Debtor(*draw(addresses), country="IT") for _ in range(draw(st.integers(1, 3)))]
    debts = st.builds(
        Debt,
        client=st.integers(0, len(debtors) - 1),
        due=st.integers(-40, 8),
        residual=st.sampled_from([-500, 5_000, 10_000, 20_000]),
        currency=st.just("EUR"),
        method=st.just("transfer"),
        reminded=st.sampled_from([None, None, None, -20, -3]),
    )
    return Ledger(tuple(debtors), tuple(draw(st.lists(debts, min_size=2, max_size=6))))


@st.composite
def courses(draw: st.DrawFn) -> Iter:
    """A reminder, a dated stage, and three that follow it, each a message."""
    media = st.sampled_from([(Medium.EMAIL,), (Medium.PEC, Medium.EMAIL)])
    modes = st.sampled_from([Mode.AUTO, Mode.AUTO, Mode.APPROVE])

    def one(key: str, days: int, anchor: Anchor = Anchor.DUE_DATE) -> Stage:
        return Stage(key=key, days=days, anchor=anchor, channels=draw(media), mode=draw(modes))

    later = [one(f"s{place}", draw(st.integers(1, 5)), Anchor.PREVIOUS) for place in (2, 3)]
    return Iter(
        key="all",
        stages=(one("r", -3), one("s0", 2), one("s1", 12), *later),
        grouping=draw(st.sampled_from(Grouping)),
        catch_up=draw(st.sampled_from([CatchUp.FIRST, CatchUp.LATEST])),
        min_gap_days=draw(st.integers(1, 3)),
    )


DAYS = st.lists(
    st.tuples(st.integers(1, 4), st.lists(st.integers(0, 200), max_size=3), st.booleans()),
    min_size=8,
    max_size=10,
)


@tries(15)
@given(
    portfolios(),
    courses(),
    st.lists(st.integers(0, len(FATES) - 1), min_size=60, max_size=60),
    DAYS,
)
def test_every_claimed_message_left_and_all_of_the_table_was_in_one(
    ledger: Ledger, procedure: Iter, fates: list[int], days: list[tuple[int, list[int], bool]]
) -> None:
    with played(ledger, procedure, fates) as course:
        on = TODAY
        for later, acts, bounce in days:
            course.day(on, acts, bounce)
            on += timedelta(days=later)
        course.check()


def test_what_is_compared_is_really_claimed() -> None:
    """Three messages without a failure: each speaks of all before it but the reminder."""
    stages = tuple(
        Stage(key=key, days=days, channels=(Medium.EMAIL,))
        for key, days in (("r", -3), ("s0", 2), ("s1", 5), ("s2", 9))
    )
    debt = Debt(client=0, due=1, residual=100, currency="EUR", method="transfer")
    debtor = Debtor("a@example.it", "", "IT")
    with played(Ledger((debtor,), (debt,)), Iter(key="all", stages=stages), []) as course:
        for number in range(12):
            course.day(TODAY + timedelta(days=number), [], bounce=False)
        course.check()
        days = [(each.on.day, [day.day for day in each.claimed]) for each in course.left]
    # Due on 3 March: the reminder on the first day looked at, then 5, 8 and 12 March; but a third
    # message in the week of 2 March waits until Monday the 9th.
    assert days == [(2, []), (5, []), (9, [5]), (12, [5, 9])]


def _holds(one: Left, course: Course, by_erp: Mapping[str, date | None]) -> None:
    """Each claimed day had a message about something of the table, and all of it was in one."""
    told: set[str] = set()
    for day in one.claimed:
        assert day < one.on
        earlier = [
            each
            for each in course.left
            if each.on == day
            and each.client == one.client
            and each.delivery != one.delivery
            # A bounce is known from the morning after it was reported.
            and each.delivery not in course.bounced
        ]
        about = {key for each in earlier for key in each.installments & one.installments}
        about |= {key for key in one.installments if by_erp[key] == day}
        assert about, f"nothing left on {day} about {one}"
        told |= about
    if one.claimed or "segue" in one.text:
        assert told == one.installments
