"""Google Workspace: a service account acts for a mailbox of its domain (google-auth)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from google.auth import exceptions
from google.auth.transport import Request, Response
from google.oauth2 import service_account

from incasso.contract.doors import HttpClient, HttpResponse
from incasso.contract.errors import AuthenticationError, TemporaryError
from incasso.contract.text import Text, text
from incasso.plugins.sign_in.asking import Carried, Issued, Wanted

_LIFETIME_S: Final = 3600.0
"""Google gives tokens for an hour; its library tells only the end, by the system's clock."""


def issued(wanted: Wanted, http: HttpClient) -> Issued:
    """A token for one mailbox. Raises AuthenticationError, TemporaryError."""
    sign_in = wanted.sign_in
    account = msgspec.json.decode(sign_in.key.reveal().encode(), type=dict[str, Any])
    if sign_in.server:
        account["token_uri"] = sign_in.server
    carrier = _Carrier(Carried(http, sign_in))
    try:
        credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            account, scopes=[wanted.scope], subject=wanted.mailbox
        )
        credentials.refresh(carrier)
    except exceptions.RefreshError as error:
        raise _refused(wanted, *error.args) from None
    except (exceptions.GoogleAuthError, ValueError):
        # Not the library's words: they may repeat what they could not read.
        words = text("the private key in `key` cannot be read: make a new key of the account")
        raise AuthenticationError(words) from None
    return Issued(token=str(credentials.token), seconds=carrier.seconds)


def _refused(wanted: Wanted, *said: Any) -> AuthenticationError | TemporaryError:
    told = next((each for each in said if isinstance(each, Mapping)), {})
    error = str(told.get("error", ""))
    words = " ".join(str(told.get("error_description", "") or (said[0] if said else "")).split())
    if error in ("internal_failure", "temporarily_unavailable", "server_error"):
        return TemporaryError(text("Google gives no token: {reason}", reason=words[:300]))
    return AuthenticationError(
        text(
            "Google refuses the service account {account}: {cure}",
            account=wanted.sign_in.account,
            cure=_cure(wanted, error, words),
        )
    )


def _cure(wanted: Wanted, error: str, words: str) -> Text | str:
    """What the administrator forgot, by Google's error and, where one error means several, by its
    words."""
    said = f"{error} {words}".lower()
    if "unauthorized_client" in said:
        return text(
            "it may not act for mailboxes of the domain: in the Admin console, Security, API "
            "controls, Domain-wide delegation, add its client id with the scope {scope}",
            scope=wanted.scope,
        )
    if "invalid email" in said or "user id" in said:
        return text(
            "{mailbox} is no mailbox of the domain: correct the mailbox, an alias or a group will "
            "not do",
            mailbox=wanted.mailbox,
        )
    if "signature" in said or "account not found" in said or "invalid_client" in said:
        return text("its key is not valid any more: make a new key and put it where `key` says")
    if "invalid jwt" in said:
        return text("the clock of this machine is wrong: set it ({reason})", reason=words[:200])
    if "invalid_scope" in said:
        return text("the scope {scope} is not known: leave `scope` out", scope=wanted.scope)
    if "has not been used in project" in said or "disabled" in said:
        return text("the Gmail API is off in its project: enable it in the Google Cloud console")
    if "admin_policy" in said or "access_denied" in said:
        return text("a rule of the domain blocks it: allow it in the Admin console, API controls")
    return words[:300] or error


class _Carrier(Request):
    """What google-auth wants of an HTTP library."""

    def __init__(self, carried: Carried) -> None:
        self._carried = carried
        self.seconds = _LIFETIME_S

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Answer:
        answer = _Answer(self._carried.request(method, url, data=body, headers=headers))
        self.seconds = answer.lifetime or self.seconds
        return answer


class _Answer(Response):
    def __init__(self, answer: HttpResponse) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content

    @property
    def lifetime(self) -> float:
        """How long the token that it brings is valid; 0 if it does not say."""
        try:
            told = self._answer.json()
        except msgspec.DecodeError:
            return 0.0
        seconds = told.get("expires_in") if isinstance(told, dict) else None
        return float(seconds) if isinstance(seconds, int) else 0.0
