"""Write order blocks and releases into the ERPs: at most one effect each, even after crashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from incasso.contract.connector import WriteBack
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
    UnsupportedError,
)
from incasso.contract.text import text as sentence
from incasso.contract.values import Receipt
from incasso.domain.orders.write_back import WriteBackStatus, key_of, write_back_delay
from incasso.domain.proof.written import NotWritten, Written
from incasso.domain.sending.retry import SLOW_DOWN
from incasso.services.hub.events import tell_plugins
from incasso.services.orders.answers import Answer, drop_if_over, keep
from incasso.store.orders import write_backs
from incasso.store.orders.lost import writing_of
from incasso.store.orders.write_backs import StoredWriteBack
from incasso.store.proof import journal
from incasso.store.proof.left_log import LeftLog
from incasso.store.sending.dispatcher_lock import DispatcherTurn

if TYPE_CHECKING:
    from incasso.services.hub.hub import Hub

CUT_OFF: Final = sentence(
    "the program ended while it was being written: asked again under the same key"
)


class WriteBackReport(msgspec.Struct, frozen=True, kw_only=True):
    """The write-backs of one run, by status; `queued` are tried again later."""

    reached: Mapping[WriteBackStatus, int] = {}
    waiting: Mapping[str, int] = {}
    """Those left alone in this run, by reason."""
    for_people: int = 0
    """Those that only a person can settle: to do by hand, refused, or in doubt."""


def write_back(
    hub: Hub,
    turn: DispatcherTurn,
    on: date,
    log: LeftLog,
    announce: Callable[[int], None],
    *,
    patience: timedelta,
) -> WriteBackReport:
    """Carry out everything that may leave now, oldest first. Safe to kill and to start again.

    `sending` and what is about to be replaced are committed, and stand in the log of what leaves,
    before the ERP is asked to change anything; `announce` says elsewhere that so many follow. A
    dead process's write-back is repeated under the same key, which the contract of connectors
    allows. `patience` is how long a silent process counts as alive.
    """
    writer = _Writer(hub, turn, on, log, announce)
    writer.recover(patience)
    while writer.round():
        pass  # a release that waited for its block leaves in the next round
    with hub.store.read() as connection:
        for_people = len(write_backs.for_people(connection))
    return WriteBackReport(
        reached=dict(sorted(writer.reached.items())),
        waiting=dict(writer.waiting.most_common()),
        for_people=for_people,
    )


class _Writer:
    def __init__(
        self,
        hub: Hub,
        turn: DispatcherTurn,
        on: date,
        log: LeftLog,
        announce: Callable[[int], None],
    ) -> None:
        self._hub, self._turn, self._on = hub, turn, on
        self._log, self._announce = log, announce
        self.reached: Counter[WriteBackStatus] = Counter()
        self.waiting: Counter[str] = Counter()
        self._stopped: dict[str, str] = {}
        self._tried: set[str] = set()

    def recover(self, patience: timedelta) -> None:
        """Takes over the write-backs of dead processes."""
        now = self._hub.now()
        with self._turn.write() as connection:
            for pending in write_backs.sending(connection):
                silent = self._hub.store.is_sqlite or _began_before(pending, now - patience)
                if not silent or not self._turn.is_dead(pending.claimed_by):
                    continue
                write_backs.change(
                    connection,
                    pending.id,
                    [WriteBackStatus.SENDING],
                    status=WriteBackStatus.UNCERTAIN,
                    claimed_by="",
                    next_attempt_at=now,
                    reason=CUT_OFF,
                )
                drop_if_over(connection, pending, WriteBackStatus.UNCERTAIN)

    def round(self) -> bool:
        """Everything that may leave now, once; whether anything did."""
        with self._hub.store.read() as connection:
            due = write_backs.due(connection, self._hub.now())
        due = [each for each in due if each.id not in self._tried]
        for pending in due:
            self._tried.add(pending.id)
            if (reason := self._stopped.get(pending.source)) is not None:
                self.waiting[f"{pending.source}: {reason}"] += 1
                continue
            answer = self._carry_out(pending)
            if answer is not None:
                self._keep(pending, answer)
        return bool(due)

    def _carry_out(self, pending: StoredWriteBack) -> Answer | None:
        """Reads the value to be replaced, commits it, then changes it. None: no longer wanted."""
        change, before = self._change(pending)
        if pending.kind is write_backs.BLOCK and (
            before is None or pending.status is WriteBackStatus.QUEUED
        ):
            learned = self._call(pending, change, dry_run=True)
            if isinstance(learned, Answer):
                return learned
            before = dict(learned.before)
        if not self._begin(pending, before):
            return None
        done = self._call(pending, change, dry_run=False)
        if isinstance(done, Answer):
            if done.status is not WriteBackStatus.UNCERTAIN:
                self._log.written(NotWritten(pending.id))
            return replace(done, begun=True)
        self._log.written(
            Written(pending.id, done.ref, dict(_kept(pending, before, done)), done.at)
        )
        return Answer(
            WriteBackStatus.DONE,
            done.note,
            ref=done.ref,
            before=_kept(pending, before, done),
            begun=True,
        )

    def _begin(self, pending: StoredWriteBack, before: Mapping[str, str] | None) -> bool:
        """Says that it is being written, here and beside the archive. False: no longer wanted."""
        now = self._hub.now()
        with self._turn.write() as connection:
            if not write_backs.begin(connection, pending, self._turn.owner, now, before):
                return False
            writing = writing_of(connection, pending, before, self._on, now)
        self._log.writing(writing)
        self._announce(1)
        return True

    def _change(self, pending: StoredWriteBack) -> tuple[WriteBack, Mapping[str, str] | None]:
        """What the connector is asked, and what is known of what it replaces."""
        before, text, given = pending.before, pending.block_reason, {}
        if pending.kind is write_backs.RELEASE:
            with self._hub.store.read() as connection:
                written = write_backs.of_same_block(connection, pending)
            before = given = (written.before if written else None) or {}
            text = pending.release_reason
        change = WriteBack(
            kind=pending.kind,
            client=pending.client,
            on=self._on,
            text=text,
            by=pending.made_by,
            before=given,
        )
        return change, before

    def _call(
        self, pending: StoredWriteBack, change: WriteBack, *, dry_run: bool
    ) -> Receipt | Answer:
        """One call of the connector, its errors translated for the write-back."""
        connector = self._hub.registry.connector(pending.source)
        key, attempt = key_of(pending.id), pending.attempts + 1
        try:
            return connector.write_back(change, key, self._on, attempt=attempt, dry_run=dry_run)
        except PluginError as error:
            return self._meaning(error, pending, connector.ready, dry_run=dry_run)

    def _meaning(
        self, error: PluginError, pending: StoredWriteBack, ready: bool, *, dry_run: bool
    ) -> Answer:
        """A dry run changes nothing, so its failure leaves nothing in doubt."""
        attempt = pending.attempts + 1
        match error:
            case UnsupportedError():
                return Answer(WriteBackStatus.MANUAL, str(error), burned=not dry_run)
            case RejectedError():
                return Answer(WriteBackStatus.FAILED, str(error), burned=not dry_run)
            case RateLimitedError():
                return self._stop(error, pending, error.retry_after or SLOW_DOWN)
            case AuthenticationError() | ConfigurationError():
                return self._stop(error, pending, None)
            case TemporaryError() if not ready:
                return self._stop(error, pending, None)
            case TemporaryError():
                wait = write_back_delay(pending.id, attempt, error.retry_after, in_doubt=False)
                return self._again(error, wait, WriteBackStatus.QUEUED, attempt)
        wait = write_back_delay(pending.id, attempt, in_doubt=True)
        return self._again(
            error, wait, WriteBackStatus.QUEUED if dry_run else WriteBackStatus.UNCERTAIN, attempt
        )

    def _stop(self, error: PluginError, pending: StoredWriteBack, wait: timedelta | None) -> Answer:
        """The source failed, not this write-back: the source is skipped for the rest of the run."""
        self._stopped[pending.source] = str(error)
        return Answer(WriteBackStatus.QUEUED, str(error), again=self._after(wait), burned=False)

    def _again(
        self, error: PluginError, wait: timedelta | None, status: WriteBackStatus, attempt: int
    ) -> Answer:
        if wait is None and status is WriteBackStatus.QUEUED:
            return Answer(
                WriteBackStatus.FAILED,
                sentence(
                    "given up after {attempt} attempts: {error}", attempt=attempt, error=str(error)
                ),
            )
        return Answer(status, str(error), again=self._after(wait))

    def _after(self, wait: timedelta | None) -> datetime | None:
        return None if wait is None else self._hub.now() + wait

    def _keep(self, pending: StoredWriteBack, answer: Answer) -> None:
        with self._turn.write() as connection:
            owner, now = self._turn.owner, self._hub.now()
            status, events = keep(connection, pending, answer, owner=owner, on=self._on, now=now)
            journal.record(connection, events, at=self._hub.now())
        if status is not None:
            self.reached[status] += 1
        tell_plugins(self._hub, events, self._hub.now())


def _began_before(pending: StoredWriteBack, moment: datetime) -> bool:
    return pending.sending_at is not None and pending.sending_at <= moment


def _kept(
    pending: StoredWriteBack, learned: Mapping[str, str] | None, done: Receipt
) -> Mapping[str, str]:
    """The value before our change.

    On a first try the receipt is the newest source. On later tries a connector may report our own
    change as the earlier value: then the value read without a change counts, and after a try in
    doubt the value read before that try.
    """
    replaced = dict(done.before)
    first_try = pending.status is WriteBackStatus.QUEUED and pending.attempts == 0
    first, second = (replaced, learned) if first_try else (learned, replaced)
    return first or second or {}
