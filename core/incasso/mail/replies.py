"""What a relay's refusal means: later, slower, wrong password, wrong address, or never.

Codes are RFC 5321. A refusal always means that the relay did not take the message over.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from incasso.contract.errors import (
    AuthenticationError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.mail.refusals import CAUSES, Cause, cause_of

_WAIT: Final = timedelta(minutes=5)


def refusal(stage: str, code: int, reply: str, *, alone: bool = False) -> PluginError:
    """The error that a reply of 4xx or 5xx stands for; `stage` is the command it answered.

    `alone`: the message has one recipient, so that a refusal after RCPT may be about it too.
    """
    said = text("{stage} refused: {reply}", stage=stage, reply=f"{code} {reply}".strip())
    if code in (530, 534, 535, 538):
        return AuthenticationError(said)
    cause = cause_of(reply)
    # Some give a permanent code for "too fast": taken at its word it would burn good addresses.
    if code == 421 or cause is Cause.RATE:
        return RateLimitedError(said, retry_after=_WAIT)
    if not 500 <= code < 600:
        return TemporaryError(said)
    about_it = stage == "RCPT" or (alone and stage in ("DATA", "message"))
    bad = about_it and cause is Cause.ADDRESS
    if (known := CAUSES.get(cause)) is not None:
        said = text("{cause}: {said}", cause=known, said=said)
    problem = Problem(code=str(code), message=said, field="to" if bad else "")
    return RejectedError(
        said,
        code=str(code),
        problems=(problem,),
        bad_address=bad,
        sender_refused=cause is Cause.SENDER,
    )


def means_bad_address(reply: str) -> bool:
    """Whether a permanent refusal is about the address itself, so that it is not used again."""
    return cause_of(reply) is Cause.ADDRESS
