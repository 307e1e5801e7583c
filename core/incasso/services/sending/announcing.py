"""Says elsewhere that messages are about to leave, before they do.

A machine that is put back as a whole has lost the end of this dispatch together with the archive.
The copy of the anchor that was made before its first message still shows it, whether or not the
dispatch came to its end.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Lock
from typing import Final

from incasso.contract.text import Text
from incasso.services.hub.hub import Hub
from incasso.services.proof.anchoring import catch_up
from incasso.services.sending.answers import ACTOR
from incasso.store.proof import anchor, journal
from incasso.store.proof.journal import Event
from incasso.store.sending.dispatcher_lock import DispatcherTurn

SENDING: Final = "dispatch.sending"
"""The event that a copy stands on: without one of its own it would have the name of the last."""

OFTEN: Final = timedelta(minutes=1)
"""Between two copies of a long dispatch: so much of the log of what left they may not know of."""


class Announcer:
    """The copies that one dispatch makes, nothing where no other place is configured."""

    def __init__(self, hub: Hub, turn: DispatcherTurn, on: date) -> None:
        self._hub, self._turn, self._on = hub, turn, on
        self._wanted = bool(anchor.of(hub.store).places)
        self._last: datetime | None = None
        self._lock = Lock()
        """Nobody's messages leave before the copy that speaks of them is made."""
        self.refused: list[Text] = []
        """A sentence for each place that took none of the last copy."""

    def before(self, leaving: int) -> None:
        """So many messages or changes in an ERP are in the log of what leaves, and leave now."""
        with self._lock:
            self._before(leaving)

    def _before(self, leaving: int) -> None:
        now = self._hub.now()
        if not self._wanted or (self._last is not None and now - self._last < OFTEN):
            return
        self._last = now
        event = Event(kind=SENDING, actor=ACTOR, on=self._on, facts={"leaving": leaving})
        with self._turn.write() as connection:
            journal.record(connection, [event], at=now)
        self.refused = catch_up(self._hub.store)

    def end(self) -> None:
        """Everything has left: the copy that knows all of it."""
        self.refused = catch_up(self._hub.store)
