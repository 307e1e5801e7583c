"""A credit is in one message of a day, and no message asks for nothing because of credits."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.sending.set_off import Asking, Credit, set_off

DAY = date(2026, 11, 23)


def message(step: int, total: int, **facts: object) -> Asking:
    """A message of the day that may still leave."""
    return Asking(step=step, due_on=DAY, total=total, **facts)  # type: ignore[arg-type]


def credit(number: int, amount: int) -> Credit:
    """A credit of a day of November by its number."""
    return Credit(id=number, amount=amount, due=date(2026, 11, number))


def test_the_first_message_that_can_bear_it_takes_it() -> None:
    found = set_off([message(2, 1_000), message(1, 100)], [credit(1, 300)])
    assert found == {1: (), 2: (1,)}


def test_nothing_is_left_to_ask_is_no_message() -> None:
    assert set_off([message(1, 300)], [credit(1, 300)]) == {1: ()}
    assert set_off([message(1, 301)], [credit(1, 300)]) == {1: (1,)}


def test_older_credits_first_and_later_ones_where_there_is_room() -> None:
    found = set_off([message(1, 500), message(2, 500)], [credit(2, 300), credit(1, 400)])
    assert found == {1: (1,), 2: (2,)}


def test_what_left_keeps_what_it_showed() -> None:
    left = message(1, 1_000, credits=frozenset({7}))
    assert set_off([left, message(2, 1_000)], [credit(7, 10), credit(8, 20)]) == {2: (8,)}


def test_a_message_of_an_iter_that_shows_none_takes_none() -> None:
    assert set_off([message(1, 500, shows=False), message(2, 400)], [credit(1, 1)]) == {2: (1,)}


MESSAGES = st.lists(
    st.tuples(st.integers(1, 2_000), st.booleans(), st.none() | st.sets(st.integers(1, 5))),
    max_size=5,
)
CREDITS = st.dictionaries(st.integers(1, 5), st.integers(1, 900), max_size=5)


@given(MESSAGES, CREDITS)
def test_no_credit_twice_and_nothing_at_or_below_zero(
    given_messages: list[tuple[int, bool, set[int] | None]], worth: dict[int, int]
) -> None:
    asking = [
        message(step, total, shows=shows, credits=None if left is None else frozenset(left))
        for step, (total, shows, left) in enumerate(given_messages, 1)
    ]
    found = set_off(asking, [credit(number, amount) for number, amount in worth.items()])
    shown = [each for ids in found.values() for each in ids]
    assert len(shown) == len(set(shown))
    assert not set(shown) & {each for one in asking for each in one.credits or ()}
    totals = {each.step: each.total for each in asking}
    assert all(totals[step] > sum(worth[each] for each in ids) for step, ids in found.items())
    # A credit that stays out fits into no message that shows credits.
    for number in (
        worth.keys() - set(shown) - {each for one in asking for each in one.credits or ()}
    ):
        for step, ids in found.items():
            assert totals[step] - sum(worth[each] for each in ids) <= worth[number]
