"""What Graph's answers mean: sent, refused, too fast, or nobody knows.

Graph says 202 when it has taken a mail. After a 5xx, or no answer, it may have been taken as well:
that is never repeated blindly.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import msgspec

from incasso.api import (
    AuthenticationError,
    HttpResponse,
    OutcomeUnknownError,
    PluginError,
    Problem,
    RateLimitedError,
    RejectedError,
    Text,
    text,
)

TAKEN: Final = 202
STALE: Final = 401
_WAIT_S: Final = 60
_LONGEST_WAIT_S: Final = 24 * 3600

_BAD_ADDRESS: Final = frozenset({"ErrorInvalidRecipients", "ErrorInvalidSmtpAddress"})
_NO_MAILBOX: Final = frozenset(
    {
        "ErrorInvalidUser",
        "ErrorNonExistentMailbox",
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotFound",
        "Request_ResourceNotFound",
        "ResourceNotFound",
    }
)
PERMISSION: Final = "Mail.Send"


def refused(answer: HttpResponse, mailbox: str, permission: str = PERMISSION) -> PluginError:
    """The error behind an answer that is not 202, before `unknown` is asked."""
    code, words = _told(answer)
    said = text("Graph answered {status} {reply}", status=str(answer.status), reply=code or words)
    if answer.status == 429:
        return RateLimitedError(said, retry_after=_wait(answer))
    if answer.status == STALE:
        return AuthenticationError(
            text("{said}: the token is not valid for Graph; look at `tenant`", said=said)
        )
    if code in _NO_MAILBOX:
        return AuthenticationError(
            text("{said}: {mailbox} is no mailbox of this tenant", said=said, mailbox=mailbox)
        )
    if "SendAs" in code or "SendOnBehalf" in code:
        return AuthenticationError(
            text("{said}: the application may not send as {mailbox}", said=said, mailbox=mailbox)
        )
    if answer.status == 403:
        return AuthenticationError(_forbidden(said, mailbox, permission))
    return _rejected(answer.status, code, words, said)


def unknown(answer: HttpResponse, ref: str) -> OutcomeUnknownError | None:
    """Whether a mail may have left in spite of this answer."""
    if answer.status < 500 and answer.status != 408:
        return None
    status = str(answer.status)
    return OutcomeUnknownError(
        text("Graph answered {status}, which leaves open whether it was sent", status=status),
        ref=ref,
    )


def _forbidden(said: Text, mailbox: str, permission: str) -> Text:
    return text(
        "{said}: the application lacks the permission {permission} (Entra, API permissions, "
        "Microsoft Graph, Application permissions, “Grant admin consent”), or an access policy "
        "keeps it out of {mailbox}",
        said=said,
        permission=permission,
        mailbox=mailbox,
    )


def _rejected(status: int, code: str, words: str, said: Text) -> RejectedError:
    bad = code in _BAD_ADDRESS
    told = text("{said}: {words}", said=said, words=words) if words else said
    problem = Problem(code=f"http_{status}", message=told, field="to" if bad else "")
    return RejectedError(told, code=f"http_{status}", problems=(problem,), bad_address=bad)


def _told(answer: HttpResponse) -> tuple[str, str]:
    """Code and words of an error, as far as there are any."""
    try:
        found: Any = answer.json()
    except msgspec.DecodeError:
        return "", ""
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code", ""))[:100], " ".join(str(error.get("message", "")).split())[:300]


def _wait(answer: HttpResponse) -> timedelta:
    told = answer.headers.get("retry-after", "")
    seconds = int(told) if told.isdecimal() else _WAIT_S
    return timedelta(seconds=min(seconds, _LONGEST_WAIT_S))
