"""No statement of a dispatch walks through a table that grows with what leaves, on either database.

Not an office with many installments but one with many messages behind it, so it is not in
`tests/plans/test_hot_paths.py`.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iters import Stage
from incasso.domain.sending.routes import Routes
from incasso.services.sending.dispatch import WHOLE, Part, dispatch
from incasso.store.tables import recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.plans.watch import watching
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOTICE, ON, Office

SECOND = Stage(key="secondo", channels=(Medium.EMAIL,), template="primo_sollecito")
PAST = 1200
FEW_ROWS = ("ix_deliveries_claimed_by", "ix_deliveries_under_way", "ix_journal_sealed")
"""Indexes of a few rows, however large their table is: they may be read as a whole."""
GROW_WITH_WHAT_LEAVES = {"deliveries", "steps", "step_cases", "installments", "journal"}


MAIL = Routes({"acme": frozenset({"email"})})


@pytest.mark.parametrize("part", [WHOLE, Part(messages=True, routes=MAIL)], ids=["whole", "mail"])
def test_a_dispatch_finds_what_it_needs(make_office: MakeOffice, part: Part) -> None:
    office = make_office(mail=FakeChannel(("email",), capabilities=()))
    past = office.many_steps(PAST)
    dispatch(office.hub, CLOCK, ON)
    follow(office, past[:20])
    office.many_steps(20)
    with office.store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    with watching(office.store) as watch:
        assert dispatch(office.hub, CLOCK, ON, part=part).accepted == {"email": 40}
    walks = [
        f"{walk.how} of {walk.table}: {' '.join(walk.statement.split())}"
        for walk in watch.walks
        if walk.table in GROW_WITH_WHAT_LEAVES and not any(name in walk.how for name in FEW_ROWS)
    ]
    assert watch.statements > 50
    assert not walks, "\n".join(walks)


def follow(office: Office, past: list[int]) -> None:
    """A second step about the cases of steps whose message left."""
    for step in past:
        (case,) = office.cases(step)
        office.set_step(step, status="counted")
        again = office.step(case.client_id, NOTICE)
        with office.store.write() as connection:
            connection.execute(
                sa.insert(recovery.step_cases),
                {"step_id": again, "case_id": case.id, "stage": "secondo", "residual": 10_000},
            )
            connection.execute(
                sa.update(recovery.cases)
                .where(recovery.cases.c.id == case.id)
                .values(step_id=again)
            )
