"""A day of a small office, through the command line alone."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import DAY, ROOT, inside, make_office, well
from tests.lists.test_lists import PROMISED


def test_the_day_gave_what_the_files_say(lived: Path) -> None:
    steps = well(lived, "steps", "--format", "json").rows()
    assert [(s["client"], s["action"], s["medium"], s["status"]) for s in steps] == [
        ("1001", "send", "email", "counted"),
        ("1002", "send", "email", "counted"),
        ("1003", "task", "", "ready"),
    ]
    assert steps[0]["installments"] == ["2026/118-1"]
    assert (steps[0]["total"], steps[0]["due_on"]) == ("1220.00", DAY)
    (bad,) = well(lived, "quarantine", "--format", "json").rows()
    assert (bad["row"], bad["field"]) == (6, "due_date")
    notes = sorted((lived / "outbox" / DAY).glob("*.json"))
    sent = {row["id"]: row for row in well(lived, "deliveries", "--format", "json").rows()}
    assert sorted(sent) == [note.stem for note in notes]
    for note in notes:
        assert json.loads(note.read_text())["sha256"] == sent[note.stem]["sha256"]


@pytest.mark.parametrize("name", PROMISED)
def test_promised_fields_on_standard_output(lived: Path, name: str) -> None:
    dated = ("--on", DAY) if name in ("clients", "installments") else ()
    array = well(lived, name, *dated, "--format", "json")
    lines = well(lived, name, *dated, "--format", "jsonl")
    rows = array.rows()
    assert rows
    assert rows == [json.loads(line) for line in lines.out.splitlines()]
    for row in rows:
        assert set(PROMISED[name].split()) <= set(row)
    assert array.err == lines.err == ""


def test_explain_agrees_with_the_plan(lived: Path) -> None:
    (why,) = well(lived, "explain", "1003", "--on", DAY, "--format", "json").rows()
    assert {"subject", "on", "decision", "conditions"} <= set(why)
    assert {"name", "value", "holds", "blocks", "until"} <= set(why["conditions"][0])
    assert (why["subject"], why["decision"]) == ("acme/2026/140-1", "in_step")
    assert "acme/2026/118-2" in well(lived, "explain", "2026/118-2", "--on", DAY).out


def test_simulate_changes_nothing(lived: Path) -> None:
    before = (lived / "incasso.db").read_bytes()
    rows = well(lived, "simulate", "--days", "30", "--on", "2026-11-24", "--format", "json").rows()
    assert [row["stage"] for row in rows].count("telefonata") == 2
    assert (lived / "incasso.db").read_bytes() == before


def test_reports(lived: Path) -> None:
    bands = well(lived, "report", "overdue", "--on", DAY, "--format", "json").rows()
    assert [(row["band"], row["total"]) for row in bands] == [
        ("not_due", "1220.00"),
        ("1-30", "2010.50"),
    ]
    clients = well(
        lived, "report", "overdue", "--by", "client", "--on", DAY, "--format", "json"
    ).rows()
    assert [(row["client"], row["1-30"]) for row in clients] == [
        ("1001", "1220.00"),
        ("1002", "480.50"),
        ("1003", "310.00"),
    ]
    due = well(lived, "report", "due", "--on", DAY, "--format", "json").rows()
    assert [(row["client"], row["due_date"]) for row in due][:2] == [
        ("1001", "2026-11-10"),
        ("1001", "2026-12-10"),
    ]


def test_verify_and_its_alarm(office: Path) -> None:
    assert "as it was written" in well(office, "verify").out
    (file,) = list((office / "outbox" / DAY).glob("*.eml"))[:1]
    archived = [p for p in (office / "archive").rglob("*") if p.is_file() and len(p.name) == 62]
    archived[0].chmod(0o600)
    archived[0].write_bytes(file.read_bytes() + b"!")
    changed = inside(office, "verify")
    assert changed.code == 1
    assert not changed.has_traceback


def test_with_a_date_nothing_leaves_unless_asked(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "acme")
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml", "--on", DAY)
    said = well(folder, "run", "--on", DAY)
    assert "2 e-mail would leave" in said.out
    assert not list((folder / "outbox").rglob("*.eml"))
    well(folder, "run", "--on", DAY, "--really-send")
    assert len(list((folder / "outbox").rglob("*.eml"))) == 2
    well(folder, "run", "--on", DAY, "--really-send")
    assert len(list((folder / "outbox").rglob("*.eml"))) == 2


def test_the_guard_stops_and_is_told_to_go_on(office: Path) -> None:
    ledger = office / "ledger" / "installments.csv"
    head, *rows = ledger.read_text().splitlines()
    ledger.write_text("\n".join([head, rows[0]]))
    stopped = inside(office, "sync", "--on", "2026-11-24")
    assert (stopped.code, stopped.out) == (1, "")
    assert "--confirm" in stopped.err
    assert not stopped.has_traceback
    well(office, "sync", "acme", "--confirm", "--on", "2026-11-24")


def test_a_sync_tells_each_row_once(office: Path) -> None:
    ended = well(office, "sync", "--on", DAY)
    assert "acme: 5 read, 1 in quarantine." in ended.out


def test_iters_go_out_as_they_came_in(office: Path) -> None:
    text = well(office, "iters", "export").out
    (office / "again.toml").write_text(text)
    assert "unchanged" in well(office, "iters", "import", "again.toml", "--on", DAY).out
    (row,) = well(office, "iters", "list", "--format", "json").rows()
    assert (row["key"], row["version"], row["cases"]) == ("bonifico", 1, 3)


def test_texts_go_out_are_checked_and_come_back(office: Path) -> None:
    well(office, "templates", "export", "--into", "texts")
    mine = office / "texts" / "it" / "primo_sollecito.toml"
    mine.write_text(mine.read_text().replace('subject = "', 'subject = "Ciao: ', 1))
    well(office, "templates", "check", str(mine))
    well(office, "templates", "import", str(mine))
    well(office, "templates", "publish", "primo_sollecito")
    rows = well(office, "templates", "list", "--format", "json").rows()
    versions = {(row["key"], row["language"]): row["version"] for row in rows}
    assert versions["primo_sollecito", "it"] == 2
    mine.write_text('subject = "x"\ntext = "{{ nobody }}"\n')
    wrong = inside(office, "templates", "check", str(mine))
    assert wrong.code == 1
    assert "nobody" in wrong.err


def test_texts_are_looked_at_before_they_leave(office: Path) -> None:
    """11 texts for 2 clients with 3 numbers of rows; 2 of them have other words for a first
    contact: 11 × 6 + 2 × 2 = 70."""
    made = well(office, "templates", "gallery", "--into", "g", "--language", "de", "--on", DAY)
    assert made.out.startswith("70 messages written")
    letters = list((office / "g").glob("*/*.pdf"))
    assert len(letters) == 70
    assert all(each.read_bytes().startswith(b"%PDF") for each in letters)
    index = (office / "g/index.html").read_text("utf-8")
    for form in ("html", "txt", "pdf"):
        assert f'href="de/ultimo_avviso-person-40.{form}"' in index
    words = (office / "g/de/ultimo_avviso-person-first.txt").read_text("utf-8")
    assert "Guten Tag Anna Conti" in words
    assert "Mitteilung" not in words
    page = (office / "g/de/primo_sollecito-firm-12.html").read_text("utf-8")
    assert page.count("Rechnung 1") == 12


def test_the_check_of_the_texts_in_use_tells_rates_that_are_not_known(office: Path) -> None:
    checked = well(office, "templates", "check", "--language", "it", "--on", "2027-01-02")
    assert "11 texts are good." in checked.out
    assert "known up to 31 Dec 2026" in checked.err


def test_a_text_that_a_language_lacks_is_named(office: Path) -> None:
    (office / "it").mkdir()
    (office / "en").mkdir()
    own = office / "it/nostro.toml"
    own.write_text("subject = 'Saluti'\ntext = 'Buongiorno'\n")
    other = office / "en/theirs.toml"
    other.write_text("subject = 'Hello'\ntext = 'Hello'\n")
    checked = well(office, "templates", "check", str(own), str(other))
    assert "nostro (it): no text in en" in checked.err
    assert "theirs (en): no text in it" in checked.err
    other.write_text("subject = 'Hello'\ntext = '{{ nobody }}'\n")
    assert inside(office, "templates", "check", str(other)).code == 1


def test_people_of_the_office(office: Path) -> None:
    well(
        office,
        "users",
        "add",
        "luca",
        "--name",
        "Luca Marini",
        "--by",
        "admin",
        "--stdin",
        stdin="una frase lunga\n",
    )
    well(
        office,
        "users",
        "passwd",
        "luca",
        "--by",
        "admin",
        "--stdin",
        stdin="un'altra frase lunga\n",
    )
    well(office, "act", "assign", "1003", "--to", "luca", "--on", DAY)
    (step,) = well(office, "steps", "--operator", "luca", "--format", "json").rows()
    assert step["client"] == "1003"
    well(office, "users", "disable", "luca", "--by", "admin")
    assert inside(office, "act", "hold", "1003", "--by", "luca", "--why", "x").code == 1
    users = well(office, "users", "list", "--format", "json").rows()
    assert [(user["login"], user["active"]) for user in users] == [
        ("admin", True),
        ("anna", True),
        ("luca", False),
    ]
    assert "password" not in users[0]


def test_what_people_do(office: Path) -> None:
    """Every act of the command table, each with who, when and why."""
    who = ("--by", "anna", "--on", DAY, "--why", "prova")
    for words in (
        ("hold", "1003"),
        ("release", "1003"),
        ("dispute", "2026/131-1", "--department", "qualità"),
        ("release", "2026/131-1"),
        ("promise", "1001", "--until", "2026-12-01", "--amount", "600,50"),
        ("plan", "1001", "--pay", "2026-12-01=500.00", "--pay", "2027-01-01=720"),
        ("extend", "1002", "--to", "2026-12-31"),
        ("park", "case:1", "--into", "legal"),
        ("move", "case:2", "--to", "2026-12-24"),
        ("skip", "case:2"),
        ("assign", "1002", "--to", "admin"),
        ("exclude", "1002"),
        ("include", "1002"),
        ("iter", "1003", "bonifico"),
        ("enter", "case:2", "--stage", "diffida"),
        ("add", "case:2", "--to", "2026-12-12", "--action", "visit"),
        ("stages", "case:2", "iters.toml"),
    ):
        well(office, "act", *words, *who)
    well(office, "plan", "--on", DAY)
    (step,) = well(office, "steps", "--status", "ready", "--format", "json").rows()
    well(office, "act", "done", str(step["id"]), "--email", "amm@verdi.it", *who)
    events = well(
        office, "journal", "--actor", "anna", "--kind", "agreement.made", "--format", "json"
    )
    assert [row["facts"]["agreement"] for row in events.rows()] == [
        "hold",
        "dispute",
        "promise",
        "plan",
        "extension",
    ]
    assert {row["facts"]["why"] for row in events.rows()} == {"prova"}
    cases = {c["id"]: c for c in well(office, "cases", "--format", "json").rows()}
    assert (cases[1]["state"], cases[1]["container"]) == ("parked", "legal")
    # The message that the address found lets leave.
    well(office, "plan", "--on", DAY)
    (message,) = well(office, "steps", "--status", "ready", "--format", "json").rows()
    assert (message["stage"], message["medium"]) == ("sollecito", "email")


MANY = """
INSERT INTO installments (source_id, client_id, key, due_date, amount, residual,
                          installment_number, fingerprint, absences)
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 20000)
SELECT 1, 1, 'K' || n, '2026-11-23', 100, 100, 1, x'', 0 FROM counted
"""


def test_a_long_list_comes_out_whole(office: Path) -> None:
    connection = sqlite3.connect(office / "incasso.db", isolation_level=None)
    connection.execute(MANY)
    connection.close()
    lines = well(office, "installments", "--format", "jsonl").out.splitlines()
    keys = [json.loads(line)["key"] for line in lines]
    assert len(keys) == 20_004
    assert keys == sorted(keys)
    table = well(office, "installments", "--on", DAY)
    assert "--format jsonl" in table.err
    assert len(table.out.splitlines()) == 202


def test_the_launcher_is_the_command(lived: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "hub.py"), "cases", "--format", "json"],
        cwd=lived,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert len(json.loads(done.stdout)) == 3
    lonely = subprocess.run(
        [sys.executable, "-S", "-I", str(ROOT / "hub.py")],
        cwd=lived,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (lonely.returncode, lonely.stdout) == (2, "")
    assert "pip install" in lonely.stderr
