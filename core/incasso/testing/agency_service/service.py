"""The simulated service: claims by our reference, keys that repeat an answer, events in order."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from incasso.testing.network import Answer, Seen, StubServer

_TOKEN: Final = "given-for-an-hour"  # noqa: S105
_PAGE: Final = 3
_BY_REFERENCE: Final = "/claims/by-reference/"


class AgencyService(StubServer):
    """One account at an agency. `with service:` starts and ends it.

    `trouble` are answers to the next requests that place claims, in turn, instead of taking them;
    with `takes_it` the claims are taken all the same, and nobody is told. A claim of a debtor in
    one of `refused_cities` is not taken: it is outside the agency's territory.
    """

    def __init__(
        self, account: str = "acme", *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__()
        self.account = account
        self.secret = f"key-of-{account}"
        self.claims: dict[str, dict[str, Any]] = {}
        """What was taken, by our reference."""
        self.copies = 0
        """Claims that were taken although their reference is there already: always a mistake."""
        self.events: list[dict[str, Any]] = []
        self.trouble: deque[Answer] = deque()
        self.takes_it = False
        self.refused_cities: set[str] = set()
        self._keys: dict[str, tuple[bytes, Answer]] = {}
        self._now = now

    def pays(self, reference: str, amount: str, **more: Any) -> str:
        """The debtor pays the agency; the id of the event."""
        value = {"value": Decimal(amount), "currency": "EUR"}
        return self._happens("INC", reference, amount=value, **more)

    def calls(self, reference: str, note: str = "") -> str:
        """Somebody telephoned; the id of the event."""
        return self._happens("TEL", reference, note=note)

    def closes(self, reference: str, outcome: str = "IRR") -> str:
        """The work is over; the id of the event."""
        return self._happens("CHI", reference, outcome=outcome)

    def gives_back(self, reference: str) -> str:
        """Returned unfinished; the id of the event."""
        return self._happens("RES", reference)

    def answer(self, seen: Seen) -> Answer:
        """What the service says to one request."""
        self.seen.append(seen)
        parts = urlsplit(seen.path)
        if parts.path == "/oauth/token":
            return self._token(seen)
        if not self._signed_in(seen):
            return _said({"error": {"code": "KEY"}}, 401)
        match seen.method, parts.path:
            case "GET", "/me":
                return _said({"account": self.account})
            case "GET", "/events":
                return self._told(parse_qs(parts.query).get("after", [""])[0])
            case "GET", path if path.startswith(_BY_REFERENCE):
                claim = self.claims.get(unquote(path.removeprefix(_BY_REFERENCE)))
                return _said(claim or {}, 200 if claim else 404)
            case "POST", "/claims" | "/claims/batch":
                return self._troubled(seen)
        return _said({"error": {"code": "PATH"}}, 404)

    def _troubled(self, seen: Seen) -> Answer:
        if not self.trouble:
            return self._placed(seen)
        trouble = self.trouble.popleft()
        if self.takes_it:
            self._placed(seen)
        return trouble

    def _placed(self, seen: Seen) -> Answer:
        key = seen.headers.get("idempotency-key", "")
        if key in self._keys:
            body, answer = self._keys[key]
            return answer if body == seen.body else _said({"error": {"code": "CONFLICT"}}, 422)
        said = json.loads(seen.body, parse_float=Decimal)
        if seen.path.endswith("/batch"):
            answer = _said({"results": [self._take(each)[0] for each in said["claims"]]})
        else:
            answer = _said(*self._take(said))
        if key:
            self._keys[key] = (seen.body, answer)
        return answer

    def _take(self, claim: dict[str, Any]) -> tuple[dict[str, Any], int]:
        reference = claim["reference"]
        if claim["debtor"].get("city") in self.refused_cities:
            error = {"code": "ZONE", "message": "fuori zona"}
            return {"reference": reference, "error": error}, 422
        self.copies += reference in self.claims
        number = f"C{len(self.claims) + 1:05d}"
        self.claims[reference] = {**claim, "id": number}
        return {"reference": reference, "id": number}, 201

    def _happens(self, kind: str, reference: str, **more: Any) -> str:
        number = f"E{len(self.events) + 1:05d}"
        claim = {"reference": reference, "id": self.claims[reference]["id"]}
        at = self._now().isoformat()
        day = self._now().date().isoformat()
        event = {"id": number, "created_at": at, "type": kind, "claim": claim, "value_date": day}
        self.events.append({**event, **more})
        return number

    def _told(self, after: str) -> Answer:
        numbers = [each["id"] for each in self.events]
        if after and after not in (*numbers, "E00000"):
            return _said({"error": {"code": "CURSOR"}}, 410)
        first = numbers.index(after) + 1 if after in numbers else 0
        page = self.events[first : first + _PAGE]
        return _said({"events": page, "last": page[-1]["id"] if page else after or "E00000"})

    def _token(self, seen: Seen) -> Answer:
        form = {name: each[0] for name, each in parse_qs(seen.body.decode()).items()}
        if form.get("client_secret") != self.secret:
            return _said({"error": "invalid_client"}, 400)
        return _said({"access_token": _TOKEN, "expires_in": 3600})

    def _signed_in(self, seen: Seen) -> bool:
        key, bearer = seen.headers.get("x-api-key"), seen.headers.get("authorization")
        return key == self.secret or bearer == f"Bearer {_TOKEN}"


def _said(value: Any, status: int = 200) -> Answer:
    """A JSON answer; amounts are numbers, as most services write them."""
    body = json.dumps(value, default=float).encode()
    return Answer(status=status, body=body, headers={"content-type": "application/json"})
