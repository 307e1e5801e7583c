"""Before any answer: who may be called, how much at once, and text that no database can hold.

A question with a NUL, or with bytes that are no UTF-8, is told so. PostgreSQL would refuse it, and
the answer would be that the hub's database does not work.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from incasso.web.paces import Paces
from incasso.web.problems import BodyError, problem_answer

LARGEST_BODY: Final = 1024 * 1024
BODY_S: Final = 30.0
"""Seconds in which the whole body must come."""

_PORT: Final = re.compile(r":\d+\Z")

Refusal = tuple[int, str] | tuple[int, str, dict[str, str]]


class Gate:
    """ASGI middleware: refuses a request by its host, its address's pace, its bytes, its size."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        paces: Paces,
        now: Callable[[], datetime],
        body_s: float = BODY_S,
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._paces = paces
        self._now = now
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wait = self._paces.wait(address_of(scope), self._now())
        if wait:
            headers = {"Retry-After": str(wait)}
            detail = f"Too many questions from this address; ask again in {wait} s."
            await problem_answer(429, detail, headers)(scope, receive, send)
        elif refusal := self._refusal(scope):
            await problem_answer(*refusal)(scope, receive, send)
        else:
            await self._app(scope, _Body(receive, self._body_s), send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._is_ours(host):
            return HTTPStatus.MISDIRECTED_REQUEST, (
                "This host name is not the hub's: add it to http_hosts below [hub] in plugins.toml."
            )
        if (size := headers.get(b"content-length")) and _number(size) > LARGEST_BODY:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE, {"Connection": "close"}
        raw = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
        parts = {"the path": raw, "the query": scope["query_string"]}
        for where, given in parts.items():
            if why := unstorable(unquote_to_bytes(given)):
                return HTTPStatus.UNPROCESSABLE_ENTITY, f"{why} in {where}; leave it out."
        for name, value in scope["headers"]:
            if b"\0" in name + value:
                return HTTPStatus.BAD_REQUEST, "A NUL in a header; leave it out."
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether the name is the hub's; addresses are, because no web page can borrow them."""
        name = _PORT.sub("", host).lower().rstrip(".")
        return name in self._hosts or _is_address(name.strip("[]"))


_TOO_LARGE: Final = f"The body is larger than {LARGEST_BODY // 1024 // 1024} MiB."


class _Body:
    """Receives a body that has an end: in size and in time."""

    def __init__(self, receive: Callable[[], Awaitable[Message]], seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._size = 0
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:  # what comes now is that the client has gone
            return await self._receive()
        before = asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._seconds))
        except TimeoutError:
            detail = "The body did not come in time."
            raise BodyError(HTTPStatus.REQUEST_TIMEOUT, detail) from None
        self._seconds -= asyncio.get_running_loop().time() - before
        self._size += len(message.get("body", b""))
        if self._size > LARGEST_BODY:
            raise BodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
        self._whole = not message.get("more_body", False)
        return message


def unstorable(given: bytes) -> str:
    """What in these bytes no text column can hold; empty: they are text."""
    if b"\0" in given:
        return "There is a NUL"
    try:
        given.decode("utf-8")
    except UnicodeDecodeError:
        # Lone surrogates are no UTF-8 either.
        return "There are bytes that are no UTF-8"
    return ""


def address_of(scope: Scope) -> str:
    """Who asks, for counting: an address, of IPv6 the network that one customer has."""
    client: Any = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else address.exploded[:19]


def _number(given: bytes) -> int:
    return int(given) if given.isdigit() and len(given) < 20 else LARGEST_BODY + 1


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
