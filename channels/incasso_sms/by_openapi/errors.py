"""What Openapi's refusals mean for the hub; it explains them in words and by the field's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from incasso.api import (
    AuthenticationError,
    ConfigurationError,
    HttpResponse,
    PluginError,
    Problem,
    RejectedError,
    text,
)

EXPLAINED: Final = (400, 401, 402, 403, 404, 406, 409, 422)
_NO_CREDIT: Final = 402
_NOT_FOUND: Final = 404
_LOGIN: Final = (401, 403)
_FORBIDDEN: Final = ("forbidden", "blacklist", "black list", "blocked word", "not allowed word")
_SENDER: Final = ("sender", "alias")
_NUMBER: Final = ("recipient", "phone number", "e.164")


def error_of(answer: HttpResponse) -> PluginError:
    """The class of error of a refused request."""
    said, fields = _explained(answer)
    words = text("Openapi refuses it ({code}): {said}", code=str(answer.status), said=said)
    about = f"{said} {' '.join(fields)}".lower()
    if _has(about, ("credit", "wallet")) or answer.status == _NO_CREDIT:
        hint = text("top up the wallet at Openapi, then check the instance")
        return ConfigurationError((Problem(code="credit", message=words, hint=hint),))
    if _has(about, _FORBIDDEN):
        return _forbidden(said)
    if answer.status == _NOT_FOUND:
        hint = text("leave base_url out, or compare it with Openapi's documentation")
        problem = Problem(code="address", field="base_url", message=words, hint=hint)
        return ConfigurationError((problem,))
    if answer.status in _LOGIN:
        return AuthenticationError(words)
    if _has(about, _SENDER):
        hint = text("name an alias that Openapi has approved for this country")
        return ConfigurationError(
            (Problem(code="sender", field="sender", message=words, hint=hint),)
        )
    bad = _has(about, _NUMBER)
    field = "to.address" if bad else "text"
    problem = Problem(code=f"openapi_{answer.status}", field=field, message=words)
    return RejectedError(words, code=problem.code, problems=(problem,), bad_address=bad)


def is_explained(answer: HttpResponse) -> bool:
    """Whether the service itself refused it, in its own form; else something stands between."""
    try:
        told = msgspec.json.decode(answer.content)
    except ValueError:
        return False
    return isinstance(told, dict) and "success" in told


def _forbidden(said: str) -> RejectedError:
    """Charged, and the account may be blocked: never the same text again."""
    words = text("Openapi does not let a word of the text pass: {said}", said=said)
    hint = text("change the short text before more leave: Openapi charges these and may block you")
    problem = Problem(code="forbidden_words", field="text", message=words, hint=hint)
    return RejectedError(words, code=problem.code, problems=(problem,))


def _explained(answer: HttpResponse) -> tuple[str, list[str]]:
    """Its words, and the fields that it names."""
    try:
        told = msgspec.json.decode(answer.content)
    except ValueError:
        return text("without explanation"), []
    if not isinstance(told, dict):
        return text("without explanation"), []
    said = str(told.get("message") or told.get("error") or text("without explanation"))
    return " ".join(said.split())[:300], list(_fields(told.get("data")))


def _fields(data: Any) -> list[str]:
    wrong = data.get("wrong_fields") if isinstance(data, Mapping) else None
    if isinstance(wrong, Mapping):
        return [str(name) for name in wrong]
    return [str(each) for each in wrong] if isinstance(wrong, list) else []


def _has(words: str, among: tuple[str, ...]) -> bool:
    return any(each in words for each in among)
