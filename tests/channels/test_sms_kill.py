"""Text messages, killed before, during and after they are sent: never twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from incasso.contract.media import Medium
from incasso.domain.recovery.contact_policy import ContactPolicy
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.recovery import iters
from incasso.testing.sms import SmsService, sms_service
from tests.killing import victim
from tests.sending.office import NOTICE, Office
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config

pytestmark = [pytest.mark.kill, pytest.mark.slow]

STEPS = 3
BY_SMS = msgspec.structs.replace(NOTICE, channels=(Medium.SMS,))

POINTS = [
    # the point, how often it is passed, messages that arrived in all, of these or others in doubt
    ("marked", 1, STEPS, 0),
    ("begun", 2, STEPS - 1, 1),
    ("handed over", 2, STEPS, 0),
    ("noted", 2, STEPS, 0),
    ("committed", 2, STEPS, 0),
]
"""Only a message that began and did not leave stays in doubt: absence proves nothing."""


@pytest.fixture
def service() -> Iterator[SmsService]:
    with sms_service("twilio") as service:
        yield service


class Played:
    """An office whose clients each have a number, and what it takes to send to them."""

    def __init__(self, store: Store, url: str, folder: Path, service: SmsService) -> None:
        self.office = Office(store, {}, folder)
        self._numbers = 0
        secret = folder / "sms-token"
        secret.touch(0o600)
        secret.write_text(service.token)
        lines = ['token = { file = "sms-token" }', 'media = ["sms"]']
        for key, value in service.table.items():
            lines.append(f"{key} = {'true' if value is True else repr(value)}")
        self.config = write_config(folder, url, "\n".join(lines) + "\n")
        with store.write() as connection:  # the test may run at night
            iters.save_setting(connection, "contact_policy", ContactPolicy(enabled=False))
        trust(self.office)

    def steps(self, count: int) -> None:
        for _ in range(count):
            self._numbers += 1
            client = self.office.client(mobile=f"333 {self._numbers:07d}")
            self.office.step(client, BY_SMS, due_on=datetime.now(UTC).date())

    def doubtful(self) -> set[str]:
        return {row.id for row in live(self.office) if row.status == "uncertain"}


def test_at_every_point(store: Store, hub_url: str, tmp_path: Path, service: SmsService) -> None:
    played = Played(store, hub_url, tmp_path, service)
    on = datetime.now(UTC).date()
    with victim("tests.sending.kill_worker", played.config, on) as process:
        process.run()  # the first one works in the victim itself
        for point, number, arrived, doubts in POINTS:
            told = (point, number)
            before, known = len(service.sent), played.doubtful()
            played.steps(STEPS)
            killed, _ = process.run(number, point)
            assert killed, told
            process.run()
            assert len(service.sent) - before == arrived, told
            assert len(played.doubtful() - known) == doubts, told
    assert set(Counter(each.to for each in service.sent).values()) == {1}, "nobody hears twice"
    rows = live(played.office)
    assert {row.status for row in rows} == {"accepted", "uncertain"}
    assert {row.ref for row in rows if row.status == "accepted"} == {s.id for s in service.sent}
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()


def test_while_the_service_thinks(
    store: Store, hub_url: str, tmp_path: Path, service: SmsService
) -> None:
    """The service has the message, its answer is not with us: found by its words."""
    played = Played(store, hub_url, tmp_path, service)
    on = datetime.now(UTC).date()
    with victim("tests.sending.kill_worker", played.config, on) as process:
        process.run()
        played.steps(1)
        service.slow_s = 20.0
        killed, _ = process.run(kill_after=6.0)
        assert killed and len(service.sent) == 1
        service.slow_s = 0.0
        process.run()
    [row] = live(played.office)
    assert (row.status, row.ref) == ("accepted", service.sent[0].id) and len(service.sent) == 1
    assert verify_store(store).problems == ()
