"""Until when a credit can be claimed: terms, holidays, interruptions, warnings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.law.limitation import (
    CreditClass,
    Doubt,
    Evidence,
    Interruption,
    InterruptionKind,
    Urgency,
    interest_alive_from,
    limitation,
    term_of,
)

NOTICE, COURT = InterruptionKind.NOTICE, InterruptionKind.COURT


def day(text: str) -> date:
    return date.fromisoformat(text)


def confirmed(on: str, kind: InterruptionKind = NOTICE, final: str = "") -> Interruption:
    return Interruption(kind, day(on), final_on=day(final) if final else None)


def claimed(on: str) -> Interruption:
    found = Interruption(InterruptionKind.PART_PAYMENT, day(on), Doubt.OF_FACT)
    assert found.evidence is Evidence.CLAIMED
    return found


@pytest.mark.parametrize(
    ("credit", "due", "last_day"),
    [
        (CreditClass.ORDINARY, "2016-11-30", "2026-11-30"),
        (CreditClass.PERIODIC, "2021-11-30", "2026-11-30"),
        (CreditClass.COMPANY, "2021-11-30", "2026-11-30"),
        (CreditClass.TRANSPORT, "2025-11-30", "2026-11-30"),
        (CreditClass.TRANSPORT_OVERSEAS, "2025-05-30", "2026-11-30"),
        (CreditClass.BROKERAGE, "2025-11-30", "2026-11-30"),
        (CreditClass.INSURANCE, "2025-11-30", "2026-11-30"),
        (CreditClass.JUDGMENT, "2016-11-30", "2026-11-30"),
        # A bill of electricity due on 1 March 2018 still has five years, the next day's has two.
        (CreditClass.ELECTRICITY, "2018-03-01", "2023-03-01"),
        (CreditClass.ELECTRICITY, "2018-03-02", "2020-03-02"),
        (CreditClass.GAS, "2019-01-01", "2024-01-02"),  # 1 January is a holiday
        (CreditClass.GAS, "2019-01-02", "2021-01-02"),
        (CreditClass.WATER, "2020-01-01", "2025-01-02"),
        (CreditClass.WATER, "2020-01-02", "2022-01-03"),  # 2 January 2022 is a Sunday
        # Months without that day end on their last one; Saturdays are no holidays.
        (CreditClass.TRANSPORT, "2024-02-29", "2025-02-28"),
        (CreditClass.TRANSPORT_OVERSEAS, "2023-08-31", "2025-02-28"),
        (CreditClass.TRANSPORT, "2024-11-30", "2025-12-01"),  # 30 November 2025 is a Sunday
        (CreditClass.TRANSPORT, "2024-12-25", "2025-12-27"),  # two holidays, then a Saturday
        (CreditClass.TRANSPORT, "2025-10-04", "2026-10-05"),  # St Francis, a Sunday besides
    ],
)
def test_the_last_day(credit: CreditClass, due: str, last_day: str) -> None:
    found = limitation(credit, day(due), ())
    assert found.last_day == found.if_claimed == day(last_day)
    assert found.runs_from == found.start == day(due)
    assert found.basis


def test_a_notice_that_arrived_gives_a_whole_new_term() -> None:
    found = limitation(CreditClass.PERIODIC, day("2020-01-31"), [confirmed("2024-06-03")])
    assert (found.runs_from, found.last_day) == (day("2024-06-03"), day("2029-06-04"))


def test_what_is_only_claimed_moves_the_other_date_alone() -> None:
    found = limitation(
        CreditClass.PERIODIC, day("2020-01-31"), [confirmed("2022-03-01"), claimed("2024-06-03")]
    )
    assert (found.last_day, found.if_claimed) == (day("2027-03-01"), day("2029-06-04"))


def test_what_comes_too_late_or_before_starts_nothing() -> None:
    late = [confirmed("2019-05-01"), confirmed("2025-02-01")]
    found = limitation(CreditClass.PERIODIC, day("2020-01-31"), late)
    assert (found.runs_from, found.last_day) == (day("2020-01-31"), day("2025-01-31"))


def test_a_court_stops_the_term_until_its_judgment_is_final() -> None:
    served = limitation(CreditClass.PERIODIC, day("2020-01-31"), [confirmed("2022-03-01", COURT)])
    assert served.last_day is None
    assert served.urgency(day("2099-01-01")) is Urgency.SUSPENDED
    final = limitation(
        CreditClass.PERIODIC, day("2020-01-31"), [confirmed("2022-03-01", COURT, "2023-05-02")]
    )
    assert final.last_day == day("2033-05-02")  # ten years (art. 2953)


@pytest.mark.parametrize(
    ("before", "urgency"),
    [
        (181, Urgency.FAR), (180, Urgency.WITHIN_180), (91, Urgency.WITHIN_180),
        (90, Urgency.WITHIN_90), (31, Urgency.WITHIN_90), (30, Urgency.WITHIN_30),
        (0, Urgency.WITHIN_30), (-1, Urgency.BARRED),
    ],
)  # fmt: skip
def test_how_near_the_end_is(before: int, urgency: Urgency) -> None:
    found = limitation(CreditClass.ORDINARY, day("2017-05-31"), ())
    assert found.last_day is not None
    assert found.urgency(found.last_day - timedelta(days=before)) is urgency


@pytest.mark.parametrize(
    ("due", "events", "on", "alive"),
    [
        ("2024-01-31", [], "2026-11-30", "2024-02-01"),
        ("2018-01-31", [], "2026-11-30", "2021-11-30"),
        ("2018-01-31", ["2022-06-01"], "2026-11-30", "2018-02-01"),
        # The notice came after five years: the first months were lost before it.
        ("2016-01-31", ["2022-06-01"], "2026-11-30", "2017-06-01"),
        ("2016-01-31", ["2020-06-01"], "2026-11-30", "2021-11-30"),
        ("2016-01-31", ["2099-01-01"], "2026-11-30", "2021-11-30"),
    ],
)
def test_interest_has_five_years_of_its_own(
    due: str, events: list[str], on: str, alive: str
) -> None:
    found = interest_alive_from(day(due), [confirmed(each) for each in events], day(on))
    assert found == day(alive)


@given(
    credit=st.sampled_from(CreditClass),
    due=st.dates(date(2021, 1, 1), date(2026, 1, 1)),
    days=st.lists(st.integers(1, 3000), max_size=5),
)
def test_an_interruption_never_shortens_a_term(
    credit: CreditClass, due: date, days: list[int]
) -> None:
    events = [Interruption(NOTICE, due + timedelta(days=each)) for each in days]
    found, bare = limitation(credit, due, events), limitation(credit, due, ())
    assert found.last_day and bare.last_day
    assert found.last_day >= bare.last_day
    assert found.last_day.weekday() != 6
    months = term_of(credit, due).months
    assert timedelta(days=0) < found.last_day - found.runs_from <= timedelta(days=31 * months + 6)
