"""The server itself: real sockets on this machine, with or without TLS, stateful and strict."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from uuid import uuid4

from incasso_fake_mexal.access import Access, User
from incasso_fake_mexal.clock import Clock
from incasso_fake_mexal.company import Company
from incasso_fake_mexal.faults import Fault, FaultKind
from incasso_fake_mexal.paging import Pager
from incasso_fake_mexal.routing import Request, Router
from incasso_fake_mexal.wire import Answer, NothingThereError, RefusalError, refusal_answer


class MexalServer:
    """A Mexal WebAPI on 127.0.0.1 for tests; use it with `with`, or `close()` it.

    `clock` is the server's own time, `access` its users and their lock, `pager` how it cuts
    lists, `requests` all that arrived. Give `tls` a server context (see `certificate`), `domain`
    for a cloud installation, `second` for a second account that must come along.
    """

    def __init__(
        self,
        *,
        user: str = "webapi",
        password: str = "segreta",  # noqa: S107 - of a fake
        second: tuple[str, str] | None = None,
        domain: str = "",
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        self.clock = Clock()
        self.access = Access(users={user: User(user, password, second=second)}, domain=domain)
        self.pager = Pager(self.clock)
        self.desk = Router(self.clock, self.access, self.pager)
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.delay = 0.0
        """Seconds every service takes: makes calls at one time visible."""
        self._pages: dict[str, int] = {}
        self._closing, self._hanging = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._http = _Sockets(("127.0.0.1", port), _handler(self))
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._scheme = "https" if tls else "http"
        run = self._http.serve_forever
        self._thread = threading.Thread(target=run, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address up to the port."""
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}"

    @property
    def user(self) -> User:
        """The first WebAPI user."""
        return next(iter(self.access.users.values()))

    def company(self, code: str = "ACM", name: str = "ACME Srl", **options: Any) -> Company:
        """A new company of this installation."""
        made = Company(code, name, clock=self.clock, **options)
        self.desk.companies[code] = made
        return made

    def add(self, company: Company) -> Company:
        """Take in a company made elsewhere; it follows this server's clock from now on."""
        company.clock = self.clock
        self.desk.companies[company.code] = company
        return company

    def fail(
        self,
        kind: FaultKind,
        at: str = "",
        *,
        page: int | None = None,
        times: int | None = 1,
        method: str = "",
    ) -> Fault:
        """Switch on a fault; see `faults.FaultKind`."""
        fault = Fault(kind, at, page, times, method)
        self.faults.append(fault)
        return fault

    def heal(self) -> None:
        """Switch off every fault; services that hang end at last."""
        self.faults.clear()
        self._hanging, ended = threading.Event(), self._hanging
        ended.set()

    def hide(self, resource: str, *fields: str) -> None:
        """Be an older version that lacks some fields; without fields it lacks the resource."""
        if fields:
            self.desk.hidden[resource] = frozenset(fields)
        else:
            self.desk.missing.add(resource)

    def asked(self, at: str) -> Sequence[Request]:
        """The requests to a resource (or `servizi`), by the beginning of its path."""
        return [request for request in self.requests if request.resource.startswith(at)]

    def close(self) -> None:
        """Stop listening and close open connections."""
        self._closing.set()
        self._hanging.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def serve(self, request: Request) -> tuple[Answer, Fault | None]:
        """The answer, and the fault it will meet on its way."""
        with self._lock:
            self.requests.append(request)
            fault = self._fault(request)
        try:
            if fault is not None:
                if fault.kind == "stale_next":
                    self.pager.forget()
                fault.refuse()
                if fault.kind == "drop":
                    return Answer(), fault
            user = self.access.enter(request.headers)
            with self.access.service(user):
                self._closing.wait(self.delay)
                with self._lock:
                    answer = self._answer(request, user, fault)
                if fault is not None and fault.kind == "hang":
                    self._hanging.wait()
            return (fault.spoil(answer) if fault else answer), fault
        except NothingThereError:
            return Answer(status=404, content_type="text/plain"), fault
        except RefusalError as refusal:
            return self._refused(request, refusal), fault

    def _answer(self, request: Request, user: User, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind == "wrong_year":
            request = _of_year(request, 1999)
        return self.desk.answer(request, user)

    def _refused(self, request: Request, refusal: RefusalError) -> Answer:
        return refusal_answer(
            refusal,
            method=request.method,
            uri=request.target,
            request_id=str(uuid4()),
            at=self.clock.now,
        )

    def _fault(self, request: Request) -> Fault | None:
        """The first fault that this request meets; pages of a list are counted from 1."""
        name = request.resource
        page = self._pages.get(name, 0) + 1 if "next" in request.query else 1
        self._pages[name] = page
        return next(
            (fault for fault in self.faults if fault.meets(request.method, name, page)), None
        )


def _of_year(request: Request, year: int) -> Request:
    given = request.headers.get("coordinate-gestionale", "")
    words = [f"Anno={year}" if word.startswith("Anno=") else word for word in given.split()]
    headers = {**request.headers, "coordinate-gestionale": " ".join(words)}
    return Request(method=request.method, target=request.target, headers=headers, body=request.body)


class _Sockets(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that hang up, or refuse the certificate, are nothing to print."""


def _handler(server: MexalServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            request = Request(
                method=self.command,
                target=self.path,
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
            )
            answer, fault = server.serve(request)
            with suppress(ConnectionError, ssl.SSLError):
                self.reply(answer, fault.kind if fault else "")

        def reply(self, answer: Answer, fault: str) -> None:
            if fault in ("drop", "hang", "lost_reply"):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("content-type", answer.content_type)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            if fault == "cut":
                self.wfile.write(answer.body[: len(answer.body) // 2])
                self.close_connection = True
                return
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:
            """Tests want no access log."""

    return Handler
