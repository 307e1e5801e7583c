"""A channel that was asked to slow down rests and goes on, if it may soon.

A certified mailbox takes six messages a minute. Without this a dispatch would send six and leave
the others to the next one, which may be tomorrow's.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from typing import Final

from incasso.services.sending.run import Run

LONGEST: Final = timedelta(minutes=2)
"""The limit of a minute is over by then; that of a day is the next dispatch's."""

_SLACK: Final = timedelta(milliseconds=50)


def rested(run: Run, *, worked: bool) -> bool:
    """Wait as long as the channel of this run asked for; whether it may go on.

    It does not where nobody may wait, and where it refused at once what it was given after a rest:
    `worked` says whether it answered anything since.
    """
    until = run.channels.resting.get(run.channel or "")
    if until is None or not worked or run.ending.is_set():
        return False
    rest = until - run.hub.now()
    if rest > run.longest_rest:
        return False
    pause(run.ending, rest + _SLACK)
    if run.ending.is_set():
        return False
    run.channels.go_on(run.channel or "")
    return True


def pause(ending: Event, rest: timedelta) -> None:
    """Wait, or until the dispatch is to end."""
    ending.wait(max(0.0, rest.total_seconds()))
