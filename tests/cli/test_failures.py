"""Whatever goes wrong: a sentence with its cure, the right exit code, never a traceback."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import CONFIG, DAY, incasso, inside, make_office
from tests.started import started

MISUSED: list[tuple[tuple[str, ...], str]] = [
    ((), "Usage"),
    (("nothing",), "No such command"),
    (("act",), "Usage"),
    (("act", "hold"), "SUBJECT"),
    (("clients", "--format", "xml"), "'table', 'json', 'jsonl'"),
    (("plan", "--on", "domani"), "write it as 2026-11-23"),
    (("plan", "--on", "2026-02-30"), "not a date"),
    (("clients", "--limit", "0"), "--limit"),
    (("installments", "--overdue", "many"), "31-60"),
    (("installments", "--status", "unpaid"), "vanished"),
    (("cases", "--state", "waiting"), "parked"),
    (("report", "overdue", "--by", "moon"), "band"),
    (("clients", "--columns", "code,nome"), "credit_limit"),
    (("steps", "--status", "redy"), "proposed"),
    (("deliveries", "--status", "lost"), "uncertain"),
    (("act", "promise", "1001", "--until", DAY, "--amount", "tanto"), "1250.00"),
    (("act", "plan", "1001", "--pay", "5"), "DATE=AMOUNT"),
    (("simulate",), "--days"),
    (("simulate", "--days", "0"), "--days"),
    (("iters", "import", "missing.toml"), "missing.toml"),
    (("plugins", "describe", "sap"), "no kind"),
    (("plugins", "new", "bank", "x"), "'connector', 'channel', 'provider'"),
    (("plugins", "new", "channel", "Upper Case", "--into", "p"), "cannot name a plugin"),
    (("check", "nobody"), "No table is called nobody"),
    (("sync", "nobody"), "nobody"),
    (("users", "passwd", "admin"), "--stdin"),
    (("--config", "missing.toml", "clients"), "--config PATH"),
    (("clients", "extra"), "extra"),
    (("jobs", "again", "abc"), "it must be a number"),
    (("worker", "--processes", "many"), "it must be a number"),
]
PROBLEMS: list[tuple[tuple[str, ...], str]] = [
    (("explain", "nobody"), "incasso clients"),
    (("act", "hold", "nobody", "--why", "x"), "incasso clients"),
    (("act", "hold", "1001"), "--why"),
    (("act", "hold", "1001", "--why", "x", "--until", "2020-01-01"), "before"),
    (
        ("act", "promise", "1001", "--until", "2026-12-01", "--amount", "9999999", "--on", DAY),
        "more than",
    ),
    (("act", "promise", "1001", "--until", "2062-01-01", "--on", DAY), "too far away"),
    (("act", "done", "case:1"), "not a step"),
    (("act", "approve", "1"), "no longer"),
    (("act", "skip", "1001", "--why", "x"), "case:12"),
    (("act", "assign", "1001", "--to", "nobody"), "users list"),
    (("act", "resolve", "x", "--sent"), "--status uncertain"),
    (("act", "iter", "1001", "sconosciuto"), "bonifico"),
    (("iters", "export", "sconosciuto"), "iters list"),
    (("iters", "import", "ledger/clients.csv"), "clients.csv"),
    (("templates", "import", "iters.toml"), "language"),
    (("templates", "publish", "nobody"), "import one first"),
    (("users", "add", "Anna Conti"), "small letters"),
    (("users", "add", "anna", "--role", "king"), "administrator"),
    (("users", "add", "admin"), "exists already"),
    (("users", "disable", "nobody"), "users list"),
]


def refused(folder: Path, words: tuple[str, ...], code: int, said: str) -> None:
    """One sentence on standard error, nothing on standard output."""
    ended = inside(folder, *words)
    assert ended.code == code, (words, ended)
    assert said in ended.err, (words, ended)
    assert ended.out == "", (words, ended)
    assert not ended.has_traceback, (words, ended)


def test_the_real_process_tells_the_same(lived: Path) -> None:
    for words, code in ((("nothing",), 2), (("explain", "nobody"), 1), (("clients",), 0)):
        ended = incasso(lived, *words)
        assert (ended.code, ended.has_traceback) == (code, False), (words, ended)
        assert bool(ended.out) == (code == 0)


def test_wrong_usage_is_two(lived: Path) -> None:
    for words, said in MISUSED:
        refused(lived, words, 2, said)


@pytest.mark.parametrize(
    "words",
    [
        "act block-orders 1001\udc80 --why x",
        "act hold 1001 --why x\udcff",
        "show client 1001\udc80",
    ],
)
def test_bytes_that_are_no_text_are_told(office: Path, words: str) -> None:
    """As a terminal in Latin-1 sends an accented letter."""
    ended = inside(office, *words.split())
    assert ended.code in (1, 2) and ended.err.strip(), ended
    assert not ended.has_traceback and "Unexpected" not in ended.err, ended
    assert "\udc80" not in ended.err and "\udcff" not in ended.err, "what no terminal can print"


def test_problems_in_data_or_operation_are_one(lived: Path) -> None:
    for words, said in PROBLEMS:
        refused(lived, words, 1, said)


READING = ("clients", "steps", "plan", "run", "verify", "explain", "journal")


def test_before_init_every_command_says_so(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "acme")
    for word in READING:
        refused(folder, (word, "x") if word == "explain" else (word,), 1, "incasso init")
    assert not (folder / "incasso.db").exists()
    (folder / "incasso.db").touch()
    for word in ("clients", "plan", "run", "worker"):
        refused(folder, (word,), 1, "incasso init")


WRONG_FILES: list[tuple[str, str]] = [
    ("[hub", "TOML"),
    ("[hub]\ntimezone = 'Mars/Olympus'", "Europe/Rome"),
    ("[hub]\ntimezon = 'Europe/Rome'", "timezone"),
    ("[nothing]\n", "unknown table"),
    ("[hub]\ndatabase = 'nonsense'", "sqlite:///"),
    ("[hub]\ndatabase = 'mysql://user:password@host/name'", "postgresql://"),
    ("[hub]\ntimezone = { env = 'NOT_SET_ANYWHERE' }", "NOT_SET_ANYWHERE"),
]


def test_a_wrong_configuration_is_two(tmp_path: Path) -> None:
    for number, (text, said) in enumerate(WRONG_FILES):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "plugins.toml").write_text(text)
        refused(folder, ("clients",), 2, said)
    (tmp_path / "plugins.toml").write_bytes(b"\xff\xfe\x00")
    refused(tmp_path, ("clients",), 2, "UTF-8")


def test_check_tells_configuration_from_trouble(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "acme")
    fine = inside(folder, "check")
    assert fine.code == 0
    assert re.search(r"acme: .*EUR", fine.out), "the sum to compare with the ERP's"
    assert "does not exist in the calendar" in fine.err
    assert inside(folder, "check", "--read").code == 0
    assert not list(folder.glob("incasso.db*")), "a check makes no database"
    (folder / "ledger" / "installments.csv").unlink()
    missing = inside(folder, "check", "--format", "json")
    assert missing.code == 1
    assert {row["id"]: row["state"] for row in missing.rows()}["print_room"] == "ready"
    (folder / "plugins.toml").write_text(CONFIG.replace('"folder"', '"folders"'))
    unknown = inside(folder, "check")
    assert unknown.code == 2
    assert not unknown.has_traceback
    (folder / "plugins.toml").write_text("")
    empty = inside(folder, "check")
    assert (empty.code, "names no connector and no channel" in empty.err) == (2, True)


def _is_rubbish(file: Path) -> None:
    file.write_bytes(b"not a database at all" * 100)


def _is_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DATABASES: list[tuple[Callable[[Path], object], str]] = [
    (_is_rubbish, "not an Incasso database"),
    (_is_a_folder, "cannot be opened"),
    (Path.unlink, "incasso init"),
]


def test_a_broken_database_is_a_sentence(lived: Path, tmp_path: Path) -> None:
    for number, (spoil, said) in enumerate(DATABASES):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in ("incasso.db", "plugins.toml"):
            (folder / name).write_bytes((lived / name).read_bytes())
        spoil(folder / "incasso.db")
        refused(folder, ("clients",), 1, said)


def test_an_older_database_asks_for_an_update(office: Path) -> None:
    with sqlite3.connect(office / "incasso.db") as connection:
        connection.execute("ALTER TABLE clients DROP COLUMN rating")
    connection.close()
    refused(office, ("clients",), 1, "older version")


def test_a_newer_database_asks_for_its_program(office: Path) -> None:
    with sqlite3.connect(office / "incasso.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for word in ("run", "init"):
        refused(office, (word,), 1, "newer Incasso")


def test_a_part_that_breaks_is_told_once(office: Path) -> None:
    (office / "ledger" / "installments.csv").write_bytes(b"\x00" * 100)
    ended = incasso(office, "run", "--on", "2026-11-24")
    assert (ended.code, ended.has_traceback) == (1, False), ended
    assert ended.err.count("is empty") == 1, ended
    assert "installments looked at" in ended.out


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    config = "[hub]\ndatabase = 'postgresql://anna:segreta@127.0.0.1:1/incasso'"
    (tmp_path / "plugins.toml").write_text(config)
    ended = incasso(tmp_path, "clients")
    assert (ended.code, ended.out) == (1, "")
    assert "does not answer" in ended.err
    assert "segreta" not in ended.err


def test_debug_shows_the_traceback(lived: Path) -> None:
    assert "Traceback" in incasso(lived, "--debug", "explain", "nobody").err


def test_a_reader_that_goes_away_is_no_error(lived: Path) -> None:
    with started(
        [sys.executable, "-m", "incasso.cli.main", "journal", "--format", "jsonl"],
        cwd=lived,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("buffering", [["-u"], []])
def test_an_interrupted_worker_stops_politely(lived: Path, buffering: list[str]) -> None:
    with started(
        [sys.executable, *buffering, "-m", "incasso.cli.main", "worker"],
        cwd=lived,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "programma quotidiano" in process.stdout.readline()
        process.send_signal(2)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "Fermato" in out


def test_help_is_quick(lived: Path) -> None:
    best = min(_seconds(lived, "--help") for _ in range(3))
    # 0.2 s measured on two slow cores; the promise is 0.4, the rest is for slower ones.
    assert best < 1.0


def _seconds(folder: Path, *words: str) -> float:
    """Of the processor: how long it takes on a clock says more about what else is running."""
    before = os.times()
    assert incasso(folder, *words).code == 0
    after = os.times()
    return after.children_user + after.children_system - sum(before[2:4])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such device")
def test_a_full_disk_is_a_sentence(lived: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("wb") as nowhere:
        done = subprocess.run(
            [sys.executable, "-m", "incasso.cli.main", "journal", "--format", "json"],
            cwd=lived,
            stdout=nowhere,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "disco è pieno" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
