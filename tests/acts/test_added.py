"""A stage that a person adds: when it may come, and who must approve it (rules 3 and 6).

The course of `test_no_way_back`: its last notice was proposed on Thursday 10 December, and the due
date is put off to Thursday 24 December, 14 days later.
"""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from incasso.domain.acts.agreements import Extend
from incasso.domain.acts.stages import AddStage
from incasso.domain.office.actor import Role
from incasso.services.hub.hub import Hub
from incasso.store.tables import recovery
from tests.acts.test_agreements import rows
from tests.acts.test_no_way_back import NOTICE, act, after, course, steps
from tests.acts.test_then_plan import plan_on, running
from tests.doing import do, people

__all__ = ["course"]

DUE = 14
REMINDING = {"key": "avviso", "days": -3, "channels": ["email"], "template": "avviso"}


def message(template: str, on: date, medium: str = "email") -> AddStage:
    return AddStage(subject="F1/1", action="send", medium=(medium,), template=template, to=on)


def days_until(hub: Hub, last: int) -> list[tuple[str, str, int]]:
    """Stage, status and day of what came after the notice, if every day up to then is planned."""
    known = len(steps(hub))
    for number in range(1, last + 1):
        plan_on(hub, after(number))
    return [(stage, status, (day - NOTICE).days) for stage, status, day in steps(hub)[known:]]


def test_a_reminder_of_a_due_date_leaves_before_it(course: Hub) -> None:
    act(course, Extend(subject="F1/1", to=after(DUE)))
    act(course, message("promemoria", after(12)))
    assert days_until(course, 12) == [("message_1", "ready", 12)]


def test_so_does_a_text_that_the_iter_uses_before_the_due_date(course: Hub) -> None:
    versions = recovery.iter_versions
    (own,) = rows(course, versions, versions.c.id == running(course).iter_version_id)
    changed = {**own.definition, "stages": [REMINDING, *own.definition["stages"]]}
    with course.store.write() as connection:
        this = sa.update(versions).where(versions.c.id == own.id)
        connection.execute(this.values(definition=changed))
    act(course, Extend(subject="F1/1", to=after(DUE)))
    act(course, message("avviso", after(DUE)))
    assert days_until(course, DUE) == [("message_1", "ready", DUE)]


@pytest.mark.parametrize(
    ("template", "medium"), [("secondo_sollecito", "email"), ("ultimo_avviso", "pec")]
)
@pytest.mark.parametrize("chosen", [12, DUE])
def test_any_other_message_waits_until_the_due_date_has_passed(
    course: Hub, template: str, medium: str, chosen: int
) -> None:
    """Whatever day the person chose: it comes on Friday 25, the day after the due date."""
    act(course, Extend(subject="F1/1", to=after(DUE)))
    act(course, message(template, after(chosen), medium))
    assert days_until(course, DUE) == []
    assert running(course).blocked_by == "extension"
    plan_on(course, after(DUE + 1))
    assert steps(course)[-1] == ("message_1", "ready", after(DUE + 1))


def test_a_day_after_the_due_date_is_the_persons(course: Hub) -> None:
    act(course, message("secondo_sollecito", after(6)))
    assert days_until(course, 6) == [("message_1", "ready", 6)]


@pytest.mark.parametrize(
    ("template", "medium", "formal"),
    [
        ("secondo_sollecito", "email", False),
        ("secondo_sollecito", "pec", True),
        ("secondo_sollecito", "registered", True),
        ("diffida", "email", True),
    ],
)
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.LEGAL_OFFICE])
def test_a_formal_notice_that_an_operator_adds_needs_approval(
    course: Hub, template: str, medium: str, formal: bool, role: Role
) -> None:
    """`diffida` is sent only when approved by the iter's own stage."""
    people(course.store, role, "luca")
    said = do(course, message(template, after(3), medium), by="luca", on=NOTICE)
    asked = formal and role is Role.OPERATOR
    assert ("to be approved" in said) is asked
    assert (running(course).private_stages[0].get("mode") == "approve") is asked
    if medium != "registered":
        # Rossi has no postal address here: that would be a task.
        plan_on(course, after(3))
        assert steps(course)[-1][:2] == ("message_1", "proposed" if asked else "ready")


def test_a_reminder_by_registered_mail_is_no_formal_notice(course: Hub) -> None:
    people(course.store, Role.OPERATOR, "luca")
    act(course, Extend(subject="F1/1", to=after(DUE)))
    do(course, message("promemoria", after(12), "pec"), by="luca", on=NOTICE)
    assert days_until(course, 12) == [("message_1", "ready", 12)]
