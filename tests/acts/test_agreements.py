"""Hold, promise, plan, dispute, extension, release: what is written, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.agreements import (
    AnswerDispute,
    Dispute,
    Extend,
    Hold,
    Payment,
    PaymentPlan,
    Promise,
    Release,
)
from incasso.domain.acts.assignment import Park
from incasso.domain.recovery.states import DisputeResult, PromisedMethod
from incasso.services.acts import ActError
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import ActorError
from incasso.store.tables import ledger, office, proof, recovery
from tests.acts.office import MONDAY, Small, installment, user
from tests.agenda import first_looks
from tests.doing import do

FRIDAY = date(2026, 11, 27)
JUNE = date(2027, 6, 30)


def rows(hub: Hub, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> list[Any]:
    """Rows of a table by its primary key."""
    with hub.store.read() as connection:
        query = sa.select(table).where(*conditions).order_by(*table.primary_key)
        return list(connection.execute(query))


def looks(hub: Hub) -> list[date | None]:
    """The next day on which planning looks at each installment."""
    with hub.store.read() as connection:
        return list(first_looks(connection).values())


def events_said(hub: Hub) -> list[Any]:
    """What the journal says that people did, without its digests of what was written."""
    return rows(hub, proof.journal, proof.journal.c.kind != "rows.written")


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
    assert looks(hub) == [MONDAY, MONDAY]
    assert [row.status for row in rows(hub, recovery.steps)] == ["cancelled"]
    assert [row.step_id for row in rows(hub, recovery.cases)] == [None, None]
    assert {row.who for row in rows(hub, recovery.case_events) if row.what == "hold"} == {"anna"}
    (event,) = events_said(hub)
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
        ("uno", "superseded"),
        ("due", "active"),
    ]


def covered(hub: Hub) -> list[tuple[int, int, int]]:
    """Agreement, installment, and what was open of it."""
    return [tuple(row) for row in rows(hub, recovery.agreement_installments)]


def test_a_promise_is_of_what_is_past_due_unless_told(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        installment(connection, small.client, "F3/1", 9900, MONDAY)  # due today: not past due
    do(hub, Promise(subject="C1", until=FRIDAY))
    do(hub, Promise(subject="F1/1", until=FRIDAY, amount=Decimal("40")))
    assert active(hub) == [("promise", None, 35050), ("promise", None, 4000)]
    assert covered(hub) == [
        (1, small.late, 10000),
        (1, small.later, 25050),
        (2, small.late, 10000),
    ]


def test_a_promise_about_a_step_covers_its_installments(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject=f"step:{small.step}", until=FRIDAY, amount=Decimal("150.00")))
    assert active(hub) == [("promise", None, 15000)]
    assert covered(hub) == [(1, small.late, 10000), (1, small.later, 25050)]


def test_a_promise_of_less_covers_the_oldest_debts_that_it_reaches(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject="C1", until=FRIDAY, amount=Decimal("100.00")))
    assert covered(hub) == [(1, small.late, 10000)]
    do(hub, Promise(subject="C1", until=FRIDAY, amount=Decimal("100.01")))
    assert covered(hub)[1:] == [(2, small.late, 10000), (2, small.later, 25050)]


def test_a_promise_covers_the_installments_it_names(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        coming = installment(connection, small.client, "F3/1", 9900, date(2026, 12, 31))
    do(hub, Promise(subject="C1", until=FRIDAY, installment=("F2/1", "acme/F3/1")))
    assert active(hub) == [("promise", None, 34950)]
    assert covered(hub) == [(1, small.later, 25050), (1, coming, 9900)]
    with pytest.raises(ActError, match="“F9/1” is no open installment of client acme/C1"):
        do(hub, Promise(subject="C1", until=FRIDAY, installment=("F9/1",)))


def test_nothing_past_due_is_promised_by_name_only(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        connection.execute(sa.update(ledger.installments).values(due_date=MONDAY))
    with pytest.raises(ActError, match="Nothing of client acme/C1 is past due: name"):
        do(hub, Promise(subject="C1", until=FRIDAY))
    do(hub, Promise(subject="F1/1", until=FRIDAY))
    assert covered(hub) == [(1, small.late, 10000)]


def test_a_promise_made_again_is_a_renewal(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject="C1", until=FRIDAY))
    do(hub, Promise(subject="C1", until=date(2026, 12, 4), method=PromisedMethod.CHEQUE, grace=5))
    do(hub, Promise(subject="F1/1", until=date(2026, 12, 11)))
    found = rows(hub, recovery.agreements)
    # The last one is about F1/1 alone: the second stays in force for F2/1.
    assert [(row.status, row.renewal, row.renews_id) for row in found] == [
        ("superseded", 0, None),
        ("active", 1, 1),
        ("active", 2, 2),
    ]
    assert [(row.method, row.grace_days) for row in found] == [
        ("", None),
        ("cheque", 5),
        ("", None),
    ]


def test_a_plan_takes_the_place_of_a_promise_and_no_promise_that_of_a_plan(
    hub: Hub, small: Small
) -> None:
    do(hub, Promise(subject="C1", until=FRIDAY))
    do(hub, PaymentPlan(subject="C1", pay=(Payment(on=FRIDAY, amount=Decimal("350.50")),)))
    do(hub, Promise(subject="C1", until=FRIDAY))
    assert [(row.kind, row.status) for row in rows(hub, recovery.agreements)] == [
        ("promise", "superseded"),
        ("plan", "active"),
        ("promise", "active"),
    ]


def test_a_plan_of_less_than_the_debt_needs_confirmation(hub: Hub, small: Small) -> None:
    half = (Payment(on=FRIDAY, amount=Decimal("100")),)
    with pytest.raises(ActError, match=r"come to 100\.00 EUR, 350\.50 EUR are owed"):
        do(hub, PaymentPlan(subject="C1", pay=half))
    assert rows(hub, recovery.agreements) == []
    do(hub, PaymentPlan(subject="C1", pay=half, confirm=True))
    assert active(hub) == [("plan", None, 10000)]
    # Within the tolerance of 5.00 nobody is asked.
    do(hub, PaymentPlan(subject="C1", pay=(Payment(on=FRIDAY, amount=Decimal("345.50")),)))
    assert active(hub) == [("plan", None, 34550)]


def test_a_plan_has_a_down_payment_and_interest(hub: Hub, small: Small) -> None:
    pay = (Payment(on=FRIDAY, amount=Decimal("156.00")), Payment(on=JUNE, amount=Decimal("156.00")))
    terms = {"down": Decimal("50.00"), "rate": Decimal("8.15"), "acceleration": False}
    do(hub, PaymentPlan(subject="C1", pay=pay, **terms))  # type: ignore[arg-type]
    (plan,) = rows(hub, recovery.agreements)
    # 362.00 in all, 350.50 are owed: the rest is interest.
    assert (plan.amount, plan.down_payment, plan.interest) == (36200, 5000, 1150)
    assert (plan.interest_rate, plan.acceleration, plan.until_on) == ("8.15", False, JUNE)
    assert [(row.due_on, row.amount) for row in rows(hub, recovery.agreement_dates)] == [
        (MONDAY, 5000),
        (FRIDAY, 15600),
        (JUNE, 15600),
    ]
    with pytest.raises(ActError, match=r"more than the 350\.50 EUR"):
        do(hub, PaymentPlan(subject="C1", pay=pay, down=Decimal("50.00"), interest=Decimal("1")))
    with pytest.raises(ActError, match="no rate per cent"):
        do(hub, PaymentPlan(subject="C1", pay=pay, rate=Decimal(-5)))


def test_a_dispute_says_what_why_and_who_answers(hub: Hub, small: Small) -> None:
    contested = {"amount": Decimal("60.00"), "code": "quantity", "assignee": "anna"}
    do(hub, Dispute(subject="F1/1", why="mancano 2 colli", department="spedizioni", **contested))  # type: ignore[arg-type]
    (dispute,) = rows(hub, recovery.agreements)
    assert (dispute.amount, dispute.code, dispute.assignee) == (6000, "quantity", "anna")
    (event,) = events_said(hub)
    assert (event.facts["amount"], event.facts["currency"]) == ("60.00", "EUR")
    with pytest.raises(ActError, match="“colour” is none of the reasons: goods, price"):
        do(hub, Dispute(subject="F1/1", why="x", code="colour"))
    with pytest.raises(ActError, match=r"100\.01 EUR is more than the 100\.00 EUR"):
        do(hub, Dispute(subject="F1/1", why="x", amount=Decimal("100.01")))
    with pytest.raises(ActorError, match="nobody"):
        do(hub, Dispute(subject="F1/1", why="x", assignee="nobody"))


def test_an_answer_ends_the_dispute(hub: Hub, small: Small) -> None:
    do(hub, Dispute(subject="F1/1", why="mancano 2 colli"))
    answer = AnswerDispute(subject="F1/1", result=DisputeResult.PARTLY, answer="nota credito 60")
    assert do(hub, answer) == "Answered, partly: installment acme/F1/1."
    (dispute,) = rows(hub, recovery.agreements)
    assert (dispute.status, dispute.result, dispute.answer) == (
        "released",
        "partly",
        "nota credito 60",
    )
    (_, event) = events_said(hub)
    assert (event.kind, event.facts["result"]) == ("dispute.answered", "partly")
    with pytest.raises(ActError, match="Nothing is disputed"):
        do(hub, answer)


def test_an_extension_names_several_installments_and_who_granted_it(hub: Hub, small: Small) -> None:
    with hub.store.write() as connection:
        user(connection, "luca", role="operator")
    days = {"days": 60, "installment": ("F2/1",)}
    do(hub, Extend(subject="F1/1", approved_by="anna", why="accordo", **days), by="luca")  # type: ignore[arg-type]
    assert [
        (row.installment_id, row.approved_by, row.reason) for row in rows(hub, recovery.agreements)
    ] == [(small.late, "anna", "accordo"), (small.later, "anna", "accordo")]
    with pytest.raises(ActError, match="luca may not approve an extension"):
        do(hub, Extend(subject="F1/1", days=1, approved_by="luca"))


def test_an_operator_grants_thirty_days_a_manager_more(hub: Hub, small: Small) -> None:
    """F2/1 is due on 1 November 2026: thirty days later is 1 December."""
    with hub.store.write() as connection:
        user(connection, "luca", role="operator")
    for more in ({"days": 31}, {"to": date(2026, 12, 2)}):
        with pytest.raises(ActError, match="F2/1 would be due 2026-12-02, more than 30 days later"):
            do(hub, Extend(subject="F2/1", **more), by="luca")
    do(hub, Extend(subject="F2/1", days=30), by="luca")
    # From the date in force, which is the extended one.
    do(hub, Extend(subject="F2/1", days=31, approved_by="anna"), by="luca")
    do(hub, Extend(subject="F2/1", days=31))
    assert [(row.until_on, row.approved_by) for row in rows(hub, recovery.agreements)] == [
        (date(2026, 12, 1), ""),
        (date(2027, 1, 1), "anna"),
        (date(2027, 2, 1), "anna"),
    ]


def test_an_extension_gives_time_from_its_own_day_on(hub: Hub, small: Small) -> None:
    """F1/1 is due on 1 October 2026: 53 days later is Monday 23 November, the day of the act."""
    for days, due in ((10, "2026-10-11"), (53, "2026-11-23")):
        with pytest.raises(ActError, match=f"F1/1 would be due {due}, which gives no time"):
            do(hub, Extend(subject="F1/1", days=days))
    with pytest.raises(ActError, match="would be due 2026-11-23, which gives no time"):
        do(hub, Extend(subject="F1/1", to=MONDAY))
    assert rows(hub, recovery.agreements) == []
    said = do(hub, Extend(subject="F1/1", days=54))
    assert said == "1 installment extended, now due 2026-11-24: installment acme/F1/1."


def test_a_parked_case_is_looked_at_on_its_day(hub: Hub, small: Small) -> None:
    do(
        hub,
        Park(
            subject="C1",
            into="legal",
            why="causa",
            review=date(2027, 3, 1),
            lawyer="Avv. Neri",
            file_number="12/26",
        ),
    )
    cases = rows(hub, recovery.cases)
    assert {(row.park_review_on, row.lawyer, row.file_number) for row in cases} == {
        (date(2027, 3, 1), "Avv. Neri", "12/26")
    }
    (task,) = rows(hub, recovery.steps, recovery.steps.c.stage == "park_review")
    assert (task.action, task.status, task.due_on) == ("task", "ready", date(2027, 3, 1))
    assert (task.operator_id, task.total) == (small.anna, 35050)
    assert task.reason == "Parked in legal: look at it again."
    do(hub, Release(subject="C1", confirm=True))
    (task,) = rows(hub, recovery.steps, recovery.steps.c.stage == "park_review")
    assert task.status == "cancelled"


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


def test_no_more_is_promised_than_what_it_covers(hub: Hub, small: Small) -> None:
    do(hub, Promise(subject="F1/1", until=FRIDAY, amount=Decimal("100.00")))
    with pytest.raises(ActError, match=r"100\.01 EUR is more than the 100\.00 EUR it is about"):
        do(hub, Promise(subject="F1/1", until=FRIDAY, amount=Decimal("100.01")))


def test_an_extension_moves_each_due_date(hub: Hub, small: Small) -> None:
    said = do(hub, Extend(subject="C1", days=60))
    assert said == "2 installments extended, now due 2026-11-30, 2026-12-31: client acme/C1."
    assert [row.until_on for row in rows(hub, recovery.agreements)] == [
        date(2026, 11, 30),
        date(2026, 12, 31),
    ]
    do(hub, Extend(subject="C1", days=10))
    last = rows(hub, recovery.agreements, recovery.agreements.c.status == "active")
    assert [row.until_on for row in last] == [date(2026, 12, 10), date(2027, 1, 10)]
    do(hub, Extend(subject="C1", to=date(2027, 1, 1)))
    with pytest.raises(ActError, match="later than"):
        do(hub, Extend(subject="C1", to=date(2026, 12, 20)))


def test_a_client_gets_more_time_for_what_is_due(hub: Hub, small: Small) -> None:
    """What falls due later goes its own way, unless it is named."""
    early = date(2026, 10, 15)
    said = do(hub, Extend(subject="C1", days=30), on=early)
    assert said == (
        "1 installment extended, now due 2026-10-31: client acme/C1. "
        "1 installment is not due yet and keeps its date."
    )
    assert active(hub) == [("extension", small.late, None)]
    with pytest.raises(ActError, match="Nothing of client acme/C1 is due yet: name the install"):
        do(hub, Extend(subject="C1", days=30), on=date(2026, 9, 1))
    said = do(hub, Extend(subject="C1", days=30, installment=("F2/1",)), on=early)
    assert said == "1 installment extended, now due 2026-12-01: client acme/C1."


def test_release_ends_what_the_person_means(hub: Hub, small: Small) -> None:
    do(hub, Hold(subject="C1", why="x"))
    do(hub, Dispute(subject="F1/1", why="merce rotta", department="qualità"))
    do(hub, Extend(subject="F2/1", days=25))
    with pytest.raises(ActError, match="release `client acme/C1` as a whole"):
        do(hub, Release(subject="F2/1"))
    with pytest.raises(ActError) as asked:
        do(hub, Release(subject="C1"))
    assert str(asked.value) == (
        "On client acme/C1 there are: hold until 2026-12-23, dispute until 2026-12-23 (F1/1). Say "
        "which ends: `--what dispute`; for several, `--what dispute --what hold`."
    )
    assert len(active(hub)) == 3
    said = do(hub, Release(subject="C1", what=("hold",)))
    assert said == "Released hold until 2026-12-23: client acme/C1."
    said = do(hub, Release(subject="C1"))
    assert said == "Released dispute until 2026-12-23 (F1/1): client acme/C1."
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
    ("too far away", lambda hub: do(hub, Promise(subject="C1", until=date(2062, 1, 1)))),
    ("too far away", lambda hub: do(hub, Hold(subject="C1", why="x", until=date(9999, 12, 31)))),
    (
        "too far away",
        lambda hub: do(
            hub, PaymentPlan(subject="C1", pay=(Payment(on=date(2062, 1, 1), amount=Decimal(9)),))
        ),
    ),
    ("business day", lambda hub: do(hub, Hold(subject="C1", why="x"), on=date(9999, 12, 31))),
    ("business day", lambda hub: do(hub, Extend(subject="C1", days=1), on=date(1, 1, 1))),
    ("days of grace", lambda hub: do(hub, Promise(subject="C1", until=FRIDAY, grace=61))),
    (
        "does not follow",
        lambda hub: do(
            hub,
            PaymentPlan(
                subject="C1", down=Decimal(1), pay=(Payment(on=MONDAY, amount=Decimal(1)),)
            ),
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
    assert events_said(hub) == []
    assert looks(hub) == [None, None]


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
