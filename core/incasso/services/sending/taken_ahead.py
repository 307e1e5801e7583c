"""Messages of one page that another process writes, and which of them the dispatcher takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incasso.services.hub.hub import Hub
from incasso.services.sending.compose import usable_channel
from incasso.services.sending.composed import Leaving
from incasso.services.sending.composer_process import ComposerProcess
from incasso.services.sending.written_ahead import Order, Written
from incasso.store.proof.archive import Entry
from incasso.store.sending.outbox_queue import ReadyStep


class WrittenAhead:
    """The order of one page."""

    def __init__(
        self, composer: ComposerProcess, steps: Sequence[ReadyStep], stopped: Mapping[str, str]
    ) -> None:
        """`stopped` are the channels that are skipped, now and when the messages are taken."""
        self._composer = composer
        self._steps = {step.id: step for step in steps}
        self._stopped = stopped
        composer.order(Order(list(steps), dict(stopped)))

    def taken(self, hub: Hub, page: Sequence[ReadyStep]) -> list[tuple[Leaving, Entry]]:
        """The messages that can leave as they are, with the entries of their bytes.

        Of a client all or none: how many may leave is counted over all of them.
        """
        found = [self._leaving(hub, each) for each in self._composer.taken()]
        good = [each for each in found if each is not None]
        done = {each.step.id for each, _ in good}
        unfinished = {step.client_id for step in page if step.id not in done}
        return [each for each in good if each[0].step.client_id not in unfinished]

    def _leaving(self, hub: Hub, made: Written) -> tuple[Leaving, Entry] | None:
        """None if it would go through another channel by now."""
        step = self._steps[made.step]
        medium = made.message.medium.value
        channel = usable_channel(hub.registry, medium, step.source, self._stopped)
        if isinstance(channel, str) or channel.id != made.channel:
            return None
        leaving = Leaving(
            step=step,
            delivery=made.delivery,
            attempts=step.attempts or 0,
            address=made.address,
            channel=channel,
            message=made.message,
            prepared=made.prepared,
            stage=made.stage,
            lines=made.lines,
            credits=made.credits,
            copies=made.copies,
            sha256=made.entry.sha256,
        )
        return leaving, made.entry
