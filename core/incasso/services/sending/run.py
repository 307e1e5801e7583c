"""What all pages of one dispatch share: the sender, the texts, the iters, the counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from incasso.domain.sending.routes import Routes
from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.hub.hub import Hub
from incasso.services.sending.announcing import Announcer
from incasso.services.sending.answers import Answer
from incasso.services.sending.enclosures import Enclosures
from incasso.services.sending.published import iters, templates
from incasso.services.sending.recheck import untrusted
from incasso.services.sending.report import DispatchCounts
from incasso.services.sending.send import Sender
from incasso.store.proof.journal import Event
from incasso.store.proof.left_log import LeftLog
from incasso.store.sending import envelopes
from incasso.store.sending.dispatcher_lock import DispatcherTurn

PAGE: Final = 200
"""Steps looked at together: enough to spread the reading, few enough to leave within seconds."""


class Run:
    """What all pages of one dispatch share."""

    def __init__(
        self,
        hub: Hub,
        turn: DispatcherTurn,
        on: date,
        routes: Routes | None = None,
        *,
        ahead: bool = True,
    ) -> None:
        self.hub, self.turn, self.on = hub, turn, on
        self.routes, self.ahead = routes, ahead
        self.tally = DispatchCounts()
        self.events: list[Event] = []
        self.log = LeftLog(hub.store.archive, hub.now(), turn.owner)
        self.announcer = Announcer(hub, turn, on)
        self.sender = Sender(hub, turn, on, self._tell, self.log)
        with turn.write() as connection:
            self.envelope_key = envelopes.make_envelope_key(connection)
        self.untrusted = untrusted(hub, on)
        self.templates = templates(hub)
        self.iter_of = iters(hub)
        self.enclosures = Enclosures(DocumentFetcher(hub, on))

    def _tell(self, answers: Sequence[Answer], events: Sequence[Event]) -> None:
        for answer in answers:
            self.tally.tell(answer)
        self.events += events
