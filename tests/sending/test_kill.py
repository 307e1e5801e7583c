"""Processes killed at random instants while they send: nothing is lost, nothing arrives twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.sending.delivery import DeliveryStatus
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.tables import ledger, recovery, sending
from tests.channels.servers import SmtpServer
from tests.killing import ENOUGH, KILLS, Patience, victim
from tests.sending.office import Office

STEPS = 30

pytestmark = [pytest.mark.kill, pytest.mark.slow]


def killed_until_done(office: Office, config: Path, seed: int) -> int:
    """Add work, kill, add work, kill, and let the last one finish. How many were killed."""
    on = datetime.now(UTC).date()
    trust(office)
    kills = 0
    with victim("tests.sending.kill_worker", config, on) as process:
        office.many_steps(STEPS, on)
        patience = Patience(seed, process.run()[1])
        for _ in range(ENOUGH):
            if ready(office) < STEPS // 2:
                office.many_steps(STEPS, on)
            killed, worked = process.run(kill_after=patience.next())
            kills += killed
            if kills == KILLS:
                break
            if not killed:
                patience.ended(worked)
        process.run()
    return kills


def test_files_in_a_folder(store: Store, hub_url: str, tmp_path: Path) -> None:
    """A channel that can be asked: every message exactly once, nothing in doubt."""
    config = write_config(tmp_path, hub_url, 'plugin = "folder"\nfolder = "outbox"\n')
    office = Office(store, {}, tmp_path)
    kills = killed_until_done(office, config, seed=1)
    assert kills == KILLS
    written = Counter(path.stem for path in (tmp_path / "outbox").rglob("*.json"))
    rows = live(office)
    assert written == Counter(row.id for row in rows)
    assert {row.status for row in rows} == {"accepted"}
    assert statuses(office) == {"counted"}
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()


def test_mail_to_a_real_server(store: Store, hub_url: str, tmp_path: Path) -> None:
    """A channel that cannot be asked: at most once, and whatever is in doubt says so."""
    with SmtpServer() as server:
        settings = (
            'plugin = "smtp"\nmedia = ["email"]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {server.port}\nsender = "crediti@acme.example.it"\n'
        )
        config = write_config(tmp_path, hub_url, settings)
        office = Office(store, {}, tmp_path)
        kills = killed_until_done(office, config, seed=2)
        arrived = Counter(message.delivery for message in server.messages)
        people = Counter(message.recipients for message in server.messages)
    assert kills == KILLS
    assert set(arrived.values()) == {1}
    assert set(people.values()) == {1}, "one step per client: nobody hears twice"
    rows = live(office)
    certain = {row.id for row in rows if row.status == DeliveryStatus.ACCEPTED}
    doubtful = {row.id for row in rows if row.status == DeliveryStatus.UNCERTAIN}
    assert certain | doubtful == {row.id for row in rows}, "nothing is lost"
    assert certain <= arrived.keys() <= certain | doubtful
    assert len(doubtful) <= kills, "one message at most is in doubt for each kill"
    assert statuses(office) <= {"counted", "working"}
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()


def write_config(folder: Path, url: str, channel: str) -> Path:
    path = folder / "plugins.toml"
    path.write_text(f'[hub]\ndatabase = "{url}"\n\n[channels.out]\n{channel}')
    return path


def trust(office: Office) -> None:
    """The worker's clock is the real one."""
    now = datetime.now(UTC)
    values = {"last_good_sync_at": now, "last_good_sync_on": now.date()}
    with office.store.write() as connection:
        connection.execute(sa.update(ledger.sources).values(values))


def ready(office: Office) -> int:
    query = sa.select(sa.func.count()).where(recovery.steps.c.status == "ready")
    with office.store.read() as connection:
        return int(connection.scalar(query) or 0)


def statuses(office: Office) -> set[str]:
    with office.store.read() as connection:
        return set(connection.scalars(sa.select(recovery.steps.c.status)))


def live(office: Office) -> list[sa.Row[Any]]:
    """Every delivery that is not over."""
    over = (DeliveryStatus.FAILED, DeliveryStatus.BOUNCED, DeliveryStatus.CANCELLED)
    query = sa.select(sending.deliveries).where(sending.deliveries.c.status.not_in(over))
    with office.store.read() as connection:
        return list(connection.execute(query))


def one_live_delivery_per_step(rows: list[sa.Row[Any]]) -> bool:
    return len({row.step_id for row in rows}) == len(rows)
