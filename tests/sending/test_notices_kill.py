"""Killed while our own people are told: each gets each message once, and none is lost."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.recovery import iters
from incasso.store.tables import ledger, recovery
from tests.killing import victim
from tests.sending.office import ITER, NOW, Office
from tests.sending.test_kill import statuses, trust, write_config
from tests.sending.test_notices import AGENT, COPIED, DEPOT, SUMMARY, TO_ALL

POINTS = (
    *(("telling", 1), ("telling", 4), ("told", 1), ("copied", 1), ("marked", 1), ("begun", 3)),
    *(("handed over", 1), ("handed over", 4), ("noted", 9), ("committed", 1), ("committed", 2)),
)
BOTH = ("agente", "deposito")

pytestmark = [pytest.mark.kill, pytest.mark.slow]


def day_of_work(office: Office, on: date) -> None:
    """Two clients of each kind of stage: two notices each, one summary, a copy each."""
    to_both, summary = replace(TO_ALL, to=BOTH), replace(SUMMARY, template="riepilogo")
    stages = (to_both, summary, replace(COPIED, cc=("deposito",)))
    with office.store.write() as connection:
        iters.publish(connection, replace(ITER, stages=stages), at=NOW, by="test")
        newest = sa.select(sa.func.max(recovery.iter_versions.c.id))
        office.version = int(connection.scalar(newest) or 0)
    for stage in stages:
        for _ in range(2):
            client = office.client(agent="A1", depot="D1")
            office.step(client, stage, medium="email", due_on=on)


def test_killed_at_every_point(store: Store, hub_url: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, hub_url, 'plugin = "folder"\nfolder = "outbox"\n')
    office, on = Office(store, {}, tmp_path), datetime.now(UTC).date()
    with store.write() as connection:
        for table, code, address in (
            (ledger.agents, "A1", AGENT),
            (ledger.depots, "D1", DEPOT),
        ):
            who = {"source_id": office.source, "code": code, "name": code, "email": address}
            connection.execute(sa.insert(table).values(who))
    trust(office)
    rounds = 0
    with victim("tests.sending.kill_worker", config, on) as process:
        process.run()
        for point, number in POINTS:
            day_of_work(office, on)
            rounds += 1
            killed, _ = process.run(number, point)
            assert killed, (point, number)
            process.run()
            # What came after the day's summary had left would wait for tomorrow's.
            forget_the_day(store)
    assert statuses(office) == {"counted"}
    told = Counter(
        (told["to"], told["client"])
        for told in map(
            json.loads, (each.read_text() for each in tmp_path.rglob("outbox/**/*.json"))
        )
    )
    # Agents: two notices and a summary; depots: two notices and two copies; clients: two.
    assert sum(told.values()) == rounds * (3 + 4 + 2)
    assert set(told.values()) == {1}
    assert verify_store(store).problems == ()


def forget_the_day(store: Store) -> None:
    """As if it were the next one."""
    once = sa.text("UPDATE notices SET once = once || ' ' || step_id WHERE kind = 'summary'")
    with store.write() as connection:
        connection.execute(once)
