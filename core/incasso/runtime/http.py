"""The hub's one door for outgoing HTTP: time-outs, no private addresses, errors sorted, no secrets.

Could not connect is a TemporaryError; sent and no answer is an OutcomeUnknownError for effects;
401 and 403, 429, other 4xx and 5xx become the class that says what the hub must do next.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from logging import Logger
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.values import HttpResponse, Problem, Secret
from incasso.runtime.addresses import PrivateAddressError, PublicOnlyAdapter

CONNECT_S: Final = 5.0
ANSWER_S: Final = 20.0
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_REDIRECTS: Final = 5
_SAFE = ("GET", "HEAD", "OPTIONS")
_REDIRECTS = (301, 302, 303, 307, 308)
# Raised before a byte of the request went out, so an effect surely did not happen.
_BEFORE = (NewConnectionError, ConnectTimeoutError, NameResolutionError, ProxyError, SSLError)


class Door:
    """The outgoing HTTP of one instance; connections are kept per thread."""

    def __init__(
        self, *, log: Logger, now: Callable[[], datetime], allow_private: bool = False
    ) -> None:
        self.now = now
        self.log = log
        self._allow_private = allow_private
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def until(self, deadline: float) -> CallDoor:
        """The door for one call; `deadline` is on the monotonic clock, in seconds."""
        return CallDoor(self, deadline)

    def session(self) -> requests.Session:
        """This thread's session. It reads neither .netrc nor proxies by itself."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
            if not self._allow_private:
                session.mount("http://", PublicOnlyAdapter())
                session.mount("https://", PublicOnlyAdapter())
            self._sessions.append(session)
        return session

    def close(self) -> None:
        """Close every kept connection."""
        while self._sessions:
            self._sessions.pop().close()


class CallDoor:
    """What a plugin sees as `ctx.http`: requests that end before its deadline."""

    __slots__ = ("_door", "deadline")

    def __init__(self, door: Door, deadline: float) -> None:
        self._door = door
        self.deadline = deadline

    def request(
        self,
        method: str,
        url: str,
        *,
        effect: bool = False,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        auth: tuple[str, Secret] | None = None,
        timeout_s: float | None = None,
        verify: bool | str = True,
    ) -> HttpResponse:
        """One request; redirects are followed for reads only.

        Raises TemporaryError, OutcomeUnknownError (effects), AuthenticationError,
        RateLimitedError, RejectedError with code `http_404` and the like, ConfigurationError
        for an address that may not be reached.
        """
        sent_headers = dict(headers or {})
        if json is not None:
            content = msgspec.json.encode(json)
            sent_headers.setdefault("content-type", "application/json")
        credentials = (auth[0], auth[1].reveal()) if auth else None
        method = method.upper()
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._once(
                _Request(method, url, params, sent_headers, content, credentials, verify),
                effect,
                timeout_s,
            )
            if answer.status not in _REDIRECTS:
                return answer
            if effect or method not in _SAFE:
                raise RejectedError(
                    f"{_place(url)} sends elsewhere; configure the new address",
                    code=f"http_{answer.status}",
                )
            target = urljoin(url, answer.headers.get("location", ""))
            if _origin(target) != _origin(url):
                credentials, sent_headers = None, _harmless(sent_headers)
            url, params = target, None
        raise RejectedError(f"{_place(url)} redirects in a circle", code="http_redirects")

    def _once(self, request: _Request, effect: bool, timeout_s: float | None) -> HttpResponse:
        _check_url(request.url)
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TemporaryError("no time left for another request")
        began = time.perf_counter()
        outcome = "failed"
        try:
            answer = self._exchange(request, min(left, timeout_s or ANSWER_S))
            outcome = str(answer.status)
        except (requests.RequestException, OSError) as error:
            raise _unanswered(error, request.url, effect) from None
        finally:
            milliseconds = (time.perf_counter() - began) * 1000
            place = _place(request.url)
            self._door.log.debug("%s %s %s %.0f ms", request.method, place, outcome, milliseconds)
        if answer.status >= 400:
            raise _refused(answer, request.url, effect, self._door.now())
        return answer

    def _exchange(self, request: _Request, seconds: float) -> HttpResponse:
        with self._door.session().request(
            request.method,
            request.url,
            params=request.params,
            headers=dict(request.headers),
            data=request.content,
            auth=request.auth,
            timeout=(min(CONNECT_S, seconds), seconds),
            allow_redirects=False,
            stream=True,
            verify=request.verify,
            proxies=get_environ_proxies(request.url, no_proxy=None),
        ) as answer:
            return HttpResponse(
                status=answer.status_code,
                headers={name.lower(): value for name, value in answer.headers.items()},
                content=_body(answer, self.deadline),
            )


class _Request(msgspec.Struct, frozen=True):
    method: str
    url: str
    params: Mapping[str, str] | None
    headers: Mapping[str, str]
    content: bytes | None
    auth: tuple[str, str] | None
    verify: bool | str


def _body(answer: requests.Response, deadline: float) -> bytes:
    """The body, unless it is endless or drips until long after the deadline."""
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_content(65_536):
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise requests.exceptions.ContentDecodingError("the answer is too big")
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout("the answer takes too long")
    return b"".join(chunks)


def _unanswered(error: Exception, url: str, effect: bool) -> PluginError:
    """No complete answer: whether the request was sent decides what the hub may do."""
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ConfigurationError(f"{_place(url)} is no address of a web service")
    causes = _chain(error)
    if any(isinstance(cause, PrivateAddressError) for cause in causes):
        return ConfigurationError(
            f"{_place(url)} lies in the private network; "
            "set allow_private_addresses = true if that is meant"
        )
    if any(isinstance(cause, SSLError) for cause in causes):
        return TemporaryError(f"{_place(url)}: no secure connection ({_last(causes)})")
    if any(isinstance(cause, _BEFORE) for cause in causes):
        return TemporaryError(f"{_place(url)} cannot be reached")
    if effect:
        return OutcomeUnknownError(f"{_place(url)} was called and did not answer")
    return TemporaryError(f"{_place(url)} did not answer")


def _refused(answer: HttpResponse, url: str, effect: bool, now: datetime) -> PluginError:
    """The class of error behind a status."""
    status, place = answer.status, _place(url)
    told = _reason(answer)
    text = f"{place} answered {status}{': ' + told if told else ''}"
    wait = retry_after(answer.headers.get("retry-after", ""), now)
    if status in (401, 403):
        return AuthenticationError(text)
    if status == 429:
        return RateLimitedError(text, retry_after=wait)
    if status in (408, 425, 503):
        return TemporaryError(text, retry_after=wait)
    if status >= 500:
        return OutcomeUnknownError(text) if effect else TemporaryError(text, retry_after=wait)
    problem = Problem(code=f"http_{status}", message=told or text)
    return RejectedError(text, code=f"http_{status}", problems=(problem,))


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
    """What the other side says about it, if it is words and not a page."""
    kind = answer.headers.get("content-type", "")
    if "json" not in kind and not kind.startswith("text/plain"):
        return ""
    return " ".join(answer.content[:300].decode(errors="replace").split())


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{_place(url)!r} is no http or https address")
    if parts.username or parts.password:
        raise ConfigurationError(f"{_place(url)}: give name and password as auth, not in the URL")


def _place(url: str) -> str:
    """Host and path: the query may hold a token, and the name part a password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{host}{port}{parts.path}"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers another host may see: keys and cookies stay with the one they were made for."""
    kept = ("accept", "accept-language", "content-type", "user-agent")
    return {name: value for name, value in headers.items() if name.lower() in kept}


def _chain(error: BaseException) -> list[BaseException]:
    """An exception and everything behind it: requests wraps urllib3, which wraps the reason."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop()
        if isinstance(each, BaseException) and each not in found:
            found.append(each)
            waiting += [getattr(each, "reason", None), each.__cause__, each.__context__, *each.args]
    return found


def _last(causes: list[BaseException]) -> str:
    return " ".join(str(causes[-1]).split())[:200]
