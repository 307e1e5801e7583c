"""Look into the mailbox by IMAP: what bounced since last time, and what was filed as sent.

Folders are opened read-only and mail is fetched without marking it: people read this mailbox
too, and it is evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from logging import Logger
from typing import Final, cast

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from incasso.api import (
    AuthenticationError,
    Cursor,
    CursorExpiredError,
    DeliveryUpdate,
    Page,
    TemporaryError,
)
from incasso_smtp.bounces import may_be_bounce, read_bounce
from incasso_smtp.session import tls_context
from incasso_smtp.settings import Security, SmtpSettings

_HEADERS: Final = (
    "BODY.PEEK[HEADER.FIELDS (FROM RETURN-PATH CONTENT-TYPE AUTO-SUBMITTED X-FAILED-RECIPIENTS)]"
)
_MOST_BYTES: Final = 10 * 1024 * 1024
_AT_ONCE: Final = 200


class Mailbox:
    """The IMAP side of one account. Each call opens a connection of its own and closes it."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    def check(self, seconds: float) -> str:
        """Log in and open the folders; says which one is read. Raises as `_open` does."""
        with self._open(seconds) as client:
            for folder in filter(None, (self._settings.imap_sent, self._settings.imap_folder)):
                client.select_folder(folder, readonly=True)
        return f"{self._settings.imap_folder} on {self._settings.imap_host}"

    def sent_at(self, ref: str, seconds: float) -> datetime | None:
        """When the provider filed the message with this Message-ID; None if it did not."""
        with self._open(seconds) as client:
            client.select_folder(self._settings.imap_sent, readonly=True)
            if not (found := client.search(["HEADER", "Message-ID", ref])):
                return None
            return _arrival(client.fetch(found[:1], ["INTERNALDATE"])[found[0]])

    def bounces(
        self, since: Cursor | None, today: date, seconds: float, log: Logger
    ) -> Iterator[Page[DeliveryUpdate]]:
        """News after the cursor, oldest first. Without one it looks `imap_days` back.

        Raises CursorExpiredError if the server has numbered the folder anew, or another folder
        is read now; reading again from the beginning is harmless, update ids stay the same.
        """
        with self._open(seconds) as client:
            folder = client.select_folder(self._settings.imap_folder, readonly=True)
            place = _Place(int(folder[b"UIDVALIDITY"]), self._settings.imap_folder)
            if since is None:
                first = today - timedelta(days=self._settings.imap_days + 1)
                found, last = client.search(["SINCE", first]), int(folder.get(b"UIDNEXT", 1)) - 1
            else:
                last = place.uid_of(since)
                # "7:*" names the last mail even if its number is below 7.
                found = [uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last]
            uids = sorted(cast(list[int], found))
            for begin in range(0, len(uids), _AT_ONCE):
                some = uids[begin : begin + _AT_ONCE]
                updates = tuple(self._read(client, some, log))
                yield Page(items=updates, cursor=place.cursor(some[-1]))
            if not uids:
                yield Page(cursor=place.cursor(last))

    def _read(self, client: IMAPClient, uids: list[int], log: Logger) -> Iterator[DeliveryUpdate]:
        """The updates in these mails; whole mails are fetched only where they may be bounces."""
        for uid, heads in sorted(client.fetch(uids, [_HEADERS]).items()):
            if not may_be_bounce(_body(heads)):
                continue
            answer = client.fetch([uid], [f"BODY.PEEK[]<0.{_MOST_BYTES}>", "INTERNALDATE"])
            if uid not in answer:  # a person deleted it meanwhile
                continue
            try:
                yield from read_bounce(_body(answer[uid]), _arrival(answer[uid]))
            except Exception as error:  # anybody may mail us anything; one mail is not the folder
                log.warning("mail %s cannot be read: %s: %s", uid, type(error).__name__, error)

    @contextmanager
    def _open(self, seconds: float) -> Iterator[IMAPClient]:
        """A logged-in connection.

        Raises AuthenticationError, TemporaryError. Nothing here changes anything, so whatever
        else fails may be tried again.
        """
        settings = self._settings
        try:
            client = IMAPClient(
                settings.imap_host,
                settings.imap_port,
                ssl=settings.imap_security is Security.TLS,
                ssl_context=tls_context(settings),
                timeout=seconds,
            )
            with client:
                client.normalise_times = False
                if settings.imap_security is Security.STARTTLS:
                    client.starttls(tls_context(settings))
                _log_in(client, settings)
                yield client
        except (IMAPClientError, OSError) as error:
            where = f"{settings.imap_host}:{settings.imap_port}"
            raise TemporaryError(f"{where}: {error or type(error).__name__}") from None


class _Place:
    """Where a reading stopped: the folder, its numbering, the last mail looked at."""

    def __init__(self, validity: int, folder: str) -> None:
        self._validity, self._folder = validity, folder

    def cursor(self, uid: int) -> Cursor:
        return f"{self._validity}/{uid}/{self._folder}"

    def uid_of(self, cursor: Cursor) -> int:
        validity, _, rest = cursor.partition("/")
        uid, _, folder = rest.partition("/")
        if (validity, folder) != (str(self._validity), self._folder) or not uid.isdecimal():
            raise CursorExpiredError(f"{self._folder} is numbered anew since {cursor!r}")
        return int(uid)


def _log_in(client: IMAPClient, settings: SmtpSettings) -> None:
    user, password = settings.imap_login
    try:
        client.login(user, password)
    except LoginError as error:
        # The same class comes out of a line that broke, and of a server that is being repaired.
        broken = isinstance(error.__context__, IMAPClientAbortError)
        if broken or "UNAVAILABLE" in str(error):
            raise
        text = f"{settings.imap_host} refused the login of {user}: {error}"
        raise AuthenticationError(text) from None


def _body(answer: Mapping[bytes, object]) -> bytes:
    """The one body section of an answer, under whatever exact name the server gives it."""
    for name, value in answer.items():
        if name.startswith(b"BODY[") and isinstance(value, bytes):
            return value
    return b""


def _arrival(answer: Mapping[bytes, object]) -> datetime:
    return cast(datetime, answer[b"INTERNALDATE"]).astimezone(UTC)
