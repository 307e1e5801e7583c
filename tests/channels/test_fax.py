"""Faxes: what is dialled, what a cut line leaves in doubt, and what each result means."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest

from incasso.api import (
    AuthenticationError,
    CallContext,
    ConfigurationError,
    DeliveryState,
    LineSecurity,
    Medium,
    Money,
    OutboundMessage,
    OutcomeUnknownError,
    Prepared,
    Receipt,
    Recipient,
    RejectedError,
    Secret,
    TemporaryError,
)
from incasso.plugins.ftp.door import FtpDoor
from incasso.testing import samples
from incasso.testing.fax import HylafaxServer
from incasso.testing.network import closed_port
from incasso_fax.by_mail.channel import FaxMailChannel
from incasso_fax.by_mail.results import may_be_result, read_result
from incasso_fax.by_mail.settings import FaxMailSettings
from incasso_fax.hylafax.channel import HylafaxChannel
from incasso_fax.hylafax.dialling import dialled
from incasso_fax.hylafax.settings import HylafaxSettings
from incasso_fax.interfax.record import FaxRecord
from incasso_fax.pages import fax_number
from tests.channels.hylafax_server import MISSING, hylafax
from tests.channels.mail import LOG, Until, context
from tests.channels.servers import SmtpServer

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def fax(delivery: str = "d-0001", **changes: Any) -> OutboundMessage:
    return msgspec.structs.replace(samples.message(Medium.FAX, delivery), **changes)


# Numbers.


@pytest.mark.parametrize(
    ("given", "country", "number"),
    [
        ("02 1111 1111", "IT", "+390211111111"),
        ("0039 02/11111111", "IT", "+390211111111"),
        ("+49 (0)30 123456", "IT", "+4930123456"),
        ("030 123456", "DE", "+4930123456"),
        ("0549 123456", "SM", "+3780549123456"),
        ("011.5550100", "", "+390115550100"),
    ],
)
def test_a_number_is_read_in_its_country(given: str, country: str, number: str) -> None:
    assert fax_number(Recipient(address=given, country=country)) == number


@pytest.mark.parametrize("given", ["", "none", "12", "02 1111 1111 2222 3333", "a@b.it"])
def test_what_is_no_number_is_refused_before_it_costs(given: str) -> None:
    with pytest.raises(RejectedError) as raised:
        fax_number(Recipient(address=given))
    assert raised.value.problems[0].field == "to"
    assert raised.value.bad_address is bool(given)


@pytest.mark.parametrize(
    ("number", "country", "prefix", "figures"),
    [
        ("+390211111111", "IT", "", "0211111111"),  # Italian numbers keep their zero
        ("+390211111111", "IT", "0,", "0,0211111111"),
        ("+4930123456", "IT", "0,", "0,004930123456"),
        ("+390211111111", "DE", "", "00390211111111"),
        ("+4930123456", "DE", "", "030123456"),
    ],
)
def test_what_the_modem_dials(number: str, country: str, prefix: str, figures: str) -> None:
    settings = HylafaxSettings(host="fax", country=country, prefix=prefix)
    assert dialled(number, settings) == figures


# Pages.


@pytest.mark.parametrize("content", [b"", b"no pages", b"%PDF-1.4 torn"])
def test_pages_that_cannot_be_read_are_refused(content: bytes) -> None:
    letter = fax().letter
    assert letter is not None
    torn = msgspec.structs.replace(letter, content=content)
    with pytest.raises(RejectedError) as raised:
        HylafaxChannel(HylafaxSettings(host="fax")).channel_prepare(fax(letter=torn), context())
    assert raised.value.problems[0].field == "letter"


@pytest.mark.parametrize(
    ("status", "said"),
    [(263, "the line is busy"), (12, "the telephone network"), (3931, "InterFAX status 3931")],
)
def test_a_fault_of_interfax_is_said_in_words_where_they_are_known(status: int, said: str) -> None:
    record = FaxRecord(id=1, status=status, attempts_made=4)
    assert record.state is DeliveryState.BOUNCED
    assert said in record.note and f"status {status}" in record.note


# HylaFAX.


class Line:
    """A channel on a server."""

    def __init__(self, port: int, password: str = "") -> None:
        given = Secret(password)
        self.channel = HylafaxChannel(
            HylafaxSettings(host="127.0.0.1", port=port, password=given, timeout_s=5)
        )
        self.ctx: CallContext = context()

    def prepared(self, delivery: str) -> Prepared:
        return self.channel.channel_prepare(fax(delivery), self.ctx)

    def send(self, delivery: str = "d-0001") -> Receipt:
        return self.channel.channel_send(fax(delivery), self.prepared(delivery), self.ctx)

    def news(self, *refs: str) -> list[tuple[DeliveryState, str]]:
        found = self.channel.channel_poll(refs, self.ctx)
        return [(each.state, str(each.note)) for each in found]


def test_nobody_answers_and_it_is_said_in_words() -> None:
    with pytest.raises(TemporaryError) as raised:
        Line(port := closed_port()).send()
    assert str(raised.value) == f"127.0.0.1:{port}: nobody answers at this address and port"


def test_a_server_in_the_own_network_must_be_allowed() -> None:
    with HylafaxServer() as server:
        line = Line(server.port)
        closed = FtpDoor(log=LOG).until(Until(time.monotonic() + 9))
        line.ctx = msgspec.structs.replace(line.ctx, ftp=closed)
        with pytest.raises(ConfigurationError, match="private address") as raised:
            line.send()
        assert "allow_private_addresses" in raised.value.hint and server.jobs == []


BEFORE_THE_JOB = ["USER", "TYPE", "FORM", "PASV", "STOT", "JNEW", "JPARM"]


@pytest.mark.parametrize("command", BEFORE_THE_JOB)
def test_a_line_cut_before_the_job_is_submitted_sends_nothing(command: str) -> None:
    with HylafaxServer() as server:
        line = Line(server.port)
        server.hang_up_at = command
        with pytest.raises(TemporaryError):
            line.send()
        assert server.submitted == []
        server.hang_up_at = ""
        line.send()
        assert [job.reference for job in server.submitted] == ["d-0001"]


@pytest.mark.parametrize("obey", [True, False])
def test_a_line_cut_at_the_submission_is_in_doubt_until_the_job_is_found(obey: bool) -> None:
    with HylafaxServer() as server:
        line = Line(server.port)
        server.hang_up_at, server.obey = "JSUBM", obey
        with pytest.raises(OutcomeUnknownError) as raised:
            line.send()
        assert raised.value.ref == "d-0001"
        server.hang_up_at = ""
        if obey:
            found = line.channel.channel_find("d-0001", line.ctx)
            assert found is not None and found.ref == "d-0001"
        else:
            with pytest.raises(OutcomeUnknownError):
                line.channel.channel_find("d-0001", line.ctx)


def test_a_job_that_the_scheduler_did_not_take_leaves_as_another() -> None:
    with HylafaxServer() as server:
        line = Line(server.port)
        server.busy = True
        with pytest.raises(TemporaryError):
            line.send()
        server.busy = False
        line.send()
        assert line.news("d-0001") == []  # not "failed", which only the first job is
        server.end("D")
        assert line.news("d-0001") == [
            (DeliveryState.DELIVERED, "the other machine confirmed all pages")
        ]


def test_what_became_of_each_fax() -> None:
    with HylafaxServer() as server:
        line = Line(server.port)
        for delivery in ("d-1", "d-2", "d-3", "d-4"):
            line.send(delivery)
        server.end("D", reference="d-1")
        server.end("F", "Busy signal detected; too many attempts | to dial", reference="d-2")
        server.end("S", "No answer from remote", reference="d-3")
        assert line.news("d-1", "d-2", "d-3", "d-4", "d-5") == [
            (DeliveryState.DELIVERED, "the other machine confirmed all pages"),
            (
                DeliveryState.BOUNCED,
                "not delivered: Busy signal detected; too many attempts | to dial",
            ),
            (DeliveryState.DELAYED, "the fax server tries again: No answer from remote"),
        ]
        [first] = line.channel.channel_poll(("d-1",), line.ctx)
        assert first.evidence is not None
        assert b"JOBINFO: d-1" in first.evidence.content


def test_a_wrong_password_stops_the_account() -> None:
    with HylafaxServer(password="segreta") as server:
        line = Line(server.port, "sbagliata")
        with pytest.raises(AuthenticationError):
            line.send()


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_a_real_server_takes_the_job_and_lists_it_by_our_reference() -> None:
    with hylafax() as port:
        line = Line(port)
        report = line.channel.instance_check(line.ctx)
        assert "HylaFAX" in str(dict(report.facts))
        assert "submitted" in str(line.send("d-77").note)
        found = line.channel.channel_find("d-77", line.ctx)
        assert found is not None and found.ref == "d-77"
        assert line.news("d-77") == []  # it waits for a modem


# InterFAX.


def record(status: int, **more: Any) -> FaxRecord:
    return FaxRecord(id=7, status=status, **more)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (-11, None),
        (-3, None),
        (-22, DeliveryState.DELAYED),
        (0, DeliveryState.DELIVERED),
        (3931, DeliveryState.BOUNCED),
        (205_000, DeliveryState.BOUNCED),
    ],
)
def test_what_a_status_of_interfax_means(status: int, state: DeliveryState | None) -> None:
    assert record(status).state is state


def test_the_price_of_a_fax_is_units_times_price() -> None:
    done = record(0, units=Decimal("2.5"), cost_per_unit=Decimal("0.09"))
    assert done.cost("EUR") == Money(amount=Decimal("0.225"), currency="EUR")
    assert record(-3, units=Decimal(0), cost_per_unit=Decimal("0.09")).cost("EUR") is None


# By mail.


GATEWAY = FaxMailSettings(
    address="{digits}@fax.example",
    sender="Crediti <crediti@acme.example>",
    host="127.0.0.1",
    security=LineSecurity.NONE,
    imap_authserv="mx.acme.example",
)


def result(words: str, *, sender: str = "noreply@fax.example", vouched: bool = True) -> bytes:
    mail = EmailMessage()
    if vouched:
        mail["Authentication-Results"] = "mx.acme.example; dkim=pass header.d=fax.example"
    mail["From"], mail["Subject"] = sender, "Fax hub.d-0001@acme.example"
    mail.set_content(words)
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("Your fax was sent successfully.", DeliveryState.DELIVERED),
        ("Il fax è stato inviato correttamente", DeliveryState.DELIVERED),
        ("Transmission FAILED: line busy", DeliveryState.BOUNCED),
        ("The transmission was unsuccessful.", DeliveryState.BOUNCED),
        ("Esito: non consegnato", DeliveryState.BOUNCED),
        ("Il fax non è stato consegnato", DeliveryState.UNREADABLE),
        ("It could not be sent successfully", DeliveryState.UNREADABLE),
        ("Do not answer this mail. Your fax was sent successfully.", DeliveryState.DELIVERED),
        ("2 pages successfully sent, 1 page failed", DeliveryState.UNREADABLE),
        ("Result code 17", DeliveryState.UNREADABLE),
    ],
)
def test_what_a_gateway_writes(words: str, state: DeliveryState) -> None:
    [news] = read_result(result(words), AT, GATEWAY)
    assert (news.ref, news.state) == ("d-0001", state)
    assert news.origin is not None and news.origin.trusted_server
    assert news.evidence is not None and news.evidence.content == result(words)


def test_a_stranger_is_not_taken_for_the_gateway() -> None:
    [news] = read_result(result("sent successfully", vouched=False), AT, GATEWAY)
    assert news.origin is not None and not news.origin.trusted_server


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        (b"From: Gateway <noreply@fax.example>\r\n", True),
        (b"Subject: x\r\nFrom: Gateway\r\n <noreply@eu.fax.example>\r\n", True),
        (b"From: anna@nofax.example\r\n", False),
        (b"From: anna@example.it\r\nSubject: noreply@fax.example\r\n", False),
    ],
)
def test_only_mails_of_the_gateway_are_read(headers: bytes, read: bool) -> None:
    assert may_be_result(headers, GATEWAY) is read


def test_the_mail_to_a_gateway_carries_the_pages_and_names_the_fax(server: SmtpServer) -> None:
    channel = FaxMailChannel(replace(GATEWAY, port=server.port))
    ctx = context()
    prepared = channel.channel_prepare(fax(), ctx)
    channel.channel_send(fax(), prepared, ctx)
    [sent] = server.messages
    assert sent.recipients == ("390211111111@fax.example",)
    assert b"Subject: hub.d-0001@acme.example" in sent.content
    assert b"application/pdf" in sent.content
    assert sent.content == prepared.content


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: HylafaxSettings(host=""), "host"),
        (lambda: HylafaxSettings(host="fax", user="a b"), "user"),
        (lambda: HylafaxSettings(host="fax", prefix="0;ATH"), "prefix"),
        (lambda: replace(GATEWAY, address="fax@fax.example"), "address"),
        (lambda: replace(GATEWAY, user="x"), "password"),
    ],
)
def test_mistakes_of_a_table_are_named(make: Callable[[], object], key: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make()
    assert key in [problem.field for problem in raised.value.problems]
