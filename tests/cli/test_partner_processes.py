"""A partner's plugin in real processes: two that send at once, and the server that hears news."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.cli.command import CONFIG, DAY, ROOT, incasso, make_office, plain_environment
from tests.cli.gateway import TABLE, install

EACH = 8
"""Messages of each of the two processes."""


@pytest.fixture
def office(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """An office whose mails go through the gateway, and the environment in which it is found."""
    folder = make_office(tmp_path / "office")
    print_room = CONFIG.replace('"email", ', "")
    (folder / "plugins.toml").write_text(print_room + TABLE, encoding="utf-8")
    environment = {"PYTHONPATH": install(folder), "INCASSO_USER": "admin"}
    for words in (["init"], ["iters", "import", "iters.toml"]):
        ended = incasso(folder, *words, **environment)
        assert ended.code == 0, ended
    return folder, environment


def test_two_processes_share_the_numbers_and_the_pace(office: tuple[Path, dict[str, str]]) -> None:
    """`ctx.state` is compared before it changes, and a limit belongs to the instance, not to each
    process: sixteen messages at ten a second take a second and a half, however many send."""
    folder, _ = office
    began = _both_send(office, EACH)
    sent = [line.split() for line in (folder / "sent" / "sent").read_text().splitlines()]
    assert sorted(int(number) for number, _, _ in sent) == list(range(1, 2 * EACH + 1))
    assert len({key for _, _, key in sent}) == 2 * EACH
    # The n-th call has its turn n tenths of a second after the first could begin: never earlier.
    for turn, at in enumerate(sorted(float(at) for _, at, _ in sent)):
        assert at - began > turn / 10 - 0.05, "each process had a pace of its own"


def test_two_processes_share_the_limit_of_a_day(office: tuple[Path, dict[str, str]]) -> None:
    """Each would send all it may; together they send as much, to the last call."""
    folder, _ = office
    plugin, config = folder / "incasso_gateway.py", folder / "plugins.toml"
    plugin.write_text(plugin.read_text().replace("calls_per_second=Decimal(10), burst=1, ", ""))
    config.write_text(config.read_text() + "calls_per_day = 60\n")
    _both_send(office, 61)
    assert len((folder / "sent" / "sent").read_text().splitlines()) == 60
    _both_send(office, 1)
    assert len((folder / "sent" / "sent").read_text().splitlines()) == 60


def _both_send(office: tuple[Path, dict[str, str]], each: int) -> float:
    """Two processes send so many, or as many as they may; when they began."""
    folder, environment = office
    config = str(folder / "plugins.toml")
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.cli.send_worker", config, name, str(each)],
            cwd=ROOT,
            env={**plain_environment(), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for worker in workers:
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    began = time.time()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        _, told = worker.communicate(timeout=60)
        assert worker.returncode == 0, told
    return began


@pytest.fixture
def served(office: tuple[Path, dict[str, str]]) -> Iterator[httpx.Client]:
    """`incasso serve` in a process of its own, over an office that sent its mails."""
    folder, environment = office
    ended = incasso(folder, "run", "--on", DAY, "--really-send", **environment)
    assert ended.code == 0, ended
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "incasso.cli.main", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                _wait_for(client, server)
                yield client
        finally:
            server.terminate()


def _wait_for(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None
        try:
            client.get("/health")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def test_news_over_a_real_server(office: tuple[Path, dict[str, str]], served: httpx.Client) -> None:
    """The answer is the one the plugin gives, and the same news twice are one event."""
    path, key = "/api/v1/callbacks/gate", {"X-Key": "s3cret"}
    proved = served.get(path, params={"challenge": "4711"})
    assert (proved.status_code, proved.text) == (200, "4711")
    news = {"ref": "g1", "id": "n1", "state": "delivered", "at": f"{DAY}T12:00:00+00:00"}
    assert served.post(path, json=news, headers={"X-Key": "no"}).status_code == 403
    assert _statuses(office) == ["accepted", "accepted"]
    for _ in range(2):
        told = served.post(path, json=news, headers=key)
        assert (told.status_code, told.text) == (202, "<ok/>")
        assert told.headers["content-type"] == "application/xml"
    assert _statuses(office) == ["accepted", "delivered"]
    folder, environment = office
    [delivered] = [row["id"] for row in _deliveries(office) if row["status"] == "delivered"]
    shown = incasso(folder, "show", "delivery", delivered, **environment).out
    assert shown.count("delivered from the gateway") == 1, "applied once"
    assert incasso(folder, "verify", **environment).code == 0


def _deliveries(office: tuple[Path, dict[str, str]]) -> list[dict[str, str]]:
    folder, environment = office
    return incasso(folder, "deliveries", "--format", "json", **environment).rows()


def _statuses(office: tuple[Path, dict[str, str]]) -> list[str]:
    return sorted(row["status"] for row in _deliveries(office))
