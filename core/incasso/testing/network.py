"""For tests: notice any use of the network, and a local server that fails in every known way."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Refuse connections and name look-ups, and list who tried."""
    tried: list[str] = []

    def refused(*arguments: Any, **named: Any) -> Any:
        tried.append(str(arguments[-1]))
        raise OSError("a contract test forbids the network here")

    connect, find = socket.socket.connect, socket.getaddrinfo
    socket.socket.connect = refused  # type: ignore[method-assign]
    socket.getaddrinfo = refused
    try:
        yield tried
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.getaddrinfo = find


def closed_port() -> int:
    """A local port without a listener."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request that reached the stub."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return msgspec.json.decode(self.body)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the stub says. `silent`: read the request, then hang up without a word; `cut`: hang up
    in the middle of the body."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    cut: bool = False
    seconds: float = 0.0

    @staticmethod
    def of(value: Any, status: int = 200) -> Answer:
        """A JSON answer."""
        return Answer(
            status=status,
            body=msgspec.json.encode(value),
            headers={"content-type": "application/json"},
        )


FAULTS: dict[str, Answer] = {
    "dead after sending": Answer(silent=True),
    "401": Answer(status=401),
    "403": Answer(status=403),
    "404": Answer(status=404),
    "429": Answer(status=429),
    "429 with Retry-After": Answer(status=429, headers={"retry-after": "7"}),
    "500": Answer(status=500),
    "503": Answer(status=503),
    "broken JSON": Answer(body=b'{"broken": ', headers={"content-type": "application/json"}),
    "empty body": Answer(body=b""),
    "a page instead": Answer(body=b"<html>Welcome</html>", headers={"content-type": "text/html"}),
}
"""Every way a web service is known to fail, by name."""


class _QuietServer(ThreadingHTTPServer):
    """Tests hang up, refuse certificates and time out; none of it is worth a traceback."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a broken connection."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class StubServer:
    """A web service on this machine; `routes` answer by (method, path), `fault` overrides all.

    With `tls` it speaks https, with the certificate that is loaded there.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.routes: dict[tuple[str, str], Callable[[Seen], Answer]] = {}
        self.seen: list[Seen] = []
        self.fault: Answer | None = None
        self.before: dict[str, Answer] = {}
        """Answers of paths that the fault spares, e.g. of a login."""
        self._server = _QuietServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        serve = self._server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def on(self, method: str, path: str, answer: Callable[[Seen], Answer]) -> None:
        """Answer a request, its query left aside."""
        self.routes[method, path] = answer

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, seen: Seen) -> Answer:
        """The fault, the route's answer, or 404."""
        self.seen.append(seen)
        if (spared := self.before.get(seen.path.partition("?")[0])) is not None:
            return spared
        if self.fault is not None:
            return self.fault
        route = self.routes.get((seen.method, seen.path.partition("?")[0]))
        return route(seen) if route else Answer.of({"error": "no such page"}, 404)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one packet: two would wait for each other's receipt, 40 ms a time.
            wbufsize = -1
            disable_nagle_algorithm = True

            def serve(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                if len(body) < length:  # the line broke: as a real server, it does nothing
                    self.close_connection = True
                    return
                seen = Seen(
                    method=self.command,
                    path=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                )
                answer = stub.answer(seen)
                if answer.seconds:
                    threading.Event().wait(answer.seconds)
                if answer.silent:
                    self.close_connection = True
                    return
                with suppress(ConnectionError):  # who tests time-outs hangs up first
                    self.reply(answer)

            def reply(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(
                    answer.body[: len(answer.body) // 2] if answer.cut else answer.body
                )
                self.close_connection |= answer.cut

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = serve  # noqa: N815

            def log_message(self, format: str, *arguments: Any) -> None:
                """Tests want no access log."""

        return Handler
