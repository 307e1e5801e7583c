"""Yesterday's database put back: nothing leaves until `recover` has accounted for what left."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from incasso.store.proof import left_log
from incasso.store.proof.hub_key import HubKey
from tests.cli.command import DAY, inside, make_office, well

NEXT_DAY = "2026-11-30"

ITER = """
[[iter]]
key = "bonifico"
min_gap_days = 5
[iter.match]
payment_methods = ["transfer"]
[[iter.stage]]
key = "sollecito"
days = 5
action = "send"
channels = ["email"]
template = "primo_sollecito"
[[iter.stage]]
key = "secondo"
anchor = "previous"
days = 5
action = "send"
channels = ["email"]
template = "secondo_sollecito"
"""

DEBTORS = 20

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
"""By the clock of the channel, whatever the business day."""


def write_ledger(folder: Path, debtors: int) -> None:
    """So many clients with an invoice long past due; every second one has two."""
    clients = ["code,name,email"]
    heading = "key,client,document_number,document_date,due_date,amount,residual,payment_method"
    rows = [heading]
    for n in range(1, debtors + 1):
        clients.append(f"C{n},Ferramenta {n},c{n}@example.it")
        for part in range(1, 2 + n % 2):
            money = f"{n}00.00,{n}00.00,transfer"
            rows.append(f"{n}-{part},C{n},F{n},2026-09-01,2026-10-{part:02},{money}")
    (folder / "ledger/clients.csv").write_text("\n".join(clients), encoding="utf-8")
    (folder / "ledger/installments.csv").write_text("\n".join(rows), encoding="utf-8")


def lived_office(folder: Path) -> Path:
    """An office that sent on one day, was copied, and wrote to everybody again on another.

    On the second day there is one client more, of whom the copy knows nothing.
    """
    make_office(folder)
    (folder / "iters.toml").write_text(ITER, encoding="utf-8")
    write_ledger(folder, DEBTORS)
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml")
    well(folder, "run", "--on", DAY, "--really-send")
    shutil.copy(folder / "incasso.db", folder / "copy.db")
    write_ledger(folder, DEBTORS + 1)
    well(folder, "run", "--on", NEXT_DAY, "--really-send")
    return folder


def put_back(folder: Path) -> None:
    """The copy takes the database's place, as after a broken disk."""
    for beside in folder.glob("incasso.db*"):
        beside.unlink()
    shutil.copy(folder / "copy.db", folder / "incasso.db")


def sent(folder: Path) -> list[str]:
    """The messages in the outbox."""
    return sorted(path.stem for path in (folder / "outbox").rglob("*.json"))


def test_a_database_put_back_sends_nothing_and_says_why(tmp_path: Path) -> None:
    office = lived_office(tmp_path / "office")
    anchor = (office / "archive/journal-head.json").read_bytes()
    before = sent(office)
    put_back(office)
    for command in ("run", "dispatch"):
        ended = inside(office, command, "--on", NEXT_DAY, "--really-send")
        assert ended.code == 1
        assert "older than its journal's anchor" in ended.err
        assert "incasso recover" in ended.err
        assert ended.err.count("\n") == 1
    assert sent(office) == before
    for words in (["clients"], ["plan", "--on", NEXT_DAY], ["dispatch", "--on", NEXT_DAY]):
        ended = inside(office, *words)
        assert ended.code == 0
        assert "older than its journal's anchor" in ended.err
    assert (office / "archive/journal-head.json").read_bytes() == anchor
    ended = inside(office, "verify")
    assert ended.code == 1
    assert "was cut" in ended.err or "rewritten" in ended.err


def test_an_empty_database_beside_an_old_archive_sends_nothing(tmp_path: Path) -> None:
    office = lived_office(tmp_path / "office")
    for beside in office.glob("incasso.db*"):
        beside.unlink()
    ended = inside(office, "init")
    assert ended.code == 0
    ended = inside(office, "run", "--on", NEXT_DAY, "--really-send")
    assert ended.code == 1
    assert "incasso recover" in ended.err
    inside(office, "recover", "--on", NEXT_DAY)
    well(office, "verify")  # the administrator that `init` made is no intruder


def test_a_copy_of_the_anchor_elsewhere_outlives_an_archive_put_back_too(tmp_path: Path) -> None:
    office = make_office(tmp_path / "office")
    config = office / "plugins.toml"
    config.write_text(config.read_text().replace("[hub]", '[hub]\nanchor = "../safe"'))
    (office / "iters.toml").write_text(ITER, encoding="utf-8")
    write_ledger(office, DEBTORS)
    well(office, "init")
    well(office, "iters", "import", "iters.toml")
    for beside in office.glob("incasso.db-*"):
        beside.unlink()
    shutil.copytree(office, tmp_path / "copy", ignore=shutil.ignore_patterns("outbox"))
    well(office, "run", "--on", DAY, "--really-send")
    before = sent(office)
    shutil.rmtree(office / "archive")
    shutil.copytree(tmp_path / "copy", office, dirs_exist_ok=True)
    ended = inside(office, "run", "--on", DAY, "--really-send")
    assert ended.code == 1
    assert "older than its journal's anchor" in ended.err
    assert sent(office) == before
    names = sorted(path.name for path in (tmp_path / "safe").iterdir())
    assert names[-1].startswith("anchor-000000-")


def test_the_key_is_made_once_and_named(tmp_path: Path) -> None:
    office = make_office(tmp_path / "office")
    assert "incasso.key" in well(office, "init").out
    key = (office / "incasso.key").read_bytes()
    assert "incasso.key" not in well(office, "init").out
    assert (office / "incasso.key").read_bytes() == key
    (office / "incasso.key").unlink()
    well(office, "init")
    assert not (office / "incasso.key").exists()
    assert "incasso.key" in inside(office, "verify").err


def test_recover_accounts_for_what_left_and_nothing_leaves_twice(tmp_path: Path) -> None:
    office = lived_office(tmp_path / "office")
    before = sent(office)
    assert (len(copied(office)), len(before)) == (DEBTORS, 2 * DEBTORS + 1)
    lived = well(office, "deliveries", "--format", "json").rows()
    put_back(office)
    ended = inside(office, "recover", "--on", NEXT_DAY)
    assert ended.code == 0, ended
    assert f"{DEBTORS + 1} messages had left" in ended.out
    again = well(office, "deliveries", "--format", "json").rows()
    assert told(again) == told(lived)
    well(office, "run", "--on", NEXT_DAY, "--really-send")
    assert sent(office) == before
    ended = inside(office, "verify")
    assert ended.code == 0, ended
    assert "was put back and recovered" in ended.out
    ended = inside(office, "recover", "--on", NEXT_DAY)
    assert "nothing to recover" in ended.out


def test_a_message_to_a_client_that_the_ledger_lost_is_told_once_and_never_repeated(
    tmp_path: Path,
) -> None:
    office = lived_office(tmp_path / "office")
    before = sent(office)
    lived = well(office, "deliveries", "--format", "json").rows()
    put_back(office)
    write_ledger(office, DEBTORS)  # the last client is no longer there
    ended = inside(office, "recover", "--on", NEXT_DAY)
    assert ended.code == 1, ended
    assert "acme/C21" in ended.err
    ended = inside(office, "recover", "--on", NEXT_DAY)
    assert (ended.code, "nothing to recover" in ended.out) == (0, True), ended
    well(office, "run", "--on", NEXT_DAY, "--really-send")
    assert sent(office) == before
    well(office, "verify")
    # The client is in the ledger again, with what it owed.
    write_ledger(office, DEBTORS + 1)
    well(office, "run", "--on", NEXT_DAY, "--really-send")
    assert sent(office) == before
    assert told(well(office, "deliveries", "--format", "json").rows()) == told(lived)
    well(office, "verify")


def copied(folder: Path) -> list[str]:
    """The messages that the copy knew of."""
    return sorted(path.stem for path in (folder / "outbox" / DAY).glob("*.json"))


def told(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What must be the same of deliveries: everything but the number of the step."""
    names = ("id", "client", "medium", "channel", "to", "status", "accepted_on", "ref", "sha256")
    return sorted(tuple(row.get(name) for name in names) for row in rows)


def test_without_the_log_of_what_left_nothing_leaves_until_a_manager_accepts_it(
    tmp_path: Path,
) -> None:
    office = lived_office(tmp_path / "office")
    before = sent(office)
    put_back(office)
    newest = left_log.files(office / "archive")[-1]
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 4])  # before the last intent
    ended = inside(office, "recover", "--on", NEXT_DAY)
    assert ended.code == 1
    assert "what left since is not known" in ended.err
    assert "may leave." not in ended.out
    assert inside(office, "run", "--on", NEXT_DAY, "--really-send").code == 1
    assert inside(office, "recover", "--on", NEXT_DAY, "--accept-unknown").code == 2
    ended = inside(
        office,
        *("recover", "--on", NEXT_DAY, "--accept-unknown", "--why", "disk lost", "--by", "admin"),
    )
    assert "wait for approval" in ended.out, ended
    waiting = well(office, "steps", "--status", "proposed", "--format", "json").rows()
    assert waiting
    for each in waiting:  # a mail to the client is known to have left, by its bytes alone
        assert f"c{each['client'][1:]}@example.it" in each["reason"], each
        assert TODAY in each["reason"], each
    well(office, "run", "--on", NEXT_DAY, "--really-send")
    assert sent(office) == before
    ended = inside(office, "verify")
    assert ended.code == 0, ended
    assert "disk lost" in ended.out


def test_a_lost_archive_is_not_anchored_by_the_next_thing_done(tmp_path: Path) -> None:
    office = lived_office(tmp_path / "office")
    before = sent(office)
    put_back(office)
    shutil.rmtree(office / "archive")
    well(office, "sync", "--on", NEXT_DAY)
    ended = inside(office, "recover", "--on", NEXT_DAY)
    assert ended.code == 1
    ended = inside(office, "run", "--on", NEXT_DAY, "--really-send")
    assert ended.code == 1, ended
    assert sent(office) == before


def test_a_key_that_is_lost_or_foreign_is_never_passed_over(tmp_path: Path) -> None:
    office = lived_office(tmp_path / "office")
    key = office / "incasso.key"
    key.rename(office / "old.key")
    ended = inside(office, "recover", "--on", NEXT_DAY)
    assert ended.code == 1
    assert "--new-key" in ended.err
    HubKey(key).create()
    for words in ([], ["--new-key"]):
        ended = inside(office, "recover", "--on", NEXT_DAY, *words)
        assert ended.code == 1
        assert "not the key of this hub" in ended.err
    key.unlink()
    ended = inside(office, "recover", "--on", NEXT_DAY, "--new-key")
    assert ended.code == 0, ended
    ended = inside(office, "verify")
    assert ended.code == 0, ended
    assert "new key of the hub since then" in ended.out
    assert "was put back" not in ended.out
