"""Hold, promise, plan, dispute, extension, release: what is written, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.acts.agreements import (
    Dispute,
    Extend,
    Hold,
    Payment,
    PaymentPlan,
    Promise,
    Release,
)
from incasso.services.acts import ActError
from incasso.services.acts.amounts import spread
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import ActorError
from incasso.store.tables import ledger, office, proof, recovery
from tests.acts.office import MONDAY, Small
from tests.doing import do

FRIDAY = date(2026, 11, 27)


def rows(hub: Hub, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> list[Any]:
    """Rows of a table by its primary key."""
    with hub.store.read() as connection:
        query = sa.select(table).where(*conditions).order_by(*table.primary_key)
        return list(connection.execute(query))


def active(hub: Hub) -> list[tuple[str, int | None, int | None]]:
    """Kind, installment and amount of what is in force."""
    found = rows(hub, recovery.agreements, recovery.agreements.c.status == "active")
    return [(row.kind, row.installment_id, row.amount) for row in found]


def test_a_hold_stops_what_has_not_left(hub: Hub, small: Small) -> None:
    said = do(hub, Hold(subject="C1", why="reso in arrivo", until=FRIDAY, owner="bruno"))
    assert said == "Held until 2026-11-27: client acme/C1."
    (agreement,) = rows(hub, recovery.agreements)
    assert (agreement.kind, agreement.installment_id, agreement.owner) == ("hold", None, "bruno")
    assert (agreement.from_on, agreement.until_on) == (MONDAY, FRIDAY)
    assert [row.look_on for row in rows(hub, ledger.installments)] == [MONDAY, MONDAY]
    assert [row.status for row in rows(hub, recovery.steps)] == ["cancelled"]
    assert [row.step_id for row in rows(hub, recovery.cases)] == [None, None]
    assert {row.who for row in rows(hub, recovery.case_events) if row.what == "hold"} == {"anna"}
    (event,) = rows(hub, proof.journal)
    assert (event.kind, event.actor, event.client) == ("agreement.made", "anna", "C1")
    assert event.facts["why"] == "reso in arrivo"


def test_a_hold_on_one_installment_leaves_the_other_in_its_step(hub: Hub, small: Small) -> None:
    do(hub, Hold(subject="F1/1", why="verifica"))
    (agreement,) = rows(hub, recovery.agreements)
    assert agreement.installment_id == small.late
    assert agreement.until_on == MONDAY + timedelta(days=30)
    (step,) = rows(hub, recovery.steps)
    assert (step.status, [row.step_id for row in rows(hub, recovery.cases)]) == (
        "ready",
        [None, small.step],
    )


def test_a_second_hold_takes_the_place_of_the_first(hub: Hub, small: Small) -> None:
    do(hub, Hold(subject="C1", why="uno"))
    do(hub, Hold(subject="C1", why="due"))
    assert [(row.reason, row.status) for row in rows(hub, recovery.agreements)] == [
        ("uno", "released"),
        ("due", "active"),
    ]


def test_a_promise_is_of_what_is_past_due_unless_told(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject="C1", until=FRIDAY))
    do(hub, Promise(subject="F1/1", until=FRIDAY, amount=Decimal("40")))
    assert active(hub) == [("promise", None, 35050), ("promise", small.late, 4000)]
    assert [row.residual_then for row in rows(hub, recovery.agreements)] == [35050, 10000]


def test_a_promise_about_a_step_is_laid_over_its_installments(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject=f"step:{small.step}", until=FRIDAY, amount=Decimal("150.00")))
    assert active(hub) == [("promise", small.late, 10000), ("promise", small.later, 5000)]


def test_a_plan_keeps_its_dates(hub: Hub, small: Small) -> None:
    payments = [
        Payment(on=FRIDAY, amount=Decimal("100")),
        Payment(on=date(2026, 12, 31), amount=Decimal("250.5")),
    ]
    do(hub, PaymentPlan(subject="C1", pay=tuple(payments)))
    assert [(row.due_on, row.amount) for row in rows(hub, recovery.agreement_dates)] == [
        (FRIDAY, 10000),
        (date(2026, 12, 31), 25050),
    ]


def test_a_little_more_than_owed_is_within_the_tolerance(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject="F1/1", until=FRIDAY, amount=Decimal("105.00")))
    with pytest.raises(ActError, match=r"105\.01 EUR is more than the 100\.00 EUR owed"):
        do(hub, Promise(subject="F1/1", until=FRIDAY, amount=Decimal("105.01")))


def test_an_extension_moves_each_due_date(hub: Hub, small: Small) -> None:
    do(hub, Extend(subject="C1", days=10))
    assert [row.until_on for row in rows(hub, recovery.agreements)] == [
        date(2026, 10, 11),
        date(2026, 11, 11),
    ]
    do(hub, Extend(subject="C1", days=10))
    last = rows(hub, recovery.agreements, recovery.agreements.c.status == "active")
    assert [row.until_on for row in last] == [date(2026, 10, 21), date(2026, 11, 21)]
    do(hub, Extend(subject="C1", to=date(2026, 11, 1)))
    with pytest.raises(ActError, match="later than"):
        do(hub, Extend(subject="C1", to=date(2026, 10, 2)))


def test_release_ends_everything_of_a_client(hub: Hub, small: Small) -> None:
    do(hub, Hold(subject="C1", why="x"))
    do(hub, Dispute(subject="F1/1", why="merce rotta", department="qualità"))
    do(hub, Extend(subject="F2/1", days=5))
    with pytest.raises(ActError, match="release `client acme/C1` as a whole"):
        do(hub, Release(subject="F2/1"))
    assert do(hub, Release(subject="C1")) == "Released dispute, hold: client acme/C1."
    assert active(hub) == [("extension", small.later, None)]
    with pytest.raises(ActError, match="Nothing to release"):
        do(hub, Release(subject="C1"))
    do(hub, Release(subject="F2/1", what=("extension",)))
    assert active(hub) == []


REFUSED: list[tuple[str, Callable[[Hub], object]]] = [
    (
        "before 2026-11-23",
        lambda hub: do(hub, Hold(subject="C1", why="x", until=date(2026, 11, 22))),
    ),
    ("--why", lambda hub: do(hub, Hold(subject="C1", why=" "))),
    ("--why", lambda hub: do(hub, Dispute(subject="C1", why=""))),
    ("--by", lambda hub: do(hub, Hold(subject="C1", why="x"), by="")),
    ("disabled", lambda hub: do(hub, Hold(subject="C1", why="x"), by="carlo")),
    ("before", lambda hub: do(hub, Promise(subject="C1", until=date(2020, 1, 1)))),
    (
        "above zero",
        lambda hub: do(hub, Promise(subject="C1", until=FRIDAY, amount=Decimal(0))),
    ),
    (
        "above zero",
        lambda hub: do(hub, Promise(subject="C1", until=FRIDAY, amount=Decimal("Infinity"))),
    ),
    (
        "above zero",
        lambda hub: do(hub, Promise(subject="C1", until=FRIDAY, amount=Decimal("1e30"))),
    ),
    (
        "decimals",
        lambda hub: do(hub, Promise(subject="C1", until=FRIDAY, amount=Decimal("1.005"))),
    ),
    ("owed in USD", lambda hub: do(hub, Promise(subject="C1", until=FRIDAY, currency="USD"))),
    ("needs payments", lambda hub: do(hub, PaymentPlan(subject="C1", pay=()))),
    (
        "does not follow",
        lambda hub: do(
            hub, PaymentPlan(subject="C1", pay=(Payment(on=FRIDAY, amount=Decimal(1)),) * 2)
        ),
    ),
    ("either", lambda hub: do(hub, Extend(subject="C1"))),
    ("either", lambda hub: do(hub, Extend(subject="C1", days=1, to=FRIDAY))),
    ("days to add", lambda hub: do(hub, Extend(subject="C1", days=0))),
    ("cannot be released", lambda hub: do(hub, Release(subject="C1", what=("everything",)))),
]


def test_what_is_refused_changes_nothing(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.insert(office.users).values(login="carlo", active=False))
    for words, call in REFUSED:
        with pytest.raises((ActError, ActorError), match=words):
            call(hub)
    assert rows(hub, recovery.agreements) == []
    assert rows(hub, proof.journal) == []
    assert [row.look_on for row in rows(hub, ledger.installments)] == [None, None]


def test_nothing_open_is_said(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.update(ledger.installments).values(status="paid", residual=0))
    with pytest.raises(ActError, match="Nothing is open"):
        do(hub, Promise(subject="C1", until=FRIDAY))
    with pytest.raises(ActError, match="Nothing is open"):
        do(hub, Hold(subject="F1/1", why="x"))
    do(hub, Hold(subject="C1", why="nuovi ordini fermi"))


def test_several_currencies_must_be_told_apart(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        later = ledger.installments.c.id == small.later
        connection.execute(sa.update(ledger.installments).where(later).values(currency="CHF"))
    with pytest.raises(ActError, match="CHF, EUR"):
        do(hub, Promise(subject="C1", until=FRIDAY))
    assert "250.50 CHF" in do(hub, Promise(subject="C1", until=FRIDAY, currency="CHF"))


@given(
    payments=st.lists(st.integers(1, 500), min_size=1, max_size=6),
    residuals=st.lists(st.integers(1, 500), min_size=1, max_size=6),
)
def test_spreading_loses_no_cent(payments: list[int], residuals: list[int]) -> None:
    dated = tuple((MONDAY + timedelta(days=n), cents) for n, cents in enumerate(payments))
    shares = spread(dated, residuals)
    assert len(shares) == len(residuals)
    for day, cents in dated:
        assert sum(part for share in shares for on, part in share if on == day) == cents
    for share, residual in zip(shares[:-1], residuals, strict=False):
        assert sum(part for _, part in share) <= residual
