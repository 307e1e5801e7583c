"""Certificates of the other side, on a real TLS server: who is trusted, and what a no says."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
import trustme

from incasso.contract.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    TemporaryError,
)
from incasso.plugins.http.door import CallDoor, Door
from incasso.testing.network import Answer, StubServer

NOW = datetime(2026, 3, 2, tzinfo=UTC)
# Certificates are checked against the system's clock, so these lie far on either side of any today.
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2090, 1, 1, tzinfo=UTC)

Serve = Callable[[trustme.LeafCert], StubServer]


@pytest.fixture
def door() -> Iterator[CallDoor]:
    door = Door(log=logging.getLogger("incasso.plugin.web"), now=lambda: NOW, allow_private=True)
    yield door.until(time.monotonic() + 10)
    door.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as running:

        def start(certificate: trustme.LeafCert) -> StubServer:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            server = running.enter_context(StubServer(context))
            server.on("GET", "/", lambda seen: Answer.of({"ok": True}))
            return server

        yield start


def pin_of(certificate: trustme.LeafCert) -> str:
    der = ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())
    return f"sha256:{sha256(der).hexdigest()}"


def good(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("127.0.0.1", not_after=FAR_AHEAD)


def test_the_authority_in_a_file_is_trusted(
    serve: Serve, door: CallDoor, authority: trustme.CA, authority_file: str
) -> None:
    server = serve(good(authority))
    assert door.request("GET", f"{server.url}/", verify=authority_file).json() == {"ok": True}


def test_a_pin_accepts_that_certificate_whatever_name_or_age_it_has(
    serve: Serve, door: CallDoor, authority: trustme.CA
) -> None:
    odd = authority.issue_cert("elsewhere.test", not_before=LONG_AGO, not_after=LONG_AGO)
    pin, server = pin_of(odd), serve(odd)
    digits = pin.removeprefix("sha256:").upper()
    with_colons = "SHA256:" + ":".join(digits[i : i + 2] for i in range(0, 64, 2))
    for written in (pin, with_colons):
        assert door.request("GET", f"{server.url}/", verify=written).status == 200


def test_a_pin_refuses_every_other_certificate_and_says_which_one_it_met(
    serve: Serve, door: CallDoor, authority: trustme.CA
) -> None:
    old, new = good(authority), good(authority)
    server = serve(new)
    with pytest.raises(ConfigurationError, match="another certificate") as raised:
        door.request("POST", f"{server.url}/", effect=True, json={"a": 1}, verify=pin_of(old))
    assert pin_of(new) in str(raised.value)
    assert server.seen == [], "nothing may be sent to a stranger"


def test_a_pinned_connection_is_not_lent_to_a_request_without_pin(
    serve: Serve, door: CallDoor, authority: trustme.CA
) -> None:
    certificate = good(authority)
    server = serve(certificate)
    door.request("GET", f"{server.url}/", verify=pin_of(certificate))
    with pytest.raises(ConfigurationError, match="unknown authority"):
        door.request("GET", f"{server.url}/")


def test_an_unknown_authority_is_told_with_the_pin_to_set(
    serve: Serve, door: CallDoor, authority: trustme.CA
) -> None:
    certificate = good(authority)
    server = serve(certificate)
    with pytest.raises(ConfigurationError, match="self-signed or of an unknown") as raised:
        door.request("GET", f"{server.url}/")
    assert pin_of(certificate) in str(raised.value) and server.seen == []


def test_an_expired_certificate_is_told_and_tried_again_later(
    serve: Serve, door: CallDoor, authority: trustme.CA, authority_file: str
) -> None:
    expired = authority.issue_cert(
        "127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO + timedelta(days=365)
    )
    server = serve(expired)
    with pytest.raises(TemporaryError, match="expired; have it renewed"):
        door.request("GET", f"{server.url}/", verify=authority_file)


def test_a_certificate_for_another_name_is_told(
    serve: Serve, door: CallDoor, authority: trustme.CA, authority_file: str
) -> None:
    server = serve(authority.issue_cert("erp.test", not_after=FAR_AHEAD))
    for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(ConfigurationError, match="for another name"):
            door.request("GET", f"{url}/", verify=authority_file)


@contextmanager
def breaking(certificate: trustme.LeafCert) -> Iterator[str]:
    """A server that reads the request over TLS and then speaks nonsense; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with context.wrap_socket(line, server_side=True) as secure:
                secure.recv(100)
                raw = socket.socket(fileno=os.dup(secure.fileno()))
                raw.sendall(b"this is no record of TLS")
                raw.close()

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(5)


@pytest.mark.parametrize(
    ("effect", "wanted"), [(True, OutcomeUnknownError), (False, TemporaryError)]
)
def test_a_line_that_tls_breaks_off_after_the_request_leaves_an_effect_unknown(
    door: CallDoor,
    authority: trustme.CA,
    authority_file: str,
    effect: bool,
    wanted: type[PluginError],
) -> None:
    """It looks like a handshake that failed, and the other side has the request."""
    with breaking(good(authority)) as url, pytest.raises(wanted) as raised:
        door.request("POST", url, content=b"a=1", effect=effect, verify=authority_file)
    assert type(raised.value) is wanted


@pytest.mark.parametrize(
    ("verify", "told"),
    [
        ("sha256:", "64 digits"),
        ("sha256:abc", "64 digits"),
        ("sha256:" + "g" * 64, "64 digits"),
        ("sha256:" + "a" * 65, "64 digits"),
        ("no-such-file.pem", "does not exist"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_sent(
    door: CallDoor, verify: str, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        door.request("GET", "https://127.0.0.1:1/", verify=verify)


def test_a_pin_and_no_tls_is_a_contradiction(door: CallDoor) -> None:
    with pytest.raises(ConfigurationError, match="not https"):
        door.request("GET", "http://127.0.0.1:1/", verify="sha256:" + "a" * 64)
