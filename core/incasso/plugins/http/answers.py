"""Translates an HTTP answer, or none, into the class of error that says what the hub does next."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from incasso.contract.doors import HttpResponse
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.plugins.http.addresses import PrivateAddressError
from incasso.plugins.http.certificates import fingerprint_in, refused_certificate

# Raised before a byte of the request was sent, so an effect certainly did not happen.
_BEFORE = (NewConnectionError, ConnectTimeoutError, NameResolutionError, ProxyError)
_HANDSHAKE = "do_handshake"
"""The function of the standard library in which TLS fails before anything is sent."""


def unanswered(
    error: Exception, url: str, effect: bool, shown: Callable[[], str] = str
) -> PluginError:
    """No complete answer: whether the request was sent decides what the hub may do.

    `shown` asks the server for its certificate's fingerprint, if the certificate was refused.
    """
    where, causes = place(url), chain(error)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ConfigurationError(text("{place} is no address of a web service", place=where))
    if any(isinstance(cause, PrivateAddressError) for cause in causes):
        return ConfigurationError(
            text(
                "{place} lies in the private network; set allow_private_addresses = true if that "
                "is meant",
                place=where,
            )
        )
    if any(isinstance(cause, SSLError) for cause in causes):
        met = fingerprint_in(causes)
        if effect and not (met or _in_handshake(causes)):
            # The line broke under the request or the answer, in a form that TLS noticed.
            return OutcomeUnknownError(text("{place} was called and did not answer", place=where))
        if stated := refused_certificate(causes, where, met or shown(), bool(met)):
            return stated
        return TemporaryError(
            text("{place}: no secure connection ({reason})", place=where, reason=_last(causes))
        )
    if any(isinstance(cause, _BEFORE) for cause in causes):
        return TemporaryError(text("{place} cannot be reached", place=where))
    if effect:
        return OutcomeUnknownError(text("{place} was called and did not answer", place=where))
    return TemporaryError(text("{place} did not answer", place=where))


def refused(answer: HttpResponse, url: str, effect: bool, now: datetime) -> PluginError:
    """The class of error behind a status."""
    status, where = answer.status, place(url)
    stated = _reason(answer)
    said = text("{place} answered {status}", place=where, status=str(status))
    if stated:
        said = text(
            "{place} answered {status}: {words}", place=where, status=str(status), words=stated
        )
    wait = retry_after(answer.headers.get("retry-after", ""), now)
    if status in (401, 403):
        return AuthenticationError(said)
    if status == 429:
        return RateLimitedError(said, retry_after=wait)
    if status in (408, 425, 503):
        return TemporaryError(said, retry_after=wait)
    if status >= 500:
        return OutcomeUnknownError(said) if effect else TemporaryError(said, retry_after=wait)
    problem = Problem(code=f"http_{status}", message=stated or said)
    return RejectedError(said, code=f"http_{status}", problems=(problem,))


def retry_after(header: str, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); None for anything else."""
    if header.strip().isdigit():
        return timedelta(seconds=min(int(header), 7 * 86_400))
    try:
        at = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(at - now, timedelta(0))


def _reason(answer: HttpResponse) -> str:
    """The other side's explanation, if it is plain text and not an HTML page."""
    kind = answer.headers.get("content-type", "")
    if "json" not in kind and not kind.startswith("text/plain"):
        return ""
    return " ".join(answer.content[:300].decode(errors="replace").split())


def place(url: str) -> str:
    """Host and path: the query may hold a token, and the name part a password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{host}{port}{parts.path}"


def chain(error: BaseException) -> list[BaseException]:
    """An exception and everything behind it: requests wraps urllib3, which wraps the reason."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [getattr(each, "reason", None), each.__cause__, each.__context__, *each.args]
    return found


def _in_handshake(causes: list[BaseException]) -> bool:
    """Whether the line was refused before it could carry anything."""
    return any(
        frame.name == _HANDSHAKE
        for cause in causes
        for frame in traceback.extract_tb(cause.__traceback__)
    )


def _last(causes: list[BaseException]) -> str:
    return " ".join(str(causes[-1]).split())[:200]
