"""Takes in what a channel brings by pages: each piece once, and a bad one costs only itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from incasso.contract.channel import DeliveryUpdate, IncomingMessage, IncomingNews
from incasso.contract.ledger import Unreadable
from incasso.domain.sending.delivery import FINAL, DeliveryStatus
from incasso.domain.sending.trust import (
    NewsStanding,
    Trust,
    envelope_id,
    standing_of,
    trust_in,
    weigh,
)
from incasso.services.hub.events import tell_plugins
from incasso.services.hub.hub import Hub
from incasso.services.sending.news import (
    ACTOR,
    apply_news,
    note_cost,
    note_tracking,
    reported,
)
from incasso.services.sending.opted_out import answered, block
from incasso.services.sending.refused_news import is_about_the_news, untaken
from incasso.services.sending.refused_news import keep as keep_refused
from incasso.services.sending.take_replies import now_known, take_message
from incasso.store.proof import archive, journal
from incasso.store.proof.journal import Event
from incasso.store.sending import deliveries, delivery_news, envelopes

HOOK: Final = "channel_collect"

SETTLED: Final = (*FINAL, DeliveryStatus.CANCELLED)
"""News that a person must judge comes too late for these."""


@dataclass
class Taken:
    """What was committed so far."""

    news: int = 0
    unknown: int = 0
    replies: int = 0
    reached: Counter[DeliveryStatus] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """By channel, bad pieces that were not yet kept."""


@dataclass
class _Transaction:
    """What one transaction takes in, and how its news came."""

    channel: str
    asked: bool
    now: datetime
    key: bytes
    news: int = 0
    unknown: int = 0
    replies: int = 0
    refused: int = 0
    reached: Counter[DeliveryStatus] = field(default_factory=Counter)
    events: list[Event] = field(default_factory=list)


class NewsTaker:
    """Takes the news of all channels in, for one collection on one business date."""

    def __init__(self, hub: Hub, on: date) -> None:
        self._hub = hub
        self._on = on
        self.taken = Taken()

    def take(
        self,
        channel: str,
        items: Iterable[IncomingNews | Unreadable],
        cursor: str | None,
        *,
        asked: bool,
    ) -> None:
        """Commit the news and the cursor together, so that none is repeated or missed.

        `asked`: the channel asked for news of these messages, else it collected what came in.
        Where the page cannot be written because of what it says, it is taken piece by piece.
        """
        news: list[IncomingNews] = []
        bad: list[Unreadable] = []
        for each in items:
            if isinstance(each, Unreadable):
                bad.append(each)
            else:
                news.append(each)
        # A receipt tells under which name answers quote our message, and may lie after one.
        news.sort(key=lambda each: isinstance(each, IncomingMessage))
        try:
            self._commit(channel, news, bad, cursor, asked)
        except Exception as error:
            if not is_about_the_news(error):
                raise
            bad += self._one_by_one(channel, news, asked)
            self._commit(channel, (), bad, cursor, asked)

    def _one_by_one(
        self, channel: str, news: Iterable[IncomingNews], asked: bool
    ) -> list[Unreadable]:
        """Each piece in a transaction of its own; gives those that cannot be written."""
        bad: list[Unreadable] = []
        for update in news:
            try:
                self._commit(channel, [update], (), None, asked)
            except Exception as error:
                if not is_about_the_news(error):
                    raise
                bad.append(untaken(update, error))
        return bad

    def _commit(
        self,
        channel: str,
        news: Iterable[IncomingNews],
        bad: Iterable[Unreadable],
        cursor: str | None,
        asked: bool,
    ) -> None:
        kept = [(each, self._kept(each)) for each in news]
        now = self._hub.now()
        with self._hub.store.write() as connection:
            key = envelopes.envelope_key(connection)
            work = _Transaction(channel=channel, asked=asked, now=now, key=key)
            for one, evidence in kept:
                if isinstance(one, IncomingMessage):
                    self._store(connection, one, evidence, work)
                else:
                    self._apply(connection, one, evidence, work)
            for each in bad:
                work.refused += keep_refused(connection, channel, each, on=self._on, now=now)
            if cursor is not None:
                delivery_news.set_cursor(connection, channel, HOOK, cursor)
            journal.record(connection, work.events, at=now)
        self._count(work)
        tell_plugins(self._hub, work.events, now)

    def _store(
        self,
        connection: Connection,
        message: IncomingMessage,
        evidence: archive.Entry | None,
        work: _Transaction,
    ) -> None:
        sources = self._hub.registry.channel(work.channel).view.sources
        event = take_message(
            connection, work.channel, message, evidence, sources, on=self._on, now=work.now
        )
        if event is not None:
            work.replies += 1
            work.events.append(event)

    def _apply(
        self,
        connection: Connection,
        update: DeliveryUpdate,
        evidence: archive.Entry | None,
        work: _Transaction,
    ) -> None:
        delivery = deliveries.meant_by(connection, work.channel, update.ref)
        if delivery is None:
            delivery = answered(connection, work.channel, update)
        if delivery is None:
            work.unknown += 1
            return
        if evidence is not None:
            archive.note(connection, [evidence], at=work.now)
        sha256 = evidence.sha256 if evidence else ""
        expected = envelope_id(work.key, delivery.id)
        trust = trust_in(update, asked=work.asked, to=delivery.to, expected=expected)
        weight = weigh(update, trust)
        standing = standing_of(weight, over=delivery.status in SETTLED)
        if not delivery_news.record(connection, delivery.id, update, sha256, trust, standing):
            return
        work.news += 1
        if update.known_as and trust is not Trust.UNKNOWN:
            deliveries.set_known_as(connection, delivery.id, update.known_as)
            work.events += now_known(
                connection, work.channel, delivery.id, update.known_as, self._on
            )
        if trust is not Trust.UNKNOWN:
            work.events += note_cost(connection, delivery, update, self._on)
            work.events += note_tracking(connection, delivery, update.tracking, ACTOR, self._on)
            language = self._hub.config.language
            work.events += block(connection, delivery, update, on=self._on, language=language)
        if standing is NewsStanding.WAITING:
            work.events.append(reported(delivery, update, sha256, self._on))
        reached = apply_news(
            connection, delivery, update, sha256, weight, on=self._on, now=work.now
        )
        work.reached.update(each.status for each in reached)
        work.events += [each.event for each in reached]

    def _count(self, work: _Transaction) -> None:
        """Only what was committed counts."""
        self.taken.news += work.news
        self.taken.unknown += work.unknown
        self.taken.replies += work.replies
        self.taken.reached.update(work.reached)
        if work.refused:
            self.taken.refused[work.channel] += work.refused

    def _kept(self, update: IncomingNews) -> archive.Entry | None:
        if (proof := update.evidence) is None:
            return None
        return archive.keep(self._hub.store, proof.content, proof.media_type, proof.filename)
