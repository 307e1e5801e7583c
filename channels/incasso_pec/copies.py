"""Copies of what left, in the mailbox's folder of sent mail: SMTP servers of PEC file none.

A copy is a service to the people who look into the mailbox. It never touches the message: that has
left by then, and a copy that fails is a remark beside it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from incasso.api import CallContext, PluginError, Text, text
from incasso_pec.settings import PecSettings

WAIT_S: Final = 5
"""Longest wait for one answer: a copy that hangs must not make its message doubtful."""
_ROOM: Final = timedelta(seconds=12)
_REST: Final = timedelta(minutes=10)
"""After a failure: else every message would wait for a server that is down."""


class SentCopies:
    """The copies of one instance."""

    def __init__(self, settings: PecSettings) -> None:
        self._folder = settings.sent_folder
        self._login = settings.inbox(WAIT_S)
        self._not_before: datetime | None = None

    def file(self, content: bytes, ctx: CallContext) -> Text | str:
        """File a copy; what is to be said of it, mostly nothing. Raises nothing."""
        now = ctx.now()
        if not self._folder or (self._not_before and now < self._not_before):
            return ""
        if ctx.deadline - now < _ROOM:
            return text("no copy filed: it took too long already")
        try:
            ctx.mail.mailbox(self._login).put(self._folder, content, now)
        except PluginError as error:
            self._not_before = now + _REST
            ctx.log.warning("no copy filed in %s: %s", self._folder, error)
            return text("no copy filed in {folder}: {error}", folder=self._folder, error=str(error))
        return ""
