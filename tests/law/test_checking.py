"""Whatever is done to a dossier is found, and no file of others does any harm."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from incasso.services.law.checking import CheckError, FindingKind, check_dossier
from incasso.services.law.container import Index, Seal, signed_words
from incasso.services.law.papers import digest
from incasso.store.proof.hub_key import HubKey
from tests.cli.command import inside
from tests.documents.office import Office

Contents = dict[str, bytes]

EML = "messaggi/doc-004_2026-11-23_PEC_Messa-in-mora.eml"
ADDED, ALTERED, MISSING, SEAL = FindingKind


def found_in(first: Path, place: Path, change: Callable[[Contents], None]) -> set[tuple[str, str]]:
    """What a check says of the dossier after a change."""
    with ZipFile(first) as opened:
        contents = {name: opened.read(name) for name in opened.namelist()}
    change(contents)
    with ZipFile(place, "w", ZIP_DEFLATED) as made:
        for name, content in contents.items():
            made.writestr(name, content)
    return {(each.kind.value, each.path) for each in check_dossier(place).findings}


def test_an_untouched_one_is_whole(first: Path, tmp_path: Path, office: Office) -> None:
    assert found_in(first, tmp_path / "x.zip", lambda contents: None) == set()
    own = HubKey(office.folder / "incasso.key").public()
    assert check_dossier(first, own).ours is True
    assert check_dossier(first, "00" * 32).ours is False
    assert check_dossier(first).ours is None


def flip(name: str) -> Callable[[Contents], None]:
    def change(contents: Contents) -> None:
        old = contents[name]
        contents[name] = old[:-9] + bytes([old[-9] ^ 1]) + old[-8:]

    return change


def longer(contents: Contents) -> None:
    contents[EML] += b"\n"


def swapped(contents: Contents) -> None:
    names = sorted(name for name in contents if name.startswith("documenti"))
    contents[names[0]], contents[names[3]] = contents[names[3]], contents[names[0]]


def spoiled_signature(contents: Contents) -> None:
    seal = contents["sigillo.json"]
    contents["sigillo.json"] = seal.replace(b'"signature": "', b'"signature": "00')


def without_message(contents: Contents) -> None:
    del contents[EML]


def new_index(contents: Contents) -> None:
    """Somebody alters a message and writes the index and the seal anew, without our key."""
    contents[EML] += b"\nP.S."
    index = json.loads(contents["indice.json"])
    for each in index["files"]:
        if each["path"] == EML:
            each["sha256"], each["size"] = digest(contents[EML]), len(contents[EML])
    contents["indice.json"] = json.dumps(index).encode()
    seal = json.loads(contents["sigillo.json"])
    seal["index"] = digest(contents["indice.json"])
    contents["sigillo.json"] = json.dumps(seal).encode()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (flip(EML), {("altered", EML)}),
        (longer, {("altered", EML)}),
        (flip("dati.json"), {("altered", "dati.json")}),
        (without_message, {("missing", EML)}),
        (lambda c: c.update({"documenti/altro.pdf": b"%PDF-"}), {("added", "documenti/altro.pdf")}),
        (lambda c: c.update({"../../etc/passwd": b"x"}), {("added", "../../etc/passwd")}),
        (
            swapped,
            {
                ("altered", "documenti/doc-001_fattura_123-A.xml"),
                ("altered", "documenti/doc-002_fattura_124-A.xml"),
            },
        ),
        (lambda c: c.pop("00_copertina.pdf"), {("missing", "00_copertina.pdf")}),
        (lambda c: c.pop("sigillo.json"), {("seal", "sigillo.json")}),
        (
            lambda c: c.update({"00_copertina.pdf": c["02_cronologia.pdf"]}),
            {("altered", "00_copertina.pdf"), ("seal", "00_copertina.pdf")},
        ),
        (new_index, {("seal", "sigillo.json"), ("seal", "00_copertina.pdf")}),
        (
            spoiled_signature,
            {("seal", "sigillo.json")},
        ),
    ],
)  # fmt: skip
def test_what_was_done_to_it_is_found(
    first: Path,
    tmp_path: Path,
    change: Callable[[Contents], None],
    found: set[tuple[str, str]],
) -> None:
    assert found_in(first, tmp_path / "x.zip", change) == found


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_second_file_of_the_same_name_is_found(first: Path, tmp_path: Path) -> None:
    """Programs that unpack it would show the last one."""
    place = tmp_path / "x.zip"
    place.write_bytes(first.read_bytes())
    with ZipFile(place, "a") as opened:
        opened.writestr(EML, b"another message")
        opened.writestr("indice.json", b"{}")
    kinds = {(each.kind, each.path) for each in check_dossier(place).findings}
    assert kinds == {(FindingKind.ADDED, EML), (FindingKind.ADDED, "indice.json")}


def test_a_seal_by_another_key_is_another_keys(first: Path, tmp_path: Path) -> None:
    """Whoever seals an altered dossier with a key of their own is told from us by the key."""
    other = HubKey(tmp_path / "other.key")
    other.create()

    def sealed(contents: Contents) -> None:
        seal = json.loads(contents["sigillo.json"])
        words = signed_words(seal["cover"], seal["index"])
        seal["key"], seal["signature"] = other.public(), other.sign(words)
        contents["sigillo.json"] = json.dumps(seal).encode()

    assert found_in(first, tmp_path / "x.zip", sealed) == set()
    assert check_dossier(tmp_path / "x.zip", "11" * 32).ours is False


def bomb(place: Path) -> None:
    """A file that unpacks to more than its index says is read no further."""
    index = {
        "format": "x", "on": "2026-11-23", "source": "a", "client": "b", "journal": None,
        "files": [{"path": "a", "sha256": "0" * 64, "size": 10, "pages": 0, "archived": False}],
    }  # fmt: skip
    with ZipFile(place, "w", ZIP_DEFLATED) as made:
        made.writestr("indice.json", json.dumps(index))
        made.writestr("a", bytes(50_000_000))


def test_a_bomb_is_only_an_altered_file(tmp_path: Path) -> None:
    bomb(tmp_path / "x.zip")
    kinds = {(each.kind.value, each.path) for each in check_dossier(tmp_path / "x.zip").findings}
    assert ("altered", "a") in kinds


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"no zip at all", b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_dossier_is_a_sentence(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "x.zip"
    place.write_bytes(content)
    with pytest.raises(CheckError, match="is no dossier"):
        check_dossier(place)


def test_spoiled_bytes_end_in_a_sentence_or_a_finding(first: Path, tmp_path: Path) -> None:
    """A byte is spoiled at two hundred places, spread over the file: never a traceback."""
    whole = first.read_bytes()
    place = tmp_path / "x.zip"
    unseen = 0
    for number in range(200):
        at = number * len(whole) // 200
        place.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            unseen += not check_dossier(place).findings
        except CheckError:
            continue
    # Only dates and attributes of the container itself may change unseen: no content does.
    assert unseen <= 10


def test_without_a_hub_it_is_checked_all_the_same(first: Path, tmp_path: Path) -> None:
    """At the lawyer's there is no plugins.toml."""
    ended = inside(tmp_path, "dossier", "--check", str(first))
    assert ended.code == 0
    assert "files are as the index says" in ended.out
    assert "compare it with that of the office" in ended.out


def test_findings_are_a_list_for_programs(first: Path, tmp_path: Path) -> None:
    found_in(first, tmp_path / "x.zip", without_message)
    ended = inside(tmp_path, "dossier", "--check", "x.zip", "--format", "json")
    assert ended.code == 1
    assert [(each["kind"], each["path"]) for each in ended.rows()] == [("missing", EML)]


def test_its_own_records_read_what_they_write(first: Path) -> None:
    import msgspec

    with ZipFile(first) as opened:
        index = msgspec.json.decode(opened.read("indice.json"), type=Index)
        seal = msgspec.json.decode(opened.read("sigillo.json"), type=Seal)
        assert seal.cover == digest(opened.read("00_copertina.pdf"))
    assert index.client == "C1"
    if os.name == "posix":
        assert first.stat().st_mode & 0o077 == 0
