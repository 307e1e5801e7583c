"""The anchor's second place: a machine that was put back as a whole hides nothing behind it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.services.sending.announcing import SENDING
from incasso.store.engine import open_store
from incasso.store.proof.elsewhere import Folder
from incasso.store.tables.proof import journal
from tests.cli.command import DAY, Ended, inside, make_office, well

ACCEPT = ("recover", "--on", DAY, "--accept-unknown", "--why", "the share is lost", "--by", "admin")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An office whose second place is a share; nothing has left yet, and `copy` has all of it."""
    office = make_office(tmp_path / "office")
    config = office / "plugins.toml"
    config.write_text(config.read_text().replace("[hub]", '[hub]\nanchor = "../safe"'))
    well(office, "init")
    well(office, "iters", "import", "iters.toml")
    for beside in office.glob("incasso.db-*"):
        beside.unlink()
    shutil.copytree(office, tmp_path / "copy")
    return office


def put_back_whole(office: Path) -> None:
    """Database and archive as they were before anything left; what left is in the outbox."""
    shutil.rmtree(office / "archive")
    for beside in office.glob("incasso.db*"):
        beside.unlink()
    shutil.copytree(office.parent / "copy", office, dirs_exist_ok=True)


def run(office: Path) -> Ended:
    return inside(office, "run", "--on", DAY, "--really-send")


def sent(office: Path) -> list[str]:
    return sorted(path.name for path in (office / "outbox").rglob("*.json"))


def copies(office: Path) -> list[str]:
    return sorted(path.name for path in (office.parent / "safe").iterdir())


def test_init_puts_the_first_copy_and_check_is_content(office: Path) -> None:
    assert len(copies(office)) == 1
    ended = inside(office, "check")
    assert (ended.code, "safe" in ended.err) == (0, False), ended


@pytest.mark.parametrize("lost", ["unmounted", "another disk"])
def test_put_back_while_the_place_is_away_nothing_leaves_until_somebody_accepts_it(
    office: Path, lost: str
) -> None:
    safe, away = office.parent / "safe", office.parent / "away"
    assert run(office).code == 0
    before = sent(office)
    assert before
    put_back_whole(office)
    safe.rename(away)
    if lost == "another disk":
        safe.mkdir()
    for words in (["run", "--on", DAY, "--really-send"], ["recover", "--on", DAY], ["check"]):
        ended = inside(office, *words)
        assert ended.code == 1, words
        assert "../safe" in ended.err
    assert not safe.exists() or not copies(office)
    assert sent(office) == before
    ended = inside(office, *ACCEPT)
    assert "wait for approval" in ended.out, ended
    ended = run(office)
    assert sent(office) == before
    # The share is there again: it takes copies, and what it had of the lost time alarms nobody.
    if lost == "another disk":
        assert ended.code == 0
        shutil.rmtree(safe)
    else:
        assert (ended.code, "could not be copied" in ended.err) == (1, True)
    away.rename(safe)
    if lost == "unmounted":
        assert run(office).code == 0
        assert inside(office, "check").code == 0
        assert copies(office)[-1].startswith("anchor-000001-")


def test_put_back_beside_a_place_that_answers_is_known_and_hides_nothing_there(
    office: Path,
) -> None:
    assert run(office).code == 0
    before, kept = sent(office), copies(office)
    put_back_whole(office)
    well(office, "sync", "--on", DAY)
    while _head(office) <= int(kept[-1][-17:-5]):  # its own journal grows beyond the copies there
        well(office, "act", "hold", "1001", "--why", "prova", "--by", "admin")
        well(office, "act", "release", "1001", "--why", "prova", "--by", "admin")
    well(office, "collect", "--on", DAY)
    assert copies(office) == kept
    ended = run(office)
    assert ended.code == 1
    assert "incasso recover" in ended.err
    assert sent(office) == before


def test_a_dispatch_that_died_is_known_elsewhere_before_its_first_message(office: Path) -> None:
    """Of its copies only the one made before the first message is there, as after a power cut."""
    assert run(office).code == 0
    before, announced = sent(office), _announced(office)
    kept = [name for name in copies(office) if int(name[-17:-5]) <= announced]
    assert kept[-1] == f"anchor-000000-{announced:012}.json"
    for name in set(copies(office)) - set(kept):
        (office.parent / "safe" / name).unlink()
    put_back_whole(office)
    assert run(office).code == 1
    ended = inside(office, "recover", "--on", DAY)
    assert ended.code == 1
    assert "what left since is not known" in ended.err  # the log of that dispatch is gone
    assert sent(office) == before


def _announced(office: Path) -> int:
    return _batch(office, sa.select(journal.c.batch_id).where(journal.c.kind == SENDING))


def _head(office: Path) -> int:
    return _batch(office, sa.select(sa.func.max(journal.c.batch_id)))


def _batch(office: Path, query: sa.Select[Any]) -> int:
    store = open_store(f"sqlite:///{office / 'incasso.db'}", office / "archive")
    with store.read() as connection:
        found = connection.scalar(query)
    store.close()
    assert isinstance(found, int)
    return found


def test_a_place_that_takes_no_more_copies_is_said_every_time_and_stops_nothing(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: Any, **_named: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "put", full)
        ended = run(office)
        assert (ended.code, "No space left" in ended.err) == (1, True), ended
        assert sent(office)
        ended = inside(office, "check")
        assert (ended.code, "No space left" in ended.err) == (1, True), ended
    assert run(office).code == 0
    assert inside(office, "check").code == 0


def test_a_new_hub_beside_copies_of_an_old_one_sends_nothing(office: Path) -> None:
    """Database and archive are gone, the key and the share are there."""
    assert run(office).code == 0
    before = sent(office)
    shutil.rmtree(office / "archive")
    for beside in office.glob("incasso.db*"):
        beside.unlink()
    well(office, "init")
    well(office, "iters", "import", "iters.toml")
    ended = run(office)
    assert ended.code == 1
    assert "incasso recover" in ended.err
    assert sent(office) == before


def test_a_copy_from_before_a_time_that_nobody_knew_is_not_trusted_to_the_log(
    office: Path,
) -> None:
    """The log goes on after the hole; a database from before it would send what is missing."""
    assert run(office).code == 0
    before = sent(office)
    put_back_whole(office)
    assert "wait for approval" in inside(office, *ACCEPT).out
    assert run(office).code == 0
    for beside in office.glob("incasso.db*"):
        beside.unlink()
    shutil.copy(office.parent / "copy" / "incasso.db", office / "incasso.db")
    ended = inside(office, "recover", "--on", DAY)
    assert (ended.code, "what left since is not known" in ended.err) == (1, True), ended
    assert run(office).code == 1
    ended = inside(office, *ACCEPT)
    assert "wait for approval" in ended.out, ended
    assert run(office).code == 0
    assert sent(office) == before


def test_a_new_key_alone_says_nothing_of_lost_work(office: Path) -> None:
    assert run(office).code == 0
    (office / "incasso.key").unlink()
    ended = inside(office, "recover", "--on", DAY, "--new-key")
    assert (ended.code, "is lost" in ended.out, "anchored again" in ended.out) == (
        0,
        False,
        True,
    ), ended
    assert run(office).code == 0


def test_a_key_that_was_away_for_a_while_leaves_the_anchor_as_it_was(office: Path) -> None:
    assert run(office).code == 0
    (office / "incasso.key").rename(office / "away.key")
    well(office, "act", "hold", "1001", "--why", "prova", "--by", "admin")
    ended = inside(office, "check")
    assert (ended.code, "incasso.key" in ended.err) == (1, True), ended
    (office / "away.key").rename(office / "incasso.key")
    assert inside(office, "check").code == 0
    assert run(office).code == 0


def test_a_place_that_is_away_stops_no_other_command(office: Path) -> None:
    assert run(office).code == 0
    (office.parent / "safe").rename(office.parent / "away")
    for words in (["collect", "--on", DAY], ["sync", "--on", DAY], ["plan", "--on", DAY]):
        assert "Unexpected" not in inside(office, *words).err, words
    (office.parent / "away").rename(office.parent / "safe")
    assert run(office).code == 0
    assert inside(office, "check").code == 0


def test_a_lost_key_and_an_archive_that_comes_later(office: Path) -> None:
    """`--new-key` changes nothing while what left is not known: the old anchors are still ours."""
    assert run(office).code == 0
    before = sent(office)
    (office / "archive").rename(office / "newest")
    put_back = office.parent / "copy"
    shutil.copytree(put_back / "archive", office / "archive")
    for beside in office.glob("incasso.db*"):
        beside.unlink()
    shutil.copy(put_back / "incasso.db", office / "incasso.db")
    (office / "incasso.key").unlink()
    ended = inside(office, "recover", "--on", DAY, "--new-key")
    assert (ended.code, "what left since is not known" in ended.err) == (1, True), ended
    shutil.rmtree(office / "archive")
    (office / "newest").rename(office / "archive")
    ended = inside(office, "recover", "--on", DAY, "--new-key")
    assert (ended.code, f"{len(before)} message" in ended.out) == (0, True), ended
    assert run(office).code == 0
    assert sent(office) == before
