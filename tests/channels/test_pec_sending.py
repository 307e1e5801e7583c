"""Certified mail leaves by the formal rules, and whatever breaks, the error says what is known."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from incasso.api import (
    Attachment,
    AuthenticationError,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    Recipient,
    RejectedError,
    TemporaryError,
)
from incasso.testing.network import closed_port
from incasso_pec.searching import TIMES, Patience
from incasso_pec.settings import Part
from tests.channels.mail import context, message
from tests.channels.pec import MAILBOX, REF, TO
from tests.channels.pec_office import PecInstance, channel_on, provider_of, recipient, took
from tests.channels.servers import CUT, SILENCE, ImapServer, SmtpServer, Stage


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with ImapServer() as imap:
        yield imap


@pytest.fixture(autouse=True)
def nothing_there(imap: ImapServer) -> None:
    imap.empty()


@pytest.fixture
def relay() -> Iterator[SmtpServer]:
    """A provider's server, which asks for a login."""
    with SmtpServer(users={ImapServer.user: "segreta"}, reports=True) as relay:
        yield relay


@pytest.fixture
def over(imap: ImapServer, relay: SmtpServer, tmp_path: Path) -> Iterator[PecInstance]:
    with channel_on(imap, tmp_path, relay) as over:
        yield over


def read(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


# The formal rules.


def test_a_message_keeps_the_formal_rules(over: PecInstance, relay: SmtpServer) -> None:
    """One recipient, who stands in To; the mailbox as sender, outside and inside; no Bcc."""
    copies = (Recipient(address="capo@acme.example"), Recipient(address="altro@acme.example"))
    receipt = over.send(cc=copies)
    [left] = relay.messages
    mail = read(left.content)
    assert (left.sender, left.recipients) == (MAILBOX, (TO,))
    assert [each.addr_spec for each in mail["From"].addresses] == [MAILBOX]
    assert [each.addr_spec for each in mail["To"].addresses] == [TO]
    assert mail["Cc"] is None and mail["Bcc"] is None
    assert mail["Message-ID"] == receipt.ref == REF
    assert mail["X-TipoRicevuta"] == "completa"
    assert provider_of(ImapServer()).formal_fault(left.sender, left.recipients, left.content) == ""


def test_no_envelope_id_is_asked_back(over: PecInstance, relay: SmtpServer) -> None:
    """The provider answers by receipts, and its reports (DSN) are not to be relied upon."""
    over.send(envelope_id="hub.d-0001.secret")
    assert not any(each.upper().startswith("ENVID") for each in relay.asked)


def test_the_copies_that_are_left_out_are_told(over: PecInstance) -> None:
    outbound = message(to=recipient(), cc=(Recipient(address="capo@acme.example"),))
    prepared = over.channel_prepare(outbound, context())
    assert [each.field for each in prepared.warnings] == ["cc"]


@pytest.mark.parametrize("part", Part)
def test_the_office_chooses_its_receipt(
    part: Part, imap: ImapServer, relay: SmtpServer, tmp_path: Path
) -> None:
    with channel_on(imap, tmp_path, relay, receipt=part) as over:
        over.send()
    assert read(relay.messages[-1].content)["X-TipoRicevuta"] == part.value


def test_a_large_message_asks_for_the_brief_receipt(over: PecInstance) -> None:
    """A complete one would be above what can be archived as a proof."""
    scan = Attachment(filename="a.pdf", media_type="application/pdf", content=b"x" * 6_000_000)
    prepared = over.channel_prepare(message(to=recipient(), attachments=(scan,)), context())
    assert prepared.content.startswith(b"X-TipoRicevuta: breve\r\n")
    assert [each.code for each in prepared.warnings] == ["brief_receipt"]


def test_what_is_too_large_is_refused_before_it_leaves(imap: ImapServer, tmp_path: Path) -> None:
    with channel_on(imap, tmp_path, max_message_bytes=20_000) as over:
        scan = Attachment(filename="a.pdf", media_type="application/pdf", content=b"x" * 19_000)
        with pytest.raises(RejectedError) as raised:
            over.channel_prepare(message(to=recipient(), attachments=(scan,)), context())
    assert raised.value.problems[0].field == "attachments"


# The line breaks, at every stage.

STAGES: list[tuple[Stage, str, type[PluginError]]] = [
    ("connect", CUT, TemporaryError),
    ("auth", "535 5.7.8 wrong", AuthenticationError),
    ("mail", CUT, TemporaryError),
    # Legalmail's throttle: a permanent code for a passing state.
    (
        "mail",
        '550 MAIL from: blocked "Class Of Service" - Too much traffic from this sender',
        RateLimitedError,
    ),
    ("rcpt", CUT, TemporaryError),
    ("rcpt", SILENCE, TemporaryError),
    ("rcpt", "550 5.1.1 unknown", RejectedError),
    ("data", CUT, TemporaryError),
    ("end", CUT, OutcomeUnknownError),
    ("end", SILENCE, OutcomeUnknownError),
    ("end", "452 4.3.1 no space", TemporaryError),
    ("end", "554 5.7.1 no", RejectedError),
]


@pytest.mark.parametrize(
    ("stage", "reply", "wanted"), STAGES, ids=lambda v: str(getattr(v, "__name__", v))
)
def test_each_stage_fails_in_its_own_way(
    imap: ImapServer,
    relay: SmtpServer,
    tmp_path: Path,
    stage: Stage,
    reply: str,
    wanted: type[PluginError],
) -> None:
    with channel_on(imap, tmp_path, relay, timeout_s=1) as over:
        if stage != "auth":
            over.send("d-0000")  # the first message of a line may be tried on a new one
        relay.script(stage, reply)
        relay.hang_up()
        with pytest.raises(PluginError) as raised:
            over.send()
    error = raised.value
    assert type(error) is wanted
    arrived = [each for each in relay.messages if each.delivery == "d-0001"]
    assert len(arrived) == (wanted is OutcomeUnknownError)
    assert not getattr(error, "bad_address", False) or stage == "rcpt"


def test_a_throttle_is_no_bad_address(over: PecInstance, relay: SmtpServer) -> None:
    relay.script("mail", "550 blocked Class Of Service - Too much traffic from this sender")
    with pytest.raises(RateLimitedError) as raised:
        over.send()
    assert raised.value.retry_after is not None


# After a doubt.


def test_a_message_in_doubt_is_found_by_its_receipt(
    over: PecInstance, relay: SmtpServer, imap: ImapServer
) -> None:
    """The line broke after everything had arrived: the provider's acceptance tells, with proof."""
    relay.script("end", CUT)
    with pytest.raises(OutcomeUnknownError):
        over.send()
    took(provider_of(imap), relay)
    found = over.channel_find("d-0001", over.context())
    assert found is not None and found.ref == REF
    assert [each.filename for each in found.evidence] == ["accettazione.eml"]
    assert b"X-Ricevuta: accettazione" in found.evidence[0].content
    assert len(relay.messages) == 1, "looking sends nothing"


def test_without_a_receipt_nobody_says_that_it_did_not_leave(over: PecInstance) -> None:
    with pytest.raises(OutcomeUnknownError) as raised:
        over.channel_find("d-0001", over.context())
    assert raised.value.ref == REF


def test_a_forged_receipt_finds_nothing(over: PecInstance, imap: ImapServer) -> None:
    from incasso.testing.pec import Kind, PecAuthority
    from tests.channels.pec import one

    imap.deliver(one(Kind.ACCEPTANCE, by=PecAuthority(number=1).signer()))
    with pytest.raises(OutcomeUnknownError):
        over.channel_find("d-0001", over.context())


def test_the_search_waits_a_while_for_the_receipt(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash the acceptance is often still on its way. Each message is waited for once."""
    provider, waits = provider_of(imap), []
    provider.held = True

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            provider.release()

    monkeypatch.setattr("incasso_pec.searching.time.sleep", wait)
    with channel_on(imap, tmp_path, relay) as over:
        over._patience = Patience(100)
        over.send()
        took(provider, relay)
        assert over.channel_find("d-0001", over.context()) is not None
        assert len(waits) == 2
        for _ in range(3):
            with pytest.raises(OutcomeUnknownError):
                over.channel_find("d-0002", over.context())
        assert len(waits) == 2 + TIMES
        over._patience = Patience(3)
        with pytest.raises(OutcomeUnknownError):
            over.channel_find("d-0003", over.context())
    assert len(waits) == 2 + TIMES + 1, "all searches of a process share one patience"


# The copy among sent mail.


def test_a_copy_is_filed_and_finds_the_message(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path
) -> None:
    imap.deliver(b"Subject: x\r\n\r\n", folder="Inviata")
    imap.empty("Inviata")
    with channel_on(imap, tmp_path, relay, imap_sent="Inviata") as over:
        over.send()
        found = over.channel_find("d-0001", over.context())
    assert found is not None and found.ref == REF
    with imap.client() as client:
        client.select_folder("Inviata", readonly=True)
        ((number, answer),) = client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS"]).items()
    assert answer[b"BODY[]"] == relay.messages[-1].content
    assert number and b"\\Seen" in answer[b"FLAGS"]


@pytest.mark.parametrize("trouble", ["folder", "server"])
def test_a_copy_that_fails_is_a_remark_and_no_failure(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path, trouble: str
) -> None:
    changes = {"imap_sent": "Nowhere"} | (
        {"imap_port": closed_port()} if trouble == "server" else {}
    )
    with channel_on(imap, tmp_path, relay, **changes) as over:
        first, second = over.send("d-0001"), over.send("d-0002")
    assert "no copy filed" in first.note
    assert "no copy filed" not in second.note, "nobody waits again for what is down"
    assert [each.delivery for each in relay.messages] == ["d-0001", "d-0002"]


def test_a_mailbox_that_hangs_does_not_make_a_sent_message_doubtful(
    relay: SmtpServer, imap: ImapServer, tmp_path: Path
) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        changes = {"imap_sent": "Inviata", "imap_port": deaf.getsockname()[1], "timeout_s": 1}
        with channel_on(imap, tmp_path, relay, **changes) as over:
            assert "no copy filed" in over.send().note
    assert len(relay.messages) == 1


def test_a_dry_run_sends_nothing_and_files_nothing(
    imap: ImapServer, relay: SmtpServer, tmp_path: Path
) -> None:
    with channel_on(imap, tmp_path, relay, imap_sent="Nowhere") as over:
        outbound, ctx = message(to=recipient()), over.context(dry_run=True)
        receipt = over.channel_send(outbound, over.channel_prepare(outbound, ctx), ctx)
    assert "nothing sent" in receipt.note and not relay.messages
