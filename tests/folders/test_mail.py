"""Exchange by mail attachments: each file leaves once, and only theirs is read."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from incasso.api import (
    ConfigurationError,
    ExchangeFolder,
    FolderLogin,
    FolderMail,
    FolderPlace,
    LineSecurity,
    OutcomeUnknownError,
    RejectedError,
    Secret,
    TemporaryError,
)
from incasso.plugins.folders.door import FolderDoor
from incasso.plugins.mail import mailbox
from tests.channels.servers import CUT, ImapServer, SmtpServer
from tests.folders.office import LATER, Clock, opened, read, stream

LOT = b"PK\x03\x04 a workbook " * 100
PASSED = "mx.acme.example; dkim=pass header.d=alfa.example"


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def smtp(imap: ImapServer) -> Iterator[SmtpServer]:
    with SmtpServer(users={imap.user: imap.password}) as server:
        yield server


@pytest.fixture
def login(smtp: SmtpServer, imap: ImapServer) -> FolderLogin:
    return by_mail(smtp, imap)


@pytest.fixture
def folder(door: FolderDoor, login: FolderLogin) -> ExchangeFolder:
    return opened(door, login)


def by_mail(smtp: SmtpServer, imap: ImapServer, **changes: Any) -> FolderLogin:
    given: dict[str, Any] = {
        "to": "lotti@alfa.example",
        "sender": "Ufficio crediti <crediti@acme.example>",
        "senders": ("@alfa.example",),
        "authserv": "mx.acme.example",
        "host": smtp.host,
        "port": smtp.port,
        "security": LineSecurity.NONE,
        "user": imap.user,
        "password": Secret(imap.password),
        "imap_host": imap.host,
        "imap_port": imap.port,
        "imap_security": LineSecurity.NONE,
        "timeout_s": 5,
    }
    return FolderLogin(place=FolderPlace.MAIL, mail=FolderMail(**(given | changes)))


def mail(
    *files: tuple[str, bytes], sender: str = "Anna <anna@alfa.example>", results: str = PASSED
) -> bytes:
    made = EmailMessage(policy=policy.SMTP)
    if results:
        made["Authentication-Results"] = results
    made["From"], made["To"], made["Subject"] = sender, "crediti@acme.example", "esiti"
    made["Message-ID"] = f"<{abs(hash((files, sender, results)))}@alfa.example>"
    made.set_content("In allegato gli esiti.\n")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def test_a_file_leaves_once(folder: ExchangeFolder, smtp: SmtpServer) -> None:
    stored = folder.put("LOT-7.xlsx", stream(LOT))
    assert folder.put("LOT-7.xlsx", stream(LOT)) == stored == folder.find("LOT-7.xlsx")
    assert folder.find("LOT-8.xlsx") is None
    with pytest.raises(RejectedError, match="other content"):
        folder.put("LOT-7.xlsx", stream(b"other"))
    [sent] = smtp.messages
    assert (sent.sender, sent.recipients) == ("crediti@acme.example", ("lotti@alfa.example",))
    read_by_them = message_from_bytes(sent.content, policy=policy.default)
    [attachment] = read_by_them.iter_attachments()
    assert attachment.get_filename() == "LOT-7.xlsx" == read_by_them["Subject"]
    assert attachment.get_content() == LOT


def test_what_certainly_did_not_leave_may_leave_again(
    folder: ExchangeFolder, smtp: SmtpServer
) -> None:
    smtp.script("rcpt", "450 4.2.0 greylisted", times=1)
    with pytest.raises(TemporaryError):
        folder.put("LOT-7.xlsx", stream(LOT))
    assert folder.find("LOT-7.xlsx") is None
    folder.put("LOT-7.xlsx", stream(LOT))
    assert len(smtp.messages) == 1


def test_what_may_have_left_is_never_sent_again(folder: ExchangeFolder, smtp: SmtpServer) -> None:
    smtp.script("end", CUT, times=1)
    with pytest.raises(OutcomeUnknownError):
        folder.put("LOT-7.xlsx", stream(LOT))
    with pytest.raises(OutcomeUnknownError, match="ask them whether they have it") as unknown:
        folder.find("LOT-7.xlsx")
    assert unknown.value.ref == "LOT-7.xlsx"
    with pytest.raises(OutcomeUnknownError):
        folder.put("LOT-7.xlsx", stream(LOT))
    assert len(smtp.messages) == 1


def test_too_large_for_a_mail(door: FolderDoor, smtp: SmtpServer, imap: ImapServer) -> None:
    folder = opened(door, by_mail(smtp, imap, most_bytes=100))
    with pytest.raises(RejectedError, match="larger than the 100 bytes"):
        folder.put("LOT-7.xlsx", stream(LOT))
    assert smtp.messages == ()


def test_a_copy_is_filed_among_those_sent(
    door: FolderDoor, smtp: SmtpServer, imap: ImapServer
) -> None:
    imap.deliver(mail(), folder="Sent")
    opened(door, by_mail(smtp, imap, sent_folder="Sent")).put("LOT-7.xlsx", stream(LOT))
    with imap.client() as client:
        assert client.select_folder("Sent")[b"EXISTS"] == 2


def test_attachments_are_claimed_read_and_done_and_the_mailbox_stays(
    folder: ExchangeFolder, imap: ImapServer
) -> None:
    imap.deliver(mail(("B.xlsx", b"b"), ("smime.p7s", b"s")))
    imap.deliver(mail(("A.xlsx", b"a")))
    first, second = folder.arrived()
    assert [first.name, second.name] == ["A.xlsx", "B.xlsx"]
    claim = folder.claim(first)
    assert folder.claim(first) is None and [each.name for each in folder.arrived()] == ["B.xlsx"]
    assert read(claim) == b"a"
    assert claim is not None
    again = folder.claimed(claim.token)
    assert again is not None and again.file == first and read(again) == b"a"
    again.done()
    assert folder.claimed(claim.token) is None
    other = folder.claim(second)
    assert other is not None
    other.refused("no sheet of ours")
    assert list(folder.arrived()) == [] and list(folder.arrived()) == []
    imap.deliver(mail(("C.xlsx", b"c")))
    assert [each.name for each in folder.arrived()] == ["C.xlsx"]
    with imap.client() as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 3
        assert all(rb"\Seen" not in flags for flags in client.get_flags([101, 102, 103]).values())


@pytest.mark.parametrize(
    ("sender", "results", "told"),
    [
        ("anna@alfa.example", "", True),
        ("anna@alfa.example", "mx.other.example; dkim=pass header.d=alfa.example", True),
        ("anna@alfa.example", "mx.acme.example; dkim=fail header.d=alfa.example", True),
        ("anna@alfa.example", "mx.acme.example; dkim=pass header.d=evil.example", True),
        ("anna@beta.example", "mx.acme.example; dkim=pass header.d=beta.example", False),
        ("anna@alfa.example, eve@evil.example", PASSED, False),
    ],
)
def test_what_is_not_surely_theirs_is_not_read(
    sender: str, results: str, told: bool, folder: ExchangeFolder, imap: ImapServer
) -> None:
    imap.deliver(mail(("A.xlsx", b"a"), sender=sender, results=results))
    assert list(folder.arrived()) == []
    assert [each.code for each in folder.remarks()] == ["mail"] * told


def test_a_file_with_a_name_that_cannot_be_is_told_once(
    folder: ExchangeFolder, imap: ImapServer
) -> None:
    imap.deliver(mail(("x" * 190 + ".xlsx", b"a"), ("A.xlsx", b"a")))
    assert [each.name for each in folder.arrived()] == ["A.xlsx"]
    assert [each.code for each in folder.remarks()] == ["file_name"]


def test_a_file_that_is_being_read_is_not_passed_whatever_is_done_behind_it(
    folder: ExchangeFolder, imap: ImapServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mail is a page of its own; a file of each is being read, the others are done."""
    monkeypatch.setattr(mailbox, "_PAGE_BYTES", 1)
    imap.deliver(mail(("A.xlsx", b"a"), ("Z.xlsx", b"z")))
    imap.deliver(mail(("B.xlsx", b"b"), ("C.xlsx", b"c"), ("D.xlsx", b"d")))
    claims = {each.name[0]: folder.claim(each) for each in folder.arrived()}
    for name in "ZBC":
        done = claims[name]
        assert done is not None
        done.done()
    assert list(folder.arrived()) == []
    clock.ahead = LATER
    assert [each.name for each in folder.arrived()] == ["A.xlsx", "D.xlsx"]


def test_a_mail_that_cannot_be_found_again_is_told(
    folder: ExchangeFolder, imap: ImapServer
) -> None:
    imap.deliver(mail(("A.xlsx", b"a")).replace(b"Message-ID:", b"X-Id:"))
    assert list(folder.arrived()) == []
    [remark] = folder.remarks()
    assert "has no Message-ID" in remark.message


def test_a_dead_readers_file_is_taken_over(
    folder: ExchangeFolder, imap: ImapServer, clock: Clock
) -> None:
    imap.deliver(mail(("A.xlsx", b"a")))
    [file] = folder.arrived()
    dead = folder.claim(file)
    clock.ahead = LATER
    [again] = folder.arrived()
    assert again == file
    living = folder.claim(again)
    assert read(living) == b"a"
    assert dead is not None and living is not None
    with pytest.raises(TemporaryError, match="taken over"):
        dead.done()
    living.give_back()
    assert list(folder.arrived()) == [file]


def test_wrong_keys_are_named_together(smtp: SmtpServer, imap: ImapServer) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        by_mail(smtp, imap, to="alfa", senders=("anna",), password=Secret(""))
    assert {each.field for each in wrong.value.problems} == {"to", "senders", "password"}
