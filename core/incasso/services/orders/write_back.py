"""Write order blocks and releases into the ERPs: at most one trace each, whatever dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from incasso.contract.connector import WriteBack, WriteBackKind
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
    UnsupportedError,
)
from incasso.contract.values import Receipt
from incasso.domain.orders.write_back import WriteBackStatus, key_of, write_back_delay
from incasso.domain.sending.retry import SLOW_DOWN
from incasso.services.orders.answers import Answer, drop_if_over, keep
from incasso.services.running.hub import Hub
from incasso.services.running.hub_events import tell_plugins
from incasso.store.orders import write_backs
from incasso.store.proof import journal
from incasso.store.sending.dispatcher_lock import DispatcherTurn

CUT_OFF: Final = "the program ended while it was being written: asked again under the same key"


class WriteBackReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the write-backs of one run, by status; `queued` are tried again later."""

    reached: Mapping[str, int] = {}
    waiting: Mapping[str, int] = {}
    """Those left alone in this run, by reason."""
    for_people: int = 0
    """Those that only a person can settle: to do by hand, refused, or in doubt."""


def write_back(hub: Hub, turn: DispatcherTurn, on: date, *, patience: timedelta) -> WriteBackReport:
    """Carry out everything that may leave now, oldest first. Safe to kill and to start again.

    `sending` and what is about to be replaced are committed before the ERP is asked to change
    anything. What a dead process was writing is asked for again under the same key, which the
    contract of connectors allows. `patience` is how long a silent process is believed alive.
    """
    writer = _Writer(hub, turn, on)
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
    def __init__(self, hub: Hub, turn: DispatcherTurn, on: date) -> None:
        self._hub, self._turn, self._on = hub, turn, on
        self.reached: Counter[str] = Counter()
        self.waiting: Counter[str] = Counter()
        self._stopped: dict[str, str] = {}
        self._tried: set[str] = set()

    def recover(self, patience: timedelta) -> None:
        """Lift what dead processes had in hand."""
        now = self._hub.now()
        with self._turn.write() as connection:
            for row in write_backs.sending(connection):
                silent = self._hub.store.is_sqlite or row.sending_at <= now - patience
                if not silent or not self._turn.is_dead(row.claimed_by):
                    continue
                values = {"status": WriteBackStatus.UNCERTAIN.value, "next_attempt_at": now}
                write_backs.change(
                    connection,
                    row.id,
                    [WriteBackStatus.SENDING],
                    claimed_by="",
                    reason=CUT_OFF,
                    **values,
                )
                drop_if_over(connection, row, WriteBackStatus.UNCERTAIN)

    def round(self) -> bool:
        """Everything that may leave now, once; whether anything did."""
        with self._hub.store.read() as connection:
            rows = write_backs.due(connection, self._hub.now())
        rows = [row for row in rows if row.id not in self._tried]
        for row in rows:
            self._tried.add(row.id)
            if (reason := self._stopped.get(row.source)) is not None:
                self.waiting[f"{row.source}: {reason}"] += 1
                continue
            answer = self._carry_out(row)
            if answer is not None:
                self._keep(row, answer)
        return bool(rows)

    def _carry_out(self, row: Row[Any]) -> Answer | None:
        """Learn what would be replaced, commit, then change it. None: it is no longer wanted."""
        change, before = self._change(row)
        if row.kind == write_backs.BLOCK and (
            before is None or row.status == WriteBackStatus.QUEUED
        ):
            learned = self._call(row, change, dry_run=True)
            if isinstance(learned, Answer):
                return learned
            before = dict(learned.before)
        with self._turn.write() as connection:
            owner, now = self._turn.owner, self._hub.now()
            if not write_backs.begin(connection, row, owner, now, before):
                return None
        done = self._call(row, change, dry_run=False)
        if isinstance(done, Answer):
            return replace(done, begun=True)
        return Answer(
            WriteBackStatus.DONE,
            done.note,
            ref=done.ref,
            before=_kept(row, before, done),
            begun=True,
        )

    def _change(self, row: Row[Any]) -> tuple[WriteBack, Mapping[str, str] | None]:
        """What the connector is asked, and what is known of what it replaces."""
        before, text = row.before, row.block_reason
        if row.kind == write_backs.RELEASE:
            with self._hub.store.read() as connection:
                written = write_backs.block_row(connection, row)
            before, text = (written.before if written else None) or {}, row.release_reason
        kind = WriteBackKind(row.kind)
        given = before if kind is WriteBackKind.RELEASE_ORDERS else {}
        change = WriteBack(
            kind=kind, client=row.client, on=self._on, text=text, by=row.made_by, before=given
        )
        return change, before

    def _call(self, row: Row[Any], change: WriteBack, *, dry_run: bool) -> Receipt | Answer:
        """One call of the connector, its errors as what they mean for the write-back."""
        connector = self._hub.registry.connector(row.source)
        key, attempt = key_of(row.id), row.attempts + 1
        try:
            return connector.write_back(change, key, self._on, attempt=attempt, dry_run=dry_run)
        except PluginError as error:
            return self._meaning(error, row, connector.ready, dry_run=dry_run)

    def _meaning(self, error: PluginError, row: Row[Any], ready: bool, *, dry_run: bool) -> Answer:
        """A dry run changes nothing, so whatever happens in it leaves no doubt."""
        attempt = row.attempts + 1
        match error:
            case UnsupportedError():
                return Answer(WriteBackStatus.MANUAL, str(error), burned=not dry_run)
            case RejectedError():
                return Answer(WriteBackStatus.FAILED, str(error), burned=not dry_run)
            case RateLimitedError():
                return self._stop(error, row, error.retry_after or SLOW_DOWN)
            case AuthenticationError() | ConfigurationError():
                return self._stop(error, row, None)
            case TemporaryError() if not ready:
                return self._stop(error, row, None)
            case TemporaryError():
                wait = write_back_delay(row.id, attempt, error.retry_after, in_doubt=False)
                return self._again(error, wait, WriteBackStatus.QUEUED, attempt)
        wait = write_back_delay(row.id, attempt, in_doubt=True)
        return self._again(
            error, wait, WriteBackStatus.QUEUED if dry_run else WriteBackStatus.UNCERTAIN, attempt
        )

    def _stop(self, error: PluginError, row: Row[Any], wait: timedelta | None) -> Answer:
        """Not this write-back's fault: the whole source is left alone for the rest of the run."""
        self._stopped[row.source] = str(error)
        return Answer(WriteBackStatus.QUEUED, str(error), again=self._after(wait), burned=False)

    def _again(
        self, error: PluginError, wait: timedelta | None, status: WriteBackStatus, attempt: int
    ) -> Answer:
        if wait is None and status is WriteBackStatus.QUEUED:
            return Answer(WriteBackStatus.FAILED, f"given up after {attempt} attempts: {error}")
        return Answer(status, str(error), again=self._after(wait))

    def _after(self, wait: timedelta | None) -> datetime | None:
        return None if wait is None else self._hub.now() + wait

    def _keep(self, row: Row[Any], answer: Answer) -> None:
        with self._turn.write() as connection:
            owner, now = self._turn.owner, self._hub.now()
            status, events = keep(connection, row, answer, owner=owner, on=self._on, now=now)
            journal.record(connection, events, at=self._hub.now())
        if status is not None:
            self.reached[status.value] += 1
        tell_plugins(self._hub, events, self._hub.now())


def _kept(row: Row[Any], learned: Mapping[str, str] | None, done: Receipt) -> Mapping[str, str]:
    """What stood there before us.

    The receipt of a first try is the newest word. On later ones a connector may take what it finds
    for our own earlier work, or tell our own change as what was there: then what was learned
    without touching anything counts, and after a try in doubt what was learned before that try.
    """
    told = dict(done.before)
    first_try = row.status == WriteBackStatus.QUEUED and row.attempts == 0
    first, second = (told, learned) if first_try else (learned, told)
    return first or second or {}
