"""A mailbox of any size, and servers that leave things out: each mail is read once all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from imapclient import IMAPClient

from incasso.plugins.mail import mailbox
from incasso.testing.channel_news import updates_in
from incasso_smtp.channel import SmtpChannel
from tests.channels.bounced import returned, standard
from tests.channels.mail import context, imap_settings
from tests.channels.servers import ImapServer


def test_a_large_mailbox_is_searched_in_stretches(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search answers in one line, of which imaplib takes a million characters."""
    monkeypatch.setattr(mailbox, "_UIDS_AT_ONCE", 2)
    asked: list[Any] = []
    search = IMAPClient.search

    def noted(self: IMAPClient, what: Any, *more: Any) -> Any:
        asked.append(what)
        return search(self, what, *more)

    monkeypatch.setattr(IMAPClient, "search", noted)
    for number in range(5):
        imap.deliver(standard(original=returned(f"d-{number}")))
    over = SmtpChannel(imap_settings(imap))
    pages = list(over.channel_collect(None, context()))
    assert [each.ref for page in pages for each in updates_in(page.items)] == [
        f"d-{n}" for n in range(5)
    ]
    assert len(asked) > 2
    for page in pages[:-1]:
        later = over.channel_collect(page.cursor, context())
        known = {each.ref for page in later for each in updates_in(page.items)}
        assert known.isdisjoint(each.ref for each in updates_in(page.items))
    assert [
        each for page in over.channel_collect(pages[-1].cursor, context()) for each in page.items
    ] == []


@pytest.mark.parametrize(
    ("last", "newest", "exist", "windows"),
    [
        (0, 0, 0, []),
        (7, 7, 9, []),
        (0, 150_000, 150_000, [(1, 50_000), (50_001, 100_000), (100_001, 150_000)]),
        (149_990, 150_000, 150_000, [(149_991, 150_000)]),
        # Few mails with high numbers: one search, whatever the numbers.
        (0, 4_000_000_000, 120, [(1, 4_000_000_000)]),
    ],
)
def test_the_stretches_hold_every_number_once(
    last: int, newest: int, exist: int, windows: list[tuple[int, int]]
) -> None:
    assert list(mailbox._windows(last, newest, exist)) == windows


def test_a_mail_without_internaldate_is_read_all_the_same(
    imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch: Callable[..., dict[int, dict[bytes, Any]]] = IMAPClient.fetch

    def silent(self: Any, uids: Iterable[int], items: Iterable[str]) -> Any:
        found = fetch(self, uids, items)
        for answer in found.values():
            answer.pop(b"INTERNALDATE", None)
        return found

    monkeypatch.setattr(IMAPClient, "fetch", silent)
    dated = b"Received: from a by b; Mon, 2 Mar 2026 11:30:00 +0100\r\n" + standard()
    imap.deliver(dated)
    imap.deliver(b"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\n" + standard(original=returned("d-2")))
    imap.deliver(b"Date: Fri, 1 Jan 1904 10:00:00 +0000\r\n" + standard(original=returned("d-3")))
    pages = SmtpChannel(imap_settings(imap)).channel_collect(None, context())
    assert [(each.ref, each.at) for page in pages for each in updates_in(page.items)] == [
        ("d-0001", datetime(2026, 3, 2, 10, 30, tzinfo=UTC)),
        ("d-2", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("d-3", datetime(1980, 1, 1, tzinfo=UTC)),
    ]
