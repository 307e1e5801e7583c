"""Kept outside: the anchor in a bucket with object lock, and a time stamp of it per day."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate
from rfc3161_client import (
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from incasso.services.proof.stamp_answers import answer_of
from tests.channels.servers import ImapServer
from tests.cli.command import DAY, inside, make_office, well

NEXT_DAY = "2026-11-24"

OPENSSL = shutil.which("openssl")

AUTHORITY = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """A time stamp authority of this machine."""

    folder: Path
    url: str = ""
    asked: list[int] = field(default_factory=list)
    works: bool = True

    def make(self) -> None:
        """Its certificates."""
        self.folder.mkdir()
        (self.folder / "a.cnf").write_text(AUTHORITY)
        self._openssl("req", "-x509", *_new("ca"), "-subj", "/CN=Root", "-extensions", "ca")
        self._openssl(
            "req", "-x509", *_new("tsa"), "-subj", "/CN=Stamper", "-extensions", "stamper",
            "-CA", "ca.pem", "-CAkey", "ca.key",
        )  # fmt: skip

    def answer(self, request: bytes, *chain: str) -> bytes:
        """What openssl says to a query, with the certificates of a chain if one is named."""
        query = self.folder / f"{len(self.asked)}.tsq"
        query.write_bytes(request)
        self._openssl(
            "ts", "-reply", "-config", "a.cnf", "-section", "here",
            "-queryfile", str(query), "-out", "answer.tsr", *chain,
        )  # fmt: skip
        return (self.folder / "answer.tsr").read_bytes()

    def _openssl(self, *words: str) -> None:
        assert OPENSSL is not None
        subprocess.run([OPENSSL, *words], cwd=self.folder, check=True, capture_output=True)


def _new(name: str) -> list[str]:
    return [
        "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-config", "a.cnf",
        "-keyout", f"{name}.key", "-out", f"{name}.pem",
    ]  # fmt: skip


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    """It answers on loopback."""
    if OPENSSL is None:
        pytest.skip("needs openssl, which makes the authority")
    found = Authority(tmp_path / "authority")
    found.make()
    with _listening(found) as found.url:
        yield found


@contextmanager
def _listening(authority: Authority) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["content-length"]))
            authority.asked.append(len(asked))
            if not authority.works:
                self.send_error(500)
                return
            content = authority.answer(asked)
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def office_with(folder: Path, **hub: str) -> Path:
    office = make_office(folder)
    config = office / "plugins.toml"
    lines = "".join(f'{name} = "{value}"\n' for name, value in hub.items())
    config.write_text(config.read_text().replace("[hub]\n", f"[hub]\n{lines}"))
    well(office, "init")
    well(office, "iters", "import", "iters.toml")
    return office


def test_the_anchor_is_stamped_once_a_day_and_verified(
    tmp_path: Path, authority: Authority
) -> None:
    office = office_with(
        tmp_path / "office",
        timestamp=authority.url,
        timestamp_ca=str(authority.folder / "ca.pem"),
    )
    authority.works = False
    ended = inside(office, "run", "--on", DAY, "--really-send")
    assert "No time stamp" in ended.err
    assert list((office / "outbox").rglob("*.json"))  # it stopped nothing
    authority.works = True
    well(office, "run", "--on", DAY, "--really-send")
    well(office, "dispatch", "--on", NEXT_DAY, "--really-send")
    assert len(authority.asked) == 2
    (token,) = (office / "archive/stamps").glob("*.tsr")
    well(office, "verify")
    _openssl_agrees(authority, token)
    _spoiled_is_told(office, token, authority)


def _openssl_agrees(authority: Authority, token: Path) -> None:
    authority._openssl(
        "ts", "-verify", "-in", str(token), "-data", str(token.with_suffix(".json")),
        "-CAfile", "ca.pem",
    )  # fmt: skip


def _spoiled_is_told(office: Path, token: Path, authority: Authority) -> None:
    stamped = token.with_suffix(".json")
    for path, place, says in (
        (stamped, 20, "not over the anchor"),
        (token, -20, "signature or certificate"),
        (token, 3, "time stamp of"),
    ):
        whole = path.read_bytes()
        spoiled = bytearray(whole)
        spoiled[place] ^= 1
        path.write_bytes(bytes(spoiled))
        ended = inside(office, "verify")
        assert (ended.code, says in ended.err, ended.has_traceback) == (1, True, False), ended
        path.write_bytes(whole)
    well(office, "verify")
    stranger = Authority(authority.folder.with_name("stranger"))
    stranger.make()
    config = office / "plugins.toml"
    config.write_text(config.read_text().replace(str(authority.folder), str(stranger.folder)))
    assert "signature or certificate" in inside(office, "verify").err
    token.rename(token.with_name("2020-01-01.tsr"))
    stamped.rename(stamped.with_name("2020-01-01.json"))
    assert "it was given on" in inside(office, "verify").err


def test_an_answer_whose_certificates_are_in_no_order_is_read(authority: Authority) -> None:
    """Some authorities send their chain as it hangs together; DER wants it sorted."""
    request = TimestampRequestBuilder().data(b"anchor").build()
    answer = authority.answer(request.as_bytes(), "-chain", "ca.pem")
    first, last = sorted(_der(authority, name) for name in ("tsa", "ca"))
    jumbled = answer.replace(first + last, last + first)  # openssl sorts no more than they do
    assert last + first in jumbled
    with pytest.raises(ValueError):
        decode_timestamp_response(jumbled)
    root = load_der_x509_certificate(_der(authority, "ca"))
    verifier = VerifierBuilder().add_root_certificate(root).build()
    assert verifier.verify_message(answer_of(jumbled), b"anchor")
    with pytest.raises(VerificationError):
        verifier.verify_message(answer_of(jumbled), b"another")
    for cut in range(0, len(jumbled), 97):
        with pytest.raises(ValueError):
            answer_of(jumbled[:cut])


def _der(authority: Authority, name: str) -> bytes:
    pem = (authority.folder / f"{name}.pem").read_bytes()
    return load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket with object lock of a real server on loopback."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-south-1")
    client = boto3.client("s3")
    client.create_bucket(
        Bucket="safe",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": "eu-south-1"},
    )
    yield client
    requests.post(f"http://{host}:{port}/moto-api/reset", timeout=5)
    server.stop()


def test_a_bucket_keeps_copies_that_outlive_database_and_archive(
    tmp_path: Path, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_with(tmp_path / "office", anchor="s3://safe/hub")
    for beside in office.glob("incasso.db-*"):
        beside.unlink()
    shutil.copytree(office, tmp_path / "copy", ignore=shutil.ignore_patterns("outbox"))
    well(office, "run", "--on", DAY, "--really-send")
    kept = bucket.list_objects_v2(Bucket="safe")["Contents"][-1]
    assert kept["Key"].startswith("hub/anchor-000000-")
    locked = bucket.head_object(Bucket="safe", Key=kept["Key"])
    assert locked["ObjectLockMode"] == "COMPLIANCE"
    sent = sorted((office / "outbox").rglob("*.json"))
    assert sent
    shutil.rmtree(office / "archive")
    shutil.copytree(tmp_path / "copy", office, dirs_exist_ok=True)
    ended = inside(office, "run", "--on", DAY, "--really-send")
    assert ended.code == 1
    assert "older than its journal's anchor" in ended.err
    with monkeypatch.context() as away:  # a new machine without the way there
        away.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
        ended = inside(office, "run", "--on", DAY, "--really-send")
        assert (ended.code, "s3://safe/hub cannot be read" in ended.err) == (1, True), ended
    assert sorted((office / "outbox").rglob("*.json")) == sent


def test_a_bucket_that_never_took_a_copy_is_said_and_stops_nothing(
    tmp_path: Path, bucket: Any
) -> None:
    """Nothing was ever kept there that could be hidden now; one that had copies stops sending, see
    test_places."""
    office = office_with(tmp_path / "office", anchor="s3://nowhere/hub")
    ended = inside(office, "run", "--on", DAY, "--really-send")
    assert (ended.code, "could not be copied to s3://nowhere/hub" in ended.err) == (1, True), ended
    assert list((office / "outbox").rglob("*.json"))
    ended = inside(office, "check")
    assert (ended.code, "s3://nowhere/hub cannot be read" in ended.err) == (1, True), ended


def test_mails_to_oneself_outlive_database_and_archive(tmp_path: Path) -> None:
    with ImapServer() as server:
        office = _office_with_mailbox(tmp_path / "office", server)
        shutil.copytree(office, tmp_path / "copy", ignore=shutil.ignore_patterns("outbox"))
        well(office, "run", "--on", DAY, "--really-send")
        sent = sorted((office / "outbox").rglob("*.json"))
        assert sent
        with server.client() as client:
            client.select_folder("Incasso", readonly=True)
            assert len(client.search(["SUBJECT", "anchor-000000-"])) >= 3
        well(office, "verify")
        shutil.rmtree(office / "archive")
        for beside in office.glob("incasso.db*"):
            beside.unlink()
        shutil.copytree(tmp_path / "copy", office, dirs_exist_ok=True)
        ended = inside(office, "run", "--on", DAY, "--really-send")
        assert (ended.code, "older than its journal's anchor" in ended.err) == (1, True), ended
    for words in (("run", "--on", DAY, "--really-send"), ("check",)):
        ended = inside(office, *words)  # the server is gone
        assert (ended.code, "@127.0.0.1/Incasso cannot be read" in ended.err) == (1, True), ended
        assert server.password not in ended.err + ended.out
    assert sorted((office / "outbox").rglob("*.json")) == sent


def _office_with_mailbox(folder: Path, server: ImapServer) -> Path:
    office = make_office(folder)
    (office / "secret").write_text(server.password)
    (office / "secret").chmod(0o600)
    table = (
        f'[hub.anchor_mailbox]\nhost = "{server.host}"\nport = {server.port}\n'
        f'security = "none"\nuser = "{server.user}"\npassword = {{ file = "secret" }}\n'
    )
    config = office / "plugins.toml"
    config.write_text(config.read_text() + table)
    well(office, "init")
    well(office, "iters", "import", "iters.toml")
    for beside in office.glob("incasso.db-*"):
        beside.unlink()
    return office
