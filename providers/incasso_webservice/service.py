"""Requests to one service: signed in, numbers exact, errors sorted."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

from incasso.api import (
    AuthenticationError,
    CallContext,
    HttpResponse,
    OutcomeUnknownError,
    RejectedError,
    Secret,
    TemporaryError,
    text,
)
from incasso_webservice.mapping import Access, Way

_EARLY: Final = timedelta(seconds=30)
_SHORTEST: Final = 60
_JSON: Final = "application/json"


class Service:
    """One account at one service; its token is kept as long as it is good."""

    def __init__(
        self, base_url: str, access: Access, user: str, secret: Secret, timeout_s: int
    ) -> None:
        self._base = base_url.rstrip("/")
        self._access = access
        self._user = user
        self._secret = secret
        self._timeout_s = timeout_s
        self._token: tuple[str, datetime] | None = None
        self._lock = Lock()

    def get(
        self,
        ctx: CallContext,
        path: str,
        params: Mapping[str, str] | None = None,
        returns: Collection[int] = (),
    ) -> HttpResponse:
        """Ask for something, without effect."""
        return self._asked(ctx, "GET", path, params=params, returns=returns)

    def post(
        self,
        ctx: CallContext,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        returns: Collection[int],
    ) -> HttpResponse:
        """Let something happen. Raises OutcomeUnknownError where nobody knows whether it did."""
        return self._asked(
            ctx, "POST", path, content=body, headers=headers, returns=returns, effect=True
        )

    def _asked(
        self,
        ctx: CallContext,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> HttpResponse:
        said = {"accept": _JSON, **(headers or {}), **self._signed(ctx)}
        if more.get("content") is not None:
            said["content-type"] = _JSON
        try:
            return ctx.http.request(
                method, self._base + path, headers=said, timeout_s=self._timeout_s, **more
            )
        except AuthenticationError:
            with self._lock:
                self._token = None  # a token may be withdrawn before its time
            raise

    def _signed(self, ctx: CallContext) -> dict[str, str]:
        access = self._access
        match access.way:
            case Way.BASIC:
                pair = f"{self._user}:{self._secret.reveal()}".encode()
                return {"authorization": f"Basic {b64encode(pair).decode()}"}
            case Way.OAUTH:
                return {"authorization": f"Bearer {self._fresh_token(ctx)}"}
        return {access.header.lower(): access.prefix + self._secret.reveal()}

    def _fresh_token(self, ctx: CallContext) -> str:
        with self._lock:
            if self._token is None or self._token[1] <= ctx.now() + _EARLY:
                self._token = self._new_token(ctx)
            return self._token[0]

    def _new_token(self, ctx: CallContext) -> tuple[str, datetime]:
        form = {"grant_type": "client_credentials", "client_id": self._user}
        form["client_secret"] = self._secret.reveal()
        if self._access.scope:
            form["scope"] = self._access.scope
        answer = ctx.http.request(
            "POST",
            self._base + self._access.token_path,
            content=urlencode(form).encode(),
            headers={"content-type": "application/x-www-form-urlencoded", "accept": _JSON},
            timeout_s=self._timeout_s,
            returns=(400,),
        )
        if answer.status >= 400:  # RFC 6749 says a wrong client secret so, too
            raise AuthenticationError(text("the service gives no token for this user and secret"))
        said = read(answer)
        if not (token := found_text(said, "access_token")):
            raise TemporaryError(text("the service's answer holds no token"))
        lasts = found_text(said, "expires_in")
        seconds = int(lasts) if lasts.isascii() and lasts.isdigit() else _SHORTEST
        return token, ctx.now() + timedelta(seconds=max(seconds, _SHORTEST))


def read(answer: HttpResponse, *, effect: bool = False) -> Any:
    """The body, amounts exactly as they are written. Raises the error of a broken answer."""
    try:
        return json.loads(answer.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        told = text("the service's answer is no JSON")
        raise (OutcomeUnknownError(told) if effect else TemporaryError(told)) from None


def found(said: Any, place: str) -> Any:
    """What stands at `a.b.0.c` in an answer; None if nothing does. An empty place: all of it."""
    for name in filter(None, place.split(".")):
        if isinstance(said, dict):
            said = said.get(name)
        elif isinstance(said, list) and name.isdigit() and int(name) < len(said):
            said = said[int(name)]
        else:
            return None
    return said


def found_text(said: Any, place: str) -> str:
    """The same as a text; empty for what is none."""
    value = found(said, place)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return str(value).strip()


def listed(said: Any, place: str) -> list[Any]:
    """The same as a list. Raises RejectedError if it is none."""
    value = found(said, place)
    if not isinstance(value, list):
        raise RejectedError(
            text("the service's answer has no list at “{place}”", place=place), code="mapping"
        )
    return value
