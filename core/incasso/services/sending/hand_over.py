"""Hands one message to its channel and turns whatever comes back into an answer."""

from __future__ import annotations

from datetime import date, datetime

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import Sought
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
from incasso.contract.text import Text, text
from incasso.contract.values import Receipt
from incasso.domain.sending.delivery import DeliveryStatus, Trace, after_crash
from incasso.domain.sending.retry import CRASHES, SLOW_DOWN, retry_delay
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.hub import Hub
from incasso.services.sending.answers import Accepted, Answer, Doubtful, Later, Refused
from incasso.services.sending.composed import Leaving
from incasso.services.sending.refused_sender import RefusedSenders
from incasso.store.proof import archive


class HandOver:
    """The channels during one dispatch, and which of them it stopped."""

    def __init__(self, hub: Hub, on: date) -> None:
        self._hub = hub
        self._on = on
        self.stopped: dict[str, str] = {}
        """Channels that are skipped for the rest of this run, and why."""
        self.resting: dict[str, datetime] = {}
        """Those of them that were asked to slow down, and until when."""
        self.halted: dict[str, Text] = {}
        """Those that wait for a person from now on, with the cure: said once, when it happens."""
        self._refusing = RefusedSenders()

    def go_on(self, channel: str) -> None:
        """It has rested."""
        self.resting.pop(channel, None)
        self.stopped.pop(channel, None)

    def hand_over(self, message: Leaving) -> Answer:
        """Call the channel, once. Raises no errors of plugins."""
        channel, attempt, began = message.channel, message.attempts + 1, self._hub.now()
        try:
            receipt = channel.send(
                message.message, message.prepared, attempt=attempt, dry_run=False, on=self._on
            )
        except RejectedError as error:
            return self._refused(message, error)
        except RateLimitedError as error:
            until = self._hub.now() + (error.retry_after or SLOW_DOWN)
            self.resting[channel.id] = until
            self.stopped[channel.id] = text(
                "{channel} was asked to slow down and rests until {moment}",
                channel=channel.id,
                moment=until.astimezone(self._hub.config.timezone).replace(tzinfo=None),
            )
            return Later(message, self.stopped[channel.id], until, burned=False)
        except TemporaryError as error:
            return self._later(message, attempt, error)
        except (AuthenticationError, ConfigurationError) as error:
            self._halt(channel, str(error))
            return Later(message, str(error), None, burned=False)
        except PluginError as error:
            return self._unknown(message, attempt, error, began)
        return self._accepted(message, receipt)

    def _halt(self, channel: ChannelHandle, reason: str) -> None:
        self.stopped[channel.id] = reason
        if not channel.ready:
            self.halted[channel.id] = text(
                "{channel} has stopped: {reason}. Its messages wait: {cure}, with `incasso check "
                "{channel}`",
                channel=channel.id,
                reason=reason,
                cure=channel.view.hint,
            )

    def _refused(self, message: Leaving, error: RejectedError) -> Answer:
        """Refused for good; if the sender is refused everywhere, it waits with the others."""
        channel = message.channel
        if self._refusing.stopped(channel, message.address, error):
            self.stopped[channel.id] = channel.view.reason
            return Later(message, str(error), None, burned=False)
        return Refused(
            message, str(error), bad_address=error.bad_address, opted_out=error.opted_out
        )

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

    def _unknown(
        self, message: Leaving, attempt: int, error: PluginError, began: datetime
    ) -> Answer:
        """It may have left: asks the channel, and repeats only what is certainly unsent."""
        channel = message.channel
        if not channel.ready:
            self.stopped[channel.id] = str(error)
        content = message.prepared.content
        sought = Sought(to=message.address, content=content, not_before=began)
        trace, receipt = look_up(channel, message.delivery, self._on, sought)
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


def look_up(
    channel: ChannelHandle, delivery: str, on: date, sought: Sought
) -> tuple[Trace, Receipt | None]:
    """Ask a channel whether it has sent a delivery; the receipt comes with FOUND only."""
    if not channel.can(ChannelCapability.FIND):
        return Trace.UNKNOWN, None
    try:
        receipt = channel.find(delivery, on, sought)
    except PluginError:
        return Trace.UNKNOWN, None
    return (Trace.CERTAINLY_NOT, None) if receipt is None else (Trace.FOUND, receipt)
