"""The token of an account: given, or made at the service with user and API key."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from incasso.api import (
    AuthenticationError,
    CallContext,
    HttpResponse,
    PluginError,
    TemporaryError,
    text,
)
from incasso_postal.settings import PostalSettings

_KEY: Final = "token"
EARLY: Final = timedelta(minutes=5)
"""So long before its end a token is made anew."""


class _Token(msgspec.Struct, frozen=True):
    token: str
    expire: int


class _Answer(msgspec.Struct, frozen=True):
    token: str
    expire: int = 0


class Login:
    """Gives the token; one that was made is kept for every process until it ends."""

    def __init__(self, settings: PostalSettings) -> None:
        self._settings = settings

    @property
    def renews(self) -> bool:
        """Whether it can make another token."""
        return not self._settings.token.reveal()

    def token(self, ctx: CallContext, *, renewed: bool = False) -> str:
        """A token that works. Raises AuthenticationError, TemporaryError."""
        if not self.renews:
            return self._settings.token.reveal()
        kept = None if renewed else self._kept(ctx)
        if kept is not None and datetime.fromtimestamp(kept.expire, UTC) - EARLY > ctx.now():
            return kept.token
        return self._made(ctx)

    def _kept(self, ctx: CallContext) -> _Token | None:
        with suppress(PluginError, msgspec.MsgspecError):
            if kept := ctx.state.get(_KEY):
                return msgspec.json.decode(kept.value, type=_Token)
        return None

    def _made(self, ctx: CallContext) -> str:
        answer = ctx.http.request(
            "POST",
            self._settings.login,
            auth=(self._settings.user, self._settings.api_key),
            json={"scopes": self._scopes()},
        )
        made = _answer(answer)
        ends = made.expire or int((ctx.now() + timedelta(hours=1)).timestamp())
        with suppress(PluginError):
            value = msgspec.json.encode(_Token(made.token, ends)).decode()
            ctx.state.swap(_KEY, value, seen=ctx.state.get(_KEY))
        return made.token

    def _scopes(self) -> list[str]:
        host, asked = self._settings.host, ("POST", "PATCH", "GET")
        products = dict.fromkeys(self._settings.products)
        own = [f"{verb}:{host}/{product}" for product in products for verb in asked]
        return [*own, f"GET:{host}/tracking"]


def _answer(answer: HttpResponse) -> _Answer:
    try:
        made = msgspec.json.decode(answer.content, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise TemporaryError(text("the postal service gives no token that can be read")) from None
    if not made.token:
        raise AuthenticationError(text("the postal service makes no token for this account"))
    return made
