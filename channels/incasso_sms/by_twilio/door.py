"""Twilio's library through the hub's door: its time-outs, its log without secrets, its errors.

The library decides what a request says; where it goes and what its failure means, the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from twilio.http.response import Response

from incasso.api import CallContext, Secret

_EXPLAINED: Final = (400, 401, 403, 404, 409, 410, 422)
"""Refusals that Twilio explains by a code of its own in the body."""


@dataclass
class DoorClient:
    """What the library takes for its HTTP client, for one call of the hub."""

    ctx: CallContext
    url: str
    """Where Twilio is."""
    timeout_s: float
    last: bytes = b""
    """The body of the last answer, as it came."""
    is_async: bool = field(default=False, init=False)

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request of the library. Raises the errors of the hub's door."""
        answer = self.ctx.http.request(
            method,
            f"{self.url}{urlsplit(uri).path}",
            effect=method.upper() == "POST",
            params=_texts(params) or None,
            headers=headers,
            content=urlencode(_texts(data)).encode("ascii") if data else None,
            auth=(auth[0], Secret(auth[1])) if auth else None,
            timeout_s=timeout or self.timeout_s,
            returns=_EXPLAINED,
        )
        self.last = answer.content
        words = answer.content.decode("utf-8", "replace")
        return Response(answer.status, words, dict(answer.headers))


def _texts(given: Mapping[str, Any] | None) -> dict[str, str]:
    """The values that are given; the library leaves out the others."""
    return {name: str(value) for name, value in (given or {}).items() if value is not None}
