"""Collects what comes back: receipts, bounces, proofs of delivery, and what people answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

import msgspec

from incasso.contract.capabilities import ChannelCapability
from incasso.contract.errors import CursorExpiredError, PluginError
from incasso.contract.text import text
from incasso.domain.acts.work import Work
from incasso.domain.office.actor import Actor
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.plugins.handles import ChannelHandle
from incasso.services.hub.hub import Hub
from incasso.services.office.actors import begin
from incasso.services.proof.anchoring import catch_up
from incasso.services.sending.refused_sender import stop_if_refused
from incasso.services.sending.silence import tell_silence
from incasso.services.sending.take_news import HOOK, NewsTaker, Taken
from incasso.store.sending import deliveries, delivery_news, replies

AT_ONCE: Final = 200
"""The contract's limit for one question about many messages."""


class CollectReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came in: statuses reached, news of unknown messages, channels that did not answer."""

    on: date
    reached: Mapping[DeliveryStatus, int] = {}
    """Deliveries by the status they came to."""
    news: int = 0
    """Pieces of news that were not yet known."""
    unknown: int = 0
    """About messages that are not ours."""
    replies: int = 0
    """Messages that came in and were kept: answers of clients, out of office."""
    to_answer: int = 0
    """Messages that wait for an answer, of this time and before."""
    waiting: int = 0
    """News that a person must judge, of this time and before."""
    refused: Mapping[str, int] = {}
    """By channel, pieces of news in a form nobody can take, kept for a person; each counts once."""
    stopped: Mapping[str, str] = {}
    """By channel, why it was stopped now: several recipients refuse the office itself."""
    problems: Mapping[str, str] = {}
    """By channel, why it could not be asked; the others were."""
    warnings: Mapping[str, tuple[str, ...]] = {}
    """By channel, what the office should see to before it stops: a password that ends soon."""

    @property
    def remarks(self) -> list[str]:
        """The warnings as sentences."""
        return [
            text("{source}: {problem}", source=channel, problem=warning)
            for channel, warnings in self.warnings.items()
            for warning in warnings
        ]


def collect(
    hub: Hub,
    actor: Actor,
    on: date,
    progress: Callable[[str, int], None] | None = None,
    *,
    only: str = "",
) -> CollectReport:
    """Ask every channel that can tell, or `only` one; a stage that waited for this proof counts on
    `on`.

    The same news twice changes nothing. One channel's failure does not stop the others, and one
    bad piece of news stops neither the next ones nor the cursor. Raises ActorError.
    """
    begin(hub, actor, Work.COLLECT, on)
    collecting = _Collecting(hub, on)
    problems: dict[str, str] = {}
    asked = (hub.registry.channel(only),) if only else hub.registry.channels()
    for channel in asked:
        try:
            collecting.ask(channel)
        except PluginError as error:
            problems[channel.id] = str(error)
        if progress is not None:
            progress("news", collecting.taken.news)
    catch_up(hub.store)
    with hub.store.read() as connection:
        waiting = delivery_news.count_waiting(connection)
        to_answer = replies.count_to_answer(connection)
    taken = collecting.taken
    return CollectReport(
        on=on,
        reached=dict(sorted(taken.reached.items())),
        news=taken.news,
        unknown=taken.unknown,
        replies=taken.replies,
        to_answer=to_answer,
        waiting=waiting,
        refused=dict(sorted(taken.refused.items())),
        stopped=dict(sorted(collecting.stopped.items())),
        problems=problems,
        warnings={channel: tuple(told) for channel, told in sorted(collecting.warnings.items())},
    )


class _Collecting:
    def __init__(self, hub: Hub, on: date) -> None:
        self._hub = hub
        self._on = on
        self._taker = NewsTaker(hub, on)
        self.stopped: dict[str, str] = {}
        self.warnings: dict[str, dict[str, None]] = {}

    @property
    def taken(self) -> Taken:
        """What came in so far."""
        return self._taker.taken

    def ask(self, channel: ChannelHandle) -> None:
        """All news of one channel. Raises errors of its plugin."""
        with self._hub.store.read() as connection:
            known = delivery_news.newest(connection)
        try:
            self._ask(channel)
        finally:
            if why := stop_if_refused(self._hub, channel, known):
                self.stopped[channel.id] = why

    def _ask(self, channel: ChannelHandle) -> None:
        if channel.can(ChannelCapability.COLLECT):
            try:
                self._collect(channel, self._cursor(channel))
            except CursorExpiredError:
                self._collect(channel, None)
        if channel.can(ChannelCapability.POLL):
            self._poll(channel)
        if (silence := tell_silence(self._hub, channel, self._on)) is not None:
            self.warnings.setdefault(channel.id, {})[silence] = None

    def _collect(self, channel: ChannelHandle, since: str | None) -> None:
        for page in channel.collect(since, self._on):
            self._taker.take(channel.id, page.items, page.cursor, asked=False)
            if page.warnings:
                told = self.warnings.setdefault(channel.id, {})
                told |= dict.fromkeys(each.message for each in page.warnings)

    def _poll(self, channel: ChannelHandle) -> None:
        days = channel.kind.poll_days if channel.kind else 0
        after, since = "", self._hub.now() - timedelta(days=days)
        while True:
            with self._hub.store.read() as connection:
                found = deliveries.unsettled(connection, channel.id, after, AT_ONCE, since)
            if not found:
                return
            refs = tuple(dict.fromkeys(each.ref or each.id for each in found))
            self._taker.take(channel.id, channel.poll(refs, self._on), None, asked=True)
            after = found[-1].id

    def _cursor(self, channel: ChannelHandle) -> str | None:
        with self._hub.store.read() as connection:
            return delivery_news.cursor(connection, channel.id, HOOK)
