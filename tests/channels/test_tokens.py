"""Tokens: asked for once, renewed before they end, renewed once more if a server refuses one."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from incasso.api import (
    AuthenticationError,
    ConfigurationError,
    LineSecurity,
    MailLogin,
    RateLimitedError,
    Secret,
    SignIn,
    SignInWith,
    SmtpLogin,
    TemporaryError,
)
from incasso.plugins.http.door import Door
from incasso.plugins.mail.door import CallMail, MailDoor
from incasso.plugins.sign_in.refusals import roles_in, without_token
from incasso.testing.network import Answer
from incasso.testing.pec import PecAuthority
from incasso.testing.signin import Directory, ImapGate, SignInServer, SignInSmtp
from tests.channels.mail import NOW
from tests.channels.servers import ImapServer

MAILBOX = "crediti@example.it"


@dataclass
class World:
    """Servers, and one door that stays open between the calls."""

    directory: Directory
    tokens: SignInServer
    smtp: SignInSmtp
    learned: list[str]
    door: MailDoor
    web: Door

    @staticmethod
    def around(tokens: SignInServer, smtp: SignInSmtp) -> World:
        """A door of its own over these servers."""
        learned = list[str]()
        web = Door(log=logging.getLogger("incasso.test"), now=lambda: NOW, allow_private=True)
        return World(tokens.directory, tokens, smtp, learned, MailDoor(learned.append), web)

    def close(self) -> None:
        self.door.close()
        self.web.close()

    def call(self, seconds: float = 20) -> CallMail:
        """One call of a plugin."""
        http = self.web.until(time.monotonic() + seconds)
        return self.door.until(http, http)

    def sign_in(self, **changes: object) -> SignIn:
        given = {
            "service": SignInWith.MICROSOFT,
            "tenant": self.directory.tenant,
            "client": self.directory.application.client,
            "secret": Secret(self.directory.application.secret),
            "server": self.tokens.url,
            "ca_file": self.tokens.ca_file,
        }
        return SignIn(**(given | changes))  # type: ignore[arg-type]

    def login(self, **changes: object) -> SmtpLogin:
        return SmtpLogin(
            host=self.smtp.host,
            port=self.smtp.port,
            security=LineSecurity.NONE,
            user=MAILBOX,
            sign_in=self.sign_in(**changes),
            greeting="example.it",
            timeout_s=5,
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    directory = Directory()
    with SignInServer(tmp_path, directory) as tokens, SignInSmtp(directory) as smtp:
        world = World.around(tokens, smtp)
        yield world
        world.close()


def test_one_token_serves_call_after_call(world: World) -> None:
    for _ in range(3):
        world.call().smtp(world.login()).check()
    assert world.tokens.asked == 1 and world.learned == world.directory.tokens


def test_a_token_is_renewed_before_it_ends(world: World) -> None:
    """Five minutes before: this one is as good as over when it comes."""
    world.directory.expires_in = 300
    for _ in range(2):
        world.call().smtp(world.login()).check()
    assert world.tokens.asked == 2
    assert [token for _, token in world.smtp.logins] == world.directory.tokens


def test_a_refused_token_is_renewed_once(world: World) -> None:
    world.call().smtp(world.login()).check()
    world.directory.revoke()
    world.call().smtp(world.login()).check()
    assert world.tokens.asked == 2 and len(world.smtp.logins) == 3


def test_a_fresh_token_that_is_refused_ends_it(world: World) -> None:
    world.directory.application.mailboxes = ()
    with pytest.raises(AuthenticationError, match="New-ServicePrincipal"):
        world.call().smtp(world.login()).check()
    assert (world.tokens.asked, len(world.smtp.logins)) == (1, 1)


def test_a_kept_token_that_is_refused_twice_ends_it(world: World) -> None:
    world.call().smtp(world.login()).check()
    world.directory.application.mailboxes = ()
    world.directory.revoke()
    with pytest.raises(AuthenticationError, match="New-ServicePrincipal"):
        world.call().smtp(world.login()).check()
    assert (world.tokens.asked, len(world.smtp.logins)) == (2, 3)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Answer(status=503), TemporaryError),
        (Answer(status=500), TemporaryError),
        (Answer(status=429, headers={"retry-after": "7"}), RateLimitedError),
        (Answer(silent=True), TemporaryError),
    ],
)
def test_a_token_server_in_trouble_is_asked_again_later(
    world: World, fault: Answer, error: type[Exception]
) -> None:
    world.tokens.web.fault = fault
    with pytest.raises(error):
        world.call().smtp(world.login()).check()
    assert world.smtp.logins == []
    world.tokens.web.fault = None
    world.call().smtp(world.login()).check()


def test_an_answer_that_is_no_token_is_said_in_a_sentence(world: World) -> None:
    world.tokens.web.fault = Answer(body=b"<html>", status=200)
    with pytest.raises((AuthenticationError, TemporaryError)):
        world.call().smtp(world.login()).check()


def test_an_application_may_have_a_certificate(world: World) -> None:
    signer = PecAuthority().signer()
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    both = (key + signer.certificate.public_bytes(Encoding.PEM)).decode()
    world.call().smtp(world.login(secret=Secret(""), certificate=Secret(both))).check()
    assert len(world.smtp.logins) == 1


def test_the_mailbox_is_read_by_token(world: World) -> None:
    with (
        ImapServer() as behind,
        ImapGate(world.directory, behind.port, behind.user, behind.password) as gate,
    ):
        behind.deliver(b"Message-ID: <x@example.it>\r\n\r\nwords\r\n")
        login = MailLogin(
            host=gate.host,
            port=gate.port,
            security=LineSecurity.NONE,
            user=MAILBOX,
            sign_in=world.sign_in(),
        )
        assert world.call().mailbox(login).arrived_at("INBOX", "<x@example.it>") is not None
        world.directory.revoke()
        assert world.call().mailbox(login).arrived_at("INBOX", "<x@example.it>") is not None
        assert len(gate.logins) == 3
        world.directory.application.roles = ()
        world.directory.revoke()
        with pytest.raises(AuthenticationError, match=r"IMAP\.AccessAsApp"):
            world.call().mailbox(login).check(["INBOX"])


# The table.


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"service": SignInWith.MICROSOFT}, ["tenant", "client", "secret"]),
        (
            {
                "service": SignInWith.MICROSOFT,
                "tenant": "acme",
                "client": "1" * 8 + "-2222-3333-4444-" + "5" * 12,
                "secret": Secret("1" * 8 + "-2222-3333-4444-" + "5" * 12),
            },
            ["secret"],
        ),
        ({"service": SignInWith.GOOGLE}, ["key"]),
        ({"service": SignInWith.GOOGLE, "key": Secret("{}")}, ["key"]),
        ({"service": SignInWith.GOOGLE, "key": Secret("no json")}, ["key"]),
        ({"service": SignInWith.GOOGLE, "key": Secret('["list"]')}, ["key"]),
    ],
)
def test_a_table_says_every_key_that_does_not_fit(
    given: dict[str, object], fields: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        SignIn(**given)  # type: ignore[arg-type]
    assert [each.field for each in raised.value.problems] == fields


def test_a_key_that_cannot_be_read_is_not_repeated(world: World) -> None:
    broken = json.dumps(
        {"type": "service_account", "client_email": "x@y", "private_key": "SPOILED-" * 9}
    )
    login = world.login(
        service=SignInWith.GOOGLE, key=Secret(broken), server=world.tokens.google_url
    )
    with pytest.raises(AuthenticationError, match="cannot be read") as raised:
        world.call().smtp(login).check()
    assert "SPOILED" not in str(raised.value)


# What servers repeat.


def test_a_reply_is_cleaned_of_the_token_in_every_form() -> None:
    token = Directory().give(["SMTP.SendAsApp"], [MAILBOX])
    assert without_token(f"535 no {token} no", token) == "535 no ******** no"
    assert "SMTP" not in without_token("535 " + token.split(".")[1], token)
    assert without_token("535 5.7.3 Authentication unsuccessful", token).endswith("unsuccessful")


def test_permissions_are_read_from_a_token_and_never_needed() -> None:
    token = Directory().give(["SMTP.SendAsApp"], [MAILBOX])
    assert roles_in(token) == frozenset({"SMTP.SendAsApp"})
    for odd in ("ya29.opaque", "a.b.c", "a.W10.c", "", "a.eyJyb2xlcyI6IDF9.c"):
        assert roles_in(odd) is None
