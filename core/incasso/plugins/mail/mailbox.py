"""Reads a mailbox by IMAP: new mail since the last time, and what a folder holds.

Folders are opened read-only and mail is fetched without marking it as read: people use this mailbox
too, and it is evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from typing import Final, cast

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from incasso.contract.errors import CursorExpiredError
from incasso.contract.mail import ArrivedMail, MailLogin, MailPage
from incasso.contract.text import text
from incasso.contract.values import Cursor
from incasso.plugins.fields import YEARS
from incasso.plugins.mail.connecting import unreachable
from incasso.plugins.mail.imap_login import connected
from incasso.plugins.sign_in.tokens import Access

MOST_BYTES: Final = 10 * 1024 * 1024
"""Limit per mail; the rest is not fetched."""
_HEADS_AT_ONCE: Final = 200
_UIDS_AT_ONCE: Final = 50_000
"""A search answers in one line, and imaplib takes no line above a million characters."""
_PAGE_BYTES: Final = 4 * MOST_BYTES


class Mailbox:
    """The contract's MailboxClient. Each call opens a connection of its own and closes it."""

    def __init__(
        self, login: MailLogin, patience: Callable[[], float], access: Access | None = None
    ) -> None:
        self._login = login
        self._patience = patience
        self._access = access or Access()

    def check(self, folders: Sequence[str]) -> None:
        """Log in and open the folders."""
        with self.opened() as client:
            for folder in folders:
                client.select_folder(folder, readonly=True)

    def arrived_at(self, folder: str, message_id: str) -> datetime | None:
        """When the mail with this Message-ID came into the folder; None if it is not there."""
        with self.opened() as client:
            client.select_folder(folder, readonly=True)
            if not (found := _having(client, "Message-ID", message_id)):
                return None
            answer = client.fetch(found[:1], ["INTERNALDATE", _DATES])[found[0]]
            return _arrival(answer, body_of(answer))

    def with_header(
        self, folder: str, header: str, value: str, *, most: int = 20
    ) -> tuple[ArrivedMail, ...]:
        """The mails whose header holds the value, the newest so many, oldest first."""
        with self.opened() as client:
            client.select_folder(folder, readonly=True)
            found = _having(client, header, value)[-most:]
            return tuple(mail for uid in found for mail in _whole(client, uid))

    def put(self, folder: str, content: bytes, at: datetime) -> None:
        """File a mail of our own, marked as read."""
        with self.opened() as client:
            # Opening the connection may have used up most of the call's time.
            client.socket().settimeout(self._patience())
            client.append(folder, content, [rb"\Seen"], at)

    def read(
        self,
        folder: str,
        since: Cursor | None,
        *,
        first_day: date,
        headers: Collection[str],
        wanted: Callable[[bytes], bool],
    ) -> Iterator[MailPage]:
        """Mail that came after the cursor; without one, since the first day."""
        fields = f"BODY.PEEK[HEADER.FIELDS ({' '.join(headers).upper()})]"
        with self.opened() as client:
            opened = client.select_folder(folder, readonly=True)
            place = _Place(int(opened[b"UIDVALIDITY"]), folder)
            last = 0 if since is None else place.uid_of(since)
            newest = max(_newest(client, opened), last)
            reached = ""
            for window in _windows(last, newest, int(opened.get(b"EXISTS", 0))):
                uids = _numbers(client, window, first_day if since is None else None)
                for begin in range(0, len(uids), _HEADS_AT_ONCE):
                    some = uids[begin : begin + _HEADS_AT_ONCE]
                    heads = client.fetch(some, [fields])
                    chosen = [uid for uid in some if uid in heads and wanted(body_of(heads[uid]))]
                    for page in _pages(client, chosen, some[-1], place):
                        reached = page.cursor
                        yield page
            if reached != place.cursor(newest):
                yield MailPage(mails=(), cursor=place.cursor(newest))

    def mark_read(self, folder: str, uids: Collection[int]) -> None:
        """Mark mails as read."""
        with self.opened() as client:
            client.select_folder(folder)
            client.add_flags(list(uids), [rb"\Seen"], silent=True)

    @contextmanager
    def opened(self) -> Iterator[IMAPClient]:
        """A logged-in connection, for the other modules of this door.

        Raises AuthenticationError, TemporaryError. Every other failure is temporary: reading
        changes nothing, and marking is idempotent.
        """
        try:
            with self._access.with_token(self._login, self._connect) as client:
                yield client
        except (FileExistsError, FileNotFoundError):  # what a caller says about folder and mail
            raise
        except (IMAPClientError, OSError) as error:
            raise unreachable(self._login, error) from None

    def _connect(self, token: str) -> IMAPClient:
        return connected(self._login, self._patience(), token)


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
            raise CursorExpiredError(
                text(
                    "{folder} is numbered anew since {cursor!r}",
                    folder=self._folder,
                    cursor=cursor,
                )
            )
        return int(uid)


def _newest(client: IMAPClient, opened: Mapping[bytes, object]) -> int:
    """The highest number a mail of the folder has, or a higher one."""
    if isinstance(following := opened.get(b"UIDNEXT"), int):
        return following - 1
    return max(cast(list[int], client.search(["UID", "*"])), default=0)


def _windows(last: int, newest: int, exist: int) -> Iterator[tuple[int, int]]:
    """The numbers after the last one, in stretches of which each can be searched at once."""
    if exist <= _UIDS_AT_ONCE and newest > last:
        yield last + 1, newest
        return
    for first in range(last + 1, newest + 1, _UIDS_AT_ONCE):
        yield first, min(first + _UIDS_AT_ONCE - 1, newest)


def _numbers(client: IMAPClient, window: tuple[int, int], first_day: date | None) -> list[int]:
    """The mails in a stretch of numbers, in their order; since a day, if one is given."""
    first, last = window
    asked: list[object] = ["UID", f"{first}:{last}"]
    if first_day is not None:
        # The server counts days in its own zone.
        asked += ["SINCE", first_day - timedelta(days=1)]
    found = cast(list[int], client.search(asked))
    return sorted(uid for uid in found if first <= uid <= last)


def _pages(client: IMAPClient, uids: Sequence[int], last: int, place: _Place) -> Iterator[MailPage]:
    """The whole mails, cut into pages that fit into memory; the last cursor is at `last`."""
    mails: list[ArrivedMail] = []
    for uid in uids:
        mails += _whole(client, uid)
        if sum(len(mail.content) for mail in mails) > _PAGE_BYTES:
            yield MailPage(mails=tuple(mails), cursor=place.cursor(uid))
            mails = []
    yield MailPage(mails=tuple(mails), cursor=place.cursor(last))


def _whole(client: IMAPClient, uid: int) -> Iterator[ArrivedMail]:
    """One mail; none where a person deleted it meanwhile."""
    answer = client.fetch([uid], [f"BODY.PEEK[]<0.{MOST_BYTES}>", "INTERNALDATE"])
    if uid in answer:
        content = body_of(answer[uid])
        yield ArrivedMail(
            uid=uid,
            content=content,
            at=_arrival(answer[uid], content),
            is_cut=len(content) >= MOST_BYTES,
        )


def _having(client: IMAPClient, header: str, value: str) -> list[int]:
    """The mails with such a header, in their order."""
    return sorted(cast(list[int], client.search(["HEADER", header, value])))


def body_of(answer: Mapping[bytes, object]) -> bytes:
    """The one body section of an answer, under whatever exact name the server gives it."""
    for name, value in answer.items():
        if name.startswith(b"BODY[") and isinstance(value, bytes):
            return value
    return b""


def _arrival(answer: Mapping[bytes, object], content: bytes) -> datetime:
    """When it arrived; some servers do not say, then as the mail itself tells it."""
    told = answer.get(b"INTERNALDATE")
    if isinstance(told, datetime):
        return told.astimezone(UTC)
    head = BytesHeaderParser().parsebytes(content.partition(b"\r\n\r\n")[0] + b"\r\n")
    stamps = [str(each).rpartition(";")[2] for each in head.get_all("Received") or ()]
    for stamp in (*stamps, str(head.get("Date", ""))):
        try:
            at = parsedate_to_datetime(stamp.strip()).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            continue
        if at.year in YEARS:
            return at
    return _NEVER


_DATES: Final = "BODY.PEEK[HEADER.FIELDS (RECEIVED DATE)]"
_NEVER: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""Of a mail that says nowhere when it came; it is read all the same. The first instant that the
border takes."""
