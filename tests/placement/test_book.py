"""The book of a placement: what each report does to the accounts, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incasso.contract.exchange import ClosingReason, UpdateKind
from incasso.domain.placement.account import RowAccount
from incasso.domain.placement.book import Book
from incasso.domain.placement.problems import ReturnProblem
from incasso.domain.placement.reports import Decision, Report
from incasso.domain.placement.states import EntryKind, PlacementState, UpdateStanding

DAY = date(2026, 6, 10)
APPLIED = (UpdateStanding.APPLIED, None)
A, B = 1, 2


def book(a: int = 10_000, b: int = 5_000) -> Book:
    """Two installments, A the older one."""
    return Book(
        {
            A: RowAccount(row=A, due=date(2026, 1, 31), placed=a),
            B: RowAccount(row=B, due=date(2026, 2, 28), placed=b),
        }
    )


def report(
    id: str,
    kind: UpdateKind = UpdateKind.PAYMENT,
    amount: int | None = None,
    *,
    row: int | None = None,
    corrects: str = "",
    day: int = 0,
    closing: ClosingReason | None = None,
) -> Report:
    return Report(
        id=id,
        kind=kind,
        on=DAY + timedelta(days=day),
        amount=amount,
        row=row,
        corrects=corrects,
        closing=closing,
    )


def reversal(id: str, of: str, amount: int | None = None, day: int = 0) -> Report:
    return report(id, UpdateKind.REVERSAL, amount, corrects=of, day=day)


def closed(id: str, reason: ClosingReason, day: int = 0, row: int | None = None) -> Report:
    return report(id, UpdateKind.CLOSED, closing=reason, day=day, row=row)


def told(decision: Decision) -> tuple[UpdateStanding, ReturnProblem | None]:
    return decision.standing, decision.problem


def waits(problem: ReturnProblem) -> tuple[UpdateStanding, ReturnProblem]:
    return UpdateStanding.WAITING, problem


def refused(problem: ReturnProblem) -> tuple[UpdateStanding, ReturnProblem]:
    return UpdateStanding.REFUSED, problem


def balance(one: Book) -> dict[str, int]:
    """Of the whole placement."""
    rows = one.rows.values()
    return {
        "collected": sum(row.collected for row in rows),
        "given up": sum(row.given_up for row in rows),
        "open": sum(row.open for row in rows),
        "unmet": sum(row.unmet for row in rows),
    }


def test_a_payment_without_a_row_pays_the_oldest_first() -> None:
    one = book()
    assert told(one.take(report("p1", amount=12_000))) == APPLIED
    assert (one.rows[A].open, one.rows[B].open) == (0, 3_000)
    assert [(entry.row, entry.kind, entry.amount) for entry in one.entries] == [
        (A, EntryKind.COLLECTED, 10_000),
        (B, EntryKind.COLLECTED, 2_000),
    ]


def test_a_reversal_takes_back_exactly_what_was_booked() -> None:
    one = book()
    one.take(report("p1", amount=12_000))
    assert told(one.take(reversal("r1", "p1", 12_000))) == APPLIED
    assert (one.rows[A].open, one.rows[B].open) == (10_000, 5_000)
    assert told(one.take(reversal("r2", "p1"))) == refused(ReturnProblem.ALREADY_REVERSED)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (reversal("r1", ""), refused(ReturnProblem.NO_REFERENCE)),
        (reversal("r1", "p1", 11_999), refused(ReturnProblem.OTHER_AMOUNT)),
        (reversal("r1", "p7"), waits(ReturnProblem.UNKNOWN_PAYMENT)),
        (reversal("r1", "r1"), waits(ReturnProblem.UNKNOWN_PAYMENT)),
        (report("p2", amount=3_001), waits(ReturnProblem.MORE_THAN_OPEN)),
        (report("p2", amount=1, row=A), waits(ReturnProblem.MORE_THAN_OPEN)),
        (report("p2"), refused(ReturnProblem.NO_AMOUNT)),
        (closed("c1", ClosingReason.PAID), waits(ReturnProblem.OPEN_THOUGH_PAID)),
        (report("c1", UpdateKind.CLOSED), refused(ReturnProblem.NO_REASON)),
        (
            report("k1", UpdateKind.CORRECTION, 3_000),
            refused(ReturnProblem.NO_REFERENCE),
        ),
    ],
)
def test_what_does_not_fit_changes_no_account(
    wrong: Report, problem: tuple[UpdateStanding, ReturnProblem]
) -> None:
    one = book(a=10_000, b=5_000)
    one.take(report("p1", amount=12_000, row=None))
    if wrong.row == A:  # nothing else lies on it that could have gone to the other row
        one = book(a=10_000)
        one.take(report("p1", amount=10_000, row=A))
    before = balance(one)
    assert told(one.take(wrong)) == problem
    assert balance(one) == before


def test_a_reversal_before_its_payment_waits_for_it() -> None:
    one = book()
    assert told(one.take(reversal("r1", "p1"))) == waits(ReturnProblem.UNKNOWN_PAYMENT)
    assert told(one.take(report("p1", amount=700))) == APPLIED
    assert told(one.standing["r1"]) == APPLIED
    assert balance(one)["collected"] == 0


def test_a_payment_that_did_not_fit_is_taken_when_it_does() -> None:
    one = book()
    one.take(report("p1", amount=15_000))
    assert told(one.take(report("p2", amount=15_000))) == waits(ReturnProblem.MORE_THAN_OPEN)
    one.take(reversal("r1", "p1"))
    assert told(one.standing["p2"]) == APPLIED
    assert balance(one) == {"collected": 15_000, "given up": 0, "open": 0, "unmet": 15_000}


def test_a_waiting_payment_and_its_reversal_make_nothing() -> None:
    one = book()
    one.take(report("p1", amount=15_000))
    one.take(report("p2", amount=9_000))
    assert told(one.take(reversal("r2", "p2"))) == APPLIED
    assert balance(one)["collected"] == 15_000
    assert one.standing["p2"].standing is UpdateStanding.NOTED


def test_a_correction_takes_the_place_of_the_payment() -> None:
    one = book()
    one.take(report("p1", amount=12_000))
    assert told(one.take(report("k1", UpdateKind.CORRECTION, 1_200, corrects="p1"))) == APPLIED
    assert balance(one)["collected"] == 1_200
    again = report("k2", UpdateKind.CORRECTION, 900, corrects="p1")
    assert told(one.take(again)) == refused(ReturnProblem.ALREADY_REVERSED)
    assert told(one.take(report("k3", UpdateKind.CORRECTION, 900, corrects="k1"))) == APPLIED
    assert balance(one)["collected"] == 900


def test_a_correction_of_a_waiting_payment_is_the_only_one_that_counts() -> None:
    one = book()
    one.take(report("p1", amount=150_000))
    assert told(one.take(report("k1", UpdateKind.CORRECTION, 15_000, corrects="p1"))) == APPLIED
    assert one.standing["p1"].standing is UpdateStanding.NOTED
    assert balance(one)["open"] == 0
    late = reversal("r1", "p1")
    assert told(one.take(late)) == refused(ReturnProblem.ALREADY_REVERSED)


def test_the_end_leaves_nothing_open_and_says_what_was_given_up() -> None:
    one = book()
    one.take(report("p1", amount=4_000))
    assert told(one.take(closed("c1", ClosingReason.NEGATIVE, day=3))) == APPLIED
    assert balance(one) == {"collected": 4_000, "given up": 11_000, "open": 0, "unmet": 4_000}
    (end,) = one.ended
    assert (end.state, end.closing) == (PlacementState.CLOSED, ClosingReason.NEGATIVE)
    again = closed("c2", ClosingReason.NEGATIVE, day=4)
    assert told(one.take(again)) == (UpdateStanding.NOTED, ReturnProblem.AFTER_THE_END)


def test_money_told_late_that_came_before_the_end() -> None:
    one = book()
    one.take(closed("c1", ClosingReason.NEGATIVE, day=3))
    assert told(one.take(report("p1", amount=4_000, day=3))) == APPLIED
    assert balance(one)["given up"] == 11_000 and balance(one)["open"] == 0
    assert told(one.take(reversal("r1", "p1", day=9))) == APPLIED
    assert balance(one) == {"collected": 0, "given up": 15_000, "open": 0, "unmet": 0}


def test_money_after_the_end_waits_for_a_person() -> None:
    one = book()
    one.take(closed("c1", ClosingReason.NEGATIVE, day=3))
    late = report("p1", amount=4_000, day=4)
    assert told(one.take(late)) == waits(ReturnProblem.AFTER_THE_END)
    assert told(one.accept(late)) == (UpdateStanding.APPLIED, ReturnProblem.AFTER_THE_END)
    assert balance(one) == {"collected": 4_000, "given up": 11_000, "open": 0, "unmet": 4_000}


def test_accepting_more_than_was_open_is_seen_in_the_account() -> None:
    one = book()
    much = report("p1", amount=15_100)
    one.take(much)
    assert told(one.accept(much)) == (UpdateStanding.APPLIED, ReturnProblem.MORE_THAN_OPEN)
    assert (one.rows[A].open, one.rows[B].open) == (0, -100)


def test_what_was_seen_as_direct_becomes_the_providers_when_accepted() -> None:
    """The provider passed the money on before it told of it."""
    one = book(a=10_000)
    one.rows[A].book(EntryKind.DIRECT, 10_000)
    one.rows[B].book(EntryKind.DIRECT, 5_000)
    theirs = report("p1", amount=10_000, row=A)
    assert told(one.take(theirs)) == waits(ReturnProblem.SEEN_AS_DIRECT)
    one.accept(theirs)
    assert (one.rows[A].direct, one.rows[A].collected, one.rows[A].unmet) == (0, 10_000, 0)
    assert balance(one)["open"] == 0


def test_paid_in_full_waits_for_the_payments() -> None:
    one = book()
    one.take(closed("c1", ClosingReason.PAID, day=5))
    one.take(report("p1", amount=15_000))
    assert told(one.standing["c1"]) == APPLIED
    assert one.is_over and balance(one)["given up"] == 0


def test_a_row_named_after_a_payment_without_one() -> None:
    """Together they fit, whichever comes first."""
    one = book(a=5_000, b=5_000)
    one.take(report("p1", amount=5_000))
    assert told(one.take(report("p2", amount=5_000, row=A))) == APPLIED
    assert balance(one)["open"] == 0


@st.composite
def stories(draw: st.DrawFn) -> list[Report]:
    """What an honest provider did, day by day; it never got more than was open."""
    placed = {A: 10_000, B: 5_000}
    open_ = sum(placed.values())
    alive: dict[str, int] = {}
    found: list[Report] = []
    for day in range(draw(st.integers(1, 9))):
        name = f"u{day}"
        what = draw(st.sampled_from(("pay", "pay", "reverse", "correct", "say")))
        if what == "pay" and open_:
            amount = draw(st.integers(1, open_))
            found.append(report(name, amount=amount, day=day))
            alive[name], open_ = amount, open_ - amount
        elif what in ("reverse", "correct") and alive:
            of = draw(st.sampled_from(sorted(alive)))
            before = alive.pop(of)
            open_ += before
            if what == "reverse":
                found.append(reversal(name, of, before, day))
            else:
                amount = draw(st.integers(1, open_))
                found.append(report(name, UpdateKind.CORRECTION, amount, corrects=of, day=day))
                alive[name], open_ = amount, open_ - amount
        else:
            found.append(report(name, UpdateKind.ACTIVITY, day=day))
    if draw(st.booleans()):
        reason = ClosingReason.NEGATIVE if open_ else ClosingReason.PAID
        found.append(closed("end", reason, day=20))
    return found


def told_in(order: Sequence[Report]) -> Book:
    one = book()
    for each in order:
        one.take(each)
    return one


@given(stories(), st.randoms(use_true_random=False))
def test_the_balance_does_not_depend_on_the_order(story: list[Report], chance: object) -> None:
    straight = told_in(story)
    assert {told(each) for each in straight.standing.values()} <= {APPLIED}
    mixed = list(story)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert balance(told_in(mixed)) == balance(straight)


@given(stories(), st.data())
def test_the_account_is_exact_whatever_is_told(story: list[Report], data: st.DataObject) -> None:
    """Cut, doubled under other names, with other sums: the equation holds, nothing goes below
    zero."""
    spoiled = []
    for number, each in enumerate(story):
        match data.draw(st.sampled_from(("whole", "lost", "doubled", "other"))):
            case "whole":
                spoiled.append(each)
            case "doubled":
                spoiled += [each, replace(each, id=f"again{number}")]
            case "other" if each.amount is not None:
                spoiled.append(replace(each, amount=each.amount * 3))
    one = told_in(data.draw(st.permutations(spoiled)))
    for row in one.rows.values():
        ins = row.placed + row.sum(EntryKind.RAISED)
        outs = row.collected + row.direct + row.sum(EntryKind.REDUCED) + row.given_up
        assert ins == row.open + outs
        assert row.open >= 0 and row.collected >= 0 and row.given_up >= 0
        booked = [entry for entry in one.entries if entry.row == row.row]
        assert all(entry.amount > 0 for entry in booked)
        assert row.sum(EntryKind.COLLECTED) == sum(
            entry.amount for entry in booked if entry.kind is EntryKind.COLLECTED
        )
    keys = [(entry.row, entry.kind, entry.cause) for entry in one.entries]
    assert len(keys) == len(set(keys)), "the database refuses the same entry twice"
