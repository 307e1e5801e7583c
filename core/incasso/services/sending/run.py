"""What all pages of one dispatch share: the sender, the texts, the iters, the counts."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date, timedelta
from threading import Event as Signal
from threading import Lock
from typing import Final

from incasso.domain.sending.routes import Routes
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.hub.hub import Hub
from incasso.services.sending.announcing import Announcer
from incasso.services.sending.answers import Answer
from incasso.services.sending.budgets import spent_up
from incasso.services.sending.composed import Leaving
from incasso.services.sending.enclosures import Enclosures
from incasso.services.sending.hand_over import HandOver
from incasso.services.sending.published import iters, templates
from incasso.services.sending.recheck import untrusted
from incasso.services.sending.report import DispatchCounts
from incasso.services.sending.resting import AtWork
from incasso.services.sending.send import Sender
from incasso.store.proof.journal import Event
from incasso.store.proof.left_log import LeftLog
from incasso.store.sending import envelopes
from incasso.store.sending.dispatcher_lock import DispatcherTurn

PAGE: Final = 200
"""Steps looked at together: enough to spread the reading, few enough to leave within seconds."""


class Run:
    """What all pages of one dispatch share, or those of one channel that sends beside others."""

    is_beside = False
    """Whether other channels of the same dispatch send at the same time, in other threads."""
    everybody: Routes | None = None
    """What all of them send."""

    def __init__(
        self,
        hub: Hub,
        turn: DispatcherTurn,
        on: date,
        routes: Routes | None = None,
        *,
        ahead: bool = True,
        longest_rest: timedelta = timedelta(0),
    ) -> None:
        """`longest_rest`: how long a channel that is asked to slow down is waited for."""
        self.hub, self.on = hub, on
        self.ahead, self.longest_rest = ahead, longest_rest
        self.at_work = AtWork()
        self.ending = Signal()
        """Set when no more messages are to begin."""
        self.helper = Lock()
        """Whoever has it may let a second process write ahead."""
        self.channels = HandOver(hub, on)
        self.announcer = Announcer(hub, turn, on)
        with turn.write() as connection:
            self.envelope_key = envelopes.make_envelope_key(connection)
            self.channels.stopped |= spent_up(hub, connection, on)
        self.untrusted = untrusted(hub, on)
        self.templates = templates(hub)
        self.iter_of = iters(hub)
        self._take(turn)
        self.serve(None, routes)

    def serve(self, channel: str | None, routes: Routes | None) -> None:
        """From now on send by these routes and through this channel only. None: by all."""
        self.channel, self.routes = channel, routes

    def beside(self, turn: DispatcherTurn, channel: str, routes: Routes, everybody: Routes) -> Run:
        """The same dispatch for one channel, in another thread, with a turn of its own.

        `everybody` is what it and the others send.
        """
        found = copy(self)
        found.is_beside, found.everybody = True, everybody
        found._take(turn)
        found.serve(channel, routes)
        return found

    @property
    def is_over(self) -> bool:
        """Whether nothing more can leave here: the channel stopped, or the dispatch ends."""
        return self.ending.is_set() or self.channel in self.sender.stopped

    def is_ours(self, message: Leaving) -> bool:
        """Whether the channel of this run sends it. Another's sends by itself, and only so many
        messages at a time as it may."""
        return self.channel in (None, message.channel.id)

    def _take(self, turn: DispatcherTurn) -> None:
        """What two threads must not share."""
        hub, self.turn = self.hub, turn
        self.tally = DispatchCounts()
        self.events: list[Event] = []
        self.log = LeftLog(hub.store.archive, hub.now(), turn.owner)
        self.sender = Sender(
            hub, turn, self.on, self._tell, self.log, channels=self.channels, ending=self.ending
        )
        self.enclosures = Enclosures(DocumentFetcher(hub, self.on))

    def _tell(self, answers: Sequence[Answer], events: Sequence[Event]) -> None:
        for answer in answers:
            self.tally.tell(answer)
        self.events += events
