"""Ask a service for a token; its libraries make the requests, our HTTP door carries them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from incasso.contract.doors import HttpClient, HttpResponse
from incasso.contract.errors import ConfigurationError
from incasso.contract.sign_in import SignIn, SignInWith
from incasso.contract.text import text
from incasso.plugins.secret_forms import SecretForms

EXPLAINED: Final = frozenset(range(400, 500)) - {408, 425, 429}
"""Statuses whose body says what is wrong; the others pass, and the door words them."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a token is for."""

    sign_in: SignIn
    scope: str
    mailbox: str
    """Google: whom the service account acts for."""


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What a service gave out."""

    token: str
    seconds: float
    """How long it is valid."""


Ask = Callable[[Wanted, HttpClient], Issued]


def ask(wanted: Wanted, http: HttpClient) -> Issued:
    """A new token. Raises AuthenticationError with the cure, ConfigurationError, TemporaryError.

    The libraries are loaded here: they take a quarter of a second, and most commands send no mail.
    """
    try:
        if wanted.sign_in.service is SignInWith.MICROSOFT:
            from incasso.plugins.sign_in.microsoft import issued
        else:
            from incasso.plugins.sign_in.google import issued
    except ImportError as error:
        missing = text(
            "the library {name} is not installed: pip install 'incasso[signin]'",
            name=error.name or "",
        )
        raise ConfigurationError(missing) from None
    return issued(wanted, http)


class Carried:
    """Requests of a library, carried by our door: its time-outs, its certificates, its log."""

    def __init__(self, http: HttpClient, sign_in: SignIn) -> None:
        self._http = http
        self._verify: bool | str = str(sign_in.ca_file) if sign_in.ca_file else True

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """One request; a form may be given as its fields.

        Where a service explains a refusal by what it was sent, stars stand for what is secret in
        it: its words are cut before they are shown, and half a secret would not be known again.
        """
        sent = dict(headers or {})
        fields = data if isinstance(data, Mapping) else _form(data)
        given = SecretForms(str(fields[name]) for name in _SECRET_FIELDS if name in fields)
        if isinstance(data, Mapping):
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            data = urlencode(data)
        content = data.encode() if isinstance(data, str) else data
        answer = self._http.request(
            method,
            url,
            params=params,
            headers=sent,
            content=content,
            verify=self._verify,
            returns=EXPLAINED,
        )
        words = answer.content.decode("utf-8", "surrogateescape")
        starred = given.starred(words).encode("utf-8", "surrogateescape")
        return msgspec.structs.replace(answer, content=starred)


_SECRET_FIELDS: Final = ("client_secret", "client_assertion", "assertion", "refresh_token")
"""Of a request for a token (RFC 6749, 7521)."""


def _form(data: Any) -> Mapping[str, str]:
    """The fields of a form that a library has written out itself; none of anything else."""
    if isinstance(data, bytes):
        data = data.decode("utf-8", "replace")
    return dict(parse_qsl(data)) if isinstance(data, str) else {}
