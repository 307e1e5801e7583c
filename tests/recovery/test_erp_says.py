"""What the ERP itself did, in the database: stages it stood for are in the case's history."""

from __future__ import annotations

import sqlalchemy as sa

from incasso.store.engine import Store
from incasso.store.tables.recovery import case_events
from tests.recovery.office import TODAY, Office, letters, stage


def test_a_case_tells_which_stages_the_erp_s_reminder_stood_for(store: Store) -> None:
    office = Office(store)
    early = stage("early", -5)
    office.publish(letters(early, stage("one", 5), stage("two", 15), stage("three", 25)))
    client = office.client()
    office.owes(client, reminded_on=office.days(-9))
    office.owes(client)
    office.plan()
    reminded, plain = office.cases()
    assert plain.skipped == "early"
    events = office.rows(sa.select(case_events).order_by(case_events.c.id))
    assert [(row.case_id, row.what, row.stage, row.on_date) for row in events] == [
        (reminded.id, "skipped", "one", TODAY),
        (reminded.id, "skipped", "two", TODAY),
    ]
    assert events[0].why == "già sollecitata dal gestionale il 2026-02-21"


def test_what_the_erp_holds_back_waits_in_its_case_and_leaves_its_step(store: Store) -> None:
    office = Office(store)
    office.publish(letters(stage("one", 5)))
    client = office.client()
    held, free = office.owes(client, erp_hold="legal"), office.owes(client)
    office.plan()
    waiting = [(case.installment_id, case.blocked_by) for case in office.cases()]
    assert waiting == [(held, "erp_hold"), (free, "")]
    office.change(free, erp_hold="factoring")
    office.change(held, erp_hold="")
    office.plan()
    (old, new) = office.steps()
    assert (old.status, new.status, new.total) == ("cancelled", "ready", 10_000)
    by_installment = {case.installment_id: case for case in office.cases()}
    assert by_installment[free].blocked_by == "erp_hold"
    assert by_installment[held].step_id == new.id
