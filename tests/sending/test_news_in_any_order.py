"""News about a message, in any order and as often as they like: one end, and no way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.values import Attachment
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.proof.client_history import history
from incasso.services.proof.verify import verify
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.take_news import NewsTaker
from incasso.store.engine import Store
from incasso.store.lists.reading import read_list
from incasso.store.lists.sending import DELIVERY_NEWS
from incasso.store.tables import proof, recovery
from incasso.testing.fakes.channel import PROVEN as BY_THE_OTHER_SIDE
from incasso.testing.fakes.channel import FakeChannel
from tests.databases import migrated_store
from tests.profiles import tries
from tests.sending.office import NOW, ON, PROVEN, Office

TRIES: Final = 50
S = DeliveryState
RECEIPT = Attachment(filename="consegna.eml", media_type="message/rfc822", content=b"CONSEGNA")

WAYS: Final = ((S.SENT, S.DELAYED), (S.SENT,), (S.DELAYED,))
"""What is said while a message is under way."""

ENDS: Final[dict[tuple[DeliveryState, ...], tuple[str, str, bool]]] = {
    # what happened, one after the other; the delivery, the step, and whether its stage counts
    (): ("accepted", "done", False),
    (S.DELIVERED,): ("delivered", "counted", True),
    (S.READ,): ("delivered", "counted", True),
    (S.DELIVERED, S.READ): ("delivered", "counted", True),
    (S.BOUNCED,): ("bounced", "failed", False),
    (S.EXPIRED,): ("bounced", "failed", False),
    (S.EXPIRED, S.BOUNCED): ("bounced", "failed", False),
    (S.OPTED_OUT,): ("opted_out", "failed", False),
    (S.BOUNCED, S.DELIVERED): ("delivered", "counted", True),
    (S.EXPIRED, S.DELIVERED, S.READ): ("delivered", "counted", True),
    (S.OPTED_OUT, S.DELIVERED): ("delivered", "counted", True),
    (S.UNREADABLE,): ("questioned", "done", False),
    (S.UNREADABLE, S.REFUSED): ("bounced", "failed", False),
    (S.UNREADABLE, S.DELIVERED): ("delivered", "counted", True),
}
"""Whatever the order in which the hub hears of it: written by hand."""

CONTRADICTIONS: Final = (
    tuple(each for each in S if each not in WAYS[0]),
    (S.DELIVERED, S.BOUNCED),
    (S.READ, S.EXPIRED, S.OPTED_OUT),
)

RANKS: Final = {"accepted": 0, "questioned": 1, "bounced": 2, "opted_out": 2, "delivered": 3}


class Told(msgspec.Struct, frozen=True):
    """What happened, and the order and the pages in which it is told, with repetitions."""

    happened: tuple[DeliveryState, ...]
    pages: tuple[tuple[int, ...], ...]


@st.composite
def told(draw: st.DrawFn, ends: Sequence[tuple[DeliveryState, ...]]) -> Told:
    happened = (*draw(st.sampled_from(WAYS)), *draw(st.sampled_from(ends)))
    every = range(len(happened))
    again = draw(st.lists(st.sampled_from(every), max_size=3))
    order = draw(st.permutations([*every, *again]))
    cuts = sorted(draw(st.sets(st.sampled_from(range(1, len(order) + 1)), max_size=3)))
    edges = [0, *cuts, len(order)]
    pages = (tuple(order[a:b]) for a, b in pairwise(edges))
    return Told(happened, tuple(filter(None, pages)))


class Hearing:
    """An office with messages under way, a fresh one for each example."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._steps: list[int] = []

    def one(self) -> int:
        """The step of a message that was accepted, of which nothing else is known."""
        if not self._steps:
            self._steps = [self.office.step(stage=PROVEN) for _ in range(TRIES)]
            dispatch(self.office.hub, CLOCK, ON)
        return self._steps.pop()

    def hear(self, step: int, told: Told) -> Iterator[str]:
        """Tell it page by page; the delivery's status after each."""
        delivery = self.office.delivery(step).id
        news = [self._news(delivery, n, state) for n, state in enumerate(told.happened)]
        for page in told.pages:
            taker = NewsTaker(self.office.hub, ON)
            taker.take("pec", [news[n] for n in page], None, asked=False)
            yield self.office.delivery(step).status

    def _news(self, delivery: str, number: int, state: DeliveryState) -> DeliveryUpdate:
        return DeliveryUpdate(
            ref=delivery,
            update_id=f"{delivery}-{number}",
            state=state,
            at=NOW + timedelta(hours=1 + number),
            evidence=RECEIPT if state in (S.DELIVERED, S.READ) else None,
            origin=BY_THE_OTHER_SIDE,
        )

    def counted(self, step: int) -> bool:
        """Whether its cases have the stage behind them."""
        return {each.stage for each in self.office.cases(step)} == {PROVEN.key}

    def events(self) -> int:
        with self.office.store.read() as connection:
            return connection.execute(
                sa.select(sa.func.count()).select_from(proof.journal)
            ).scalar_one()


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hearing]:
    folder = tmp_path_factory.mktemp("office")
    store = migrated_store(folder / "incasso.db", folder / "archive")
    office = Office(store, {"pec": FakeChannel(("pec",))}, folder)
    yield Hearing(office)
    office.hub.registry.close()
    store.close()


@tries(TRIES)
@given(told(list(ENDS)))
def test_whatever_the_order_it_ends_the_same(hearing: Hearing, told: Told) -> None:
    step = hearing.one()
    *_, status = hearing.hear(step, told)
    ended = status, hearing.office.step_row(step).status, hearing.counted(step)
    assert ended == ENDS[tuple(each for each in told.happened if each not in WAYS[0])]
    before = hearing.events()
    assert {*hearing.hear(step, told)} == {status}
    assert hearing.events() == before, "the same again is no news"


@tries(TRIES)
@given(told([*ENDS, *CONTRADICTIONS]))
def test_it_never_goes_back(hearing: Hearing, told: Told) -> None:
    ranks = [RANKS[each] for each in hearing.hear(hearing.one(), told)]
    assert ranks == sorted(ranks)


@pytest.fixture
def mail() -> FakeChannel:
    return FakeChannel(("email",))


@pytest.fixture
def office(sqlite_store: Store, tmp_path: Path, mail: FakeChannel) -> Iterator[Office]:
    office = Office(sqlite_store, {"mail": mail}, tmp_path)
    yield office
    office.hub.registry.close()


def test_an_expired_message_of_a_step_that_is_over_is_told(
    office: Office, mail: FakeChannel
) -> None:
    """Its step stays counted, its case stays where it went meanwhile, and people hear of it."""
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    sent = office.delivery(step).id
    with office.store.write() as connection:
        connection.execute(sa.update(recovery.cases).values(stage=PROVEN.key))
    mail.report(sent, S.EXPIRED, NOW + timedelta(days=5))
    report = collect(office.hub, CLOCK, ON + timedelta(days=5))
    assert (report.news, report.reached) == (1, {"bounced": 1})
    assert office.step_row(step).status == "counted"
    assert [(each.stage, each.step_id) for each in office.cases(step)] == [(PROVEN.key, None)]
    with office.store.read() as connection:
        [row] = read_list(connection, DELIVERY_NEWS, Scope.everything())
    assert (row["delivery"], row["state"], row["standing"]) == (sent, "expired", "taken")
    told = [str(each.text) for each in history(office.hub, Scope.everything(), "C1", ON)]
    assert told[-1] == "sollecito came back, e-mail to c1@example.it", "no colon before nothing"
    assert verify(office.hub).good
