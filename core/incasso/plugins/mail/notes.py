"""Short notes as mails in a folder of one's own mailbox: each put once, found again by its subject.

They are put there by IMAP (APPEND): no relay delays or refuses them, and no filter moves them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.mime.text import MIMEText
from email.utils import format_datetime
from typing import Final

from imapclient import IMAPClient

from incasso.contract.mail import MailLogin
from incasso.contract.text import text
from incasso.plugins.mail.mailbox import Mailbox, body_of

_AT_ONCE: Final = 200
_SUBJECT: Final = "BODY.PEEK[HEADER.FIELDS (SUBJECT)]"


class MailNotes:
    """The notes of one folder. Each call opens a connection of its own and closes it.

    Raises AuthenticationError, TemporaryError where the mailbox cannot be reached.
    """

    def __init__(self, login: MailLogin, folder: str, seconds: float) -> None:
        self._mailbox = Mailbox(login, lambda: seconds)
        self._folder = folder

    def newer(self, beginning: str, than: str, most: int) -> Iterator[bytes]:
        """The contents of notes whose subjects begin so and follow `than`, newest subject first.

        Only the last `most` mails of the folder are looked at. Raises FileNotFoundError without
        the folder.
        """
        with self._mailbox.opened() as client:
            self._need_folder(client)
            client.select_folder(self._folder, readonly=True)
            uids = sorted(client.search(["SUBJECT", beginning]))[-most:]
            names = {name: uid for uid, name in _subjects(client, uids) if name > than}
            for name in sorted(names, reverse=True):
                yield _content(client, names[name])

    def put(self, subject: str, content: bytes, at: datetime | None, *, make: bool) -> None:
        """A new note, marked as read; `make` the folder if it is missing.

        Raises FileExistsError where the subject is there, FileNotFoundError without the folder.
        """
        with self._mailbox.opened() as client:
            if make and not client.folder_exists(self._folder):
                client.create_folder(self._folder)
            self._need_folder(client)
            client.select_folder(self._folder, readonly=True)
            found = client.search(["SUBJECT", subject])
            if any(name == subject for _, name in _subjects(client, found)):
                raise FileExistsError(subject)
            client.append(self._folder, _mail(subject, content, at), [rb"\Seen"])

    def _need_folder(self, client: IMAPClient) -> None:
        if not client.folder_exists(self._folder):
            raise FileNotFoundError(text("the mailbox has no folder {name}", name=self._folder))


def _mail(subject: str, content: bytes, at: datetime | None) -> bytes:
    mail = MIMEText(content.decode(), "plain", "utf-8")
    mail["Subject"] = subject
    mail["From"] = "Incasso <noreply@incasso.invalid>"
    mail["Date"] = format_datetime((at or datetime.now(UTC)).astimezone(UTC))
    mail["X-Incasso-Note"] = subject
    return mail.as_bytes()


def _subjects(client: IMAPClient, uids: list[int]) -> Iterator[tuple[int, str]]:
    for begin in range(0, len(uids), _AT_ONCE):
        for uid, answer in client.fetch(uids[begin : begin + _AT_ONCE], [_SUBJECT]).items():
            yield uid, str(message_from_bytes(body_of(answer)).get("Subject", "")).strip()


def _content(client: IMAPClient, uid: int) -> bytes:
    whole = message_from_bytes(body_of(client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {})))
    content = whole.get_payload(decode=True)
    return content.strip() if isinstance(content, bytes) else b""
