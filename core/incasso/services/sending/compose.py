"""Write the message of a step: recipients, text, channel, bytes.

Nothing here changes anything. A message that cannot be written has a reason: it waits for a
person's correction (`Waits`), or this medium does not reach the client (`Closed`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from incasso.contract.channel import OutboundMessage, Recipient
from incasso.contract.errors import (
    ConfigurationError,
    PluginCrashError,
    PluginError,
    RejectedError,
)
from incasso.contract.general import PlannedStep
from incasso.contract.media import Medium
from incasso.contract.text import in_a_row, text
from incasso.domain.money import from_minor
from incasso.domain.sending.notices import NoticeKind
from incasso.domain.sending.trust import envelope_id
from incasso.messages import Template
from incasso.messages.pages import UnfitPagesError
from incasso.plugins.handles import ChannelHandle
from incasso.plugins.registry import Registry
from incasso.services.hub.hub import Hub
from incasso.services.sending.composed import Closed, Composed, Crashed, Leaving, Waits
from incasso.services.sending.copies import copied
from incasso.services.sending.enclosed import NOTHING, Enclosed
from incasso.services.sending.enclosures import Enclosures
from incasso.services.sending.outbound import Worded, outbound
from incasso.services.sending.page_facts import PageFacts
from incasso.services.sending.wording import Wording
from incasso.store.sending.outbox_queue import ReadyStep


@dataclass(frozen=True)
class _FilesRefused:
    """The message could leave, but not with its documents."""

    reason: str


class Composer:
    """Writes the messages of one page of steps."""

    def __init__(
        self,
        hub: Hub,
        on: date,
        facts: PageFacts,
        templates: Mapping[tuple[str, str], Template],
        stopped: Mapping[str, str],
        enclosures: Enclosures,
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
        envelope_key: bytes = b"",
    ) -> None:
        """`stopped` are channels that are not to be used any more in this run, and why; `new_id`
        names the delivery of a step that was not tried before; `envelope_key` makes the id that
        only servers see, and messages that do not leave need none."""
        self._hub = hub
        self._on = on
        self._facts = facts
        self._wording = Wording(hub, on, facts, templates)
        self._stopped = stopped
        self._enclosures = enclosures
        self._new_id = new_id
        self._envelope_key = envelope_key

    def compose(self, step: ReadyStep) -> Composed:
        """The message of one step, or why there is none. Raises no errors of plugins."""
        to = next(iter(self._facts.recipients(step)), None)
        if to is None:
            return Closed(step=step, reason=self._facts.why_unreachable(step))
        channel = self._channel(step)
        if isinstance(channel, str):
            return Waits(step=step, reason=channel)
        if step.notice is NoticeKind.COPY:
            return self._copy(step, channel, to)
        planned = self._planned(step)
        objections = self._hub.registry.objections(planned)
        if blocking := [each.reason for each in objections if each.blocks]:
            return Waits(step=step, reason=in_a_row(blocking))
        enclosed = self._enclosures.of(step, self._facts, channel)
        made = self._with(step, planned, to, channel, enclosed)
        if isinstance(made, _FilesRefused):
            made = self._with(step, planned, to, channel, enclosed.refused(made.reason))
        assert not isinstance(made, _FilesRefused)  # nothing was left to be refused
        return made

    def _copy(self, step: ReadyStep, channel: ChannelHandle, to: Recipient) -> Composed:
        made = copied(self._hub, self._facts, step, step.delivery or self._new_id(), to)
        if isinstance(made, str):
            return Waits(step=step, reason=made)
        named = envelope_id(self._envelope_key, made.delivery)
        message = msgspec.structs.replace(made, envelope_id=named)
        prepared = self._prepared(step, channel, message, NOTHING)
        assert not isinstance(prepared, _FilesRefused)  # only documents are refused
        return prepared

    def draft(self, step: ReadyStep) -> OutboundMessage | str:
        """The words of a message that may not be able to leave: whatever becomes of its channel,
        its documents and its address. Else why there are none. Raises no errors of plugins.
        """
        channel = self._channel(step)
        known = None if isinstance(channel, str) else channel
        worded = self._wording.of(step, self._planned(step), NOTHING, known)
        if isinstance(worded, str):
            return worded
        to = next(iter(self._facts.recipients(step)), Recipient())
        return self._message(step, to, worded, NOTHING)

    def _with(
        self,
        step: ReadyStep,
        planned: PlannedStep,
        to: Recipient,
        channel: ChannelHandle,
        enclosed: Enclosed,
    ) -> Composed | _FilesRefused:
        """The message with these documents. Raises no errors of plugins."""
        if enclosed.missing and self._facts.stage(step).attach_required:
            return Waits(step=step, reason=enclosed.why)
        worded = self._wording.of(step, planned, enclosed, channel)
        if isinstance(worded, str):
            return Waits(step=step, reason=worded)
        try:
            message = self._message(step, to, worded, enclosed)
        except UnfitPagesError as error:
            return _FilesRefused(str(error))
        return self._prepared(step, channel, message, enclosed)

    def _channel(self, step: ReadyStep) -> ChannelHandle | str:
        medium = self._facts.medium(step)
        return usable_channel(self._hub.registry, medium, step.source, self._stopped)

    def _prepared(
        self, step: ReadyStep, channel: ChannelHandle, message: OutboundMessage, enclosed: Enclosed
    ) -> Composed | _FilesRefused:
        address = message.to.address or ", ".join(message.to.postal)
        try:
            prepared = channel.prepare(message, self._on)
        except RejectedError as error:
            if enclosed.files and any(each.field == "attachments" for each in error.problems):
                return _FilesRefused(str(error))
            bad = address if error.bad_address else ""
            return Closed(step=step, reason=_in_words(error), bad_address=bad)
        except PluginCrashError as error:
            return Crashed(
                step=step,
                delivery=message.delivery,
                attempts=step.attempts or 0,
                channel=channel,
                address=address,
                reason=_in_words(error),
            )
        except PluginError as error:
            return Waits(step=step, reason=_in_words(error))
        return Leaving(
            step=step,
            delivery=message.delivery,
            attempts=step.attempts or 0,
            address=address,
            channel=channel,
            message=message,
            prepared=prepared,
            stage=self._facts.stage(step),
            lines=self._facts.lines(step),
            credits=tuple(credit.id for credit in self._facts.credits(step)),
            enclosed=enclosed,
            copies=self._facts.copies(step),
        )

    def _message(
        self, step: ReadyStep, to: Recipient, worded: Worded, enclosed: Enclosed
    ) -> OutboundMessage:
        delivery = step.delivery or self._new_id()
        company = self._hub.config.company(step.source)
        made = outbound(self._facts, company, step, delivery, to, worded, enclosed)
        named = envelope_id(self._envelope_key, delivery)
        return msgspec.structs.replace(made, envelope_id=named)

    def _planned(self, step: ReadyStep) -> PlannedStep:
        lines = self._facts.lines(step)
        return PlannedStep(
            id=str(step.id),
            source=step.source,
            client=self._facts.client(step).code,
            iter=step.iter,
            stage=step.stage,
            medium=Medium(self._facts.medium(step)),
            due_on=step.due_on,
            installments=tuple(line.key for line in lines),
            total=from_minor(sum(line.residual for line in lines), step.currency),
            currency=step.currency,
        )


def usable_channel(
    registry: Registry, medium: str, source: str, stopped: Mapping[str, str]
) -> ChannelHandle | str:
    """The first ready instance for the medium and source, or why there is none; a resting one may
    be probed."""
    fitting = registry.channels_for(medium, source)
    usable = [channel for channel in fitting if channel.id not in stopped]
    if usable:
        return usable[0]
    if fitting:
        return in_a_row(stopped[channel.id] for channel in fitting)
    return text(
        "no channel carries {medium} for {source}: add one to plugins.toml",
        medium=Medium(medium),
        source=source,
    )


def _in_words(error: PluginError) -> str:
    if not isinstance(error, ConfigurationError | RejectedError):
        return str(error)
    said = str(error)
    told = (each for each in error.problems if each.field and each.message not in said)
    details = "; ".join(f"{each.field}: {each.message}" for each in told)
    return f"{error} ({details})" if details else str(error)
