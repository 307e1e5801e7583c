"""What an exchange folder promises, the same on a disk and on SFTP servers new and old."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from incasso.api import (
    Bucket,
    ConfigurationError,
    ExchangeFolder,
    FolderLogin,
    FolderPlace,
    RejectedError,
    Stored,
    TemporaryError,
)
from incasso.plugins.folders.door import FolderDoor
from tests.folders.office import LATER, Clock, came, local, names_in, opened, read, stream

LOT = b"lot 7\n" * 1000


def test_a_file_is_laid_down_whole_and_found(folder: ExchangeFolder, tmp_path: Path) -> None:
    stored = folder.put("LOT-7.xlsx", stream(LOT))
    assert stored == Stored(
        name="LOT-7.xlsx", size=6000, sha256=hashlib.sha256(b"lot 7\n" * 1000).hexdigest()
    )
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["LOT-7.xlsx"]
    assert (tmp_path / "out" / "LOT-7.xlsx").read_bytes() == LOT
    assert folder.find("LOT-7.xlsx") == stored
    assert folder.find("LOT-8.xlsx") is None


def test_the_same_bytes_again_change_nothing_and_others_are_refused(
    folder: ExchangeFolder, tmp_path: Path
) -> None:
    folder.put("LOT-7.xlsx", stream(LOT))
    laid = (tmp_path / "out" / "LOT-7.xlsx").stat()
    assert folder.put("LOT-7.xlsx", stream(LOT)).size == 6000
    assert (tmp_path / "out" / "LOT-7.xlsx").stat().st_ino == laid.st_ino
    with pytest.raises(RejectedError, match="other content: 6000 bytes") as refused:
        folder.put("LOT-7.xlsx", stream(LOT.replace(b"7", b"8")))
    assert refused.value.code == "exists"
    assert (tmp_path / "out" / "LOT-7.xlsx").read_bytes() == LOT
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize(
    "name", ["", ".hidden", "a/b", "..", "x.part", "X.TMP", "a\nb", "perché.xlsx", "x" * 181, "x."]
)
def test_names_that_some_place_cannot_keep_are_refused(
    name: str, door: FolderDoor, tmp_path: Path
) -> None:
    folder = opened(door, local(tmp_path))
    with pytest.raises(RejectedError, match="cannot be the name"):
        folder.put(name, stream(LOT))
    assert not list(tmp_path.rglob("*.*"))


def test_what_came_is_claimed_read_and_done(folder: ExchangeFolder, tmp_path: Path) -> None:
    came(tmp_path, "B.xml", b"<b/>")
    came(tmp_path, "A.xml", b"<a/>")
    for name in (".A.xml.swp", "C.xml.part", "C.xml.filepart"):
        came(tmp_path, name, b"half")
    (tmp_path / "in" / "archive").mkdir()
    first, second = folder.arrived()
    assert [first.name, second.name] == ["A.xml", "B.xml"]
    assert first.size == 4
    claim = folder.claim(first)
    assert read(claim) == b"<a/>"
    assert [each.name for each in folder.arrived()] == ["B.xml"], "it is being read"
    assert claim is not None
    claim.done()
    assert names_in(tmp_path, "in/done") == ["A.xml"]
    assert names_in(tmp_path, "in/working") == []


def test_a_file_is_claimed_once(folder: ExchangeFolder, tmp_path: Path) -> None:
    came(tmp_path, "A.xml", b"<a/>")
    [file] = folder.arrived()
    assert folder.claim(file) is not None
    assert folder.claim(file) is None


def test_a_claim_is_found_again_by_another_process(
    folder: ExchangeFolder, door: FolderDoor, login: FolderLogin, tmp_path: Path
) -> None:
    came(tmp_path, "A.xml", b"<a/>")
    [file] = folder.arrived()
    claim = folder.claim(file)
    assert claim is not None and len(claim.token) <= 100 and claim.token.isascii()
    again = opened(door, login).claimed(claim.token)
    assert again is not None and again.file.identity == file.identity
    assert read(again) == b"<a/>"
    again.done()
    assert opened(door, login).claimed(claim.token) is None


def test_a_refused_file_lies_beside_its_reason(folder: ExchangeFolder, tmp_path: Path) -> None:
    came(tmp_path, "A.xml", b"<a")
    [file] = folder.arrived()
    claim = folder.claim(file)
    assert claim is not None
    claim.refused("line 1: it ends too early", answer="REPLY-A.xml")
    assert names_in(tmp_path, "in/refused") == ["A.xml", "A.xml.txt"]
    [reason] = (tmp_path / "in" / "refused").glob("*.txt")
    assert reason.read_text("utf-8").splitlines() == [
        "line 1: it ends too early",
        "More in REPLY-A.xml.",
    ]
    assert list(folder.arrived()) == []


def test_a_file_given_back_waits_again_as_the_same(folder: ExchangeFolder, tmp_path: Path) -> None:
    came(tmp_path, "A.xml", b"<a/>")
    [file] = folder.arrived()
    claim = folder.claim(file)
    assert claim is not None
    claim.give_back()
    assert list(folder.arrived()) == [file]


def test_the_same_name_again_is_another_file_and_both_are_kept(
    folder: ExchangeFolder, tmp_path: Path
) -> None:
    seen = []
    for content, ago in ((b"<one/>", 500), (b"<two/>", 400)):
        came(tmp_path, "A.xml", content, ago=ago)
        [file] = folder.arrived()
        seen.append(file.identity)
        claim = folder.claim(file)
        assert read(claim) == content
        assert claim is not None
        claim.done()
    assert len(set(seen)) == 2
    assert names_in(tmp_path, "in/done") == ["A.xml", "A.xml"]


def test_of_one_name_the_older_comes_first(
    folder: ExchangeFolder, tmp_path: Path, clock: Clock
) -> None:
    came(tmp_path, "A.xml", b"<first, and longer/>", ago=9000)
    [first] = folder.arrived()
    assert folder.claim(first) is not None
    came(tmp_path, "A.xml", b"<second/>", ago=300)
    clock.ahead = LATER
    assert [each.size for each in folder.arrived()] == [20, 9]


def test_a_dead_readers_file_is_taken_over_and_its_claim_is_worth_nothing(
    folder: ExchangeFolder, tmp_path: Path, clock: Clock
) -> None:
    came(tmp_path, "A.xml", b"<a/>")
    [file] = folder.arrived()
    dead = folder.claim(file)
    assert dead is not None and list(folder.arrived()) == []
    clock.ahead = LATER
    [again] = folder.arrived()
    assert (again.name, again.identity) == (file.name, file.identity)
    living = folder.claim(again)
    assert read(living) == b"<a/>"
    with pytest.raises(TemporaryError, match="taken over by another reader"):
        dead.open()
    with pytest.raises(TemporaryError, match="taken over by another reader"):
        dead.done()
    assert living is not None
    living.done()
    assert names_in(tmp_path, "in/done") == ["A.xml"]


def test_a_file_that_grows_waits(door: FolderDoor, login: FolderLogin, tmp_path: Path) -> None:
    folder = opened(door, replace(login, settled_s=60))
    came(tmp_path, "A.xml", b"<a>", ago=5)
    assert list(folder.arrived()) == []
    came(tmp_path, "A.xml", b"<a></a>", ago=120)
    [file] = folder.arrived()
    with (tmp_path / "in" / "A.xml").open("ab") as growing:
        growing.write(b"<more/>")
    assert folder.claim(file) is None, "it is not what was seen"
    assert (tmp_path / "in" / "A.xml").read_bytes() == b"<a></a><more/>"


def test_names_that_cannot_be_read_are_told(folder: ExchangeFolder, tmp_path: Path) -> None:
    came(tmp_path, "a\nb.xml", b"<a/>")
    came(tmp_path, "perché no.xml", b"<a/>")
    assert [each.name for each in folder.arrived()] == ["perché no.xml"]
    [remark] = folder.remarks()
    assert "left alone" in remark.message and remark.hint


def test_files_that_were_read_are_deleted_only_on_demand(
    door: FolderDoor, login: FolderLogin, tmp_path: Path
) -> None:
    folder = opened(door, replace(login, keep=False))
    came(tmp_path, "A.xml", b"<a/>")
    [file] = folder.arrived()
    claim = folder.claim(file)
    assert claim is not None
    claim.done()
    assert [each for each in (tmp_path / "in").rglob("*") if each.is_file()] == []


def test_check_says_what_waits_and_leaves_nothing(folder: ExchangeFolder, tmp_path: Path) -> None:
    came(tmp_path, "A.xml", b"<a/>")
    facts = folder.check()
    assert facts.waiting == 1 and facts.facts["files waiting"] == "1"
    left = [each.name for each in tmp_path.rglob("*") if each.is_file()]
    assert left == ["A.xml"]


def test_a_share_that_is_not_mounted_is_not_made(door: FolderDoor, tmp_path: Path) -> None:
    folder = opened(door, local(tmp_path / "share"))
    for act in (
        folder.check,
        lambda: folder.put("A.xml", stream(b"x")),
        lambda: [*folder.arrived()],
    ):
        with pytest.raises(ConfigurationError, match="is not there"):
            act()
    assert not (tmp_path / "share").exists()


def test_a_file_from_the_future_waits_and_is_told(folder: ExchangeFolder, tmp_path: Path) -> None:
    came(tmp_path, "A.xml", b"<a/>", ago=-7200)
    assert list(folder.arrived()) == []
    [remark] = folder.remarks()
    assert remark.code == "clock" and "A.xml" in remark.message


def test_a_missing_library_is_named(
    door: FolderDoor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "incasso.plugins.folders.s3_client", None)
    bucket = FolderLogin(place=FolderPlace.S3, s3=Bucket(bucket="exchange"))
    with pytest.raises(ConfigurationError, match="is not installed") as missing:
        opened(door, bucket)
    assert "incasso[folders]" in missing.value.hint


def test_what_the_hub_makes_in_a_shared_folder_has_its_rights(
    door: FolderDoor, tmp_path: Path
) -> None:
    tmp_path.chmod(0o2770)
    before = os.umask(0o077)
    try:
        opened(door, local(tmp_path)).put("A.xml", stream(LOT))
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o7777 == 0o2770
    assert (tmp_path / "out" / "A.xml").stat().st_mode & 0o777 == 0o660
