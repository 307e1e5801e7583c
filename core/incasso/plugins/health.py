"""The state of one instance while it works, and the breaker that stops calls to a dead service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginCrashError,
    PluginError,
    RateLimitedError,
    TemporaryError,
)
from incasso.contract.text import text
from incasso.contract.values import CheckReport
from incasso.plugins.states import CURES, InstanceView, State, refusal

IN_A_ROW: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)

StateSink = Callable[[InstanceView], None]


class Health:
    """One instance's state: it opens the breaker, lets one probe through, and closes it again."""

    def __init__(self, view: InstanceView, now: Callable[[], datetime], tell: StateSink) -> None:
        self.view = view
        self._now = now
        self._tell = tell
        self._lock = Lock()
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._retry_at: datetime | None = None
        self._probing = False
        self.changed = False
        """Whether its state was set in this process since it was last saved or read."""

    def admit(self, *, local: bool) -> None:
        """Lets a call begin, or raises the error of the state. Local hooks are no probe."""
        if self.view.state is State.READY:
            return
        if self.view.state is not State.UNREACHABLE:
            raise refusal(self.view)
        with self._lock:
            wait = self._wait()
            if wait > timedelta(0) or (self._probing and not local):
                error = refusal(self.view)
                assert isinstance(error, TemporaryError)
                error.retry_after = max(wait, timedelta(seconds=1))
                raise error
            self._probing = self._probing or not local

    def went_well(self, *, local: bool) -> None:
        """Records a success. A local hook's success says nothing about the network."""
        if local:
            return
        self._failures = 0
        if self.view.state is State.UNREACHABLE:
            self._recover()

    def could_not_tell(self) -> None:
        """Records an unknown outcome: neither a failure nor a proof that the instance works."""
        self._probing = False

    def failed(self, error: PluginError) -> None:
        """Records a failure; the class of the error decides the new state."""
        if isinstance(error, AuthenticationError):
            self._become(State.PAUSED, str(error))
        elif isinstance(error, ConfigurationError):
            self._become(State.MISCONFIGURED, str(error), error.hint)
        elif isinstance(error, RateLimitedError):
            self._probing = False
        elif isinstance(error, (TemporaryError, OutcomeUnknownError, PluginCrashError)):
            self._count(error)
        else:
            self.went_well(local=False)

    def stuck(self, reason: str) -> None:
        """Records that every worker is occupied by a hung call."""
        if self.view.state is State.READY:
            self._open(reason)

    def halt(self, reason: str, hint: str) -> None:
        """Pauses for a reason that no call raised; the hint says what to do before the check."""
        self._become(State.PAUSED, reason, hint)

    def pause(self, since: datetime, reason: str, hint: str = "") -> None:
        """Restores a pause that an earlier process began; it is not reported again."""
        cure = hint or CURES[State.PAUSED]
        self.view = replace(self.view, state=State.PAUSED, since=since, reason=reason, hint=cure)

    def resume(self) -> None:
        """Ends a pause that another process has ended."""
        self.view = replace(self.view, state=State.READY, since=self._now(), reason="", hint="")

    def checked(self, report: CheckReport, *, starts: bool) -> None:
        """Records a successful check: the instance is ready again; a pause ends if it `starts`."""
        with self._lock:
            self._failures, self._probing, self._pause = 0, False, FIRST_PAUSE
        if starts or self.view.state is not State.PAUSED:
            self._become(State.READY, "")
        self.view = replace(
            self.view, checked_at=self._now(), remote_identity=report.remote_identity
        )

    def check_failed(self, error: PluginError) -> None:
        """Records a failed check: a temporary error opens the breaker at once, not after five.

        A pause stays: a line that is down now would otherwise end it with the next process.
        """
        if self.view.state is State.PAUSED:
            return
        if isinstance(error, PluginCrashError):
            self._become(State.BROKEN, str(error))
        elif isinstance(error, TemporaryError):
            self._open(str(error))
        elif isinstance(error, (AuthenticationError, ConfigurationError)):
            self.failed(error)
        else:
            kind = type(error).__name__
            self._become(
                State.BROKEN, text("its check raised {kind}: {error}", kind=kind, error=str(error))
            )

    def _wait(self) -> timedelta:
        return self._retry_at - self._now() if self._retry_at else timedelta(0)

    def _count(self, error: PluginError) -> None:
        with self._lock:
            self._failures += 1
            opens = self._failures >= IN_A_ROW or self._probing
        if opens:
            self._open(str(error))

    def _open(self, reason: str) -> None:
        with self._lock:
            # A failed probe doubles the pause; the first opening starts with the short one.
            grows = self.view.state is State.UNREACHABLE
            self._pause = min(self._pause * 2, LONGEST_PAUSE) if grows else FIRST_PAUSE
            self._retry_at = self._now() + self._pause
            self._probing = False
        self._become(State.UNREACHABLE, reason)

    def _recover(self) -> None:
        with self._lock:
            self._probing, self._retry_at, self._pause = False, None, FIRST_PAUSE
        self._become(State.READY, "")

    def _become(self, state: State, reason: str, hint: str = "") -> None:
        """Changes the state; `since` stays if the state is the same. Reported once per change."""
        changed = self.view.state is not state
        self.changed = True
        since = self._now() if changed else self.view.since
        self.view = replace(
            self.view, state=state, since=since, reason=reason, hint=hint or CURES[state]
        )
        if changed:
            self._tell(self.view)
