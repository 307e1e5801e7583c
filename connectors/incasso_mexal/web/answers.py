"""What an answer of the WebAPI means: data, or the class of error that says what to do next."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from incasso.api import (
    AuthenticationError,
    ConfigurationError,
    HttpResponse,
    OutcomeUnknownError,
    Problem,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.api import text as sentence

RETURNED: Final = (400, 401, 403, 404, 405, 408, 409, 422, 429, 500, 501, 502, 503, 504)
"""Statuses whose body explains the refusal."""

_BAD_LOGIN: Final = ("2002", "3002")
_BAD_HEADERS: Final = ("1001", "1006")
_NUMBERED: Final = re.compile(r"\s*(\d{3,5})\b\s*-?\s*(.*)", re.DOTALL)
_REFUSED: Final = "6001"
_NO_COMPANY: Final = re.compile(r"^aziend\w* \S+ (?:inesist|non )|azienda inesist", re.IGNORECASE)
_ABOUT_COMPANY: Final = re.compile(r"aziend|sigla az|anno\b|coordinat", re.IGNORECASE)
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


class TooSlowError(TemporaryError):
    """Mexal gave up: the request ran over the time of one service."""


class BusyError(TemporaryError):
    """Mexal has no free slot."""


class MissingError(RejectedError):
    """Mexal has nothing under that address."""


class RefusedError(RejectedError):
    """Mexal understood the request and refuses it (5001, 6001): an unknown field, a bad value."""

    def __init__(self, message: str, detail: str, number: str) -> None:
        super().__init__(message, code=f"mexal_{number or 'error'}")
        self.detail = detail


@dataclass(frozen=True)
class ErpError:
    """What stands in the body of an error."""

    number: str
    detail: str

    @property
    def sentence(self) -> str:
        """As a person reads it."""
        return f"{self.number} - {self.detail}" if self.number else self.detail


def data_of(answer: HttpResponse, what: str) -> Any:
    """The JSON of a good answer; amounts are Decimals made from their own digits.

    Text that is no UTF-8 is read as cp1252, bare control characters inside texts are accepted: old
    installations send both. Raises TemporaryError for an answer that is cut off or no data.
    """
    content = answer.content
    try:
        return _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _leniently(content, what)


def _leniently(content: bytes, what: str) -> Any:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if text.lstrip()[:1] == "<":
        raise TemporaryError(
            sentence(
                "{what}: a web page came instead of data; look whether base_url is the "
                "WebAPI's address and whether something stands in between",
                what=what,
            )
        )
    try:
        return json.loads(text, strict=False, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise TemporaryError(
            sentence("{what}: the answer is cut off or garbled; nothing was changed", what=what)
        ) from None


def _no_number(word: str) -> Any:
    raise ValueError(sentence("{word} is no number", word=word))


def erp_error(answer: HttpResponse) -> ErpError:
    """Mexal's own words about an error; empty where the body has none."""
    try:
        body = msgspec.json.decode(answer.content, strict=False)
        error = body.get("error", {}) if isinstance(body, dict) else {}
        words = error.get("response-detail") or error.get("response-message") or ""
    except (msgspec.DecodeError, UnicodeDecodeError, AttributeError, RecursionError):
        words = ""
    match = _NUMBERED.match(str(words))
    words_given = match[2] if match else str(words)
    return ErpError(match[1] if match else "", " ".join(words_given.split())[:300])


def refusal(answer: HttpResponse, what: str, user: str, *, effect: bool) -> Exception:
    """The error behind a status; `what` says what was asked, in words."""
    said = erp_error(answer)
    status = answer.status
    reason = sentence("{what}: Mexal answered {status}", what=what, status=status) + (
        f" ({said.sentence})" if said.sentence else ""
    )
    if status == 408:
        text = sentence("{reason}: it took longer than a service may", reason=reason)
        return TooSlowError(text, retry_after=_wait(answer))
    if status == 503:
        return BusyError(
            sentence("{reason}: no free slot for this user", reason=reason),
            retry_after=_wait(answer),
        )
    if status == 429:
        return RateLimitedError(reason, retry_after=_wait(answer))
    if said.number in _BAD_HEADERS:
        return _bad_headers(reason, said.number)
    if status in (401, 403) or said.number in _BAD_LOGIN:
        return _bad_login(reason, said, user)
    if status == 404:
        return MissingError(
            sentence("{what}: Mexal knows no such thing", what=what), code="http_404"
        )
    return _refused(answer, reason, said, effect)


def _refused(answer: HttpResponse, reason: str, said: ErpError, effect: bool) -> Exception:
    status = answer.status
    if said.number == _REFUSED or status in (400, 409, 422):
        if _NO_COMPANY.search(said.detail):
            return _wrong_company(reason)
        return RefusedError(reason, said.detail, said.number)
    if status >= 500:
        if effect:
            return OutcomeUnknownError(reason)
        return TemporaryError(reason, retry_after=_wait(answer))
    return RejectedError(reason, code=f"http_{status}")


def _wrong_company(reason: str) -> ConfigurationError:
    cure = sentence("look at company, sub_company and years, and whether this user may open them")
    problem = Problem(code="refused", field="company", message=f"{reason}; {cure}", hint=cure)
    return ConfigurationError([problem])


def _bad_headers(reason: str, number: str) -> ConfigurationError:
    field, cure = {
        "1001": ("company", sentence("give company and years (Azienda and Anno)")),
        "1006": (
            "user",
            sentence(
                "look at user, second_user and domain: local installations take no domain, "
                "the cloud needs one, some need a second account"
            ),
        ),
    }[number]
    problem = Problem(code="refused", field=field, message=f"{reason}; {cure}", hint=cure)
    return ConfigurationError([problem])


def _bad_login(reason: str, said: ErpError, user: str) -> Exception:
    if said.number not in _BAD_LOGIN and _ABOUT_COMPANY.search(said.detail):
        return _wrong_company(reason)
    cloud = "domini" in said.detail.lower()
    why = (
        sentence("The domain is missing or wrong (see domain)")
        if cloud
        else sentence("The password is wrong")
    )
    return AuthenticationError(
        sentence(
            "{reason}: the WebAPI user {user!r} is not let in. {why}, the user is "
            "locked, or an exclusive procedure runs. Nothing is tried again by itself, "
            "because repeated bad logins lock the user: correct the settings or have "
            "the Mexal administrator unlock the user, then run `incasso check`",
            reason=reason,
            user=user,
            why=why,
        )
    )


def _wait(answer: HttpResponse) -> timedelta | None:
    header = answer.headers.get("retry-after", "").strip()
    return timedelta(seconds=min(int(header), 86_400)) if header.isdigit() else None
