"""The guard of every plugin call: state, rate, worker, deadline, result, errors, record.

Whatever a plugin does, the caller sees an answer of the right type or a class of
`incasso.contract.errors`, no later than the hook's deadline.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from logging import Logger
from typing import Any, Final

from incasso.contract.context import CallContext
from incasso.contract.errors import (
    AuthenticationError,
    IncassoError,
    OutcomeUnknownError,
    PluginCrashError,
    PluginError,
    RateLimitedError,
    TemporaryError,
)
from incasso.contract.mail import WatchedFolder
from incasso.contract.text import text
from incasso.contract.values import CheckReport, Page
from incasso.plugins.calls import CallDetails, CallRecord, CallSink
from incasso.plugins.folders.door import FolderDoor
from incasso.plugins.ftp.door import FtpDoor
from incasso.plugins.health import Health
from incasso.plugins.http.door import CallDoor, Door
from incasso.plugins.mail.door import MailDoor
from incasso.plugins.mail.waiting import GoOn, Waits
from incasso.plugins.masking import Mask, error_line, masked_error, masked_result, masked_traceback
from incasso.plugins.pages import Pages
from incasso.plugins.raised import is_sound, storable_error
from incasso.plugins.rate import Rate
from incasso.plugins.results import NotWantedError
from incasso.plugins.rules import CHECK, RULES, HookRule
from incasso.plugins.sieve import Sieve
from incasso.plugins.specs import HookManager
from incasso.plugins.sql.door import SqlDoor
from incasso.plugins.state import StateDoor
from incasso.plugins.steps import Steps
from incasso.plugins.worker_pool import (
    STOP,
    BusyError,
    DeadlineError,
    RaisedError,
    Reservation,
    WorkerPool,
)

CLOSING_S: Final = RULES["instance_close"].deadline_s

SIGNING_IN_S: Final = 60.0
"""For the token of a mailbox that is watched."""


class Guard:
    """The only way to call an instance's hooks."""

    def __init__(
        self,
        *,
        manager: HookManager,
        pool: WorkerPool,
        health: Health,
        rate: Rate,
        door: Door,
        sql: SqlDoor,
        mail: MailDoor,
        folders: FolderDoor,
        ftp: FtpDoor,
        state: StateDoor,
        log: Logger,
        mask: Mask,
        now: Callable[[], datetime],
        tell: CallSink,
        max_page: int,
        page_seconds: int = 60,
        patience: float = 1.0,
    ) -> None:
        """`patience` multiplies every deadline; tests use 0.01."""
        self.health = health
        self.rate = rate
        self._manager = manager
        self._pool = pool
        self._door = door
        self._sql = sql
        self._mail = mail
        self._folders = folders
        self._ftp = ftp
        self._state = state
        self._log = log
        self._mask = mask
        self._now = now
        self._tell = tell
        self._max_page = max_page
        self._page_seconds = page_seconds
        self._patience = patience
        self._sieve = Sieve(health.view.kind, mask)
        self._steps = Steps()

    def implements(self, hook: str) -> bool:
        """Whether the plugin has this hook."""
        return self._manager.has(hook)

    def call(self, rule: HookRule, given: Mapping[str, Any], circumstances: CallDetails) -> Any:
        """One guarded call. Raises classes of `incasso.contract.errors` only.

        A PluginCrashError or OutcomeUnknownError of an effect means: it may have happened.
        """
        self.health.admit(local=rule.local)
        if rule.counted and not circumstances.dry_run:
            self._claim()
        work = self._work(rule, given, circumstances)
        return self._guarded(rule, work, circumstances, None)

    def check(self, on: date, steps: Steps | None = None, *, starts: bool = True) -> CheckReport:
        """Run `instance_check` whatever the state, and let its outcome decide the state.

        A pause ends only if the check succeeds and `starts` it again.
        """
        self._steps = steps or Steps()
        circumstances = CallDetails(on=on)
        try:
            report: CheckReport = self._attempt(
                CHECK, self._work(CHECK, {}, circumstances), circumstances, None
            )
        except PluginError as error:
            self.health.check_failed(error)
            raise
        self.health.checked(report, starts=starts)
        return report

    def stream(self, rule: HookRule, given: Mapping[str, Any], on: date) -> Iterator[Page[Any]]:
        """The pages of a pull, each one guarded call, all on the same thread."""
        circumstances = CallDetails(on=on)
        rule = replace(rule, deadline_s=max(rule.deadline_s, self._page_seconds))
        seconds = rule.deadline_s * self._patience
        door = self._door.until(time.monotonic() + seconds)
        pages = Pages(
            rule,
            self._work(rule, given, circumstances, door),
            self._max_page,
            self._sieve,
            whole=given.get("since") is None,
        )
        reservation = self._pool.reserve(pages.close)
        try:
            while True:
                self.health.admit(local=False)
                door.deadline = time.monotonic() + seconds
                page = self._guarded(rule, pages.turn, circumstances, reservation)
                if page is STOP:
                    return
                yield page
        finally:
            if not reservation.lost:
                self._end(pages, reservation)

    def waiting(self, watched: WatchedFolder) -> Waits:
        """Waits for mail in a folder of the instance, on its caller's thread; no hook is called.

        Each call keeps one connection while it may go on. A refused login pauses the instance.
        """
        watch = self._mail.watch(watched, lambda: self._door.until(time.monotonic() + SIGNING_IN_S))

        def wait(go_on: GoOn) -> None:
            try:
                watch.follow(go_on)
            except PluginError as error:
                told = masked_error(error, self._mask)
                if isinstance(told, AuthenticationError):
                    self.health.failed(told)
                raise told from None

        return wait

    def close(self) -> None:
        """Close the instance within two seconds, whatever it does, and its threads.

        It also does so while a call hangs or was interrupted, because sessions at the other side
        may be open.
        """
        close, seconds = self._manager.hook.instance_close, CLOSING_S * self._patience
        try:
            if self._pool.all_hang:
                self._pool.run_apart(close, seconds)
            else:
                self._pool.run(close, seconds)
        except (BusyError, DeadlineError):
            self._log.warning("it did not close in time")
        except RaisedError as raised:
            self._log.warning("closing failed: %s", masked_traceback(raised.error, self._mask))
        self._pool.close()
        self._door.close()
        self._sql.close()
        self._mail.close()
        self._folders.close()
        self.rate.close()

    def _work(
        self,
        rule: HookRule,
        given: Mapping[str, Any],
        circumstances: CallDetails,
        door: CallDoor | None = None,
    ) -> Callable[[], Any]:
        hook = getattr(self._manager.hook, rule.name)
        now, seconds = self._now(), rule.deadline_s * self._patience
        door = door or self._door.until(time.monotonic() + seconds)
        mail = self._mail.until(door, door)
        context = CallContext(
            instance_id=self.health.view.id,
            idempotency_key=circumstances.key,
            attempt=circumstances.attempt,
            deadline=now + timedelta(seconds=seconds),
            dry_run=circumstances.dry_run,
            http=door,
            log=self._log,
            now=self._now,
            on=circumstances.on,
            sql=self._sql.until(door),
            mail=mail,
            folder=self._folders.until(door, mail),
            ftp=self._ftp.until(door),
            state=self._state,
            step=self._steps.begin,
        )
        return lambda: rule.result.taken(hook(**given, ctx=context), self._sieve)

    def _guarded(
        self,
        rule: HookRule,
        work: Callable[[], Any],
        circumstances: CallDetails,
        reservation: Reservation | None,
    ) -> Any:
        try:
            result = self._attempt(rule, work, circumstances, reservation)
        except PluginError as error:
            # A stranger must not stop a channel with forged requests, nor start it again.
            if not rule.from_outside:
                self._learn(rule, error)
            if self._pool.all_hang:
                self.health.stuck(text("every call of it hangs"))
            raise
        except BaseException:  # Ctrl-C: the result of the probe is not used
            self.health.could_not_tell()
            raise
        self.health.went_well(local=rule.local)
        return result

    def _learn(self, rule: HookRule, error: PluginError) -> None:
        """What a failed call says about the instance."""
        if rule.effect or not isinstance(error, OutcomeUnknownError):
            self.health.failed(error)
        else:
            self.health.could_not_tell()
        if isinstance(error, RateLimitedError):
            self.rate.slow_down(self._now() + (error.retry_after or timedelta(minutes=1)))

    def _attempt(
        self,
        rule: HookRule,
        work: Callable[[], Any],
        circumstances: CallDetails,
        reservation: Reservation | None,
    ) -> Any:
        """Call, translate what comes out, and write the record."""
        began = time.perf_counter()
        error: PluginError | None = None
        result: Any = None
        try:
            result = self._pool.run(work, rule.deadline_s * self._patience, reservation)
        except BusyError:
            error = TemporaryError(text("busy: all its workers are taken by calls that hang"))
        except DeadlineError:
            error = self._too_late(rule, circumstances)
        except RaisedError as raised:
            error = self._translated(rule, raised.error)
        self._record(rule, circumstances, began, error)
        if error is not None:
            raise error from None
        return masked_result(result, self._mask)

    def _too_late(self, rule: HookRule, circumstances: CallDetails) -> PluginError:
        said = text(
            "{hook} did not answer within {seconds} s",
            hook=rule.name,
            seconds=f"{rule.deadline_s:g}",
        )
        if rule.effect and not circumstances.dry_run:
            return OutcomeUnknownError(said)
        if rule is CHECK and self._steps.present:
            said = text("{problem}: it was at “{step}”", problem=said, step=self._steps.present)
        return TemporaryError(said)

    def _translated(self, rule: HookRule, raised: BaseException) -> PluginError:
        """Errors of the contract pass; everything else is a crash and goes to the log in full."""
        if isinstance(raised, PluginError) and not isinstance(raised, PluginCrashError):
            try:
                if is_sound(raised):
                    return storable_error(masked_error(raised, self._mask))
            except Exception:
                self._log.exception("%s raised an error that cannot be read", rule.name)
            kind = type(raised).__name__
            return PluginCrashError(
                text("{hook} raised a broken {kind}", hook=rule.name, kind=kind)
            )
        words = raised.args[0] if isinstance(raised, NotWantedError) else _words(raised, self._mask)
        self._log.error("%s crashed:\n%s", rule.name, masked_traceback(raised, self._mask))
        return PluginCrashError(self._mask(text("{hook} {what}", hook=rule.name, what=words)))

    def _record(
        self,
        rule: HookRule,
        circumstances: CallDetails,
        began: float,
        error: PluginError | None,
    ) -> None:
        self._tell(
            CallRecord(
                at=self._now(),
                instance=self.health.view.id,
                hook=rule.name,
                key=circumstances.key,
                attempt=circumstances.attempt,
                milliseconds=round((time.perf_counter() - began) * 1000),
                outcome="ok" if error is None else type(error).__name__,
                error="" if error is None else error_line(error),
                dry_run=circumstances.dry_run,
            )
        )

    def _claim(self) -> None:
        try:
            wait = self.rate.claim(self._now())
        except RateLimitedError as error:
            self.health.failed(error)
            raise
        if wait:
            time.sleep(wait.total_seconds())

    def _end(self, pages: Pages, reservation: Reservation) -> None:
        """Let the plugin's generator run its `finally` on its own thread."""
        try:
            self._pool.run(pages.close, CLOSING_S * self._patience, reservation)
        except (BusyError, DeadlineError):
            self._log.warning("a pull does not let go")
        except RaisedError as raised:
            trace = masked_traceback(raised.error, self._mask)
            self._log.warning("ending a pull failed: %s", trace)
        self._pool.release_reservation(reservation)


def _words(raised: BaseException, mask: Mask) -> str:
    said, kind = error_line(raised, mask), type(raised).__name__
    if isinstance(raised, IncassoError):
        return said
    if not said:
        return text("raised {kind}", kind=kind)
    return text("raised {kind}: {error}", kind=kind, error=said)
