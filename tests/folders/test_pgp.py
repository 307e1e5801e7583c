"""Encrypted exchange: what is not whole and signed by the other side is never read."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gnupg
import pytest

from incasso.api import Claim, ConfigurationError, RejectedError, Secret
from incasso.plugins.folders import pgp
from incasso.plugins.folders.door import FolderDoor
from incasso.plugins.folders.pgp import KeyRing
from tests.folders.keys import keys_of, party
from tests.folders.office import came, local, opened, read, stream

LOT = b"codice;importo\n" + b"C001;10.00\n" * 40_000

OFFICE, AGENCY, THIRD = (party(name) for name in ("office", "agency", "third"))


def sealed_by_agency(tmp_path: Path, content: bytes = LOT) -> bytes:
    ring = KeyRing(keys_of(tmp_path, AGENCY, OFFICE))
    try:
        with ring.sealed(io.BytesIO(content)) as file:
            return file.read()
    finally:
        ring.close()


def claimed(door: FolderDoor, root: Path, content: bytes, **changes: object) -> Claim:
    came(root, "A.csv.pgp", content)
    folder = opened(door, local(root, pgp=keys_of(root, OFFICE, AGENCY, **changes)))
    [file] = folder.arrived()
    assert file.name == "A.csv"
    claim = folder.claim(file)
    assert claim is not None
    return claim


def test_both_ways(door: FolderDoor, tmp_path: Path) -> None:
    folder = opened(door, local(tmp_path, pgp=keys_of(tmp_path, OFFICE, AGENCY)))
    stored = folder.put("LOT-7.csv", stream(LOT))
    assert stored.size == len(LOT)
    lies = (tmp_path / "out" / "LOT-7.csv.pgp").read_bytes()
    assert b"C001" not in lies
    assert folder.put("LOT-7.csv", stream(LOT)) == stored == folder.find("LOT-7.csv")
    assert (tmp_path / "out" / "LOT-7.csv.pgp").read_bytes() == lies
    theirs = KeyRing(keys_of(tmp_path, AGENCY, OFFICE))
    with theirs.opened(io.BytesIO(lies)) as file:
        assert file.read() == LOT
    theirs.close()
    assert read(claimed(door, tmp_path, sealed_by_agency(tmp_path))) == LOT


def test_an_altered_byte_gives_nothing(door: FolderDoor, tmp_path: Path) -> None:
    spoiled = bytearray(sealed_by_agency(tmp_path))
    spoiled[-40] ^= 1
    claim = claimed(door, tmp_path, bytes(spoiled))
    with pytest.raises(RejectedError, match="cannot be decrypted") as refused:
        claim.open()
    assert refused.value.code == "encryption"


def test_a_file_in_clear_is_refused_where_keys_are_set(door: FolderDoor, tmp_path: Path) -> None:
    with pytest.raises(RejectedError, match="cannot be decrypted"):
        claimed(door, tmp_path, LOT).open()


@pytest.mark.parametrize("knows", [True, False])
def test_another_signer_is_refused(knows: bool, door: FolderDoor, tmp_path: Path) -> None:
    """Whether or not our ring would know the signer: ours alone may not sign for theirs either."""
    ring = KeyRing(keys_of(tmp_path, OFFICE if knows else THIRD, OFFICE))
    with ring.sealed(io.BytesIO(LOT)) as file:
        content = file.read()
    ring.close()
    with pytest.raises(RejectedError, match="the signature is not theirs") as refused:
        claimed(door, tmp_path, content).open()
    assert refused.value.code == "signature"


def test_unsigned_files_are_read_only_on_demand(door: FolderDoor, tmp_path: Path) -> None:
    home = tmp_path / "plain"
    home.mkdir(mode=0o700)
    gpg = gnupg.GPG(gnupghome=str(home))
    gpg.import_keys(OFFICE.public)
    content = gpg.encrypt(LOT, OFFICE.fingerprint, always_trust=True, armor=False).data
    with pytest.raises(RejectedError, match="the file is not signed"):
        claimed(door, tmp_path, content).open()
    (tmp_path / "more").mkdir()
    assert read(claimed(door, tmp_path / "more", content, accept_unsigned=True)) == LOT


def test_a_passphrase_opens_our_key(door: FolderDoor, tmp_path: Path) -> None:
    locked = party("locked", "apriti")
    phrase = Secret("apriti")
    ring = KeyRing(keys_of(tmp_path, locked, OFFICE, passphrase=phrase))
    with ring.sealed(io.BytesIO(LOT)) as file, ring.own(file) as again:
        assert again.read() == LOT
    ring.close()
    wrong = KeyRing(keys_of(tmp_path, locked, OFFICE, passphrase=Secret("sbagliata")))
    with pytest.raises(ConfigurationError, match="cannot encrypt"):
        wrong.sealed(io.BytesIO(LOT))
    wrong.close()


def test_keys_of_other_people_are_named(tmp_path: Path) -> None:
    keys = keys_of(tmp_path, OFFICE, AGENCY, partner=THIRD.fingerprint)
    with pytest.raises(ConfigurationError, match=f"is the key {AGENCY.fingerprint}"):
        KeyRing(keys)
    with pytest.raises(ConfigurationError, match="holds no key"):
        KeyRing(keys_of(tmp_path, OFFICE, AGENCY, own_key=Secret(OFFICE.public)))


def test_a_key_that_only_signs_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing can be encrypted for the key") as wrong:
        KeyRing(keys_of(tmp_path, OFFICE, party("signer", encrypts=False)))
    assert wrong.value.problems[0].field == "pgp.partner_key"


def test_without_gpg_the_cure_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match="gpg is not on this machine") as missing:
        KeyRing(keys_of(tmp_path, OFFICE, AGENCY))
    assert "apt install gnupg" in missing.value.hint


def test_the_ring_is_private_and_ends_with_its_door(tmp_path: Path, door: FolderDoor) -> None:
    ring = door.ring(keys_of(tmp_path, OFFICE, AGENCY))
    assert ring._home.stat().st_mode & 0o777 == 0o700
    door.close()
    assert not ring._home.exists()
    assert pgp.KeyRing.ending == ".pgp"


def test_a_key_that_ends_soon_is_told(tmp_path: Path, door: FolderDoor) -> None:
    ring = door.ring(keys_of(tmp_path, OFFICE, party("ending", expires="20d")))
    today = datetime.now(UTC).date()
    [warning] = ring.warnings(today)
    assert party("ending", expires="20d").fingerprint in warning.message
    assert list(ring.warnings(today - timedelta(days=60))) == []


def test_the_ring_of_a_killed_process_is_taken_away(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = Path(tempfile.mkdtemp(prefix=f"incasso-pgp-{ended.pid}-"))
    (left / "pubring.kbx").write_bytes(b"")
    living = KeyRing(keys_of(tmp_path, OFFICE, AGENCY))
    another = KeyRing(keys_of(tmp_path, OFFICE, THIRD))
    assert not left.exists() and living._home.exists()
    another.close()
    living.close()
