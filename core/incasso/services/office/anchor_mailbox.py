"""Copies of the anchor as mails to oneself: a folder of a mailbox is a place like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from incasso.contract.errors import PluginError
from incasso.contract.mail import MailLogin
from incasso.plugins.masking import masking
from incasso.plugins.settings.anchor_mailbox import AnchorMailbox

if TYPE_CHECKING:
    from incasso.plugins.mail.notes import MailNotes

PATIENCE_S: Final = 15.0
"""For each answer of the server; messages wait for it."""

_BEGINNING: Final = "anchor-"


class MailboxPlace:
    """Every failure is an OSError, as the store asks of a place."""

    def __init__(self, settings: AnchorMailbox) -> None:
        self.where = settings.where
        self._settings = settings

    def newer(self, than: str, most: int) -> Iterator[bytes]:
        """The copies whose names follow, newest first. Raises FileNotFoundError."""
        with _as_oserror(self._settings):
            yield from self._notes().newer(_BEGINNING, than, most)

    def put(self, name: str, content: bytes, at: datetime | None, *, first: bool) -> None:
        """A new mail. Raises FileExistsError."""
        with _as_oserror(self._settings):
            self._notes().put(name, content, at, make=first)

    def _notes(self) -> MailNotes:
        # imapclient is slow to load, and most commands do not come here.
        from incasso.plugins.mail.notes import MailNotes

        settings = self._settings
        login = MailLogin(
            host=settings.host,
            port=settings.port,
            security=settings.security,
            user=settings.user,
            password=settings.password,
            ca_file=settings.ca_file,
        )
        return MailNotes(login, settings.folder, PATIENCE_S)


@contextmanager
def _as_oserror(settings: AnchorMailbox) -> Iterator[None]:
    """A server may repeat what it was given to log in with: its words are kept in the database."""
    try:
        yield
    except PluginError as error:
        raise OSError(masking([settings.password])(str(error))) from None
