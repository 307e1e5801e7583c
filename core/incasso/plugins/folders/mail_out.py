"""Files of ours that leave as attachments, remembered before they leave: none leaves twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from logging import Logger
from typing import BinaryIO

from incasso.contract.errors import OutcomeUnknownError, PluginError, RejectedError
from incasso.contract.folder_mail import FolderMail
from incasso.contract.folders import Stored
from incasso.contract.mail import MailClient
from incasso.contract.text import text
from incasso.plugins.folders import names
from incasso.plugins.folders.kept import MailMemory, Sent
from incasso.plugins.folders.letters import covering


class MailOut:
    """What goes to the agency."""

    def __init__(
        self,
        given: FolderMail,
        mail: MailClient,
        memory: MailMemory,
        *,
        now: Callable[[], datetime],
        log: Logger,
        words: Callable[[str], str],
    ) -> None:
        self._given = given
        self._mail = mail
        self._memory = memory
        self._now = now
        self._log = log
        self._words = words

    def put(self, name: str, content: BinaryIO, stored: Stored) -> None:
        """Send it. Raises OutcomeUnknownError, RejectedError where it is too large for a mail."""
        raw = self._small_enough(name, content)
        cover = covering(self._given, name, raw, at=self._now(), words=self._words)
        begun = Sent(sha256=stored.sha256, size=stored.size)
        self._memory.begins(_mark(name), begun)
        try:
            self._hand_over(cover.content, cover.message_id)
        except OutcomeUnknownError:
            raise
        except PluginError:  # after every other error of the door the relay does not have it
            self._memory.ended(_mark(name), None)
            raise
        self._memory.ended(_mark(name), Sent(begun.sha256, begun.size, confirmed=True))
        self._file_a_copy(cover.content)

    def stored(self, name: str) -> Stored | None:
        """What is remembered of it; where it began and was not confirmed, nobody knows."""
        found = self._memory.sent(_mark(name))
        if found is None:
            return None
        if found.confirmed:
            return Stored(name=names.unsealed(name), size=found.size, sha256=found.sha256)
        raise OutcomeUnknownError(
            text(
                "the mail with {name} to {to} began to leave and was not confirmed: ask them "
                "whether they have it, and hand it over under another name if not",
                name=name,
                to=self._given.to,
            ),
            ref=name[:128],
        )

    def _small_enough(self, name: str, content: BinaryIO) -> bytes:
        most = self._given.most_bytes
        content.seek(0)
        raw = content.read(most + 1)
        if len(raw) > most:
            words = text(
                "{name} is larger than the {most} bytes that go by mail", name=name, most=most
            )
            raise RejectedError(words, code="size")
        return raw

    def _hand_over(self, content: bytes, message_id: str) -> None:
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


def _mark(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:12]
