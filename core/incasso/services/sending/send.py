"""Hands messages to their channels; a crash loses none and sends none twice.

`sending` is committed before the channel is called, its answer after the call. To spare half the
commits, the answer to one message is written in the transaction that begins the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.exc import OperationalError

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginCrashError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.text import text
from incasso.contract.values import Receipt
from incasso.domain.sending.delivery import DeliveryStatus, Trace, after_crash
from incasso.domain.sending.retry import CRASHES, SLOW_DOWN, retry_delay
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.hub import Hub
from incasso.services.sending.answers import Accepted, Answer, Doubtful, Later, Refused, write
from incasso.services.sending.composed import Leaving
from incasso.services.sending.refused_sender import RefusedSenders
from incasso.store.proof import archive, journal
from incasso.store.proof.journal import Event
from incasso.store.proof.left_log import LeftLog
from incasso.store.sending import outbox
from incasso.store.sending.dispatcher_lock import DispatcherTurn

TRIES: Final = 5
"""PostgreSQL breaks a deadlock by refusing one side; what was sent is written all the same."""

FRESH: Final = timedelta(seconds=60)
"""After this time payments and holds are rechecked before more messages leave."""


class Sender:
    """Sends what is ready to leave, message after message, in one dispatcher's turn."""

    def __init__(
        self,
        hub: Hub,
        turn: DispatcherTurn,
        on: date,
        on_answer: Callable[[Answer, Sequence[Event]], None],
        log: LeftLog,
    ) -> None:
        self._hub = hub
        self._turn = turn
        self._on = on
        self._on_answer = on_answer
        self._log = log
        self.stopped: dict[str, str] = {}
        """Channels that are skipped for the rest of this run, and why."""
        self._refusing = RefusedSenders()

    def send(self, messages: Sequence[Leaving], looked_at: datetime) -> Sequence[Leaving]:
        """Send them in order; those of a stopped channel stay queued.

        Returns the rest when the recheck of payments and holds, `looked_at`, is too old.
        """
        answer: Answer | None = None
        try:
            for place, message in enumerate(messages):
                if place and self._hub.now() - looked_at > FRESH:
                    return messages[place:]
                if message.channel.id in self.stopped:
                    continue
                begun = self._begin(message, answer)
                answer = None  # it is committed; what comes next may be interrupted
                if begun:
                    answer = self._hand_over(message)
                    self._note(answer)
        finally:
            if answer is not None:
                self._begin(None, answer)
        return ()

    def _begin(self, message: Leaving | None, answer: Answer | None) -> bool:
        """Commits the answer to the previous message, and that this one is about to be sent."""
        for tried in range(1, TRIES + 1):
            try:
                return self._committed(message, answer)
            except OperationalError:
                if tried == TRIES:
                    raise
        raise AssertionError("unreachable")

    def _committed(self, message: Leaving | None, answer: Answer | None) -> bool:
        now, owner, begun = self._hub.now(), self._turn.owner, False
        with self._turn.write() as connection:
            events = write(connection, answer, owner, self._on, now) if answer else []
            if message is not None:
                claimed = outbox.Claimed(
                    message.delivery, message.step.id, message.step.medium, message.step.total
                )
                begun = outbox.begin(connection, claimed, owner, now)
            # Last, because other writers of the journal wait for us from here on.
            journal.record(connection, events, at=now)
        if answer is not None:
            self._on_answer(answer, events)
        return begun

    def _note(self, answer: Answer) -> None:
        """What became of it, for a database that is put back from an older copy."""
        delivery = answer.message.delivery
        match answer:
            case Accepted(_, receipt):
                self._log.left(delivery, receipt.ref, receipt.at)
            case Doubtful():
                self._log.doubtful(delivery)
            case _:
                self._log.not_left(delivery)

    def _hand_over(self, message: Leaving) -> Answer:
        channel, attempt = message.channel, message.attempts + 1
        try:
            receipt = channel.send(
                message.message, message.prepared, attempt=attempt, dry_run=False, on=self._on
            )
        except RejectedError as error:
            return self._refused(message, error)
        except RateLimitedError as error:
            self.stopped[channel.id] = text("{id} is asked to slow down", id=channel.id)
            wait = error.retry_after or SLOW_DOWN
            return Later(message, str(error), self._hub.now() + wait, burned=False)
        except TemporaryError as error:
            return self._later(message, attempt, error)
        except (AuthenticationError, ConfigurationError) as error:
            self.stopped[channel.id] = str(error)
            return Later(message, str(error), None, burned=False)
        except PluginError as error:
            return self._unknown(message, attempt, error)
        return self._accepted(message, receipt)

    def _refused(self, message: Leaving, error: RejectedError) -> Answer:
        """Refused for good; if the sender is refused everywhere, it waits with the others."""
        channel = message.channel
        if self._refusing.stopped(channel, message.address, error):
            self.stopped[channel.id] = channel.view.reason
            return Later(message, str(error), None, burned=False)
        return Refused(message, str(error), bad_address=error.bad_address)

    def _accepted(self, message: Leaving, receipt: Receipt) -> Accepted:
        """Stores the other side's proof on disk before the database refers to it."""
        self._refusing.accepted(message.channel)
        entries = [
            archive.keep(self._hub.store, each.content, each.media_type, each.filename)
            for each in receipt.evidence
        ]
        return Accepted(message, receipt, tuple(entries))

    def _later(self, message: Leaving, attempt: int, error: TemporaryError) -> Answer:
        """Nothing was sent. The attempt counts only if the channel as a whole still works."""
        channel = message.channel
        if not channel.ready:
            self.stopped[channel.id] = str(error)
            return Later(message, str(error), None, burned=False)
        wait = retry_delay(message.delivery, attempt, error.retry_after)
        if wait is None:
            return Refused(
                message,
                text(
                    "given up after {attempt} attempts: {error}", attempt=attempt, error=str(error)
                ),
            )
        return Later(message, str(error), self._hub.now() + wait)

    def _unknown(self, message: Leaving, attempt: int, error: PluginError) -> Answer:
        """It may have left: asks the channel, and repeats only what is certainly unsent."""
        channel = message.channel
        if not channel.ready:
            self.stopped[channel.id] = str(error)
        trace, receipt = look_up(channel, message.delivery, self._on)
        status = after_crash(trace, idempotent=channel.can(ChannelCapability.IDEMPOTENT))
        if receipt is not None:
            return self._accepted(message, receipt)
        if status is DeliveryStatus.UNCERTAIN:
            ref = error.ref if isinstance(error, OutcomeUnknownError) else None
            return Doubtful(message, str(error), ref or "")
        if isinstance(error, PluginCrashError) and attempt >= CRASHES:
            return Refused(
                message,
                text(
                    "the channel broke {attempt} times on this message: {error}",
                    attempt=attempt,
                    error=str(error),
                ),
            )
        wait = retry_delay(message.delivery, attempt)
        if wait is None:
            return Refused(
                message,
                text(
                    "given up after {attempt} attempts: {error}", attempt=attempt, error=str(error)
                ),
            )
        return Later(message, str(error), self._hub.now() + wait)


def look_up(channel: ChannelHandle, delivery: str, on: date) -> tuple[Trace, Receipt | None]:
    """Ask a channel whether it has sent a delivery; the receipt comes with FOUND only."""
    if not channel.can(ChannelCapability.FIND):
        return Trace.UNKNOWN, None
    try:
        receipt = channel.find(delivery, on)
    except PluginError:
        return Trace.UNKNOWN, None
    return (Trace.CERTAINLY_NOT, None) if receipt is None else (Trace.FOUND, receipt)
