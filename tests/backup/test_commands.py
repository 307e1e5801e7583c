"""`backup` and `restore` as an office uses them, with the real commands."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from incasso.services.backup.sealing import new_key
from incasso.services.backup.shelf import Shelf
from tests.cli.command import DAY, incasso, inside, make_office, well


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that sent two mails."""
    folder = make_office(tmp_path_factory.mktemp("model") / "office")
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml")
    well(folder, "run", "--on", DAY, "--really-send")
    return folder


@pytest.fixture
def office(model: Path, tmp_path: Path) -> Path:
    return shutil.copytree(model, tmp_path / "office")


def archived(office: Path) -> list[Path]:
    """The files of the archive that a backup copies: not locks, not the anchor."""
    every = (path for path in (office / "archive").rglob("*") if path.is_file())
    return [path for path in every if path.name[0] != "." and path.name != "journal-head.json"]


def backups(safe: Path) -> list[str]:
    return [each.name for each in Shelf(safe).backups()]


def test_destroyed_and_restored_it_refuses_to_send(office: Path, tmp_path: Path) -> None:
    safe = tmp_path / "safe"
    assert incasso(office, "backup", str(safe)).code == 0
    key = (office / "incasso.key").read_bytes()
    listed = well(office, "installments", "--format", "json").out
    shutil.rmtree(office)
    office.mkdir()
    (office / "incasso.key").write_bytes(key)
    restored = incasso(office, "restore", str(safe))
    assert restored.code == 0, restored
    assert f"{office / 'plugins.toml'} restored" in restored.out
    assert "until `incasso recover`" in restored.out
    assert "The archive was lost too" in restored.err
    assert well(office, "installments", "--format", "json").out == listed
    for words in (["run", "--on", DAY, "--really-send"], ["dispatch"]):
        refused = inside(office, *words)
        assert refused.code == 1 and "incasso recover" in refused.err, refused
    assert not (office / "outbox").exists(), "nothing left"
    verified = inside(office, "verify")
    assert verified.code == 1 and "batch" in verified.err


def test_files_of_the_archive_are_copied_once_and_old_backups_go(
    office: Path, tmp_path: Path
) -> None:
    safe = tmp_path / "safe"
    number = len(archived(office))
    assert number >= 2
    assert f"{number} of them new" in well(office, "backup", str(safe)).out
    again = well(office, "backup", str(safe), "--format", "json").rows()[0]
    assert (again["files"], again["copied"], again["encrypted"]) == (number, 0, False)
    assert "1 older backup removed" in well(office, "backup", str(safe), "--keep", "2").out
    assert len(backups(safe)) == 2 and Path(again["folder"]).name in backups(safe)
    assert well(office, "backup", "--check", str(safe)).out.endswith("The backup is whole.\n")


def test_a_file_that_no_backup_names_any_more_goes_with_the_last_that_did(
    office: Path, tmp_path: Path
) -> None:
    safe = tmp_path / "safe"
    note = office / "archive" / "note.txt"
    note.write_text("kept for a while", encoding="utf-8")
    well(office, "backup", str(safe))
    note.unlink()
    before = {path for path in (safe / "files").rglob("*") if path.is_file()}
    well(office, "backup", str(safe), "--keep", "2")
    assert {path for path in (safe / "files").rglob("*") if path.is_file()} == before
    well(office, "backup", str(safe), "--keep", "1")
    [gone] = before - {path for path in (safe / "files").rglob("*") if path.is_file()}
    assert well(office, "backup", "--check", str(safe)).out.endswith("The backup is whole.\n")
    assert gone.parent.is_dir()


def test_encrypted_nobody_reads_it_without_the_key(office: Path, tmp_path: Path) -> None:
    safe, key = tmp_path / "safe", tmp_path / "backup.key"
    well(office, "backup", "--new-key", str(key))
    assert key.stat().st_mode & 0o077 == 0 or os.name == "nt"
    made = well(office, "backup", str(safe), "--key", f"file:{key}")
    assert "not encrypted" not in made.out
    raw = b"".join(path.read_bytes() for path in safe.rglob("*") if path.is_file())
    for words in (b"Ferramenta", b"sollecito", b"acme", b"plugins", b"incasso"):
        assert words not in raw
    names = {path.name for path in safe.rglob("*")}
    assert not names & {path.name for path in (office / "archive").rglob("??????*")}
    refused = inside(office, "backup", "--check", str(safe))
    assert refused.code == 1 and "is encrypted: give its key with --key" in refused.err
    assert "is whole" in well(office, "backup", "--check", str(safe), "--key", f"file:{key}").out
    well(office, "backup", "--new-key", str(other := tmp_path / "other.key"))
    wrong = inside(office, "restore", str(safe), "--replace", "--key", f"file:{other}")
    assert wrong.code == 1 and "The key does not open" in wrong.err
    kept = inside(office, "backup", "--new-key", str(key))
    assert kept.code == 2 and "no key is overwritten" in kept.err


def test_the_configured_key_and_folder_are_used(office: Path, tmp_path: Path) -> None:
    well(office, "backup", "--new-key", str(office / "backup.key"))
    config = office / "plugins.toml"
    hub = f'[hub]\nbackups = "{tmp_path / "disk"}"\nbackup_key = {{ file = "backup.key" }}\n'
    config.write_text(config.read_text().replace("[hub]\n", hub), encoding="utf-8")
    well(office, "backup")
    assert [path.name for path in (tmp_path / "disk").rglob("manifest*")] == ["manifest.json.age"]
    assert "is whole" in well(office, "backup", "--check").out


def test_the_configuration_is_copied_without_passwords(office: Path, tmp_path: Path) -> None:
    config = office / "plugins.toml"
    words = config.read_text(encoding="utf-8")
    words += '\n# password = "hunter22"\n# database = "postgresql://u:hunter33@db/x"\n'
    config.write_text(words, encoding="utf-8")
    well(office, "backup", str(safe := tmp_path / "safe"))
    [copied] = safe.rglob("plugins.toml")
    kept = copied.read_text(encoding="utf-8")
    assert "hunter" not in kept and '# password = "********"' in kept
    assert "postgresql://u:********@db/x" in kept
    [iters] = safe.rglob("iters.toml")
    assert iters.read_bytes() == (office / "iters.toml").read_bytes()


def test_a_damaged_file_of_the_archive_is_told_and_not_copied(office: Path, tmp_path: Path) -> None:
    safe = tmp_path / "safe"
    well(office, "backup", str(safe))
    damaged = next(path for path in archived(office) if len(path.name) == 62)
    good = damaged.read_bytes()
    damaged.write_bytes(b"x" + good[1:])
    ended = inside(office, "backup", str(tmp_path / "elsewhere"))
    assert ended.code == 1 and "is not what it was" in ended.err
    assert inside(office, "backup", "--check", str(tmp_path / "elsewhere")).code == 1
    assert "1 files put back" in well(office, "restore", str(safe), "--replace").out
    assert damaged.read_bytes() == good


@pytest.mark.parametrize("key", [(), ("--key", "env:KEY")], ids=["plain", "sealed"])
def test_a_change_of_the_same_size_is_told_until_it_is_put_right(
    office: Path, tmp_path: Path, key: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if the time of the file was set back; the backup keeps the good bytes."""
    monkeypatch.setenv("KEY", new_key())
    safe = ("backup", str(tmp_path / "safe"), *key)
    well(office, *safe)
    changed = next(path for path in archived(office) if len(path.name) == 62)
    good, status = changed.read_bytes(), changed.stat()
    changed.write_bytes(good[:-1] + b"x")
    os.utime(changed, (status.st_atime, status.st_mtime))
    for _ in range(2):
        ended = inside(office, *safe)
        assert ended.code == 1 and "has it from an earlier one" in ended.err, ended
    assert inside(office, "backup", "--check", *safe[1:]).code == 0
    changed.write_bytes(good)
    well(office, *safe)
    well(office, *safe, "--thorough")


def test_a_disk_that_loses_bytes_by_itself_is_found_by_a_thorough_backup(
    office: Path, tmp_path: Path
) -> None:
    """No time tells that; a mark in the future stands for it."""
    safe = tmp_path / "safe"
    well(office, "backup", str(safe))
    changed = next(path for path in archived(office) if len(path.name) == 62)
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    mark = safe / ".looked"
    mark.write_text(str(float(mark.read_text()) + 86_400))
    well(office, "backup", str(safe))
    ended = inside(office, "backup", str(safe), "--thorough")
    assert ended.code == 1 and "has it from an earlier one" in ended.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["backup", "archive"], 1, "lie within each other"),
        (["backup", "archive/in"], 1, "lie within each other"),
        (["backup", "."], 1, "lie within each other"),
        (["backup", "ledger"], 1, "holds other things than backups"),
        (["backup", "plugins.toml"], 1, "plugins.toml"),
        (["backup", "--keep", "0"], 2, "at least 1"),
        (["backup", "safe", "--key", "hunter22"], 2, "--key file:PATH"),
        (["backup", "safe", "--key", "file:nowhere"], 2, "nowhere"),
        (["backup", "safe", "--key", "file:iters.toml"], 1, "AGE-SECRET-KEY-1"),
        (["backup", "--check", "ledger"], 1, "holds no backup"),
        (["restore", "ledger"], 1, "holds no backup"),
        (["restore", "nowhere"], 1, "holds no backup"),
    ],
)
def test_mistakes_are_said_in_a_sentence(
    office: Path, words: list[str], code: int, said: str
) -> None:
    ended = inside(office, *words)
    assert (ended.code, ended.has_traceback) == (code, False), ended
    assert said in ended.err and "Unexpected" not in ended.err


def test_a_restore_never_replaces_by_accident(office: Path, tmp_path: Path) -> None:
    well(office, "backup", str(safe := tmp_path / "safe"))
    well(office, "act", "hold", "1003", "--until", "2026-12-01", "--why", "x", "--on", DAY)
    refused = inside(office, "restore", str(safe))
    assert refused.code == 1 and "--replace" in refused.err
    assert well(office, "agreements", "--format", "json").rows()
    ended = well(office, "restore", str(safe), "--replace")
    told = ended.out
    assert "archive was lost" not in ended.err
    assert not well(office, "agreements", "--format", "json").rows()
    [aside] = office.glob("incasso.db.replaced-*")
    assert str(aside) in told
    shutil.copy(aside, office / "incasso.db")
    assert well(office, "agreements", "--format", "json").rows(), "nothing is lost"


def test_a_newer_backup_and_a_cut_one_are_refused(office: Path, tmp_path: Path) -> None:
    safe = tmp_path / "safe"
    well(office, "backup", str(safe))
    [manifest] = safe.rglob("manifest.json")
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[: len(whole) // 2])
    assert "is cut or was changed" in inside(office, "restore", str(safe), "--replace").err
    told = json.loads(whole)
    manifest.write_text(json.dumps(told | {"format": 2}), encoding="utf-8")
    assert "newer Incasso" in inside(office, "restore", str(safe), "--replace").err
    manifest.write_text(json.dumps(told | {"revision": "0001"}), encoding="utf-8")
    assert "is cut or was changed" in inside(office, "restore", str(safe), "--replace").err
    assert well(office, "steps", "--format", "json").rows(), "the office is as it was"


def test_a_full_disk_leaves_no_half_backup(
    office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    safe = tmp_path / "safe"
    well(office, "backup", str(safe))
    before = _kept_in(safe)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("incasso.services.backup.sealing.os.fsync", full)
        ended = inside(office, "backup", str(safe))
    assert ended.code == 1 and "The disk is full" in ended.err
    assert _kept_in(safe) == before


def _kept_in(safe: Path) -> dict[Path, int]:
    """When each file was written; the lock says nothing, it is touched by whoever comes."""
    files = (path for path in safe.rglob("*") if path.is_file() and path.name != ".lock")
    return {path: path.stat().st_mtime_ns for path in files}
