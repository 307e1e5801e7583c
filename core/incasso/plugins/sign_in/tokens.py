"""The tokens of one instance, kept in memory until shortly before they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeVar

from incasso.contract.doors import HttpClient
from incasso.contract.errors import AuthenticationError
from incasso.contract.mail import MailLogin
from incasso.contract.sign_in import SignInWith
from incasso.plugins.sign_in.asking import Ask, Wanted, ask
from incasso.plugins.sign_in.refusals import refused_token

T = TypeVar("T")

EARLY_S: Final = 300.0
"""A token is renewed so long before its end: a message under way must not lose it."""

MAIL_SCOPES: Final = {
    SignInWith.MICROSOFT: "https://outlook.office365.com/.default",
    SignInWith.GOOGLE: "https://mail.google.com/",
}


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token in hand."""

    value: str
    fresh: bool
    """Asked for just now: if it is refused, another one will be too."""


class TokenRefusedError(Exception):
    """A server does not take a token; holds its reply."""


class Tokens:
    """One of each kind; threads that need the same one wait for a single request."""

    def __init__(self, learn: Callable[[str], None] = lambda _: None, ask: Ask = ask) -> None:
        """`learn` is told every token that comes."""
        self._learn = learn
        self._ask = ask
        self._lock = Lock()
        self._kept: dict[Wanted, tuple[str, float]] = {}

    def get(self, wanted: Wanted, http: HttpClient, *, instead_of: str = "") -> Token:
        """A token that is valid for some minutes; `instead_of`: one that was refused.

        Raises AuthenticationError, TemporaryError.
        """
        with self._lock:
            value, end = self._kept.get(wanted, ("", 0.0))
            if value and value != instead_of and time.monotonic() < end:
                return Token(value=value, fresh=False)
            self._kept.pop(wanted, None)
            issued = self._ask(wanted, http)
            self._learn(issued.token)
            self._kept[wanted] = (issued.token, time.monotonic() + issued.seconds - EARLY_S)
            return Token(value=issued.token, fresh=True)


class Access:
    """How logins are made during one call: with the password, or with a token that is renewed
    once if a server refuses it."""

    def __init__(self, tokens: Tokens | None = None, http: HttpClient | None = None) -> None:
        self._tokens = tokens or Tokens()
        self._http = http

    def token(self, wanted: Wanted, *, instead_of: str = "") -> Token:
        """See `Tokens.get`."""
        if self._http is None:
            raise NotImplementedError("this door was made without a door to the web")
        return self._tokens.get(wanted, self._http, instead_of=instead_of)

    def with_token(self, login: MailLogin, attempt: Callable[[str], T]) -> T:
        """What `attempt` makes of a token; empty for a login by password.

        It raises TokenRefusedError where the server does not take it. Raises AuthenticationError
        with the cure when a fresh one is refused too.
        """
        if login.sign_in is None:
            return attempt("")
        wanted = _for_mail(login)
        token = self.token(wanted)
        try:
            return attempt(token.value)
        except TokenRefusedError as error:
            if token.fresh:
                raise _cured(login, token, error) from None
        token = self.token(wanted, instead_of=token.value)
        try:
            return attempt(token.value)
        except TokenRefusedError as error:
            raise _cured(login, token, error) from None


def _for_mail(login: MailLogin) -> Wanted:
    sign_in = login.sign_in
    assert sign_in is not None
    scope = sign_in.scope or MAIL_SCOPES[sign_in.service]
    return Wanted(sign_in=sign_in, scope=scope, mailbox=login.user)


def _cured(login: MailLogin, token: Token, error: TokenRefusedError) -> AuthenticationError:
    return refused_token(login, token.value, str(error))
