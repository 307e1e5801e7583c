"""A damaged backup is refused in a sentence, and never restored as if it were whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.contract.errors import IncassoError
from incasso.services.backup.checking import check_backup
from incasso.services.backup.errors import BackupError
from incasso.services.backup.making import back_up
from incasso.services.backup.restoring import restore
from incasso.services.backup.sealing import new_key
from incasso.services.office.office import Office, open_office
from tests.backup.copies import FIRST, office_on, opened
from tests.fuzzing import spoiled

KEY = new_key()


@pytest.fixture(scope="module", params=["plain", "sealed"])
def copied(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """A backup, and its key."""
    folder = tmp_path_factory.mktemp("copied")
    key = KEY if request.param == "sealed" else ""
    with opened(folder / "office") as office:
        restore(office, FIRST)
        back_up(office, folder / "safe", key=key)
    yield folder / "safe", key


@pytest.mark.fuzz
def test_no_changed_byte_of_any_file_passes(copied: tuple[Path, str], tmp_path: Path) -> None:
    safe, key = copied
    place = shutil.copytree(safe, tmp_path / "safe")
    files = sorted(
        each for each in place.rglob("*") if each.is_file() and not each.name.startswith(".")
    )
    for number, file in enumerate(files):
        whole = file.read_bytes()
        for content in spoiled(f"backup {number}", [whole], times=0.1):
            if content == whole or (file.name == "manifest.json" and _only_spaces(content, whole)):
                continue
            file.write_bytes(content)
            assert _refused(place, key), f"{file.name}: a change was not seen"
        file.write_bytes(whole)
    assert check_backup(place, key=key).good


def _only_spaces(content: bytes, whole: bytes) -> bool:
    return b"".join(content.split()) == b"".join(whole.split())


def _refused(place: Path, key: str) -> bool:
    try:
        return not check_backup(place, key=key).good
    except BackupError:
        return True


@pytest.mark.parametrize("name", ["database.jsonl.gz", "archive.jsonl.gz", "manifest.json"])
@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_cut_file_restores_nothing(
    copied: tuple[Path, str], tmp_path: Path, name: str, left: int
) -> None:
    safe, key = copied
    place = shutil.copytree(safe, tmp_path / "safe")
    [file] = place.rglob(f"{name}*")
    file.write_bytes(file.read_bytes()[:left])
    with open_office(office_on(tmp_path / "office")) as office:
        _refuses(office, place, key)
        assert not (tmp_path / "office" / "incasso.db").exists()


def test_a_failing_replacement_leaves_the_database_as_it_was(
    copied: tuple[Path, str], tmp_path: Path
) -> None:
    safe, key = copied
    with opened(tmp_path / "office") as office:
        restore(office, FIRST)
        with office.store.read() as connection:
            before = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
        place = shutil.copytree(safe, tmp_path / "safe")
        [file] = place.rglob("database.jsonl.gz*")
        file.write_bytes(file.read_bytes()[:-20])
        _refuses(office, place, key)
        with office.store.read() as connection:
            after = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
        assert after == before > 0


def test_a_path_that_leads_out_of_the_archive_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "office") as office:
        restore(office, FIRST)
        (office.store.archive / "note.txt").write_text("x", encoding="utf-8")
        back_up(office, tmp_path / "safe")
    import gzip
    import hashlib
    import json

    [manifest] = (tmp_path / "safe").rglob("manifest.json")
    listed = manifest.with_name("archive.jsonl.gz")
    lines = gzip.decompress(listed.read_bytes()).replace(b"note.txt", b"../../out.txt")
    listed.write_bytes(gzip.compress(lines))
    told = json.loads(manifest.read_bytes())
    told["archive"] = {
        "sha256": hashlib.sha256(listed.read_bytes()).hexdigest(),
        "size": listed.stat().st_size,
    }
    import msgspec

    from incasso.services.backup.manifest import Manifest, write_manifest
    from incasso.services.backup.sealing import Seal

    write_manifest(msgspec.convert(told, Manifest), manifest.parent, Seal())
    with opened(tmp_path / "other") as office:
        _refuses(office, tmp_path / "safe", "")
    assert not (tmp_path / "out.txt").exists()


def _refuses(office: Office, place: Path, key: str) -> None:
    with pytest.raises(BackupError) as refused:
        restore(office, place, key=key, replace=True)
    assert str(place) in str(refused.value) or "out.txt" in str(refused.value)


@pytest.mark.parametrize("change", ["missing", "changed"])
@pytest.mark.parametrize("kept_before", [False, True])
def test_a_backup_names_what_the_archive_has_lost_and_removes_no_older_one(
    tmp_path: Path, change: str, kept_before: bool
) -> None:
    with opened(tmp_path / "office") as office:
        restore(office, FIRST)
        [lost, *_] = sorted((office.store.archive).glob("??/*"))
        name = lost.relative_to(office.store.archive).as_posix()
        content = lost.read_bytes()
        if kept_before:
            back_up(office, tmp_path / "safe")
        if change == "missing":
            lost.unlink()
        else:
            lost.chmod(0o600)
            lost.write_bytes(b"other")
        made = [back_up(office, tmp_path / "safe", keep=1) for _ in range(2)]
    for each in made:
        assert [name in str(problem) for problem in each.problems] == [True]
        assert each.removed == ()
    checked = check_backup(tmp_path / "safe")
    assert checked.good is kept_before
    assert kept_before or name in str(checked.problems)
    with opened(tmp_path / "again") as office:
        restore(office, tmp_path / "safe")
        again = office.store.archive / name
        assert (again.read_bytes() == content) if kept_before else not again.exists()


def test_a_database_of_a_newer_incasso_is_not_copied_in_half(tmp_path: Path) -> None:
    with opened(tmp_path / "office") as office:
        restore(office, FIRST)
        with office.store.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(IncassoError, match=r"newer Incasso \(revision 9999\)"):
            back_up(office, tmp_path / "safe")
    assert not [each for each in (tmp_path / "safe").iterdir() if each.name.startswith("2")]
