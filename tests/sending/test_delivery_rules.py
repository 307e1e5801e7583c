"""The states of a delivery: late, doubled and contradicting news never undo what is final."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.channel import DeliveryState, DeliveryUpdate
from incasso.contract.values import Attachment
from incasso.domain.sending import delivery
from incasso.domain.sending.delivery import DeliveryStatus, Trace, after_crash
from incasso.domain.sending.retry import DELAYS, retry_delay
from incasso.domain.sending.trust import Trust, weigh

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PROOF = Attachment(filename="ricevuta.eml", media_type="message/rfc822", content=b"x")


def news(
    state: DeliveryState, *, hours: int = 1, permanent: bool = True, proof: bool = False
) -> DeliveryUpdate:
    return DeliveryUpdate(
        ref="r",
        update_id=f"{state}-{hours}",
        state=state,
        at=T0 + timedelta(hours=hours),
        permanent=permanent,
        evidence=PROOF if proof else None,
    )


def after_news(
    status: DeliveryStatus,
    final_at: datetime | None,
    update: DeliveryUpdate,
    trust: Trust = Trust.PROVEN,
) -> DeliveryStatus:
    return delivery.after_news(status, final_at, update, weigh(update, trust))


def test_a_warning_is_not_a_failure_and_a_late_delivery_still_counts() -> None:
    warned = after_news(DeliveryStatus.ACCEPTED, None, news(DeliveryState.DELAYED))
    assert warned is DeliveryStatus.ACCEPTED
    soft = after_news(warned, None, news(DeliveryState.BOUNCED, permanent=False))
    assert soft is DeliveryStatus.ACCEPTED
    assert after_news(soft, None, news(DeliveryState.DELIVERED)) is DeliveryStatus.DELIVERED


def test_delivered_is_not_undone_by_a_bounce() -> None:
    assert (
        after_news(DeliveryStatus.DELIVERED, T0, news(DeliveryState.BOUNCED))
        is DeliveryStatus.DELIVERED
    )


def test_only_newer_proof_overrules_a_failure() -> None:
    bare = news(DeliveryState.DELIVERED, hours=2)
    proven = news(DeliveryState.DELIVERED, hours=2, proof=True)
    old = news(DeliveryState.DELIVERED, hours=-2, proof=True)
    assert after_news(DeliveryStatus.BOUNCED, T0, bare) is DeliveryStatus.BOUNCED
    assert after_news(DeliveryStatus.BOUNCED, T0, old) is DeliveryStatus.BOUNCED
    assert after_news(DeliveryStatus.BOUNCED, T0, proven) is DeliveryStatus.DELIVERED


def test_any_news_about_an_uncertain_message_proves_that_it_left() -> None:
    assert (
        after_news(DeliveryStatus.UNCERTAIN, None, news(DeliveryState.SENT))
        is DeliveryStatus.ACCEPTED
    )
    assert (
        after_news(DeliveryStatus.QUEUED, None, news(DeliveryState.DELAYED))
        is DeliveryStatus.ACCEPTED
    )
    assert (
        after_news(DeliveryStatus.UNCERTAIN, None, news(DeliveryState.BOUNCED))
        is DeliveryStatus.BOUNCED
    )


updates = st.builds(
    news,
    st.sampled_from(list(DeliveryState)),
    hours=st.integers(-5, 5),
    permanent=st.booleans(),
    proof=st.booleans(),
)


trusts = st.sampled_from(list(Trust))


@given(st.sampled_from(list(DeliveryStatus)), st.lists(st.tuples(updates, trusts), max_size=8))
def test_whatever_comes_no_message_goes_back_to_the_queue(
    start: DeliveryStatus, stream: Sequence[tuple[DeliveryUpdate, Trust]]
) -> None:
    states = [start]
    for update, trust in stream:
        states.append(after_news(states[-1], T0, update, trust))
    assert DeliveryStatus.SENDING not in states[1:] or start is DeliveryStatus.SENDING
    for before, after in pairwise(states):
        assert after is not DeliveryStatus.QUEUED or before is DeliveryStatus.QUEUED
        assert before is not DeliveryStatus.DELIVERED or after is DeliveryStatus.DELIVERED


@given(st.sampled_from(list(DeliveryStatus)), updates, trusts)
def test_the_same_news_twice_changes_nothing_more(
    start: DeliveryStatus, update: DeliveryUpdate, trust: Trust
) -> None:
    once = after_news(start, T0, update, trust)
    assert after_news(once, T0, update, trust) is once


@given(st.sampled_from(list(DeliveryStatus)), updates)
def test_what_anybody_can_have_written_changes_nothing(
    start: DeliveryStatus, update: DeliveryUpdate
) -> None:
    if update.state is not DeliveryState.UNREADABLE:
        assert after_news(start, T0, update, Trust.UNKNOWN) is start


@given(st.sampled_from(list(DeliveryStatus)), updates, st.sampled_from(list(Trust)[1:]))
def test_only_proven_news_proves_delivery(
    start: DeliveryStatus, update: DeliveryUpdate, trust: Trust
) -> None:
    if start is not DeliveryStatus.DELIVERED:
        assert after_news(start, T0, update, trust) is not DeliveryStatus.DELIVERED


def test_after_a_crash_only_certainty_sends_again() -> None:
    assert after_crash(Trace.FOUND, idempotent=False) is DeliveryStatus.ACCEPTED
    assert after_crash(Trace.CERTAINLY_NOT, idempotent=False) is DeliveryStatus.QUEUED
    assert after_crash(Trace.UNKNOWN, idempotent=False) is DeliveryStatus.UNCERTAIN
    assert after_crash(Trace.UNKNOWN, idempotent=True) is DeliveryStatus.QUEUED


@given(st.text(min_size=1, max_size=16))
def test_pauses_grow_and_end(delivery: str) -> None:
    pauses = [retry_delay(delivery, attempt) for attempt in range(1, len(DELAYS) + 2)]
    assert pauses[-1] is None
    waits = [wait for wait in pauses if wait is not None]
    assert all(DELAYS[n] <= wait <= DELAYS[n] * 1.2 for n, wait in enumerate(waits))
    assert timedelta(days=1) < sum(waits, timedelta(0)) < timedelta(days=5)


def test_what_the_other_side_asks_for_is_a_minimum() -> None:
    assert retry_delay("a", 1, timedelta(hours=3)) == timedelta(hours=3)
    longer = retry_delay("a", 5, timedelta(seconds=1))
    assert longer is not None
    assert longer >= DELAYS[4]
