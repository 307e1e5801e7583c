"""The door to mail servers, as any channel uses it: pages, marks, lines of each instance."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from incasso.api import (
    CallContext,
    CursorExpiredError,
    LineSecurity,
    MailboxClient,
    MailLogin,
    MailPage,
    RejectedError,
    Secret,
    SmtpLogin,
    TemporaryError,
)
from incasso.plugins.mail import mailbox
from incasso.plugins.mail.door import MailDoor
from tests.channels.mail import NOW, SENDER, TO, Until, context
from tests.channels.servers import SILENCE, ImapServer, SmtpServer

MAIL = b"Subject: ricevuta\r\n\r\nok\r\n"
LONG_AGO = date(2020, 1, 1)


@pytest.fixture
def door() -> Iterator[MailDoor]:
    door = MailDoor()
    yield door
    door.close()


def relay_of(server: SmtpServer, timeout_s: int = 5) -> SmtpLogin:
    return SmtpLogin(
        host=server.host,
        port=server.port,
        security=LineSecurity.NONE,
        timeout_s=timeout_s,
        greeting="example.it",
    )


def box_of(imap: ImapServer, door: MailDoor) -> MailboxClient:
    login = MailLogin(
        host=imap.host,
        port=imap.port,
        security=LineSecurity.NONE,
        user=imap.user,
        password=Secret(imap.password),
    )
    return context(door=door).mail.mailbox(login)


def pages(box: MailboxClient, since: str | None = None, subject: bytes = b"") -> list[MailPage]:
    wanted = lambda heads: subject in heads  # noqa: E731
    return list(box.read("INBOX", since, first_day=LONG_AGO, headers=["Subject"], wanted=wanted))


def test_only_wanted_mails_are_fetched_and_the_cursor_passes_the_others(
    imap: ImapServer, door: MailDoor
) -> None:
    for content in (MAIL, b"Subject: saluti\r\n\r\nciao\r\n", MAIL, b"Subject: x\r\n\r\n\r\n"):
        imap.deliver(content)
    [page] = pages(box_of(imap, door), subject=b"ricevuta")
    assert [mail.content for mail in page.mails] == [MAIL, MAIL]
    [after] = pages(box_of(imap, door), page.cursor)
    assert after.mails == () and after.cursor == page.cursor


def test_large_mails_come_in_small_pages_each_with_its_cursor(
    imap: ImapServer, door: MailDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "_PAGE_BYTES", len(MAIL) + 1)
    for _ in range(5):
        imap.deliver(MAIL)
    found = pages(box_of(imap, door))
    assert [len(page.mails) for page in found] == [2, 2, 1]
    [rest] = pages(box_of(imap, door), found[1].cursor)
    assert [mail.uid for mail in rest.mails] == [found[2].mails[0].uid]


def test_a_cursor_of_another_folder_is_refused(imap: ImapServer, door: MailDoor) -> None:
    [page] = pages(box_of(imap, door))
    imap.deliver(MAIL, folder="Sent")
    box = box_of(imap, door)
    with pytest.raises(CursorExpiredError, match="Sent is numbered anew"):
        list(box.read("Sent", page.cursor, first_day=LONG_AGO, headers=["From"], wanted=bool))


def test_mails_are_marked_as_read_only_on_demand(imap: ImapServer, door: MailDoor) -> None:
    imap.deliver(MAIL)
    imap.deliver(MAIL)
    first, second = pages(box_of(imap, door))[0].mails
    box_of(imap, door).mark_read("INBOX", [first.uid])
    with imap.client() as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags([first.uid, second.uid])
    assert rb"\Seen" in flags[first.uid] and rb"\Seen" not in flags[second.uid]


def test_two_instances_share_no_line(server: SmtpServer) -> None:
    doors = MailDoor(), MailDoor()
    for door in doors:
        smtp = context(door=door).mail.smtp(relay_of(server))
        with smtp.offer(SENDER, [TO], 100):
            pass
    assert server.connections == 2
    for door in doors:
        door.close()


def test_leaving_without_handing_over_makes_the_relay_forget(
    server: SmtpServer, door: MailDoor
) -> None:
    smtp = context(door=door).mail.smtp(relay_of(server))
    with smtp.offer(SENDER, ["nobody@example.it"], 100):
        pass
    with smtp.offer(SENDER, [TO], 100) as offered:
        offered.hand_over(b"Subject: x\r\n\r\nx\r\n", "<x@example.it>")
    assert [each.recipients for each in server.messages] == [(TO,)]
    assert server.connections == 1


def test_an_error_of_the_channel_itself_drops_the_line(server: SmtpServer, door: MailDoor) -> None:
    smtp = context(door=door).mail.smtp(relay_of(server))
    with pytest.raises(ZeroDivisionError), smtp.offer(SENDER, [TO], 100):
        raise ZeroDivisionError
    with pytest.raises(RejectedError), smtp.offer(SENDER, [TO], 100):
        raise RejectedError("not this one")
    with smtp.offer(SENDER, [TO], 100):
        pass
    assert server.connections == 2


def test_no_wait_is_longer_than_the_call_has(server: SmtpServer, door: MailDoor) -> None:
    server.script("rcpt", SILENCE)
    smtp = door.until(Until(time.monotonic() + 3)).smtp(relay_of(server, timeout_s=600))
    began = time.monotonic()
    with pytest.raises(TemporaryError), smtp.offer(SENDER, [TO], 100):
        pass
    assert time.monotonic() - began < 3


def test_a_context_made_by_hand_has_no_door() -> None:
    bare = CallContext(
        instance_id="x",
        idempotency_key="",
        attempt=1,
        deadline=NOW + timedelta(seconds=1),
        dry_run=False,
        http=context().http,
        log=logging.getLogger("incasso.test"),
        now=lambda: NOW,
        on=NOW.date(),
    )
    login = MailLogin(host="x", port=1, security=LineSecurity.NONE)
    with pytest.raises(NotImplementedError, match="without a door to mail servers"):
        bare.mail.mailbox(login)


def test_a_mailbox_password_with_accents_logs_in(door: MailDoor) -> None:
    with ImapServer("però€") as imap:
        imap.deliver(b"Subject: x\r\n\r\n")
        assert sum(len(page.mails) for page in pages(box_of(imap, door))) == 1


def test_mails_are_found_by_a_header_the_newest_first_cut(imap: ImapServer, door: MailDoor) -> None:
    for number in range(4):
        mail = f"X-Riferimento-Message-ID: <a{number % 2}@x>\r\nSubject: {number}\r\n\r\n"
        imap.deliver(mail.encode())
    found = box_of(imap, door).with_header("INBOX", "X-Riferimento-Message-ID", "<a1@x>")
    assert [b"Subject: 1" in found[0].content, b"Subject: 3" in found[1].content] == [True, True]
    assert len(box_of(imap, door).with_header("INBOX", "Subject", "3", most=1)) == 1
    assert box_of(imap, door).with_header("INBOX", "X-Riferimento-Message-ID", "<b@x>") == ()


def test_a_mail_of_our_own_is_filed_as_it_is(imap: ImapServer, door: MailDoor) -> None:
    imap.deliver(b"Subject: earlier\r\n\r\n", folder="Sent")
    box_of(imap, door).put("Sent", MAIL, NOW)
    with imap.client() as client:
        client.select_folder("Sent", readonly=True)
        answer = client.fetch(client.search(["SEEN"]), ["BODY.PEEK[]"])
    assert [each[b"BODY[]"] for each in answer.values()] == [MAIL]
    with pytest.raises(TemporaryError):
        box_of(imap, door).put("Nowhere", MAIL, NOW)
