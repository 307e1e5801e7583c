"""Mail that comes in has its channel collected; one process of all waits in a mailbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from incasso.api import (
    AuthenticationError,
    CallContext,
    CheckReport,
    LineSecurity,
    MailLogin,
    Secret,
    WatchedFolder,
    hookimpl,
)
from incasso.domain.office.jobs import NewJob, Task
from incasso.plugins.states import State
from incasso.services.hub.hub import Hub
from incasso.services.running import cycles
from incasso.services.running.watching import Pace, Watching
from incasso.store.engine import Store
from incasso.store.jobs.watched import only_watcher
from incasso.store.tables.jobs import jobs
from incasso.testing.fakes import FakeChannel
from incasso.testing.fakes.registry import config_of, registry_of
from tests.channels.servers import ImapServer
from tests.jobs.crew import ON, Crew

MAIL = b"Subject: a receipt\r\n\r\nhello\r\n"
PACE = Pace(first_wait=0.1, longest_wait=0.2, turn=0.05, gap=600)


class Watched(FakeChannel):
    """A channel that reads a mailbox of the tests."""

    def __init__(self, imap: ImapServer, password: str = "") -> None:
        super().__init__()
        login = MailLogin(
            host=imap.host,
            port=imap.port,
            security=LineSecurity.NONE,
            user=imap.user,
            password=Secret(password or imap.password),
        )
        self.watched = WatchedFolder(login=login, folder="INBOX")

    @hookimpl
    def instance_check(self, ctx: CallContext) -> CheckReport:
        raise AuthenticationError("the mailbox takes this password no more")


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


class Turns(Event):
    """Counts how often somebody waited for it."""

    turns = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.turns += 1
        return super().wait(timeout)


@contextmanager
def watching(crew: Crew, *channels: Watched, stop: Event | None = None) -> Iterator[Hub]:
    """A process of the crew's office with these channels, while it waits."""
    fakes = {f"mail{number}": each for number, each in enumerate(channels)}
    config = config_of(fakes, path=Path("plugins.toml"))
    registry = registry_of(fakes, now=crew.now, config=config)
    hub = Hub(config=config, store=crew.store, registry=registry, now=crew.now)
    try:
        with Watching(hub, crew.engine, stop or Event(), (), PACE) as waits:
            waits.begin()
            waits.begin()
            yield hub
    finally:
        registry.close()


def collections(store: Store) -> list[str]:
    """The channels that are to be collected, in the order in which that was found."""
    query = sa.select(jobs.c.about).where(jobs.c.task == Task.COLLECT).order_by(jobs.c.id)
    with store.read() as connection:
        return list(connection.scalars(query))


def soon(holds: Callable[[], bool]) -> None:
    """Look again and again until it holds."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def test_new_mail_makes_a_job_for_each_channel_of_the_mailbox(crew: Crew, imap: ImapServer) -> None:
    both = ["mail0", "mail1"]
    with watching(crew, Watched(imap), Watched(imap)):
        soon(lambda: collections(crew.store) == both)  # what lay there before
        crew.work()
        imap.deliver(MAIL)
        soon(lambda: collections(crew.store) == both * 2)
    assert crew.done == ["collect mail0", "collect mail1"]


def test_one_that_waits_already_is_enough(crew: Crew) -> None:
    def begin() -> list[str]:
        part = NewJob(task=Task.COLLECT, about="mail")
        with crew.store.write() as connection:
            cycles.start_part(crew.hub, crew.engine, connection, "collect", part, ON)
        return collections(crew.store)

    assert begin() == begin() == ["mail"]
    crew.work()
    assert begin() == ["mail", "mail"], "what came since may not have been seen"


def test_a_refused_login_stops_the_channel_and_is_not_tried_again(
    crew: Crew, imap: ImapServer
) -> None:
    stop = Turns()
    with watching(crew, Watched(imap, "not this one"), stop=stop) as hub:
        channel = hub.registry.channel("mail0")
        soon(lambda: channel.view.state is State.PAUSED)
        assert "refused the login" in channel.view.reason
        soon(lambda: collections(crew.store) == ["mail0"])  # that job tells people
        since, turns = channel.view.since, stop.turns
        crew.forward(minutes=10)
        soon(lambda: stop.turns > turns + 3)
        assert (channel.view.since, collections(crew.store)) == (since, ["mail0"])


def test_one_process_waits_and_another_takes_over(store: Store) -> None:
    with only_watcher(store, "imap.example.it:993 crediti INBOX") as ours:
        assert ours is not None and ours()
        with only_watcher(store, "imap.example.it:993 altri INBOX") as other_mailbox:
            assert other_mailbox is not None
        with only_watcher(store, "imap.example.it:993 crediti INBOX") as theirs:
            assert (theirs is None) == (not store.is_sqlite)  # there one process works
    with only_watcher(store, "imap.example.it:993 crediti INBOX") as again:
        assert again is not None


@pytest.mark.postgres
def test_a_lock_that_the_server_dropped_is_noticed(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("one process works on SQLite")
    with only_watcher(store, "mailbox") as ours:
        assert ours is not None and ours()
        with store.read() as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            connection.execute(sa.text(others))
        assert not ours()
