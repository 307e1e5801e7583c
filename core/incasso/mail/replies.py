"""What a relay's refusal means: later, slower, wrong password, wrong address, or never.

Codes are RFC 5321, enhanced codes (5.1.1) RFC 3463. A refusal always means that the relay did
not take the message over.
"""

from __future__ import annotations

import re
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

_ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")

# InfoCert answers "550 … Class Of Service - Too much traffic" to more than six mails a minute:
# a permanent code for a passing state. Taken at its word it would burn good addresses.
_PERIOD: Final = r"(hourly|daily|sending|per (minute|hour|day))"
_THROTTLE: Final = re.compile(
    r"too (many|much|fast)(?! hops)|rate.?limit|throttl|class of service|concurrent"
    rf"|{_PERIOD}.*(limit|quota)|(limit|quota|exceed).*{_PERIOD}",
    re.IGNORECASE,
)
_NOT_THE_ADDRESS: Final = re.compile(
    r"relay|spam|block|polic|denied|authent|reputation|blacklist|dnsbl|spf|dkim|dmarc"
    r"|sender|full|quota|size",
    re.IGNORECASE,
)

_BAD_MAILBOX: Final = frozenset({"1", "2", "3", "6", "10"})
"""x.1.*: no such mailbox, no such domain, bad syntax, moved away, null MX. 1.7, 1.8: the sender."""

_WAIT: Final = timedelta(minutes=5)


def refusal(stage: str, code: int, reply: str) -> PluginError:
    """The error that a reply of 4xx or 5xx stands for; `stage` is the command it answered."""
    said = text("{stage} refused: {reply}", stage=stage, reply=f"{code} {reply}".strip())
    if code in (530, 534, 535, 538):
        return AuthenticationError(said)
    if code == 421 or _THROTTLE.search(reply):
        return RateLimitedError(said, retry_after=_WAIT)
    if not 500 <= code < 600:
        return TemporaryError(said)
    bad = stage == "RCPT" and means_bad_address(reply, code)
    problem = Problem(code=str(code), message=said, field="to" if bad else "")
    return RejectedError(said, code=str(code), problems=(problem,), bad_address=bad)


def means_bad_address(reply: str, code: int = 550) -> bool:
    """Whether a permanent refusal is about the address itself, so that it is not used again.

    The enhanced code decides where there is one; else the basic code, unless the words speak of
    policy, sender or space. Only a refusal of class 5 can be so.
    """
    if found := _ENHANCED.search(reply):
        kind, subject, detail = found.groups()
        return kind == "5" and (
            (subject == "1" and detail in _BAD_MAILBOX) or (subject, detail) == ("2", "1")
        )
    return code in (550, 551, 553) and not _NOT_THE_ADDRESS.search(reply)
