"""Lines to the relay: kept, replaced, protected, shared by threads, closed when idle."""

from __future__ import annotations

import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
import trustme

from incasso.api import ConfigurationError, LineSecurity, RateLimitedError, Secret, TemporaryError
from incasso_smtp.settings import SmtpSettings
from tests.channels.mail import channel, context, settings
from tests.channels.servers import CUT, SmtpServer
from tests.channels.test_smtp_sending import send


@dataclass(frozen=True)
class Trust:
    """A made-up authority, and a server certificate of its making."""

    ca_file: Path
    authority: trustme.CA

    @property
    def server(self) -> ssl.SSLContext:
        """With a certificate that is valid now."""
        return self.until(None)

    def until(self, end: datetime | None) -> ssl.SSLContext:
        """With a certificate that is valid until then."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert("127.0.0.1", not_after=end).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    authority = trustme.CA()
    ca_file = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Trust(ca_file, authority)


def test_one_line_serves_many_messages(server: SmtpServer) -> None:
    over = channel(server)
    for number in range(20):
        send(over, delivery=f"d-{number}")
    assert server.connections == 1
    assert [each.delivery for each in server.messages] == [f"d-{n}" for n in range(20)]
    over.close()


def test_a_line_that_the_relay_closed_meanwhile_is_replaced(server: SmtpServer) -> None:
    over = channel(server)
    send(over)
    server.hang_up()
    send(over, delivery="d-0002")
    assert [each.delivery for each in server.messages] == ["d-0001", "d-0002"]
    over.close()


@pytest.mark.parametrize("reply", [CUT, "421 4.7.0 too many messages on this connection"])
def test_a_relay_that_allows_few_messages_a_line_gets_a_new_line(
    server: SmtpServer, reply: str
) -> None:
    over = channel(server)
    send(over)
    server.script("mail", reply, times=1)
    send(over, delivery="d-0002")
    assert server.connections == 2 and len(server.messages) == 2
    over.close()


def test_a_new_line_that_is_refused_too_is_not_tried_for_ever(server: SmtpServer) -> None:
    over = channel(server)
    send(over)
    server.script("mail", "421 4.7.0 no more today")
    with pytest.raises(RateLimitedError):
        send(over, delivery="d-0002")
    assert server.connections == 2
    over.close()


def test_a_refused_message_leaves_the_line_in_order(server: SmtpServer) -> None:
    over = channel(server)
    server.script("rcpt", "450 4.2.1 greylisted", times=1)
    with pytest.raises(TemporaryError):
        send(over)
    send(over)
    assert server.connections == 1
    assert server.messages[0].recipients == ("anna.bianchi@example.it",)
    over.close()


def test_an_idle_line_is_closed(server: SmtpServer) -> None:
    over = channel(server, idle_close_s=1)
    send(over)
    assert server.open_lines == 1
    deadline = time.monotonic() + 10
    while server.open_lines and time.monotonic() < deadline:
        time.sleep(0.05)
    assert server.open_lines == 0
    send(over, delivery="d-0002")
    assert server.connections == 2
    over.close()


def test_closing_closes_lines_and_is_harmless_twice(server: SmtpServer) -> None:
    over = channel(server)
    send(over)
    over.close()
    over.close()
    deadline = time.monotonic() + 10
    while server.open_lines and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.open_lines == 0


def test_threads_share_lines_without_mixing_messages(server: SmtpServer) -> None:
    over = channel(server)

    def one(number: int) -> None:
        send(over, delivery=f"d-{number}", text=f"messaggio {number}\n" * 50)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(one, range(60)))
    assert {each.delivery for each in server.messages} == {f"d-{n}" for n in range(60)}
    assert len(server.messages) == 60 and server.connections <= 3
    for each in server.messages:
        number = each.delivery.removeprefix("d-")
        assert each.parsed().get_content().split() == ["messaggio", number] * 50
    over.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_line_is_protected(trust: Trust, security: Literal["tls", "starttls"]) -> None:
    users = {"crediti": "segreta"}
    with SmtpServer(tls=security, context=trust.server, users=users) as server:
        over = channel(
            server,
            security=LineSecurity(security),
            ca_file=trust.ca_file,
            user="crediti",
            password=Secret("segreta"),
        )
        report = over.instance_check(context())
        assert report.facts["encryption"].startswith("TLSv1.")
        assert report.warnings == ()
        send(over)
        send(over, delivery="d-0002")
        assert len(server.messages) == 2
        over.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_certificate_stops_it_before_the_password(
    trust: Trust, security: Literal["tls", "starttls"]
) -> None:
    with SmtpServer(tls=security, context=trust.server, users={"u": "p"}) as server:
        over = channel(server, security=LineSecurity(security), user="u", password=Secret("p"))
        with pytest.raises(TemporaryError, match="certificate"):
            send(over)
        assert "AUTH" not in server.commands
        trusting = channel(
            server, security=LineSecurity(security), user="u", password=Secret("p"), verify=False
        )
        send(trusting)
        trusting.close()


def test_an_expired_certificate_is_called_expired(trust: Trust) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    with SmtpServer(tls="tls", context=trust.until(past)) as server:
        over = channel(server, security=LineSecurity.TLS, ca_file=trust.ca_file)
        with pytest.raises(TemporaryError, match="its certificate has expired; have it renewed"):
            send(over)


def test_without_starttls_on_offer_nothing_goes_in_clear(server: SmtpServer) -> None:
    over = channel(server, security=LineSecurity.STARTTLS, user="u", password=Secret("p"))
    with pytest.raises(TemporaryError, match="STARTTLS"):
        send(over)
    assert server.commands == []


def test_a_password_in_clear_is_warned_about() -> None:
    with SmtpServer(users={"u": "p"}) as server:
        report = channel(server, user="u", password=Secret("p")).instance_check(context())
    assert [problem.field for problem in report.warnings] == ["security"]


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("host", {"host": " "}),
        ("port", {"port": 0}),
        ("imap_port", {"imap_port": 70_000}),
        ("sender", {"sender": "Ufficio crediti"}),
        ("reply_to", {"reply_to": "nessuno"}),
        ("password", {"user": "u"}),
        ("timeout_s", {"timeout_s": 0}),
        ("ca_file", {"ca_file": Path("no-such-file.pem")}),
        ("imap_host", {"imap_sent": "Sent"}),
    ],
)
def test_wrong_settings_are_named(key: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        settings(**changes)
    assert [problem.field for problem in raised.value.problems] == [key]


def test_all_wrong_settings_are_told_together() -> None:
    with pytest.raises(ConfigurationError) as raised:
        SmtpSettings(host="", sender="x", port=-1)
    assert {problem.field for problem in raised.value.problems} == {"host", "sender", "port"}
