"""What comes back into the mailbox is told once, about the right delivery, and truthfully."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.api import (
    AuthenticationError,
    CursorExpiredError,
    DeliveryState,
    DeliveryUpdate,
    IncomingNews,
    OutcomeUnknownError,
    Page,
    Secret,
    TemporaryError,
)
from incasso.mail import may_be_report, read_report
from incasso.testing.channel_news import updates_in
from incasso.testing.network import closed_port
from incasso_smtp.channel import SmtpChannel
from tests.channels.bounced import (
    headers_of,
    nested,
    qmail,
    reply,
    returned,
    standard,
    status,
)
from tests.channels.mail import NOW, TO, context, imap_settings, settings
from tests.channels.servers import ImapServer


def read(mail: bytes) -> tuple[DeliveryUpdate, ...]:
    return read_report(mail, NOW)


@pytest.mark.parametrize("mail", [standard(), standard(whole=True), nested(), qmail()])
def test_a_final_failure_names_the_delivery(mail: bytes) -> None:
    assert may_be_report(headers_of(mail))
    [update] = read(mail)
    assert (update.ref, update.state) == ("d-0001", DeliveryState.BOUNCED)
    assert update.permanent and update.at == NOW
    assert TO in update.note
    assert update.evidence is not None and update.evidence.content == mail


@pytest.mark.parametrize(
    ("code", "said", "bad"),
    [
        ("5.1.1", "550 5.1.1 user unknown", True),
        ("5.1.2", "no such domain", True),
        ("5.2.1", "mailbox disabled", True),
        ("5.2.2", "552 5.2.2 mailbox full", False),
        ("5.7.1", "550 5.7.1 rejected as spam", False),
        ("4.4.7", "delivery time expired", False),
    ],
)
def test_only_a_wrong_address_is_called_wrong(code: str, said: str, bad: bool) -> None:
    [update] = read(standard(status(code=code, said=said)))
    assert update.state is DeliveryState.BOUNCED
    assert update.bad_address is bad


def test_a_delay_is_no_failure() -> None:
    [update] = read(standard(status("delayed", "4.4.1", said="connection timed out")))
    assert update.state is DeliveryState.DELAYED
    assert not update.permanent and not update.bad_address


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("delivered", DeliveryState.DELIVERED),
        ("relayed", DeliveryState.SENT),
        ("expanded", DeliveryState.SENT),
        ("FAILED", DeliveryState.BOUNCED),
    ],
)
def test_each_action_has_its_state(action: str, state: DeliveryState) -> None:
    [update] = read(standard(status(action, "2.0.0")))
    assert update.state is state


def test_a_relay_that_changes_the_message_id_is_seen_through() -> None:
    """Amazon SES puts in an id of its own."""
    changed = returned().replace(b"<hub.d-0001@example.it>", b"<0102019@eu-west-1.amazonses.com>")
    [update] = read(standard(original=changed))
    assert update.ref == "d-0001"


def test_a_relay_that_drops_our_header_is_seen_through() -> None:
    changed = returned().replace(b"X-Incasso-Delivery: d-0001\r\n", b"")
    [update] = read(standard(original=changed))
    assert update.ref == "d-0001"


def test_a_bounced_copy_says_nothing_about_the_debtor() -> None:
    copy = "ex@example.it"
    original = returned(cc=copy)
    assert read(standard(status(to=copy), original=original)) == ()
    both = standard(status(to=copy), status(), original=original)
    assert [TO in update.note for update in read(both)] == [True]


def test_several_recipients_give_several_updates_with_ids_of_their_own() -> None:
    mail = standard(status(), status("delayed"))
    ids = [update.update_id for update in read(mail)]
    assert len(set(ids)) == 2
    assert ids == [update.update_id for update in read(mail)]


@pytest.mark.parametrize(
    "mail",
    [
        reply(),
        returned(),
        standard(original=b"Message-ID: <x@example.it>\r\nTo: a@example.it\r\n\r\n"),
        b"",
        b"\xff\xfe\x00" * 50,
    ],
    ids=["a reply", "our own mail", "somebody else's bounce", "nothing", "rubbish"],
)
def test_other_mail_says_nothing(mail: bytes) -> None:
    assert read(mail) == ()


@given(cut=st.integers(0, len(standard())), rubbish=st.binary(max_size=40))
def test_a_damaged_report_never_stops_the_reading(cut: int, rubbish: bytes) -> None:
    mail = standard()
    for update in read(mail[:cut] + rubbish + mail[cut:]) + read(mail[:cut] + rubbish):
        assert update.state in DeliveryState


def collected(over: SmtpChannel, since: str | None = None) -> list[Page[IncomingNews]]:
    return list(over.channel_collect(since, context()))


def news(pages: list[Page[IncomingNews]]) -> list[str]:
    return [update.ref for page in pages for update in updates_in(page.items)]


def test_each_bounce_is_read_once_and_nothing_else(imap: ImapServer) -> None:
    over = SmtpChannel(imap_settings(imap))
    pages = collected(over)
    assert news(pages) == []
    cursor = pages[-1].cursor

    for mail in (reply(), standard(), b"Subject: x\r\n\r\nciao\r\n", qmail("d-0002")):
        imap.deliver(mail)
    pages = collected(over, cursor)
    assert news(pages) == ["d-0001", "d-0002"]
    assert [update.evidence for update in pages[0].items if update.evidence] != []
    assert news(collected(over, pages[-1].cursor)) == []
    assert news(collected(over, cursor)) == news(collected(over)) == ["d-0001", "d-0002"]

    imap.deliver(standard(original=returned("d-0003")))
    later = collected(over, pages[-1].cursor)
    assert news(later) == ["d-0003"]
    [update] = later[0].items
    assert update.at.tzinfo is UTC
    assert abs(update.at - datetime.now(UTC)) < timedelta(hours=1)

    with imap.client() as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search()).values()
        assert len(flags) == 5 and not any(b"\\Seen" in each for each in flags)


def test_a_cursor_of_another_numbering_is_refused(imap: ImapServer) -> None:
    over = SmtpChannel(imap_settings(imap))
    for cursor in ("1/5/INBOX", "nonsense", "", "1/x/INBOX"):
        with pytest.raises(CursorExpiredError):
            collected(over, cursor)


def test_the_check_opens_the_mailbox_too(imap: ImapServer) -> None:
    from tests.channels.servers import SmtpServer

    with SmtpServer() as server:
        where = {"host": server.host, "port": server.port}
        report = SmtpChannel(imap_settings(imap, **where)).instance_check(context())
        assert report.facts["bounces"].startswith("folder INBOX on")
        wrong = imap_settings(imap, **where, imap_password=Secret("sbagliata"))
        with pytest.raises(AuthenticationError) as raised:
            SmtpChannel(wrong).instance_check(context())
        assert "b'" not in str(raised.value), "the server's words, not Python's"
        assert "sbagliata" not in str(raised.value)
        absent = imap_settings(imap, **where, imap_folder="Rimbalzi")
        with pytest.raises(TemporaryError):
            SmtpChannel(absent).instance_check(context())


def test_a_mailbox_out_of_reach_is_temporary() -> None:
    away = settings(imap_host="127.0.0.1", imap_port=closed_port())
    with pytest.raises(TemporaryError):
        collected(SmtpChannel(away))


def test_without_a_mailbox_nothing_is_collected() -> None:
    assert collected(SmtpChannel(settings())) == []


def test_what_the_provider_filed_as_sent_is_found(imap: ImapServer) -> None:
    imap.deliver(returned("d-0001"), folder="Sent")
    over = SmtpChannel(imap_settings(imap, imap_sent="Sent"))
    receipt = over.channel_find("d-0001", context())
    assert receipt is not None and receipt.ref == "<hub.d-0001@example.it>"


def test_what_is_not_found_may_have_left_all_the_same(imap: ImapServer) -> None:
    imap.deliver(returned("d-0001"), folder="Sent")
    with pytest.raises(OutcomeUnknownError):
        SmtpChannel(imap_settings(imap, imap_sent="Sent")).channel_find("d-0002", context())
    with pytest.raises(OutcomeUnknownError):
        SmtpChannel(settings()).channel_find("d-0001", context())
