"""Web requests of a fake other side: signed, as real ones are."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from incasso.contract.context import CallbackRequest
from incasso.contract.errors import RejectedError

T = TypeVar("T", bound=msgspec.Struct)


def signed(updates: Sequence[msgspec.Struct], at: datetime) -> CallbackRequest:
    """The request with which a fake reports its news."""
    body = msgspec.json.encode(updates)
    return CallbackRequest(
        method="POST",
        path="/news",
        headers={"x-signature": _signature(body)},
        query={},
        body=body,
        received_at=at,
    )


def news(request: CallbackRequest, kind: type[T]) -> tuple[T, ...]:
    """The news in a signed request. Raises RejectedError for a wrong signature."""
    given = request.headers.get("x-signature", "").encode()  # as text it must be ASCII
    if not hmac.compare_digest(_signature(request.body).encode(), given):
        raise RejectedError("the signature is wrong", code="signature")
    return msgspec.json.decode(request.body, type=tuple[kind, ...])  # type: ignore[valid-type]


def _signature(body: bytes) -> str:
    return hmac.new(b"a fake's secret", body, "sha256").hexdigest()
