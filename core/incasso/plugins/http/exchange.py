"""What goes through the door of HTTP: time-outs, no private addresses, errors sorted, no secrets.

A failed connection is a TemporaryError; a sent effect without an answer is an OutcomeUnknownError;
401 and 403, 429, other 4xx and 5xx become the class that says what the hub must do next.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
import urllib3

from incasso.contract.doors import HttpResponse
from incasso.contract.errors import (
    ConfigurationError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.text import text
from incasso.contract.values import Secret
from incasso.plugins.http.addresses import PublicOnlyAdapter
from incasso.plugins.http.answers import chain, place, refused, unanswered
from incasso.plugins.http.certificates import NOBODY, PinningAdapter, checked, fingerprint_in
from incasso.plugins.http.door import Door
from incasso.plugins.http.echoes import starred
from incasso.plugins.http.proxies import proxies_for

CONNECT_S: Final = 5.0
ANSWER_S: Final = 20.0
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_REDIRECTS: Final = 5
_SAFE = ("GET", "HEAD", "OPTIONS")
_REDIRECTS = (301, 302, 303, 307, 308)

# `verify = false` is a choice of the configuration: no warning at every request.
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def new_session(*, allow_private: bool) -> requests.Session:
    """A session that reads neither .netrc nor proxies by itself."""
    session = requests.Session()
    session.trust_env = False
    adapter = PinningAdapter if allow_private else PublicOnlyAdapter
    session.mount("http://", adapter())
    session.mount("https://", adapter())
    return session


class Exchange:
    """The requests of one call of a plugin, each over before the call's deadline."""

    __slots__ = ("_deadline", "_door")

    def __init__(self, door: Door, deadline: float) -> None:
        self._door = door
        self._deadline = deadline

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
        returns: Collection[int] = (),
    ) -> HttpResponse:
        """See `CallDoor.request`."""
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
                returns,
            )
            if answer.status not in _REDIRECTS:
                return answer
            if effect or method not in _SAFE:
                raise RejectedError(
                    text("{place} sends elsewhere; configure the new address", place=place(url)),
                    code=f"http_{answer.status}",
                )
            target = urljoin(url, answer.headers.get("location", ""))
            if _origin(target) != _origin(url):
                credentials, sent_headers = None, _harmless(sent_headers)
            url, params = target, None
        said = text("{place} redirects in a circle", place=place(url))
        raise RejectedError(said, code="http_redirects")

    def _once(
        self,
        request: _Request,
        effect: bool,
        timeout_s: float | None,
        returns: Collection[int],
    ) -> HttpResponse:
        _check_url(request.url)
        request = msgspec.structs.replace(request, verify=checked(request.verify, request.url))
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TemporaryError(text("no time left for another request"))
        began = time.perf_counter()
        outcome = "failed"
        try:
            answer = self._exchange(request, min(left, timeout_s or ANSWER_S))
            outcome = str(answer.status)
            answer = starred(answer, request.headers, request.auth)
        except (requests.RequestException, OSError) as error:
            shown = partial(self._fingerprint, request, left)
            raise unanswered(error, request.url, effect, shown) from None
        finally:
            milliseconds = (time.perf_counter() - began) * 1000
            where = place(request.url)
            self._door.log.debug("%s %s %s %.0f ms", request.method, where, outcome, milliseconds)
        if answer.status >= 400 and answer.status not in returns:
            raise refused(answer, request.url, effect, self._door.now())
        return answer

    def _fingerprint(self, request: _Request, seconds: float) -> str:
        """The fingerprint to pin the server to; no request is sent to it."""
        nobody = _Request("HEAD", request.url, None, {}, None, None, NOBODY)
        try:
            self._exchange(nobody, min(seconds, CONNECT_S))
        except (requests.RequestException, OSError) as error:
            return fingerprint_in(chain(error))
        return ""

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
            proxies=proxies_for(request.url),
        ) as answer:
            return HttpResponse(
                status=answer.status_code,
                headers={name.lower(): value for name, value in answer.headers.items()},
                content=_body(answer, self._deadline),
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
    """The body, unless it is too large or arrives too slowly for the deadline."""
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_content(65_536):
        chunks.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES:
            raise requests.exceptions.ContentDecodingError(text("the answer is too big"))
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout(text("the answer takes too long"))
    return b"".join(chunks)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(text("{place!r} is no http or https address", place=place(url)))
    if parts.username or parts.password:
        raise ConfigurationError(
            text("{place}: give name and password as auth, not in the URL", place=place(url))
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _harmless(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers another host may see: without keys and cookies, which belong to the first host."""
    kept = ("accept", "accept-language", "content-type", "user-agent")
    return {name: value for name, value in headers.items() if name.lower() in kept}
