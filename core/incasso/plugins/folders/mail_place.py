"""Files as attachments of mails: the fallback for an agency without a server."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from logging import Logger
from typing import BinaryIO

from incasso.contract.folder_login import FolderLogin
from incasso.contract.folder_mail import FolderMail
from incasso.contract.folders import Arrived, FolderFacts, Stored
from incasso.contract.mail import MailClient
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.plugins.folders.kept import MailMemory
from incasso.plugins.folders.mail_held import MailHeld
from incasso.plugins.folders.mail_in import MailIn
from incasso.plugins.folders.mail_out import MailOut
from incasso.plugins.folders.places import Opened


class MailPlace:
    """The place between two mailboxes."""

    def __init__(
        self,
        given: FolderMail,
        login: FolderLogin,
        mail: MailClient,
        memory: MailMemory,
        *,
        now: Callable[[], datetime],
        log: Logger,
        words: Callable[[str], str],
    ) -> None:
        patience = timedelta(minutes=login.take_over_after_m)
        self._given = given
        self._mail = mail
        self._out = MailOut(given, mail, memory, now=now, log=log, words=words)
        self._in = MailIn(given, mail, memory, patience, now=now, log=log)

    def put(self, name: str, content: BinaryIO, stored: Stored) -> None:
        """Send it."""
        self._out.put(name, content, stored)

    def stored(self, name: str, opened: Opened) -> Stored | None:
        """What is remembered of it."""
        return self._out.stored(name)

    def waiting(self) -> Sequence[Arrived]:
        """The files of mails that are surely theirs, and that nobody reads."""
        return self._in.waiting()

    def remarks(self) -> tuple[Problem, ...]:
        """What was left alone."""
        return self._in.remarks()

    def claim(self, file: Arrived) -> MailHeld | None:
        """Remember who reads it."""
        return self._in.claim(file)

    def claimed(self, token: str) -> MailHeld | None:
        """The file of the token."""
        return self._in.claimed(token)

    def check(self) -> FolderFacts:
        """Log in at both servers, and read what came."""
        facts = self._mail.smtp(self._given.relay).check()
        folders = [self._given.imap_folder]
        folders += [self._given.sent_folder] if self._given.sent_folder else []
        self._mail.mailbox(self._given.mailbox).check(folders)
        waiting = self._in.waiting()
        return FolderFacts(
            identity=f"mailto:{self._given.to}",
            waiting=len(waiting),
            facts={
                text("mail server"): f"{self._given.host} {facts.tls}".strip(),
                text("files waiting"): str(len(waiting)),
            },
            warnings=self._in.remarks(),
        )


def memory_mark(given: FolderMail) -> str:
    """What tells this exchange from others of the instance."""
    both = f"{given.to}\n{given.imap_host}\n{given.user}\n{given.imap_folder}"
    return hashlib.sha256(both.encode()).hexdigest()[:12]
