"""What a guarded call is about, and the record of how it went; never its content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One call for the log: who, what, how long, how it ended; never its content."""

    at: datetime
    instance: str
    hook: str
    key: str
    attempt: int
    milliseconds: int
    outcome: str
    """`ok`, or the class of the error."""
    error: str = ""
    dry_run: bool = False


CallSink = Callable[[CallRecord], None]


@dataclass(frozen=True, kw_only=True)
class CallDetails:
    """What a call is about: the business date, and for effects the key, attempt and dry run."""

    on: date
    key: str = ""
    attempt: int = 1
    dry_run: bool = False
