"""The order block from the command line of a small office made of files, and its server."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.command import DAY, inside, make_office, well
from tests.started import started

WHY = ("--why", "assegno impagato", "--by", "anna", "--on", DAY)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The tutorial's office after its first sync, with a feed."""
    folder = make_office(tmp_path / "acme")
    config = (folder / "plugins.toml").read_text(encoding="utf-8")
    feed = '[hub]\nblocks_feed = "out/blocked.csv"\n'
    (folder / "plugins.toml").write_text(config.replace("[hub]\n", feed), encoding="utf-8")
    well(folder, "init")
    well(folder, "users", "add", "anna", "--role", "credit_manager")
    well(folder, "sync", "--on", DAY)
    return folder


def test_block_list_and_release(office: Path) -> None:
    assert "Orders blocked" in well(office, "act", "block-orders", "1001", *WHY).out
    again = inside(office, "act", "block-orders", "acme/1001", *WHY)
    assert (again.code, again.has_traceback) == (1, False)
    assert "blocked already" in again.err
    (row,) = well(office, "blocks", "--format", "json").rows()
    assert (row["source"], row["client"], row["made_by"]) == ("acme", "1001", "anna")
    assert "assegno" in well(office, "blocks").out
    lines = well(office, "blocks", "--format", "jsonl", "--source", "acme").out.splitlines()
    assert [json.loads(line)["client"] for line in lines] == ["1001"]
    assert "1001" in (office / "out/blocked.csv").read_text(encoding="utf-8")
    well(office, "act", "release-orders", "1001", *WHY)
    assert well(office, "blocks", "--format", "json").rows() == []
    (over,) = well(office, "blocks", "--all", "--format", "json").rows()
    assert (over["status"], over["released_by"]) == ("released", "anna")
    assert "1001" not in (office / "out/blocked.csv").read_text(encoding="utf-8")


def test_clients_show_hub_and_erp_apart(office: Path) -> None:
    well(office, "act", "block-orders", "1001", *WHY)
    (row,) = well(office, "clients", "--blocked", "--format", "json").rows()
    assert (row["code"], row["blocked"], row["orders_blocked_by"]) == ("1001", False, "hub")
    assert (row["orders_blocked_since"], row["orders_blocked_reason"]) == (
        DAY,
        "assegno impagato",
    )
    free = well(office, "clients", "--not-blocked", "--format", "json").rows()
    assert "1001" not in {row["code"] for row in free}


def test_explain_says_it_beside_the_decision(office: Path) -> None:
    assert "Orders blocked" not in well(office, "explain", "1001", "--on", DAY).out
    well(office, "act", "block-orders", "1001", *WHY)
    told = inside(office, "explain", "1001", "--on", DAY, language="it").out
    assert told.rstrip().endswith("Ordini bloccati dal 23/11/2026: assegno impagato.")
    rows = well(office, "explain", "1001", "--on", DAY, "--format", "json").rows()
    assert {row["orders_blocked_by"] for row in rows} == {"hub"}


def test_the_feed_by_hand(office: Path) -> None:
    well(office, "act", "block-orders", "1001", *WHY)
    assert "1 blocked" in well(office, "blocks", "feed", "all.json").out
    assert json.loads((office / "all.json").read_text(encoding="utf-8"))[0]["client"] == "1001"
    wrong = inside(office, "blocks", "feed", "all.txt")
    assert (wrong.code, wrong.err.strip()) == (2, "all.txt must end in .csv or .json")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("act", "block-orders", "1001"), "--why"),
        (("act", "release-orders", "1001", *WHY), "does not block"),
        (("act", "block-orders", "9999", *WHY), "No client"),
        (("act", "write-back", "abc", "--done"), "no write-back"),
        (("act", "write-back", "abc"), "one of --done"),
        (("act", "write-back", "abc", "--done", "--again"), "one of --done"),
        (("blocks", "writes", "--status", "sent"), "none of queued"),
        (("tokens", "add", "shop"), "--scope"),
        (("tokens", "add", "shop", "--scope", "all"), "no scope all"),
        (("tokens", "revoke", "shop"), "no token"),
        (("serve", "--port", "0"), "--port"),
    ],
)
def test_what_goes_wrong_is_a_sentence(office: Path, words: tuple[str, ...], says: str) -> None:
    ended = inside(office, *words)
    assert ended.code in (1, 2)
    assert not ended.has_traceback
    assert says in ended.err


def test_a_token_is_shown_once(office: Path) -> None:
    said = well(office, "tokens", "add", "shop", "--scope", "credit-status", "--source", "acme")
    assert re.fullmatch(r"inc_[0-9a-f]{16}\.[\w-]{43}\n", said.out)
    (row,) = well(office, "tokens", "list", "--format", "json").rows()
    assert (row["name"], row["scopes"], row["sources"]) == ("shop", ["credit-status"], ["acme"])
    assert said.out.strip().split(".")[1] not in json.dumps(row)
    well(office, "tokens", "revoke", "shop")
    (row,) = well(office, "tokens", "list", "--format", "json").rows()
    assert row["revoked_at"] is not None


def test_the_server_answers(office: Path) -> None:
    well(office, "act", "block-orders", "1001", *WHY)
    token = well(office, "tokens", "add", "shop", "--scope", "credit-status").out.strip()
    with served(office) as (port, process):
        headers = {"Authorization": f"Bearer {token}"}
        base = f"http://127.0.0.1:{port}"
        url = f"{base}/api/v1/credit-status/acme/1001"
        answer = httpx.get(url, headers=headers, timeout=20)
        assert answer.json()["allowed"] is False
        assert httpx.get(url, timeout=20).status_code == 401
        taken = inside(office, "serve", "--port", str(port))
        assert (taken.code, taken.has_traceback) == (1, False)
        assert "--port" in taken.err
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert "Traceback" not in errors


def test_without_a_database_it_does_not_start(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "empty")
    ended = inside(folder, "serve", "--port", "8399")
    assert (ended.code, ended.err.strip()) == (
        1,
        "The database is not initialised: run `incasso init`.",
    )


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """`incasso serve` as a process, once it answers; it ends with the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "incasso.cli.main", "serve", "--port", str(port)]
    with started(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            transport = httpx.HTTPTransport(retries=8)  # 0, 0.5, 1, 2 … seconds: about a minute
            with httpx.Client(transport=transport, timeout=20) as client:
                client.get(f"http://127.0.0.1:{port}/health").raise_for_status()
            yield port, process
        finally:
            process.terminate()
