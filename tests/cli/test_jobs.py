"""`worker` and `jobs` as an office calls them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incasso.cli.jobs import PARENT
from incasso.domain.office.schedule import Job
from incasso.store.engine import open_store
from incasso.store.office.runner import save_schedule
from tests.cli.command import Ended, inside, make_office, plain_environment, well
from tests.databases import PostgresServer
from tests.started import started


def test_a_worker_does_what_a_person_starts_and_the_list_tells_it(office: Path) -> None:
    never(office, f"sqlite:///{office / 'incasso.db'}")
    said = well(office, "jobs", "start", "plan", "--by", "anna")
    assert "begins as soon as a worker is there" in said.out
    (waiting, *_) = jobs(office, "--state", "waiting")
    assert (waiting["task"], waiting["queue"], waiting["made_by"]) == ("plan", "plan", "anna")
    with worker(office) as process:
        wait_for(lambda: not jobs(office, "--state", "waiting", "--state", "running"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert [(each["task"], each["state"]) for each in jobs(office)] == [
        ("cycle", "done"),
        ("plan", "done"),
    ]
    assert "done" in well(office, "jobs").out


def test_only_failed_parts_are_tried_again(office: Path) -> None:
    well(office, "jobs", "start", "plan")
    refused = inside(office, "jobs", "again", "2")
    assert (refused.code, refused.has_traceback) == (1, False)
    assert "`incasso jobs --state failed`" in refused.err


def test_several_processes_need_postgresql(office: Path) -> None:
    for words in (("--processes", "2"), ("--queue", "plan")):
        refused = inside(office, "worker", *words)
        assert (refused.code, refused.has_traceback) == (2, False)
        assert "PostgreSQL" in refused.err


def test_a_queue_that_does_not_exist_is_told(office: Path) -> None:
    refused = inside(office, "worker", "--queue", "ledgr")
    assert refused.code == 2
    assert "did you mean 'ledger'" in refused.err


def test_a_process_of_another_ends_without_a_fault(office: Path) -> None:
    never(office, f"sqlite:///{office / 'incasso.db'}")
    well(office, "jobs", "start", "plan")
    for by_signal in (True, False):
        with started(
            [sys.executable, "-m", "incasso.cli.main", "worker"],
            cwd=office,
            env=plain_environment() | {PARENT: "yes"},
            text=True,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stderr is not None
            assert process.stdin is not None
            wait_for(lambda: not jobs(office, *OPEN))
            if by_signal:
                process.send_signal(signal.SIGTERM)
            else:
                process.stdin.close()
            assert process.wait(60) == 0
            assert "Fatal" not in process.stderr.read()


@pytest.mark.slow
@pytest.mark.postgres
def test_two_processes_do_a_run_and_stop_together(postgres: PostgresServer, tmp_path: Path) -> None:
    with postgres.database(migrated=False) as url:
        office = make_office(tmp_path / "acme")
        config = office / "plugins.toml"
        config.write_text(config.read_text().replace("[hub]", f'[hub]\ndatabase = "{url}"'))
        for words in (("init",), ("iters", "import", "iters.toml")):
            well(office, *words)
        never(office, url)
        with worker(office, "--processes", "2") as process:
            well(office, "jobs", "start")
            wait_for(lambda: bool(jobs(office)) and not jobs(office, *OPEN))
            assert {each["state"] for each in jobs(office)} == {"done"}
            names = {each["worker"] for each in jobs(office) if each["task"] != "cycle"}
            assert process.pid not in {int(name.split()[-1]) for name in names}
            one = int(names.pop().split()[-1])
            os.kill(one, signal.SIGKILL)
            well(office, "jobs", "start", "collect")
            wait_for(lambda: not jobs(office, *OPEN))
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        assert list((office / "outbox").rglob("*.json"))
        well(office, "verify")


OPEN = ("--state", "waiting", "--state", "running")


def never(office: Path, url: str) -> None:
    """A schedule that begins nothing by itself: only what a test starts."""
    store = open_store(url, office / "archive")
    later = datetime.now(ZoneInfo("Europe/Rome")) + timedelta(hours=12)
    with store.write() as connection:
        save_schedule(connection, {"run": Job(at=(later.time().replace(tzinfo=None),))})
    store.close()


def jobs(office: Path, *words: str) -> list[dict[str, Any]]:
    found: Ended = well(office, "jobs", *words, "--format", "json")
    return found.rows()


def worker(office: Path, *words: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return started(
        [sys.executable, "-m", "incasso.cli.main", "worker", *words],
        cwd=office,
        env=plain_environment(),
        text=True,
    )


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.3)
