"""Which earlier messages a text may speak of: rule 12."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.sending.earlier import OwedFor, Spoken, Told, earlier_messages

TODAY = date(2026, 11, 23)


def nov(day: int) -> date:
    """A day of November 2026."""
    return date(2026, 11, day)


def test_all_installments_must_have_been_in_a_message() -> None:
    both = {1: OwedFor(nov(1)), 2: OwedFor(nov(1))}
    first, second = Told(nov(5), "a"), Told(nov(12), "b")
    assert earlier_messages(both, {1: [first, second]}, TODAY) == Spoken()


def test_one_about_a_part_is_not_spoken_of_beside_one_about_all() -> None:
    both = {1: OwedFor(nov(1)), 2: OwedFor(nov(1))}
    first, second = Told(nov(5), "a"), Told(nov(12), "b")
    assert earlier_messages(both, {1: [first, second], 2: [first]}, TODAY) == Spoken((first,))
    all_of_both = {1: [second, first], 2: [first, second]}
    assert earlier_messages(both, all_of_both, TODAY) == Spoken((first, second))


def test_messages_about_parts_are_spoken_of_together() -> None:
    both = {1: OwedFor(nov(1)), 2: OwedFor(nov(1))}
    first, second = Told(nov(5), "a"), Told(nov(12), "b")
    apart = Spoken((first, second), apart=True)
    assert earlier_messages(both, {1: [first], 2: [second]}, TODAY) == apart


def test_a_reminder_before_the_due_date_reproached_nothing() -> None:
    owed = {1: OwedFor(nov(10))}
    assert earlier_messages(owed, {1: [Told(nov(5), "a")]}, TODAY) == Spoken()
    assert earlier_messages(owed, {1: [Told(nov(10), "a")]}, TODAY) == Spoken()
    assert earlier_messages(owed, {1: [Told(nov(11), "a")]}, TODAY) == Spoken((Told(nov(11), "a"),))


def test_what_was_said_before_a_bill_came_back_was_another_matter() -> None:
    back = {1: OwedFor(nov(1), unpaid_on=nov(9))}
    assert earlier_messages(back, {1: [Told(nov(8), "a")]}, TODAY) == Spoken()
    assert earlier_messages(back, {1: [Told(nov(9), "a")]}, TODAY) == Spoken((Told(nov(9), "a"),))


def test_a_reminder_of_the_erp_counts_with_its_date() -> None:
    owed = {1: OwedFor(nov(1), reminded_on=nov(6)), 2: OwedFor(nov(1))}
    told = {2: [Told(nov(4), "a")]}
    assert earlier_messages(owed, told, TODAY) == Spoken(
        (Told(nov(4), "a"), Told(nov(6))), apart=True
    )
    early = {1: OwedFor(nov(1), reminded_on=date(2026, 10, 20))}
    assert earlier_messages(early, {}, TODAY) == Spoken()


def test_nothing_of_a_later_day_is_spoken_of() -> None:
    owed = {1: OwedFor(nov(1), reminded_on=nov(20))}
    assert earlier_messages(owed, {1: [Told(nov(19), "a")]}, nov(18)) == Spoken()


DAYS = st.integers(1, 30).map(nov)
DEBTS = st.dictionaries(
    st.integers(1, 4),
    st.builds(OwedFor, DAYS, st.none() | DAYS, st.none() | DAYS),
    min_size=1,
)
LEFT = st.dictionaries(st.integers(1, 4), st.lists(st.builds(Told, DAYS, st.sampled_from("abc"))))


@given(DEBTS, LEFT, DAYS)
def test_what_is_spoken_of_left_and_covers_every_debt(
    debts: dict[int, OwedFor], left: dict[int, list[Told[str]]], on: date
) -> None:
    spoken = earlier_messages(debts, left, on)
    found = spoken.messages
    for message in found:
        assert message.on <= on
        assert any(
            message in left.get(key, ()) or (message.key is None and owed.reminded_on == message.on)
            for key, owed in debts.items()
        )
    if found:
        for key, owed in debts.items():
            mine = {*left.get(key, ()), Told[str](owed.reminded_on or date.max)}
            assert mine & set(found)
            assert spoken.apart or set(found) <= mine
