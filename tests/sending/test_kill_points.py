"""Killed between marking, beginning, calling, answering and committing: what is in doubt then."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.proof import left_log
from tests.channels.servers import SmtpServer
from tests.killing import victim
from tests.sending.office import Office
from tests.sending.test_kill import live, one_live_delivery_per_step, trust, write_config

STEPS = 60
"""Three groups: two whole ones, and one that is not."""

IN_DOUBT = [
    # the point, how often it is passed, messages that had arrived, of these or others in doubt
    ("marked", 1, 0, 0),
    ("marked", 2, 25, 0),
    ("begun", 25, 24, 1),
    ("begun", 60, 59, 1),
    ("handed over", 1, 1, 1),
    ("handed over", 30, 30, 1),
    ("noted", 25, 25, 0),
    ("noted", 60, 60, 0),
    ("committed", 4, 60, 0),
]

AHEAD = [
    # the same in pages of 20, two of which are claimed and written ahead
    ("ordered", 1, 0, 0),
    ("ordered", 2, 0, 0),
    ("marked", 2, 20, 0),
    ("begun", 25, 24, 1),
    ("handed over", 41, 41, 1),
    ("taken", 1, 20, 0),
    ("taken", 2, 40, 0),
    ("noted", 60, 60, 0),
    ("committed", 5, 40, 0),
]

pytestmark = [pytest.mark.kill, pytest.mark.slow]


@pytest.mark.parametrize(("page", "points"), [(0, IN_DOUBT), (20, AHEAD)], ids=["", "ahead"])
def test_at_every_point(
    store: Store,
    hub_url: str,
    tmp_path: Path,
    page: int,
    points: list[tuple[str, int, int, int]],
) -> None:
    """By mail, which cannot be asked: the log alone tells, and one message at most is in doubt."""
    on = datetime.now(UTC).date()
    office = Office(store, {}, tmp_path)
    with SmtpServer() as server:
        settings = (
            'plugin = "smtp"\nmedia = ["email"]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {server.port}\nsender = "crediti@acme.example.it"\n'
        )
        config = write_config(tmp_path, hub_url, settings)
        trust(office)
        with victim("tests.sending.kill_worker", config, on, page) as process:
            process.run()  # the first one works in the victim itself
            for point, number, arrived, doubts in points:
                told = (point, number)
                before, known = len(server.messages), doubtful(office)
                office.many_steps(STEPS, on)
                killed, _ = process.run(number, point)
                assert killed, told
                assert len(server.messages) - before == arrived, told
                process.run()
                assert len(doubtful(office) - known) == doubts, told
                assert len(server.messages) - before == STEPS - (point == "begun"), told
    rows = live(office)
    everything = Counter(message.delivery for message in server.messages)
    assert set(everything.values()) == {1}
    assert {row.status for row in rows} == {"accepted", "uncertain"}
    assert {row.id for row in rows if row.status == "accepted"} <= everything.keys()
    assert one_live_delivery_per_step(rows)
    assert verify_store(store).problems == ()


@pytest.mark.parametrize("spoiled", ["copied", "cut"])
def test_a_log_that_is_not_what_was_written_tells_nothing(
    store: Store, hub_url: str, tmp_path: Path, spoiled: str
) -> None:
    """A copy may lack the last lines: then everything that was marked is in doubt, as in a release
    that wrote no line before each call."""
    on = datetime.now(UTC).date()
    office = Office(store, {}, tmp_path)
    with SmtpServer() as server:
        settings = (
            'plugin = "smtp"\nmedia = ["email"]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {server.port}\nsender = "crediti@acme.example.it"\n'
        )
        config = write_config(tmp_path, hub_url, settings)
        trust(office)
        with victim("tests.sending.kill_worker", config, on) as process:
            process.run()
            office.many_steps(10, on)
            process.run(6, "begun")
            spoil(store.archive, spoiled)
            process.run()
    assert len(server.messages) == 5
    assert len(doubtful(office)) == 10


def spoil(archive: Path, how: str) -> None:
    """Make the newest log something else than what was written."""
    (path,) = left_log.files(archive)
    lines = path.read_bytes().splitlines(keepends=True)
    kept = lines[:1] if how == "cut" else lines
    if how == "copied":
        path.rename(path.with_suffix(".old"))  # its number stays taken
    path.write_bytes(b"".join(kept))


def doubtful(office: Office) -> set[str]:
    return {row.id for row in live(office) if row.status == "uncertain"}
