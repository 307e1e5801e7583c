"""Waiting in a mailbox by IDLE: new mail is told at once, the mailbox stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest

from incasso.contract.errors import AuthenticationError, TemporaryError, UnsupportedError
from incasso.contract.mail import LineSecurity, MailLogin, WatchedFolder
from incasso.contract.values import Secret
from incasso.plugins.mail.watching import Watch
from incasso.plugins.sign_in.tokens import Access
from tests.channels.servers import ImapServer

MAIL = b"Subject: a receipt\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


def watch(server: ImapServer, **changes: object) -> Watch:
    given = {
        "host": server.host,
        "port": server.port,
        "security": LineSecurity.NONE,
        "user": server.user,
        "password": Secret(server.password),
        "timeout_s": 5,
    }
    login = MailLogin(**(given | changes))  # type: ignore[arg-type]
    return Watch(WatchedFolder(login=login, folder="INBOX"), Access)


class Follower:
    """Follows on a thread; `told` counts the times that mail was told."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._stop, self._news, self._waiting = Event(), Event(), Event()
        self.ended: Exception | None = None
        self._thread = Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        try:
            self._watch.follow(self._go_on)
        except Exception as error:
            self.ended = error

    def _go_on(self, arrived: bool) -> bool:
        if arrived:
            self._news.set()
        else:
            self._waiting.set()
        return not self._stop.is_set()

    def told(self, seconds: float = 10) -> bool:
        """Whether mail is told within that time; waits no longer than it needs."""
        found = self._news.wait(seconds)
        self._news.clear()
        self._waiting.clear()
        return found

    def waits(self) -> None:
        """It is back at waiting."""
        assert self._waiting.wait(10)

    def end(self) -> Exception | None:
        """What ended it, if not we."""
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.ended


def test_new_mail_is_told_and_nothing_is_marked(imap: ImapServer) -> None:
    follower = Follower(watch(imap))
    assert follower.told(), "what came before is told as soon as the folder is open"
    follower.waits()
    for _ in range(2):
        imap.deliver(MAIL)
        assert follower.told()
        follower.waits()
    assert follower.end() is None
    with imap.client() as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search())
    assert {flag for some in flags.values() for flag in some} <= {rb"\Recent"}


def test_a_next_connection_tells_what_came_meanwhile_and_only_that(imap: ImapServer) -> None:
    watched = watch(imap)
    first = Follower(watched)
    assert first.told()
    first.waits()
    first.end()
    second = Follower(watched)
    second.waits()
    assert not second.told(0)
    second.end()
    imap.deliver(MAIL)
    third = Follower(watched)
    assert third.told()
    third.end()


def test_a_server_that_goes_away_ends_it_and_one_that_returns_is_followed() -> None:
    server = ImapServer()
    with server:
        watched = watch(server)
        lost = Follower(watched)
        assert lost.told()
        lost.waits()
    lost._thread.join(10)
    ended = lost.end()
    assert isinstance(ended, TemporaryError)
    assert "the other side broke the connection" in str(ended)
    with server:
        again = Follower(watched)
        assert again.told(), "the folder is another one now"
        again.end()


def test_what_cannot_be_watched(imap: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bool) -> bool:
        raise AssertionError("nothing to tell")

    with pytest.raises(AuthenticationError):
        watch(imap, password=Secret("not this one")).follow(never)
    without: Callable[[object, str], bool] = lambda _, name: name != "IDLE"  # noqa: E731
    monkeypatch.setattr("imapclient.IMAPClient.has_capability", without)
    with pytest.raises(UnsupportedError, match="cannot tell of new mail"):
        watch(imap).follow(never)
