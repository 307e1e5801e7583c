"""Whatever is asked over HTTP: an answer or a problem document, never that the hub failed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote_from_bytes, unquote

import pytest
from starlette.types import ASGIApp, Message

from incasso.contract.capabilities import ChannelCapability
from incasso.services.proof.verify import verify
from incasso.store.engine import open_store
from incasso.testing.fakes import FakeChannel, signed
from incasso.web.app import make_app
from tests.fuzzing import each_spoiled
from tests.orders.conftest import MakeOrders
from tests.orders.office import Orders, erp, owes
from tests.orders.test_http import token

PATHS: Final = (
    "/api/v1/credit-status/acme/C1",
    "/api/v1/credit-status/acme/501%2FA%207%3Fx",
    "/api/v1/blocked?format=csv&source=acme",
    "/api/v1/blocked",
    "/api/v1/openapi.json",
    "/health",
)
WORDS: Final = (
    b"%00", b"%ED%A0%80", b"%FF", b"%2e%2e/", b"//", b"?", b"&", b"&source=beta&source=acme",
    b"format=csv", b"POST", b"HEAD", b"OPTIONS", b"acme", b"\nAuthorization: Bearer ",
    b"\nAuthorization: Basic YTpi", b"\nContent-Length: 99999999", b"\nContent-Length: x",
    b"\nHost: evil.example", b"\nTransfer-Encoding: chunked", b"\nx-signature: 0",
    b"\nContent-Type: application/json", b"\nCookie: a=b", b"\nAccept: */*;q=x",
)  # fmt: skip


@dataclass
class Answer:
    """What the application sent."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def take(self, message: Message) -> None:
        """The next part."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {n.decode().lower(): v.decode() for n, v in message["headers"]}
        else:
            self.body += message.get("body", b"")


def scope_of(head: bytes) -> dict[str, Any]:
    """The request as a server hands it on: what cannot stand in a URL or header is escaped."""
    first, *given = head.split(b"\n")
    method, _, target = first.partition(b" ")
    path, _, query = quote_from_bytes(target, safe="%/?&=:,;+~!$'()*@[]").partition("?")
    headers = [tuple(part.strip() for part in line.partition(b":")[::2]) for line in given]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": re.sub(r"\W", "", method.decode("ascii", "ignore")) or "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in headers],
        "client": ("127.0.0.1", 4711),
        "server": ("127.0.0.1", 80),
    }


async def _asked(app: ASGIApp, request: bytes) -> Answer:
    head, _, body = request.partition(b"\n\n")
    answer = Answer()
    whole: Iterator[Message] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(whole, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        answer.take(message)

    await app(scope_of(head), receive, send)
    return answer


def is_an_answer(answer: Answer) -> None:
    """2xx with content of its kind, or 4xx with a problem document."""
    assert 200 <= answer.status < 300 or 400 <= answer.status < 500, answer
    if answer.status >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer
        told = json.loads(answer.body)
        assert told["status"] == answer.status and told["detail"].strip(), answer
    elif answer.headers.get("content-type") == "application/json":
        json.loads(answer.body)


@pytest.fixture
def office(make_orders: MakeOrders) -> Orders:
    gateway = FakeChannel(("pec",), capabilities=(ChannelCapability.CALLBACKS,))
    office = make_orders(acme=erp(owes("A1")), beta=erp(owes("B1")), out=gateway)
    office.day()
    return office


def requests_of(office: Orders) -> list[bytes]:
    """Good ones: with and without a token, and the gateway's."""
    mine = token(office, "credit-status", "blocked").encode()
    bearer = b"Host: localhost\nAuthorization: Bearer " + mine
    told = signed([], office.at)
    news = b"".join(f"\n{name}: {value}".encode() for name, value in told.headers.items())
    return [
        *(f"GET {path}\n".encode() + bearer + b"\n\n" for path in PATHS),
        b"GET /api/v1/blocked\nHost: localhost\n\n",
        b"POST /api/v1/callbacks/out\nHost: localhost" + news + b"\n\n" + told.body,
        b"GET /api/v1/callbacks/out?challenge=1\nHost: localhost\n\n",
    ]


def test_spoiled_requests(office: Orders, hub_url: str) -> None:
    config = replace(office.hub.config, http_calls_per_second=10_000)
    with (
        closing(open_store(hub_url, office.store.archive)) as store,
        asyncio.Runner() as runner,
    ):
        app = make_app(config, store, now=lambda: office.at)
        app.state.hub = lambda: office.hub

        def asked(request: bytes) -> Answer:
            return runner.run(_asked(app, request))

        good = requests_of(office)
        statuses = [asked(request).status for request in good]
        assert statuses[:2] == [200, 404] and 204 in statuses and 401 in statuses, statuses
        each_spoiled(
            "requests", good, lambda request: is_an_answer(asked(request)), words=WORDS, times=6
        )
    assert verify(office.hub).good
