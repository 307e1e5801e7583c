"""A block postpones, it does not hide: a case opens on the day of its first stage (rule 3)."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.recovery.iters import Anchor, CatchUp
from tests.agreeing import agreed
from tests.profiles import tries
from tests.recovery.ledgers import small_office
from tests.recovery.office import TODAY, Office, letters, stage

LATEST = letters(stage("sollecito", 5), stage("secondo", 20), catch_up=CatchUp.LATEST)


def block(office: Office, debt: int, client: int, kind: str, until: int | None) -> None:
    """Made on the office's day; until so many days after TODAY, or without an end."""
    with office.store.write() as connection:
        agreed(
            connection,
            kind=kind,
            source_id=office.source,
            client_id=client,
            installment_id=debt,
            currency="EUR",
            from_on=office.on,
            until_on=None if until is None else office.days(until),
            made_on=office.on,
        )
    office.look([debt])


@pytest.mark.parametrize("kind", ["hold", "promise", "dispute"])
def test_a_block_from_before_the_first_stage_does_not_hide_the_case(kind: str) -> None:
    """Due today, stages on day 5 and day 20, blocked from day 3 to day 28: the case opens on day
    5, and its first message is the first reminder."""
    with small_office() as office:
        office.publish(LATEST)
        client = office.client()
        debt = office.owes(client, due=TODAY)
        office.on = office.days(3)
        block(office, debt, client, kind, 28)
        for number in (3, 4):
            office.plan(office.days(number))
        assert office.cases() == []
        office.plan(office.days(5))
        (case,) = office.cases()
        assert (case.opened_on, case.blocked_by) == (office.days(5), kind)
        # A promise is waited for three working days more.
        for number in range(6, 36):
            office.plan(office.days(number))
        assert office.steps()[0].stage == "sollecito"


def test_a_returned_bill_that_credits_cover_has_a_case() -> None:
    with small_office() as office:
        office.publish(letters(stage("insoluto", 2, anchor=Anchor.UNPAID_DATE)))
        client = office.client()
        debt = office.owes(client, 10_000, due=TODAY, payment_method="riba", presented_on=TODAY)
        office.owes(client, -20_000, due=TODAY, document_kind="credit_note")
        office.plan(TODAY)
        office.on = office.days(1)
        office.change(debt, unpaid_on=office.on)
        for number in (1, 2, 3):
            office.plan(office.days(number))
        (case,) = office.cases()
        assert (case.opened_on, case.blocked_by) == (office.days(3), "net_credits")


class Block(msgspec.Struct, frozen=True):
    """Begins on a day, ends on a day or never."""

    begins: int
    kind: str
    until: int | None


blocks_of_a_course = st.lists(
    st.builds(
        Block,
        begins=st.integers(0, 9),
        kind=st.sampled_from(["hold", "promise", "dispute"]),
        until=st.none() | st.integers(9, 30),
    ),
    max_size=3,
)


@tries(15)
@given(
    st.lists(st.tuples(st.integers(-3, 6), blocks_of_a_course), min_size=1, max_size=4),
    st.integers(-4, 6),
    st.booleans(),
    st.sampled_from([CatchUp.FIRST, CatchUp.LATEST, CatchUp.REVIEW]),
)
def test_every_case_is_open_on_the_day_of_its_first_stage(
    debts: list[tuple[int, list[Block]]], days: int, covered: bool, catch_up: CatchUp
) -> None:
    """Whatever blocks it, and whenever that began; planning looks only where a look is due."""
    with small_office() as office:
        office.publish(letters(stage("s0", days), stage("s1", days + 9), catch_up=catch_up))
        known = []
        for number, (due, _) in enumerate(debts):
            client = office.client(f"C{number}")
            known.append((client, office.owes(client, due=office.days(due))))
            if covered:
                office.owes(client, -90_000, due=TODAY, document_kind="credit_note")
        for number in range(16):
            office.on = office.days(number)
            for (client, debt), (_, blocks) in zip(known, debts, strict=True):
                for one in blocks:
                    if one.begins == number:
                        block(office, debt, client, one.kind, one.until)
            office.plan(office.on)
        opened = {case.installment_id: case.opened_on for case in office.cases()}
        assert opened == {
            debt: max(TODAY, _first_day(due, days))
            for (_, debt), (due, _) in zip(known, debts, strict=True)
        }


def _first_day(due: int, days: int) -> date:
    """The first stage's day; that of the second if the first is a reminder and too late."""
    late = days < 0 and due < 0
    return TODAY + timedelta(days=due + days + (9 if late else 0))
