"""How the WebAPI writes values and refusals: dates, indexed arrays, the error body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

Row: TypeAlias = dict[str, Any]
"""One record as it travels."""

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

WORDS: Final = {
    1001: "coordinate gestionale mancanti",
    1006: "header Authorization non valido",
    2002: "autenticazione fallita",
    3002: "impossibile ottenere un servizio dal pool",
    5001: "impossibile inoltrare il comando",
    6001: "errore gestionale",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """The server says no: an HTTP status and a number the manual lists in its appendix."""

    def __init__(self, status: int, code: int, *hints: str) -> None:
        self.status = status
        self.code = code
        self.hints = hints
        super().__init__(self.detail)

    @property
    def detail(self) -> str:
        """`6001 - errore gestionale [Nome campo 'x' non valido]`."""
        return f"{self.code} - {WORDS[self.code]}" + "".join(f" [{hint}]" for hint in self.hints)


class NothingThereError(Exception):
    """404, which comes without any body."""


def json_answer(value: Any, status: int = 200) -> Answer:
    """A JSON answer; decimals travel as numbers with a point."""
    return Answer(status=status, body=_ENCODER.encode(value))


def refusal_answer(
    refusal: RefusalError, *, method: str, uri: str, request_id: str, at: datetime
) -> Answer:
    """The `error` object of the manual."""
    messages = {400: "Bad Request", 401: "Unauthorized", 408: "Request Timeout"}
    error = {
        "response-code": refusal.status,
        "response-detail": refusal.detail,
        "response-message": messages.get(refusal.status, "Service Unavailable"),
        "request-uri": uri,
        "request-method": method,
        "request-id": request_id,
        "remote": "127.0.0.1",
        "timestamp": at.strftime("%d/%m/%Y %H:%M:%S"),
    }
    return json_answer({"error": error}, refusal.status)


def day(value: date | None) -> str:
    """AAAAMMGG; empty means none."""
    return value.strftime("%Y%m%d") if value else ""


def instant(value: datetime) -> str:
    """AAAAMMGG HHMMSS, in the server's own time."""
    return value.strftime("%Y%m%d %H%M%S")


def pairs(values: Sequence[Any]) -> list[list[Any]]:
    """`[[index, value], …]` counted from 1; empty positions are missing."""
    return [[index, value] for index, value in enumerate(values, 1) if not is_empty(value)]


def is_empty(value: Any) -> bool:
    """What the ERP does not write into an array."""
    return value is None or value == "" or (not isinstance(value, str) and value == 0)


def by_index(values: Any) -> dict[int, Any]:
    """An indexed array back to positions."""
    return {int(index): value for index, value in values or ()}


def number(value: Decimal | int | None) -> Decimal | int:
    """A JSON number; no amount is 0."""
    return 0 if value is None else value
