"""What Twilio's refusals mean for the hub, by class: its codes are split and joined over the years.

A code that is in no class refuses the message alone and is shown to a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from incasso.api import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    Problem,
    RateLimitedError,
    RejectedError,
    Text,
    text,
)

OPTED_OUT: Final = 21610
BAD_NUMBER: Final = frozenset({21211, 21214, 21217, 21401, 21614, 30005, 30006})
"""No such number, or one that takes no text messages."""
STOPPED: Final = text("the recipient answered STOP to messages of this sender")
PASSING: Final[Mapping[int, Text]] = {
    30003: text("the telephone was off or out of reach"),
    30008: text("the network gave no reason"),
    30009: text("a part of the message was lost"),
}
"""It may work another day: the number stays good."""
FILTERED: Final = frozenset({30004, 30007, 30032, 30034})
"""The network or Twilio let this text or this sender not pass: the same again would not either."""
_LOGIN: Final = frozenset({20003, 20005, 20006, 20008, 30002})
"""Wrong, suspended or without credit."""
_SENDER: Final = frozenset({21212, 21603, 21606, 21608, 21659, 21660, 21701, 21703, 21705, 21712})
_PACE: Final = frozenset({20429, 21611, 30001})
_COUNTRY: Final = 21408
_WHAT_FAILED: Final = re.compile(r"^Unable to \w+ (record|page): ")
"""The library's own words before those of Twilio."""


def error_of(status: int, code: int | None, said: str) -> PluginError:
    """The class of error of a refused request."""
    words = text("Twilio refuses it ({code}): {said}", code=str(code or status), said=said)
    if code in _PACE or status == 429:
        return RateLimitedError(words)
    if code in _LOGIN or (status in (401, 403) and code not in _KNOWN):
        return AuthenticationError(
            text(
                "Twilio does not let in this account with this token ({code}): {said}",
                code=str(code or status),
                said=said,
            )
        )
    if code in _SENDER or (status == 404 and code not in _KNOWN):
        return ConfigurationError((_cured(code, words),))
    return _of_message(code, words)


def _of_message(code: int | None, words: Text) -> RejectedError:
    """A refusal of this message; the others go on."""
    hint: Text | str = ""
    if code == OPTED_OUT:
        words = STOPPED
    if code == _COUNTRY:
        hint = text("allow that country under Messaging, Geo permissions, in Twilio's console")
    bad = code in BAD_NUMBER
    problem = Problem(
        code=f"twilio_{code or 'none'}",
        message=words,
        field="to.address" if bad or code == OPTED_OUT else "text",
        hint=hint,
    )
    return RejectedError(
        words,
        code=problem.code,
        problems=(problem,),
        bad_address=bad,
        opted_out=code == OPTED_OUT,
    )


def _cured(code: int | None, words: Text) -> Problem:
    if code in _SENDER:
        return Problem(
            code="sender",
            field="sender",
            message=words,
            hint=text("name a sender, number or Messaging Service that the account has"),
        )
    return Problem(
        code="account",
        field="account",
        message=words,
        hint=text("compare account and base_url with Twilio's console"),
    )


_KNOWN: Final = BAD_NUMBER | FILTERED | _SENDER | _PACE | {OPTED_OUT, _COUNTRY}


def raised(error: Any) -> PluginError:
    """The same for what the library raises, which has two classes with the same fields."""
    code = getattr(error, "code", None)
    said = getattr(error, "msg", None) or getattr(error, "detail", None) or ""
    status = getattr(error, "status", 0) or getattr(error, "status_code", 0)
    return error_of(int(status or 0), code if isinstance(code, int) else None, _short(said))


def _short(said: object) -> str:
    words = " ".join(str(said).split())
    return _WHAT_FAILED.sub("", words)[:300]
