"""The hub's one door to exchange folders; lines and keys live as long as the instance."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from logging import Logger
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from incasso.contract.errors import ConfigurationError
from incasso.contract.folder_login import Bucket, FolderLogin, OpenPgp, SftpServer
from incasso.contract.folder_mail import FolderMail
from incasso.contract.mail import MailClient
from incasso.contract.settings import wrong_key
from incasso.contract.text import text
from incasso.locale import localize
from incasso.plugins.deadline import Deadline
from incasso.plugins.folders.exchange import Exchange, Plain
from incasso.plugins.folders.kept import MailMemory
from incasso.plugins.folders.local import LocalTree
from incasso.plugins.folders.places import Place, Tree
from incasso.plugins.folders.tree_place import TreePlace
from incasso.plugins.state import StateRows

# paramiko, boto3 and gnupg are slow to load; most calls of a hub need none of them.
if TYPE_CHECKING:
    from incasso.plugins.folders.lines import Lines
    from incasso.plugins.folders.pgp import KeyRing

MARGIN_S: Final = 2.0
"""Give up this long before the guard does: our own error says more than its time-out."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """Whose folders they are: what an exchange needs to know of the hub around it."""

    instance: str
    rows: StateRows
    log: Logger
    now: Callable[[], datetime]
    language: str = "it"
    allow_private: bool = False


@contextmanager
def _libraries() -> Iterator[None]:
    """The libraries of this door are an extra."""
    try:
        yield
    except ImportError as error:
        words = text("the library {name} is not installed", name=error.name or "")
        cure = text('install it: pip install "incasso[folders]"')
        raise ConfigurationError([wrong_key("place", words, cure)]) from None


class FolderDoor:
    """The exchange folders of one instance."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._lock = Lock()
        self._lines: Lines | None = None
        self._clients: dict[Bucket, Any] = {}
        self._rings: dict[OpenPgp, KeyRing] = {}

    def until(self, deadline: Deadline, mail: MailClient) -> CallFolders:
        """What a plugin sees as `ctx.folder` during one call."""
        return CallFolders(self, deadline, mail)

    def lines(self) -> Lines:
        """The lines to SFTP servers."""
        from incasso.plugins.folders.lines import Lines

        with self._lock:
            if self._lines is None:
                self._lines = Lines()
            return self._lines

    def client(self, bucket: Bucket) -> Any:
        """The client of a bucket."""
        from incasso.plugins.folders.s3_client import client_of

        with self._lock:
            if bucket not in self._clients:
                allowed = self.office.allow_private
                self._clients[bucket] = client_of(bucket, allow_private=allowed)
            return self._clients[bucket]

    def ring(self, keys: OpenPgp) -> KeyRing:
        """The key ring of an exchange."""
        from incasso.plugins.folders.pgp import KeyRing

        with self._lock:
            if keys not in self._rings:
                self._rings[keys] = KeyRing(keys)
            return self._rings[keys]

    def close(self) -> None:
        """Closes every line; the keys are gone."""
        with self._lock:
            if self._lines is not None:
                self._lines.close()
            while self._clients:
                self._clients.popitem()[1].close()
            while self._rings:
                self._rings.popitem()[1].close()


class CallFolders:
    """What a plugin sees as `ctx.folder`: waits that end before the call's deadline."""

    __slots__ = ("_deadline", "_door", "_mail")

    def __init__(self, door: FolderDoor, deadline: Deadline, mail: MailClient) -> None:
        self._door = door
        self._deadline = deadline
        self._mail = mail

    def __call__(self, login: FolderLogin) -> Exchange:
        """The folder of a login."""
        on = self._door.office.now().date()
        with _libraries():
            seal = Plain() if login.pgp is None else self._door.ring(login.pgp)
            return Exchange(self._place(login), seal, on=on, words=self._words)

    def _place(self, login: FolderLogin) -> Place:
        """Settings have exactly the table of their place."""
        now = self._door.office.now
        if login.path is not None:
            return TreePlace(LocalTree(login.path), login, now)
        if login.sftp is not None:
            return TreePlace(self._sftp(login.sftp), login, now)
        if login.s3 is not None:
            return self._bucket(login.s3, login)
        assert login.mail is not None
        return self._between_mailboxes(login.mail, login)

    def _sftp(self, server: SftpServer) -> Tree:
        from incasso.plugins.folders.sftp import SftpTree

        patience = partial(self._seconds, server.timeout_s)
        allowed = self._door.office.allow_private
        return SftpTree(server, self._door.lines(), patience, allow_private=allowed)

    def _bucket(self, bucket: Bucket, login: FolderLogin) -> Place:
        from incasso.plugins.folders.s3_place import BucketPlace

        return BucketPlace(self._door.client(bucket), bucket, login, self._door.office.now)

    def _between_mailboxes(self, given: FolderMail, login: FolderLogin) -> Place:
        from incasso.plugins.folders.mail_place import MailPlace, memory_mark

        office = self._door.office
        memory = MailMemory(office.rows, office.instance, memory_mark(given))
        return MailPlace(
            given, login, self._mail, memory, now=office.now, log=office.log, words=self._words
        )

    def _words(self, sentence: str) -> str:
        return localize(sentence, self._door.office.language)

    def _seconds(self, longest: int) -> float:
        """The longest wait for one answer."""
        left = self._deadline.deadline - time.monotonic() - MARGIN_S
        return max(1.0, min(float(longest), left))
