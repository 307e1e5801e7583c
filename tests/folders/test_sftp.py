"""What is special about SFTP: who answers there, who logs in, and lines that break."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from incasso.api import (
    AuthenticationError,
    ConfigurationError,
    FolderLogin,
    FolderPlace,
    OutcomeUnknownError,
    PluginError,
    Secret,
    TemporaryError,
)
from incasso.plugins.folders.door import FolderDoor
from incasso.testing.folders import Fault, Operation, SftpServer
from incasso.testing.network import closed_port
from tests.folders.office import came, door_with, login_at, names_in, opened, read, remote, stream

LOT = b"lot 7\n" * 100_000
KEYS = {
    "ssh-ed25519": asyncssh.generate_private_key("ssh-ed25519"),
    "ecdsa-sha2-nistp256": asyncssh.generate_private_key("ecdsa-sha2-nistp256"),
    "ssh-rsa": asyncssh.generate_private_key("ssh-rsa", key_size=2048),
}
OTHER = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"


def test_another_key_gets_no_password_and_is_told(server: SftpServer, door: FolderDoor) -> None:
    folder = opened(door, remote(server, sftp=login_at(server, host_key=OTHER)))
    with pytest.raises(AuthenticationError) as refused:
        folder.put("A.xml", stream(LOT))
    said = str(refused.value)
    assert server.fingerprint in said and OTHER in said and "ssh-ed25519" in said
    assert server.logins == 0


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_the_agency_may_tell_the_fingerprint_of_any_of_its_keys(
    kind: str, tmp_path: Path, door: FolderDoor
) -> None:
    with SftpServer(tmp_path, keys=tuple(KEYS.values())) as server:
        told = KEYS[kind].get_fingerprint()
        facts = opened(door, remote(server, sftp=login_at(server, host_key=told))).check()
        assert facts.facts["host key"] == told
        with pytest.raises(AuthenticationError) as refused:
            opened(door, remote(server, sftp=login_at(server, host_key=OTHER))).check()
    assert all(key.get_fingerprint() in str(refused.value) for key in KEYS.values())


def test_two_keys_are_accepted_while_one_is_replaced(server: SftpServer, door: FolderDoor) -> None:
    both = (OTHER, server.fingerprint)
    facts = opened(door, remote(server, sftp=login_at(server, host_key=both))).check()
    assert facts.facts["host key"] == server.fingerprint
    assert facts.identity == f"sftp://acme@127.0.0.1:{server.port}/in"


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_a_private_key_logs_in(kind: str, form: str, tmp_path: Path, door: FolderDoor) -> None:
    key = KEYS[kind]
    with SftpServer(tmp_path, public_key=key.export_public_key().decode()) as server:
        private = Secret(key.export_private_key(form).decode())
        login = login_at(server, password=Secret(""), private_key=private)
        assert opened(door, remote(server, sftp=login)).check().waiting == 0
        with pytest.raises(AuthenticationError, match="but by: publickey"):
            opened(door, remote(server)).check()


def test_a_private_key_is_opened_by_its_passphrase(tmp_path: Path, door: FolderDoor) -> None:
    key = KEYS["ecdsa-sha2-nistp256"]
    private = Secret(key.export_private_key("pkcs8-pem", passphrase="apriti").decode())
    with SftpServer(tmp_path, public_key=key.export_public_key().decode()) as server:

        def with_phrase(phrase: str) -> FolderLogin:
            given = {"password": Secret(""), "passphrase": Secret(phrase), "private_key": private}
            return remote(server, sftp=login_at(server, **given))

        assert opened(door, with_phrase("apriti")).check().waiting == 0
        for phrase, said in (("", "passphrase: missing"), ("sbagliata", "cannot be read")):
            with pytest.raises(ConfigurationError, match=said):
                opened(door, with_phrase(phrase)).check()


def test_a_wrong_password_is_tried_once(server: SftpServer, door: FolderDoor) -> None:
    login = login_at(server, password=Secret("sbagliata"))
    with pytest.raises(AuthenticationError, match="refused the login of acme"):
        opened(door, remote(server, sftp=login)).check()
    assert server.logins == 1


def test_nobody_answers(tmp_path: Path, door: FolderDoor, server: SftpServer) -> None:
    login = remote(server, sftp=login_at(server, port=closed_port()))
    with pytest.raises(TemporaryError, match="127"):
        opened(door, login).check()


def test_a_private_address_is_reached_only_on_demand(server: SftpServer) -> None:
    door = door_with()
    door.office = replace(door.office, allow_private=False)
    with pytest.raises(ConfigurationError, match="is the private address"):
        opened(door, remote(server)).check()


def test_lines_are_kept_between_calls(server: SftpServer, door: FolderDoor) -> None:
    login = remote(server)
    for name in ("A.xml", "B.xml"):
        opened(door, login).put(name, stream(LOT))
    assert server.logins == 1


CUTS: list[tuple[Operation, Fault, type[PluginError], bool]] = [
    # where, what, how it is told, whether the file is there
    ("open", Fault.CUT_BEFORE, TemporaryError, False),
    ("write", Fault.CUT_BEFORE, TemporaryError, False),
    ("write", Fault.CUT_AFTER, TemporaryError, False),
    ("write", Fault.FULL, TemporaryError, False),
    ("open", Fault.REFUSED, AuthenticationError, False),
    ("rename", Fault.REFUSED, AuthenticationError, False),
    ("rename", Fault.CUT_BEFORE, OutcomeUnknownError, False),
    ("rename", Fault.CUT_AFTER, OutcomeUnknownError, True),
]


@pytest.mark.parametrize(("where", "fault", "kind", "there"), CUTS)
def test_what_breaks_while_a_file_is_laid_down(
    where: Operation,
    fault: Fault,
    kind: type[PluginError],
    there: bool,
    server: SftpServer,
    door: FolderDoor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = opened(door, remote(server))
    server.fault(where, fault)
    with pytest.raises(kind) as failed:
        folder.put("A.xml", stream(LOT))
    if isinstance(failed.value, OutcomeUnknownError):
        assert failed.value.ref == "A.xml"
    found = folder.find("A.xml")
    assert (found is not None) is there
    assert folder.put("A.xml", stream(LOT)).size == len(LOT)
    assert (server.root / "out" / "A.xml").read_bytes() == LOT
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_a_disk_that_fills_in_the_middle_is_noticed_although_the_rest_was_taken(
    server: SftpServer, door: FolderDoor
) -> None:
    folder = opened(door, remote(server))
    server.fault("write", Fault.FULL, after=3)
    with pytest.raises(TemporaryError, match="No space left"):
        folder.put("A.xml", stream(LOT))
    assert list((server.root / "out").iterdir()) == []


@pytest.mark.parametrize("fault", [Fault.FAILS, Fault.UNSUPPORTED])
def test_a_refused_rename_is_asked_for_the_plain_way_and_never_copied(
    fault: Fault, server: SftpServer, door: FolderDoor
) -> None:
    folder = opened(door, remote(server))
    server.fault("rename", fault)
    folder.put("A.xml", stream(LOT))
    assert server.done["rename"] == 2
    assert [each.name for each in (server.root / "out").iterdir()] == ["A.xml"]


def test_what_breaks_while_a_file_is_read(server: SftpServer, door: FolderDoor) -> None:
    folder = opened(door, remote(server))
    came(server.root, "A.xml", LOT)
    [file] = folder.arrived()
    claim = folder.claim(file)
    assert claim is not None
    server.fault("read", Fault.CUT_BEFORE, after=2)
    with pytest.raises(TemporaryError):
        claim.open()
    assert read(claim) == LOT


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, door: FolderDoor) -> None:
    with SftpServer(tmp_path) as server:
        login = FolderLogin(place=FolderPlace.SFTP, sftp=login_at(server), outgoing="to_alfa")
        with pytest.raises(ConfigurationError, match="out: there is no folder 'to_alfa'"):
            opened(door, login).check()


def test_a_silent_server_costs_no_more_than_the_call_has(
    server: SftpServer, door: FolderDoor
) -> None:
    folder = opened(door, remote(server), seconds=3.5)
    folder.check()
    server.slow_s = 3.0
    server.fault("list", Fault.SLOW)
    with pytest.raises(TemporaryError):
        list(folder.arrived())


@pytest.fixture(autouse=True)
def no_words_of_the_library(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Its threads print their stacks when a line breaks."""
    yield
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.CUT_AFTER])
def test_a_claim_whose_answer_is_lost_is_looked_up(
    fault: Fault, server: SftpServer, door: FolderDoor
) -> None:
    folder = opened(door, remote(server))
    came(server.root, "A.xml", LOT)
    [file] = folder.arrived()
    server.fault("rename", fault)
    if fault is Fault.CUT_BEFORE:
        with pytest.raises(TemporaryError):
            folder.claim(file)
    claim = folder.claim(file)
    assert read(claim) == LOT and claim is not None
    server.fault("rename", fault)
    if fault is Fault.CUT_BEFORE:
        with pytest.raises(TemporaryError):
            claim.done()
    claim.done()
    assert names_in(server.root, "in/done") == ["A.xml"]
