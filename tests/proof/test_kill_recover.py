"""Killed while it sends, put back, killed while it recovers: nobody hears twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.domain.proof.standing import Standing
from incasso.services.hub.hub import build_hub
from incasso.services.proof.anchoring import establish
from incasso.services.proof.standing import judge
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.tables import sending
from tests.killing import KILLS, Patience, victim
from tests.proof.copies import copy_of, put_back
from tests.sending.office import Office
from tests.sending.test_kill import trust, write_config

STEPS = 8

pytestmark = [pytest.mark.kill, pytest.mark.slow]


def test_put_back_and_killed_again_and_again(store: Store, hub_url: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, hub_url, 'plugin = "folder"\nfolder = "outbox"\n')
    if store.is_sqlite:  # a second place on one of the two: it is asked and written by all of them
        config.write_text(config.read_text().replace("[hub]", '[hub]\nanchor = "safe"'))
    office = Office(store, {}, tmp_path)
    on, kills = datetime.now(UTC).date(), 0
    trust(office)
    with build_hub(config) as hub:
        establish(hub)
    with victim("tests.proof.kill_worker", config, on) as process:
        office.many_steps(STEPS, on)
        sends = Patience(3, process.run("dispatch")[1])
        recovers = Patience(4, sends.next())
        for _ in range(4 * KILLS):
            office.many_steps(STEPS, on)
            copy = copy_of(store)
            died, worked = process.run("dispatch", kill_after=sends.next())
            kills += died
            if not died:
                sends.ended(worked)
            put_back(store, copy)
            died, worked = process.run("recover", kill_after=recovers.next())
            kills += died
            if not died:
                recovers.ended(worked)
            process.run("recover")
            process.run("dispatch")
            assert one_message_each(office, tmp_path / "outbox")
            if kills >= KILLS:
                break
        assert kills >= KILLS
        # Whatever the kills hit, one copy is put back after messages have left.
        office.many_steps(STEPS, on)
        copy = copy_of(store)
        process.run("dispatch")
        put_back(store, copy)
        process.run("recover")
        process.run("dispatch")
        assert one_message_each(office, tmp_path / "outbox")
    with build_hub(config) as hub:
        assert judge(hub.store).standing is Standing.GOOD
        report = verify_store(hub.store)
    assert report.problems == ()
    assert f"{STEPS} messages had left since" in report.notes[-1]


def one_message_each(office: Office, outbox: Path) -> bool:
    """One file for every delivery that is not over, one delivery for every client."""
    query = sa.select(sending.deliveries).where(sending.deliveries.c.status != "cancelled")
    with office.store.read() as connection:
        rows = connection.execute(query).all()
    written = Counter(path.stem for path in outbox.rglob("*.json"))
    people = Counter(row.client_id for row in rows)
    assert {row.status for row in rows} == {"accepted"}
    assert set(people.values()) == {1}
    return written == Counter(row.id for row in rows)
