"""InterFAX as far as a sender sees it: takes faxes, lists them, and answers what a test decides."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from incasso.testing.network import Answer, Seen, StubServer

_FIRST: Final = 854_759_652
_PAGES: Final = b"II*\x00the pages"
SENDING: Final = -3
NO_CREDIT: Final = -22


@dataclass(kw_only=True)
class TakenFax:
    """A fax that the service has."""

    id: int
    number: str
    reference: str
    content: bytes
    status: int = SENDING
    submitted: str = "2026-03-02T09:30:05"

    def record(self) -> dict[str, Any]:
        """As the service lists it."""
        done = self.status >= 0
        return {
            "id": self.id,
            "uri": f"/outbound/faxes/{self.id}",
            "status": self.status,
            "faxNumber": self.number,
            "reference": self.reference,
            "pagesSubmitted": 1,
            "pagesSent": 1 if self.status == 0 else 0,
            "attemptsMade": 1 if self.status == 0 else 4,
            "submitTime": self.submitted,
            "completionTime": "2026-03-02T09:34:41" if done else "0001-01-01T00:00:00",
            "units": 1.0 if self.status == 0 else 0.0,
            "costPerUnit": 0.09,
        }


@dataclass
class InterfaxService:
    """Accounts with one password. `refuse` answers every new fax; `hang_up` takes the next one and
    says nothing."""

    users: tuple[str, ...] = ("acme", "other")
    password: str = "segreta"  # noqa: S105
    faxes: list[TakenFax] = field(default_factory=list)
    refuse: Answer | None = None
    hang_up: bool = False

    def __enter__(self) -> InterfaxService:
        self._server = StubServer()
        self._server.answer = self._answer  # type: ignore[method-assign]
        self.url = self._server.url
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def end(self, status: int = 0, *, reference: str = "") -> None:
        """Decide what becomes of the faxes that are under way, or of one."""
        for fax in self.faxes:
            if fax.status < 0 and reference in ("", fax.reference):
                fax.status = status

    def _answer(self, seen: Seen) -> Answer:
        if seen.headers.get("authorization") not in [self._basic(user) for user in self.users]:
            return Answer.of({"code": -1, "message": "Authorization failed"}, 401)
        path = urlsplit(seen.path).path
        query = {key: value[0] for key, value in parse_qs(urlsplit(seen.path).query).items()}
        if seen.method == "POST" and path == "/outbound/faxes":
            return self._take(query, seen)
        if path == "/accounts/self/ppcards/balance":
            return Answer(body=b"12.50", headers={"content-type": "text/plain"})
        if path == "/outbound/search":
            return Answer.of([each.record() for each in self._found(query)])
        return self._one(path)

    def _basic(self, user: str) -> str:
        return "Basic " + base64.b64encode(f"{user}:{self.password}".encode()).decode()

    def _take(self, query: dict[str, str], seen: Seen) -> Answer:
        if self.refuse is not None:
            return self.refuse
        fax = TakenFax(
            id=_FIRST + len(self.faxes),
            number=query["faxNumber"],
            reference=query.get("reference", ""),
            content=seen.body,
        )
        self.faxes.append(fax)
        if self.hang_up:
            self.hang_up = False
            return Answer(silent=True)
        place = f"{self.url}/outbound/faxes/{fax.id}"
        return Answer(status=201, body=b"", headers={"location": place})

    def _found(self, query: dict[str, str]) -> list[TakenFax]:
        ids = set(filter(None, query.get("ids", "").split(",")))
        reference = query.get("reference", "")
        return [
            each
            for each in self.faxes
            if (not ids or str(each.id) in ids) and reference in ("", each.reference)
        ]

    def _one(self, path: str) -> Answer:
        parts = path.strip("/").split("/")
        fax = next((each for each in self.faxes if str(each.id) == parts[2:3][0]), None)
        if fax is None or parts[:2] != ["outbound", "faxes"]:
            return Answer.of({"code": -1062, "message": "No such fax"}, 404)
        if parts[3:] == ["image"]:
            return Answer(body=_PAGES, headers={"content-type": "image/tiff"})
        return Answer.of(fax.record())
