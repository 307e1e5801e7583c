"""Whoever asks too much, too fast, too slowly or by a wrong name keeps nobody else waiting."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from incasso.domain.office.actor import CLOCK
from incasso.services.office.tokens import TokenError, add_token
from incasso.web.gate import LARGEST_BODY
from incasso.web.paces import Paces
from incasso.web.seldom import Seldom
from tests.orders.conftest import MakeOrders
from tests.orders.office import ON, Orders, erp, owes
from tests.orders.serving import Asked, serving
from tests.orders.test_http import bearer, problem, token


@pytest.fixture
def office(on_sqlite: MakeOrders) -> Orders:
    office = on_sqlite(acme=erp(owes("A1")))
    office.day()
    return office


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'incasso.db'}"


@pytest.fixture
def asked(office: Orders, url: str) -> Iterator[Asked]:
    with serving(office, url, header_s=0.4, answer_s=3) as asked:
        yield asked


STATUS = "/api/v1/credit-status/acme/C1"


class TestPace:
    def test_a_token_that_asks_too_fast_is_told_when_to_come_again(
        self, office: Orders, url: str
    ) -> None:
        """Two a second, four seconds' worth at once."""
        mine, other = token(office), token(office, name="other")
        with serving(office, url, http_calls_per_second=2) as asked:
            answers = [asked.client.get(STATUS, headers=bearer(mine)) for _ in range(9)]
            assert [each.status_code for each in answers] == [200] * 8 + [429]
            assert answers[-1].headers["retry-after"] == "1"
            assert "shop" in problem(answers[-1], 429)
            assert asked.client.get(STATUS, headers=bearer(other)).status_code == 200
            office.at += timedelta(seconds=1)
            again = [asked.client.get(STATUS, headers=bearer(mine)).status_code for _ in range(3)]
            assert again == [200, 200, 429]

    def test_an_address_too_token_or_not(self, office: Orders, url: str) -> None:
        with serving(office, url, http_calls_per_second=1) as asked:
            statuses = [asked.client.get(STATUS).status_code for _ in range(10)]
            assert statuses == [401] * 8 + [429] * 2

    def test_a_million_addresses_need_no_memory(self, office: Orders) -> None:
        paces = Paces(per_second=Decimal(50), burst=1)
        for number in range(10_500):
            assert paces.wait(str(number), office.at) == 0
        assert len(paces._known) == 10_000


OURS = ("localhost", "LOCALHOST:8321", "127.0.0.1:1", "[::1]:8321", "hub.example.it")
OTHERS = ("evil.example", "", "localhost.evil.example", "1.2.3.4.x")


def test_only_our_own_names_are_answered(office: Orders, url: str) -> None:
    with serving(office, url, http_hosts=("hub.example.it",)) as asked:
        for host in OURS:
            assert asked.client.get("/health", headers={"Host": host}).status_code == 200, host
        for host in OTHERS:
            answer = asked.client.get("/health", headers={"Host": host})
            assert "http_hosts" in problem(answer, 421), host


LARGE = (
    ("/api/v1/callbacks/sms", b"Content-Length: 52428800", 50, 413),
    ("/api/v1/callbacks/sms", b"Transfer-Encoding: chunked", 16, 413),
    ("/api/v1/blocked", b"Transfer-Encoding: chunked", 16, 405),
    ("/nothing", b"Transfer-Encoding: chunked\r\nConnection: close", 16, 404),
    ("/health\x01", b"Content-Length: 16777216", 16, 400),
)
"""Where to, how long, megabytes, and the status of the answer."""


class TestBodies:
    def test_a_body_that_says_it_is_too_large(self, asked: Asked) -> None:
        problem(asked.client.post("/health", content=b"x" * (LARGEST_BODY + 1)), 413)

    def test_a_body_that_does_not_say_its_size(self, asked: Asked) -> None:
        pieces = (b"x" * 65_536 for _ in range(17))
        problem(asked.client.post("/api/v1/callbacks/sms", content=pieces), 413)

    def test_who_sends_it_all_before_it_reads_gets_its_answer(self, asked: Asked) -> None:
        """More than the buffers of the system hold on the way."""
        for path, length, megabytes, status in LARGE:
            piece = b"x" * 1_048_576
            if length.startswith(b"Transfer"):
                piece = b"100000\r\n" + piece + b"\r\n"
            with connection(asked) as line:
                line.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode())
                line.sendall(length + b"\r\n\r\n")
                for _ in range(megabytes):
                    line.sendall(piece)
                assert said(line).startswith(f"HTTP/1.1 {status} ".encode()), path

    def test_who_goes_away_in_the_middle_of_a_body_is_no_fault_of_the_hub(
        self, asked: Asked, caplog: pytest.LogCaptureFixture
    ) -> None:
        with connection(asked) as line:
            line.sendall(
                b"POST /api/v1/callbacks/sms HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: 500\r\n\r\nabc"
            )
        with connection(asked) as line:
            line.sendall(NO_HTTP["a chunk without a size"])
            said(line)
        assert asked.get("/health").status_code == 200
        assert not [each for each in caplog.records if "ClientDisconnect" in each.getMessage()]

    def test_nobody_is_heard_out_for_ever(self, office: Orders, url: str) -> None:
        with serving(office, url, linger_bytes=200_000) as asked, connection(asked) as line:
            line.sendall(
                b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n"
            )
            with pytest.raises(ConnectionError):
                for _ in range(1000):
                    line.sendall(b"x" * 100_000)

    def test_a_large_body_that_waits_to_be_wanted_is_never_sent(self, asked: Asked) -> None:
        with connection(asked) as line:
            line.sendall(
                b"POST /api/v1/callbacks/sms HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: 52428800\r\nExpect: 100-continue\r\n\r\n"
            )
            assert said(line).startswith(b"HTTP/1.1 413 ")


NO_HTTP = {
    "a NUL in a header": b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\n\r\n",
    "a control in the query": b"GET /health?a=\x07 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "endless headers": b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 200_000,
    "two lengths": b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
    b"Content-Length: 2\r\n\r\nab",
    "a chunk without a size": b"POST /api/v1/callbacks/sms HTTP/1.1\r\nHost: localhost\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
}


def test_what_is_no_http_gets_a_problem_document_too(asked: Asked) -> None:
    for why, request in NO_HTTP.items():
        with connection(asked) as line:
            line.sendall(request)
            head, _, body = said(line).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ") and b"application/problem+json" in head, why
        told = json.loads(body)
        assert told["status"] == 400 and "control characters" in told["detail"], why


def test_a_stranger_does_not_fill_the_log(asked: Asked, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(4):
        with connection(asked) as line:
            line.sendall(NO_HTTP["another protocol"])
            said(line)
    lines = [each for each in caplog.records if "Invalid HTTP" in each.getMessage()]
    assert len(lines) <= 1, "none, if a test before this one had the line of this minute"


def test_what_was_held_back_is_counted() -> None:
    now = 1000.0
    seldom = Seldom(lambda: now)

    def told(words: str, level: int = logging.WARNING) -> str | None:
        record = logging.LogRecord("uvicorn.error", level, "", 0, words, (), None)
        return record.getMessage() if seldom.filter(record) else None

    assert told("rubbish") == "rubbish"
    assert [told("rubbish") for _ in range(5)] == [None] * 5
    assert told("something else") == "something else"
    assert told("it broke", logging.ERROR) == told("it broke", logging.ERROR) == "it broke"
    now += 60
    assert told("rubbish") == "rubbish (5 more of these since the last such line)"
    assert told("rubbish") is None
    now += 61
    assert told("rubbish") == "rubbish (1 more of these since the last such line)"


def said(line: socket.socket) -> bytes:
    """Everything until the other side ends."""
    found = b""
    while more := line.recv(65536):
        found += more
    return found


BEGUN = (
    b"",
    b"GET /health HT",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: ",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nX-",
)
"""Nothing, half a line, half a header, and half a second request behind a whole one."""


class TestPatience:
    def test_slow_headers_end_the_connection(self, asked: Asked) -> None:
        """A byte now and then does not help: the patience is for all headers together."""
        lines = [connection(asked) for _ in BEGUN]
        for line, begun in zip(lines, BEGUN, strict=True):
            line.settimeout(0.02)
            line.sendall(begun)
        assert max(drips_until_closed(line) for line in lines) < 60
        for line in lines:
            line.close()

    def test_a_request_without_a_body_it_announced(self, asked: Asked) -> None:
        with connection(asked) as line:
            line.settimeout(0.05)
            line.sendall(
                b"POST /api/v1/callbacks/sms HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: 500\r\n\r\n"
            )
            assert drips_until_closed(line) < 200

    def test_others_are_answered_meanwhile(self, asked: Asked) -> None:
        lines = [connection(asked) for _ in range(30)]
        for line in lines:
            line.sendall(b"GET /health HTTP/1.1\r\nX-A: ")
        assert asked.get("/health").status_code == 200
        for line in lines:
            line.close()

    def test_a_quiet_client_between_two_questions_is_served(self, asked: Asked) -> None:
        for _ in range(3):
            assert asked.get("/health").status_code == 200


class TestExpiry:
    def test_a_token_is_good_up_to_its_last_day(self, office: Orders, url: str) -> None:
        mine = add_token(office.hub, CLOCK, "shop", scopes=["credit-status"], expires=ON, on=ON)
        with serving(office, url) as asked:
            assert asked.client.get(STATUS, headers=bearer(mine)).status_code == 200
            midnight = office.at.astimezone(office.hub.config.timezone).replace(
                hour=23, minute=59, second=59
            )
            office.at = midnight
            assert asked.client.get(STATUS, headers=bearer(mine)).status_code == 200
            office.at = midnight + timedelta(seconds=1)
            problem(asked.client.get(STATUS, headers=bearer(mine)), 401)

    def test_a_day_that_is_past_is_refused(self, office: Orders) -> None:
        with pytest.raises(TokenError, match="is past"):
            yesterday = ON - timedelta(days=1)
            add_token(office.hub, CLOCK, "x", scopes=["blocked"], expires=yesterday, on=ON)


def connection(asked: Asked) -> socket.socket:
    where: httpx.URL = asked.client.base_url
    assert where.port is not None
    return socket.create_connection((where.host, where.port), timeout=5)


def drips_until_closed(line: socket.socket) -> int:
    """Send a byte twenty times a second; how many until the other side has closed."""
    for sent in range(200):
        try:
            if line.recv(65536) == b"":
                return sent
        except TimeoutError:
            pass
        except ConnectionError:
            return sent
        try:
            line.sendall(b"x")
        except OSError:
            return sent
    return 200
