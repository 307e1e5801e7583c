"""The hub's HTTP door against a real local server: errors sorted, secrets kept, LAN closed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.values import Secret
from incasso.plugins.http import exchange
from incasso.plugins.http.answers import retry_after
from incasso.plugins.http.door import CallDoor, Door
from incasso.plugins.http.proxies import proxies_for
from incasso.plugins.public import is_public
from incasso.testing.network import Answer, StubServer, closed_port

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def door() -> Iterator[CallDoor]:
    yield from _door(allow_private=True)


@pytest.fixture
def outside() -> Iterator[CallDoor]:
    yield from _door(allow_private=False)


def _door(*, allow_private: bool) -> Iterator[CallDoor]:
    door = Door(
        log=logging.getLogger("incasso.plugin.web"), now=lambda: NOW, allow_private=allow_private
    )
    yield door.until(time.monotonic() + 10)
    door.close()


class TestAnswers:
    def test_a_request_arrives_as_given(self, server: StubServer, door: CallDoor) -> None:
        server.on("POST", "/a", lambda seen: Answer.of({"got": seen.json()}))
        answer = door.request(
            "post",
            f"{server.url}/a",
            effect=True,
            params={"q": "è"},
            headers={"X-Own": "1"},
            json={"sum": "1.50"},
            auth=("anna", Secret("hunter22")),
        )
        assert answer.status == 200 and answer.json() == {"got": {"sum": "1.50"}}
        assert answer.headers["content-type"] == "application/json"
        [seen] = server.seen
        assert seen.path == "/a?q=%C3%A8" and seen.headers["x-own"] == "1"
        assert seen.headers["authorization"].startswith("Basic ")

    @pytest.mark.parametrize(
        ("status", "effect", "kind"),
        [
            (401, False, AuthenticationError),
            (403, True, AuthenticationError),
            (404, False, RejectedError),
            (400, True, RejectedError),
            (422, True, RejectedError),
            (408, True, TemporaryError),
            (429, True, RateLimitedError),
            (500, False, TemporaryError),
            (500, True, OutcomeUnknownError),
            (502, True, OutcomeUnknownError),
            (503, True, TemporaryError),
        ],
    )
    def test_a_status_becomes_what_to_do_next(
        self,
        server: StubServer,
        door: CallDoor,
        status: int,
        effect: bool,
        kind: type[PluginError],
    ) -> None:
        server.fault = Answer(status=status)
        with pytest.raises(kind) as raised:
            door.request("POST", f"{server.url}/a", effect=effect)
        assert type(raised.value) is kind and str(status) in str(raised.value)

    def test_a_refusal_carries_its_reason(self, server: StubServer, door: CallDoor) -> None:
        server.fault = Answer.of({"error": "numero errato"}, 422)
        with pytest.raises(RejectedError, match="numero errato") as raised:
            door.request("POST", server.url, effect=True)
        assert raised.value.code == "http_422"

    def test_a_refusal_that_repeats_the_login_is_read_without_it(
        self, server: StubServer, door: CallDoor
    ) -> None:
        token, password = "ab" * 90 + ".end", "segretissima"
        echoed = lambda seen: Answer(status=400, body=str(seen.headers).encode())  # noqa: E731
        server.on("GET", "/echo", echoed)
        by_token = door.request(
            "GET",
            f"{server.url}/echo",
            headers={"Authorization": f"Bearer {token}"},
            returns=(400,),
        )
        by_password = door.request(
            "GET", f"{server.url}/echo", auth=("ada", Secret(password)), returns=(400,)
        )
        sent = (token.encode(), b"YWRhOnNlZ3JldGlzc2ltYQ")  # the second: ada:segretissima in base64
        for answer, secret in zip((by_token, by_password), sent, strict=True):
            assert secret[:40] not in answer.content and b"********" in answer.content

    def test_wait_as_long_as_asked(self, server: StubServer, door: CallDoor) -> None:
        server.fault = Answer(status=429, headers={"retry-after": "7"})
        with pytest.raises(RateLimitedError) as raised:
            door.request("GET", server.url)
        assert raised.value.retry_after == timedelta(seconds=7)

    @pytest.mark.parametrize(
        ("header", "wanted"),
        [
            ("120", timedelta(minutes=2)),
            (format_datetime(NOW + timedelta(hours=1), usegmt=True), timedelta(hours=1)),
            (format_datetime(NOW - timedelta(hours=1), usegmt=True), timedelta(0)),
            ("soon", None),
            ("", None),
            ("-5", None),
            ("9" * 40, timedelta(days=7)),
        ],
    )
    def test_retry_after(self, header: str, wanted: timedelta | None) -> None:
        assert retry_after(header, NOW) == wanted


class TestSilence:
    @pytest.mark.parametrize(
        ("effect", "kind"), [(True, OutcomeUnknownError), (False, TemporaryError)]
    )
    def test_sent_and_no_answer(
        self, server: StubServer, door: CallDoor, effect: bool, kind: type[PluginError]
    ) -> None:
        for fault in (Answer(silent=True), Answer(seconds=2)):
            server.fault = fault
            with pytest.raises(kind) as raised:
                door.request("POST", server.url, effect=effect, content=b"x", timeout_s=0.2)
            assert type(raised.value) is kind

    def test_nobody_listens(self, door: CallDoor) -> None:
        with pytest.raises(TemporaryError, match="cannot be reached"):
            door.request("POST", f"http://127.0.0.1:{closed_port()}/", effect=True)

    def test_no_such_host(self, door: CallDoor) -> None:
        with pytest.raises(TemporaryError, match="cannot be reached"):
            door.request("POST", "http://no-such-host.invalid/", effect=True)

    def test_no_tls_there(self, server: StubServer, door: CallDoor) -> None:
        with pytest.raises(TemporaryError, match="secure"):
            door.request("POST", server.url.replace("http:", "https:"), effect=True)

    def test_it_ends_before_the_deadline(self, server: StubServer, door: CallDoor) -> None:
        server.fault = Answer(seconds=5)
        door.deadline = time.monotonic() + 0.3
        began = time.monotonic()
        with pytest.raises(TemporaryError):
            door.request("GET", server.url)
        assert time.monotonic() - began < 2
        with pytest.raises(TemporaryError, match="no time left"):
            door.request("POST", server.url, effect=True)

    def test_an_endless_answer_is_cut(
        self, server: StubServer, door: CallDoor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exchange, "MOST_BYTES", 100_000)
        server.fault = Answer(body=b"x" * 300_000)
        with pytest.raises(TemporaryError):
            door.request("GET", server.url)


class TestRedirects:
    def test_reads_follow_and_leave_their_keys_behind(
        self, server: StubServer, door: CallDoor
    ) -> None:
        with StubServer() as elsewhere:
            elsewhere.on("GET", "/b", lambda seen: Answer.of({"ok": True}))
            server.fault = Answer(status=302, headers={"location": f"{elsewhere.url}/b"})
            answer = door.request(
                "GET", server.url, headers={"x-api-key": "hunter22", "accept": "text/plain"}
            )
            [seen] = elsewhere.seen
        assert answer.json() == {"ok": True}
        assert "x-api-key" not in seen.headers and seen.headers["accept"] == "text/plain"

    def test_effects_do_not_follow(self, server: StubServer, door: CallDoor) -> None:
        server.fault = Answer(status=307, headers={"location": f"{server.url}/b"})
        with pytest.raises(RejectedError, match="elsewhere"):
            door.request("POST", server.url, effect=True)
        assert len(server.seen) == 1

    def test_a_circle_ends(self, server: StubServer, door: CallDoor) -> None:
        server.fault = Answer(status=302, headers={"location": "/"})
        with pytest.raises(RejectedError, match="circle"):
            door.request("GET", server.url)
        assert len(server.seen) == exchange.MOST_REDIRECTS + 1


class TestPrivateAddresses:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"])
    def test_the_inside_is_closed(self, server: StubServer, outside: CallDoor, host: str) -> None:
        url = server.url.replace("127.0.0.1", host)
        with pytest.raises(ConfigurationError, match="allow_private_addresses"):
            outside.request("GET", url)
        assert not server.seen

    def test_also_behind_a_redirect(
        self, server: StubServer, outside: CallDoor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first address passes as public, the one it leads to does not."""
        asked: list[str] = []

        def public(address: str) -> bool:
            asked.append(address)
            return len(asked) == 1

        monkeypatch.setattr("incasso.plugins.http.addresses.is_public", public)
        server.fault = Answer(
            status=302, headers={"location": server.url.replace("127.0.0.1", "localhost")}
        )
        with pytest.raises(ConfigurationError, match="private network"):
            outside.request("GET", server.url)
        assert len(server.seen) == 1

    @pytest.mark.parametrize(
        ("address", "public"),
        [
            ("8.8.8.8", True),
            ("2606:4700::1111", True),
            ("10.0.0.1", False),
            ("172.16.0.1", False),
            ("192.168.1.1", False),
            ("169.254.169.254", False),
            ("100.64.0.1", False),
            ("0.0.0.0", False),
            ("224.0.0.1", False),
            ("::1", False),
            ("fe80::1%eth0", False),
            ("fd00::1", False),
            ("::ffff:10.0.0.1", False),
            ("2002:0a00:0001::", False),
        ],
    )
    def test_which_addresses_are_public(self, address: str, public: bool) -> None:
        assert is_public(address) is public


class TestAddresses:
    @pytest.mark.parametrize("url", ["ftp://a.it/", "file:///etc/passwd", "a.it/b", "http://", ""])
    def test_only_the_web(self, door: CallDoor, url: str) -> None:
        with pytest.raises(ConfigurationError):
            door.request("GET", url)

    def test_no_password_in_an_address(self, door: CallDoor) -> None:
        with pytest.raises(ConfigurationError) as raised:
            door.request("GET", "http://anna:hunter22@a.it/")
        assert "hunter22" not in str(raised.value)

    def test_the_log_holds_no_query_and_no_header(
        self, server: StubServer, door: CallDoor, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.fault = Answer(status=500)
        with caplog.at_level(logging.DEBUG), pytest.raises(TemporaryError) as raised:
            door.request(
                "GET", f"{server.url}/a", params={"token": "hunter22"}, headers={"k": "hunter22"}
            )
        incasso = [r.getMessage() for r in caplog.records if r.name.startswith("incasso")]
        assert any("/a" in line for line in incasso)
        assert "hunter22" not in "".join(incasso) + str(raised.value) + repr(raised.value)


class TestProxies:
    @pytest.fixture(autouse=True)
    def _none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)

    def test_the_environment_names_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert proxies_for("https://erp.example.it/a") == {}
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.it:3128")
        assert proxies_for("https://erp.example.it/b")["https"] == "http://proxy.example.it:3128"
        monkeypatch.setenv("HTTPS_PROXY", "http://other.example.it:3128")
        assert proxies_for("https://erp.example.it/b")["https"] == "http://other.example.it:3128"

    def test_some_hosts_need_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("https_proxy", "http://proxy.example.it:3128")
        monkeypatch.setenv("no_proxy", "intra.example.it")
        assert proxies_for("https://erp.intra.example.it:8443/a") == {}
        assert "https" in proxies_for("https://user@erp.example.it/a")
