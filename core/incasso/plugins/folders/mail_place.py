"""Files as attachments of mails: the fallback for an agency without a server.

What we send is remembered before it leaves, so that nobody sends it twice; what comes is read from
a mailbox that is never changed, so who reads what is remembered too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from logging import Logger
from typing import BinaryIO

from incasso.contract.errors import (
    CursorExpiredError,
    OutcomeUnknownError,
    PluginError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.folder_login import FolderLogin
from incasso.contract.folder_mail import FolderMail
from incasso.contract.folders import Arrived, FolderFacts, Stored
from incasso.contract.mail import MailClient, MailPage
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.plugins.folders import names
from incasso.plugins.folders.kept import MailMemory, Reader, Sent
from incasso.plugins.folders.letters import LOOKED_AT, Letter, covering, letter_of, may_be_theirs
from incasso.plugins.folders.places import Opened


class MailPlace:
    """The place between two mailboxes."""

    def __init__(
        self,
        given: FolderMail,
        login: FolderLogin,
        mail: MailClient,
        memory: MailMemory,
        now: Callable[[], datetime],
        log: Logger,
        words: Callable[[str], str],
    ) -> None:
        self._given = given
        self._patience = timedelta(minutes=login.take_over_after_m)
        self._mail = mail
        self._memory = memory
        self._now = now
        self._log = log
        self._words = words
        self._remarks: tuple[Problem, ...] = ()

    def put(self, name: str, content: BinaryIO, stored: Stored) -> None:
        """Send it. Raises OutcomeUnknownError, RejectedError where it is too large for a mail."""
        given = self._given
        content.seek(0)
        raw = content.read(given.most_bytes + 1)
        if len(raw) > given.most_bytes:
            raise RejectedError(
                text(
                    "{name} is larger than the {most} bytes that go by mail",
                    name=name,
                    most=given.most_bytes,
                ),
                code="size",
            )
        cover = covering(given, name, raw, at=self._now(), words=self._words)
        what = Sent(sha256=stored.sha256, size=stored.size)
        self._memory.begins(_mark(name), what)
        try:
            self._handed_over(cover.content, cover.message_id)
        except OutcomeUnknownError:
            raise
        except BaseException:
            self._memory.ended(_mark(name), None)
            raise
        self._memory.ended(_mark(name), Sent(what.sha256, what.size, confirmed=True))
        self._file_a_copy(cover.content)

    def stored(self, name: str, opened: Opened) -> Stored | None:
        """What is remembered of it; where it began and was not confirmed, nobody knows."""
        found = self._memory.sent(_mark(name))
        if found is None:
            return None
        if not found.confirmed:
            raise OutcomeUnknownError(
                text(
                    "the mail with {name} to {to} began to leave and was not confirmed: ask them "
                    "whether they have it, and hand it over under another name if not",
                    name=name,
                    to=self._given.to,
                ),
                ref=name[:128],
            )
        return Stored(name=names.unsealed(name), size=found.size, sha256=found.sha256)

    def waiting(self) -> Sequence[Arrived]:
        """The files of mails that are surely theirs, and that nobody reads."""
        known, remarks = self._memory.came(), list[Problem]()
        found: list[Arrived] = []
        done, passed, reached = set[str](), set[str](), known.cursor
        for page in self._pages(known.cursor):
            here = [file for each in self._letters(page, remarks) for file in each.files]
            found += [file for file in here if self._is_free(known.files.get(file.identity))]
            done |= {file.identity for file in here if _is_done(known.files.get(file.identity))}
            if not found and len(done) == len(passed) + len(here):  # nobody is at any of them
                passed, reached = set(done), page.cursor
        if reached != known.cursor:
            self._memory.passed(known.cursor, reached, passed)
        self._remarks = tuple(remarks)
        return sorted(found, key=lambda each: (each.name, each.identity))

    def remarks(self) -> tuple[Problem, ...]:
        """Mails that say they are theirs and cannot be shown to be, or that are too large."""
        return self._remarks

    def claim(self, file: Arrived) -> MailHeld | None:
        """Remember who reads it."""
        who = Reader(worker=names.worker(), since=self._now())
        if not self._memory.taken(file.identity, who, self._patience):
            return None
        return MailHeld(file, who, self._memory, self._content, self._log)

    def claimed(self, token: str) -> MailHeld | None:
        """The file of the token, if its reader is remembered still."""
        identity, _, worker = token.partition("#")
        known = self._memory.came()
        who = known.files.get(identity)
        if who is None or who.since is None or who.worker != worker:
            return None
        for page in self._pages(known.cursor):
            for letter in self._letters(page, []):
                for file in letter.files:
                    if file.identity == identity:
                        return MailHeld(file, who, self._memory, self._content, self._log)
        return None

    def check(self) -> FolderFacts:
        """Log in at both servers, and read what came."""
        facts = self._mail.smtp(self._given.relay).check()
        folders = [self._given.imap_folder]
        folders += [self._given.sent_folder] if self._given.sent_folder else []
        self._mail.mailbox(self._given.mailbox).check(folders)
        waiting = self.waiting()
        return FolderFacts(
            identity=f"mailto:{self._given.to}",
            waiting=len(waiting),
            facts={
                text("mail server"): f"{self._given.host} {facts.tls}".strip(),
                text("files waiting"): str(len(waiting)),
            },
            warnings=self._remarks,
        )

    def _is_free(self, reader: Reader | None) -> bool:
        if reader is None:
            return True
        return reader.since is not None and reader.since < self._now() - self._patience

    def _handed_over(self, content: bytes, message_id: str) -> None:
        relay = self._mail.smtp(self._given.relay)
        sender, to = self._given.sender_address, self._given.to_address
        with relay.offer(sender, [to], len(content)) as offered:
            offered.hand_over(content, message_id)

    def _file_a_copy(self, content: bytes) -> None:
        """For people who look into the mailbox: the file has left, whatever becomes of the copy."""
        if not self._given.sent_folder:
            return
        try:
            box = self._mail.mailbox(self._given.mailbox)
            box.put(self._given.sent_folder, content, self._now())
        except PluginError as error:
            self._log.warning("no copy among those sent: %s", error)

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


class MailHeld:
    """An attachment that we remember to be reading."""

    def __init__(
        self,
        file: Arrived,
        who: Reader,
        memory: MailMemory,
        content: Callable[[Arrived], bytes | None],
        log: Logger,
    ) -> None:
        self.file = file
        self.token = f"{file.identity}#{who.worker}"
        self._who = who
        self._memory = memory
        self._content = content
        self._log = log

    def fetch(self, sink: BinaryIO) -> None:
        """Write it into the sink."""
        content = self._content(self.file)
        if content is None:
            raise RejectedError(
                text("the mail with {name} is gone from the mailbox", name=self.file.name),
                code="gone",
            )
        sink.write(content)

    def done(self) -> None:
        """Remembered as read; the mail stays as it is."""
        if not self._memory.left(self.file.identity, self._who, Reader()):
            raise TemporaryError(
                text(
                    "{name} was taken over by another reader, who finishes it", name=self.file.name
                )
            )

    def refused(self, words: str) -> None:
        """Remembered as read: what is wrong is said by the answer that goes to them."""
        self._log.warning("%s is refused: %s", self.file.name, words.strip())
        self.done()

    def give_back(self) -> None:
        """Nobody reads it any more."""
        self._memory.left(self.file.identity, self._who, None)


def memory_mark(given: FolderMail) -> str:
    """What tells this exchange from others of the instance."""
    both = f"{given.to}\n{given.imap_host}\n{given.user}\n{given.imap_folder}"
    return hashlib.sha256(both.encode()).hexdigest()[:12]


def _is_done(reader: Reader | None) -> bool:
    return reader is not None and reader.since is None


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
