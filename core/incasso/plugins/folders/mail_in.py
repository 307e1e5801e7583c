"""Files of theirs that come as attachments: which wait, and who reads which."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from logging import Logger

from incasso.contract.errors import CursorExpiredError
from incasso.contract.folder_mail import FolderMail
from incasso.contract.folders import Arrived
from incasso.contract.mail import MailClient, MailPage
from incasso.contract.values import Problem
from incasso.plugins.folders import names
from incasso.plugins.folders.kept import MailMemory, Reader
from incasso.plugins.folders.letters import LOOKED_AT, Letter, letter_of, may_be_theirs
from incasso.plugins.folders.mail_held import MailHeld


class MailIn:
    """What comes from the agency."""

    def __init__(
        self,
        given: FolderMail,
        mail: MailClient,
        memory: MailMemory,
        patience: timedelta,
        *,
        now: Callable[[], datetime],
        log: Logger,
    ) -> None:
        """`patience`: how long a reader may take."""
        self._given = given
        self._mail = mail
        self._memory = memory
        self._patience = patience
        self._now = now
        self._log = log
        self._remarks: tuple[Problem, ...] = ()

    def waiting(self) -> Sequence[Arrived]:
        """The files of mails that are surely theirs, and that nobody reads."""
        known, remarks = self._memory.came(), list[Problem]()
        found: list[Arrived] = []
        passed, reached, all_done = set[str](), known.cursor, True
        for page in self._pages(known.cursor):
            here = [file for each in self._letters(page, remarks) for file in each.files]
            found += [file for file in here if self._is_free(known.files.get(file.identity))]
            all_done = all_done and all(_is_done(known.files.get(each.identity)) for each in here)
            if all_done:
                passed |= {each.identity for each in here}
                reached = page.cursor
        if reached != known.cursor:
            self._memory.passed(known.cursor, reached, passed)
        self._remarks = tuple(remarks)
        for each in remarks:  # they are told once: beyond the cursor nobody looks again
            self._log.warning("%s", each.message)
        return sorted(found, key=lambda each: (each.name, each.at, each.identity))

    def remarks(self) -> tuple[Problem, ...]:
        """Mails that say they are theirs and cannot be shown to be, or that are too large."""
        return self._remarks

    def claim(self, file: Arrived) -> MailHeld | None:
        """Remember who reads it."""
        who = Reader(worker=names.worker(), since=self._now(), file=file)
        if not self._memory.taken(file.identity, who, self._patience):
            return None
        return MailHeld(file, who, self._memory, self._content, self._log)

    def claimed(self, token: str) -> MailHeld | None:
        """The file of the token, if its reader is remembered still."""
        identity, _, worker = token.partition("#")
        who = self._memory.came().files.get(identity)
        if who is None or who.file is None or who.worker != worker:
            return None
        return MailHeld(who.file, who, self._memory, self._content, self._log)

    def _is_free(self, reader: Reader | None) -> bool:
        if reader is None:
            return True
        return reader.since is not None and reader.since < self._now() - self._patience

    def _pages(self, cursor: str) -> Iterator[MailPage]:
        box = self._mail.mailbox(self._given.mailbox)
        first_day = self._now().date() - timedelta(days=self._given.days)
        wanted = lambda headers: may_be_theirs(headers, self._given)  # noqa: E731
        for since in dict.fromkeys((cursor or None, None)):
            try:
                yield from box.read(
                    self._given.imap_folder,
                    since,
                    first_day=first_day,
                    headers=LOOKED_AT,
                    wanted=wanted,
                )
            except CursorExpiredError:
                continue
            return

    def _letters(self, page: MailPage, remarks: list[Problem]) -> Iterator[Letter]:
        numbering = page.cursor.partition("/")[0]
        for mail in page.mails:
            letter = letter_of(mail, self._given, numbering)
            if isinstance(letter, Problem):
                remarks.append(letter)
            elif letter is not None:
                remarks += letter.left
                yield letter

    def _content(self, file: Arrived) -> bytes | None:
        """The attachment, fetched again; None if the mail is gone."""
        box = self._mail.mailbox(self._given.mailbox)
        message_id, _, place = file.ref.rpartition("#")
        for mail in box.with_header(self._given.imap_folder, "Message-ID", message_id):
            letter = letter_of(mail, self._given, file.identity.partition("/")[0])
            if isinstance(letter, Letter):
                for each, content in zip(letter.files, letter.contents, strict=True):
                    if each.identity == file.identity and each.ref.endswith(f"#{place}"):
                        return content
        return None


def _is_done(reader: Reader | None) -> bool:
    return reader is not None and reader.since is None
