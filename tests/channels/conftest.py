"""Servers for the mail tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.servers import ImapServer, SmtpServer


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    """A relay that asks for no login and takes everything."""
    with SmtpServer() as server:
        yield server


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    """An empty mailbox."""
    with ImapServer() as server:
        yield server
