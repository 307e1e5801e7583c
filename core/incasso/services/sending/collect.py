"""Collects the fate of sent messages: receipts, bounces, proofs of delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.channel import DeliveryUpdate
from incasso.contract.errors import CursorExpiredError, PluginError
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.sending.delivery import FINAL, DeliveryStatus
from incasso.domain.sending.trust import (
    NewsStanding,
    Trust,
    envelope_id,
    standing_of,
    trust_in,
    weigh,
)
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.events import tell_plugins
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import begin
from incasso.services.proof.anchoring import catch_up
from incasso.services.sending.news import apply_news, note_cost, reported
from incasso.store.proof import archive, journal
from incasso.store.sending import deliveries, delivery_news, envelopes

AT_ONCE: Final = 200
"""The contract's limit for one question about many messages."""

HOOK: Final = "channel_collect"

SETTLED: Final = (*FINAL, DeliveryStatus.CANCELLED)
"""News that a person must judge comes too late for these."""


class CollectReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came in: statuses reached, news of unknown messages, channels that did not answer."""

    on: date
    reached: Mapping[DeliveryStatus, int] = {}
    """Deliveries by the status they came to."""
    news: int = 0
    """Pieces of news that were not yet known."""
    unknown: int = 0
    """About messages that are not ours."""
    waiting: int = 0
    """News that a person must judge, of this time and before."""
    problems: Mapping[str, str] = {}
    """By channel, why it could not be asked; the others were."""


def collect(
    hub: Hub, actor: Actor, on: date, progress: Callable[[str, int], None] | None = None
) -> CollectReport:
    """Ask every channel that can tell; a stage that waited for this proof counts on `on`.

    The same news twice changes nothing. One channel's failure does not stop the others. Raises
    ActorError.
    """
    begin(hub, actor, Work.COLLECT, on)
    collecting = _Collecting(hub, on)
    problems: dict[str, str] = {}
    for channel in hub.registry.channels():
        try:
            collecting.ask(channel)
        except PluginError as error:
            problems[channel.id] = str(error)
        if progress is not None:
            progress("news", collecting.news)
    catch_up(hub.store)
    with hub.store.read() as connection:
        waiting = delivery_news.count_waiting(connection)
    return CollectReport(
        on=on,
        reached=dict(sorted(collecting.reached.items())),
        news=collecting.news,
        unknown=collecting.unknown,
        waiting=waiting,
        problems=problems,
    )


class _Collecting:
    def __init__(self, hub: Hub, on: date) -> None:
        self._hub = hub
        self._on = on
        self.reached: Counter[DeliveryStatus] = Counter()
        self.news = self.unknown = 0

    def ask(self, channel: ChannelHandle) -> None:
        """All news of one channel. Raises errors of its plugin."""
        if channel.can(ChannelCapability.COLLECT):
            try:
                self._collect(channel, self._cursor(channel))
            except CursorExpiredError:
                self._collect(channel, None)
        if channel.can(ChannelCapability.POLL):
            self._poll(channel)

    def _collect(self, channel: ChannelHandle, since: str | None) -> None:
        for page in channel.collect(since, self._on):
            self._take(channel, page.items, page.cursor, asked=False)

    def _poll(self, channel: ChannelHandle) -> None:
        after = ""
        while True:
            with self._hub.store.read() as connection:
                found = deliveries.unsettled(connection, channel.id, after, AT_ONCE)
            if not found:
                return
            refs = tuple(dict.fromkeys(each.ref or each.id for each in found))
            self._take(channel, channel.poll(refs, self._on), None, asked=True)
            after = found[-1].id

    def _cursor(self, channel: ChannelHandle) -> str | None:
        with self._hub.store.read() as connection:
            return delivery_news.cursor(connection, channel.id, HOOK)

    def _take(
        self,
        channel: ChannelHandle,
        news: Iterable[DeliveryUpdate],
        cursor: str | None,
        *,
        asked: bool,
    ) -> None:
        """Commit the news and the cursor together, so that none is repeated or missed.

        `asked`: the channel asked for news of these messages, else it collected what came in.
        """
        kept = [(each, self._kept(each)) for each in news]
        now, events = self._hub.now(), []
        with self._hub.store.write() as connection:
            key = envelopes.envelope_key(connection)
            for update, evidence in kept:
                delivery = deliveries.meant_by(connection, channel.id, update.ref)
                if delivery is None:
                    self.unknown += 1
                    continue
                if evidence is not None:
                    archive.note(connection, [evidence], at=now)
                sha256 = evidence.sha256 if evidence else ""
                expected = envelope_id(key, delivery.id)
                trust = trust_in(update, asked=asked, to=delivery.to, expected=expected)
                weight = weigh(update, trust)
                standing = standing_of(weight, over=delivery.status in SETTLED)
                new = delivery_news.record(connection, delivery.id, update, sha256, trust, standing)
                if not new:
                    continue
                self.news += 1
                if trust is not Trust.UNKNOWN:
                    events += note_cost(connection, delivery, update, self._on)
                if standing is NewsStanding.WAITING:
                    events.append(reported(delivery, update, sha256, self._on))
                reached = apply_news(
                    connection, delivery, update, sha256, weight, on=self._on, now=now
                )
                self.reached.update(each.status for each in reached)
                events += [each.event for each in reached]
            if cursor is not None:
                delivery_news.set_cursor(connection, channel.id, HOOK, cursor)
            journal.record(connection, events, at=now)
        tell_plugins(self._hub, events, now)

    def _kept(self, update: DeliveryUpdate) -> archive.Entry | None:
        if (proof := update.evidence) is None:
            return None
        return archive.keep(self._hub.store, proof.content, proof.media_type, proof.filename)
