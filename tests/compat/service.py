"""The other side of the frozen plugins: one web service that keeps ledger, messages and cases."""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import Any

import msgspec

from incasso.contract.context import CallbackRequest
from incasso.testing.network import Answer, Seen, StubServer
from incasso.testing.suite import BaseContract

ACCOUNTS = {"right": "account-1", "other": "account-2"}


class Service(StubServer):
    """Knows two tokens; what was posted can be read back."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: list[dict[str, Any]] = [
            {"change": number, "code": f"C{number}", "name": f"Cliente {number}"}
            for number in (1, 2, 3)
        ]
        self.installments: list[dict[str, Any]] = [
            {"change": n, "key": f"K{n}", "client": f"C{n}", "due": "2026-02-10", "open": "10.50"}
            for n in (1, 2, 3)
        ]
        self.messages: dict[str, dict[str, Any]] = {}
        self.cases: dict[str, dict[str, Any]] = {}
        self.news: list[dict[str, Any]] = []
        self._routes()

    def open_rows(self) -> list[dict[str, Any]]:
        """The installments that are still there."""
        return [row for row in self.installments if not row.get("gone")]

    def changed(self, row: dict[str, Any]) -> str:
        """Give a row of the ledger the next change number."""
        row["change"] = max(each["change"] for each in self.installments) + 1
        self.installments.sort(key=lambda each: int(each["change"]))
        return str(row["key"])

    def signed(self, rows: list[dict[str, Any]]) -> CallbackRequest:
        """A web request as the service sends it."""
        body = msgspec.json.encode(rows)
        return CallbackRequest(
            method="POST",
            path="/",
            headers={"x-signature": hmac.new(b"right", body, "sha256").hexdigest()},
            query={},
            body=body,
            received_at=BaseContract.instant,
        )

    def _routes(self) -> None:
        for path in ("/company", "/account"):
            self.on("GET", path, lambda seen: self._answer(seen, {"id": self._who(seen)}))
        self.on("GET", "/clients", lambda seen: self._answer(seen, _ledger(self.clients)))
        self.on("GET", "/installments", self._installments)
        self.on("GET", "/totals", self._totals)
        self.on("GET", "/news", lambda seen: self._answer(seen, {"rows": self.news}))
        for name, table in (("/messages", self.messages), ("/cases", self.cases)):
            self.on("POST", name, lambda seen, table=table: self._keep(seen, table, "key"))  # type: ignore[misc]
            self.on("GET", name, lambda seen, table=table: self._rows(seen, table))  # type: ignore[misc]

    def _installments(self, seen: Seen) -> Answer:
        return self._answer(seen, _ledger(self.installments))

    def _totals(self, seen: Seen) -> Answer:
        rows = self.open_rows()
        total = sum((Decimal(row["open"]) for row in rows), Decimal(0))
        return self._answer(seen, {"count": len(rows), "sum": str(total)})

    def _keep(self, seen: Seen, table: dict[str, dict[str, Any]], key: str) -> Answer:
        body = seen.json()
        row = table.setdefault(body[key], {**body, "id": f"id-{len(table) + 1}"})
        return self._answer(seen, row)

    def _rows(self, seen: Seen, table: dict[str, dict[str, Any]]) -> Answer:
        return self._answer(seen, {"rows": list(table.values())})

    def _who(self, seen: Seen) -> str:
        return ACCOUNTS.get(seen.headers.get("authorization", ""), "")

    def _answer(self, seen: Seen, value: object) -> Answer:
        return Answer.of(value) if self._who(seen) else Answer(status=401)


def _ledger(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"rows": rows, "last": max(row["change"] for row in rows)}
