"""Whatever goes wrong at whatever stage, the error says whether the message may have left."""

from __future__ import annotations

import smtplib
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from incasso.api import (
    AuthenticationError,
    CallContext,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    Receipt,
    Recipient,
    RejectedError,
    Secret,
    TemporaryError,
)
from incasso.contract.mail import LineSecurity, SmtpLogin
from incasso.mail.replies import refusal
from incasso.plugins.mail.login import _asked
from incasso.testing.network import closed_port
from tests.channels.mail import SENDER, TO, Instance, channel, context, message, settings
from tests.channels.servers import CUT, SILENCE, SmtpServer, Stage

REF = "<hub.d-0001@example.it>"


def send(over: Instance, ctx: CallContext | None = None, **changes: Any) -> Receipt:
    """Prepare and send one message."""
    ctx = ctx or over.context()
    outbound = message(**changes)
    return over.channel_send(outbound, over.channel_prepare(outbound, ctx), ctx)


def refused(server: SmtpServer, **changes: Any) -> PluginError:
    """The error of one send; the same channel then sends the next message without trouble."""
    over = channel(server, timeout_s=1)
    with pytest.raises(PluginError) as raised:
        send(over, **changes)
    before = len(server.messages)
    assert send(over, delivery="d-0002").ref == "<hub.d-0002@example.it>"
    assert [each.delivery for each in server.messages[before:]] == ["d-0002"]
    over.close()
    return raised.value


def test_the_relay_gets_exactly_the_prepared_bytes(server: SmtpServer) -> None:
    over, outbound = channel(server), message(text=".\n..\n.punto\nfine\n" + "x" * 2000)
    prepared = over.channel_prepare(outbound, context())
    receipt = over.channel_send(outbound, prepared, over.context())
    [received] = server.messages
    assert received.content == prepared.content
    assert (received.sender, received.recipients) == (SENDER, (TO,))
    assert receipt.ref == prepared.ref == REF
    assert "queued as Q000001" in receipt.note
    over.close()


STAGES: list[tuple[Stage, str, type[PluginError]]] = [
    ("connect", CUT, TemporaryError),
    ("connect", "421 4.3.2 try later", RateLimitedError),
    ("connect", "554 5.3.2 no service", TemporaryError),
    ("mail", "451 4.3.0 later", TemporaryError),
    ("mail", "550 5.7.1 sender blocked", RejectedError),
    ("mail", "550 MAIL from: blocked Class Of Service - Too much traffic", RateLimitedError),
    ("mail", "530 5.7.0 authentication required", AuthenticationError),
    ("rcpt", CUT, TemporaryError),
    ("rcpt", SILENCE, TemporaryError),
    ("rcpt", "450 4.2.1 greylisted", TemporaryError),
    ("rcpt", "421 4.7.0 too many connections", RateLimitedError),
    ("rcpt", "550 5.1.1 unknown user", RejectedError),
    ("data", CUT, TemporaryError),
    ("data", "452 4.3.1 no space", TemporaryError),
    ("data", "554 5.7.1 no", RejectedError),
    ("end", CUT, OutcomeUnknownError),
    ("end", SILENCE, OutcomeUnknownError),
    ("end", "452 4.3.1 no space", TemporaryError),
    ("end", "421 4.7.0 slow down", RateLimitedError),
    ("end", "552 5.3.4 too big", RejectedError),
    ("end", "554 5.7.1 spam", RejectedError),
]


@pytest.mark.parametrize(
    ("stage", "reply", "wanted"),
    STAGES,
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_each_stage_fails_in_its_own_way(
    server: SmtpServer, stage: Stage, reply: str, wanted: type[PluginError]
) -> None:
    server.script(stage, reply, times=1)
    error = refused(server)
    assert type(error) is wanted
    if isinstance(error, OutcomeUnknownError):
        assert error.ref == REF
    else:
        confirmed = [each for each in server.messages if each.delivery == "d-0001"]
        assert not confirmed, "an error other than unknown says that nothing was handed over"


def test_a_line_cut_within_the_body_is_never_called_refused(server: SmtpServer) -> None:
    server.script("body", CUT, times=1)
    error = refused(server, text="x" * 500_000)
    assert isinstance(error, TemporaryError | OutcomeUnknownError)


def test_a_strange_last_word_is_no_confirmation(server: SmtpServer) -> None:
    server.script("end", "354 go on", times=1)
    assert isinstance(refused(server), OutcomeUnknownError)


@pytest.mark.parametrize(
    ("code", "text", "bad"),
    [
        (550, "5.1.1 <a@b>: user unknown", True),
        (550, "5.1.2 bad domain", True),
        (550, "5.1.10 null MX", True),
        (550, "5.2.1 mailbox disabled", True),
        (550, "No such user here", True),
        (550, "5.1.8 sender address rejected", False),
        (550, "5.7.1 relaying denied", False),
        (550, "relay access denied", False),
        (552, "5.2.2 mailbox full", False),
        (550, "blocked by policy", False),
        (554, "5.7.1 message is spam", False),
    ],
)
def test_only_a_refusal_of_the_address_spoils_the_address(code: int, text: str, bad: bool) -> None:
    error = refusal("RCPT", code, text)
    assert isinstance(error, RejectedError)
    assert error.bad_address is bad
    assert [problem.field for problem in error.problems] == (["to"] if bad else [""])


@pytest.mark.parametrize("stage", ["DATA", "message"])
def test_a_refusal_of_the_only_recipient_may_come_late(stage: str) -> None:
    error = refusal(stage, 550, "5.1.1 no such user", alone=True)
    assert isinstance(error, RejectedError) and error.bad_address
    policy = refusal(stage, 550, "5.7.1 rejected by policy", alone=True)
    assert isinstance(policy, RejectedError) and not policy.bad_address


@pytest.mark.parametrize("reports", [True, False])
def test_the_envelope_names_the_delivery_where_the_relay_offers_reports(reports: bool) -> None:
    with SmtpServer(reports=reports) as server:
        over = channel(server)
        mail = message(envelope_id="hub.d-0001.0a+b", to=Recipient(address="a+b@example.it"))
        prepared = over.channel_prepare(mail, over.context())
        assert b"0a+b" not in prepared.content, "recipients must not see it"
        over.channel_send(mail, prepared, over.context())
        asked = list(server.asked)
        checked = over.instance_check(over.context())
        over.close()
    assert len(server.messages) == 1
    assert asked == (
        [
            *("RET=HDRS", "ENVID=hub.d-0001.0a+2Bb"),
            *("NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;a+2Bb@example.it"),
        ]
        if reports
        else []
    )
    assert checked.facts["delivery reports"] == ("with envelope id" if reports else "not offered")


@pytest.mark.parametrize("stage", ["MAIL", "DATA", "message"])
def test_a_refused_message_does_not_spoil_the_address(stage: str) -> None:
    error = refusal(stage, 550, "5.1.1 no such user")
    assert isinstance(error, RejectedError) and not error.bad_address


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (421, "4.3.2 service shutting down"),
        (450, "4.7.1 rate limit exceeded"),
        (452, "4.5.3 too many recipients"),
        (550, "blocked Class Of Service - Too much traffic from this sender"),
        (550, "5.4.5 Daily user sending limit exceeded"),
        (554, "5.7.0 you exceeded your messages per hour"),
    ],
)
def test_a_throttle_says_when_to_come_back(code: int, text: str) -> None:
    error = refusal("MAIL", code, text)
    assert isinstance(error, RateLimitedError)
    assert error.retry_after is not None and error.retry_after >= timedelta(minutes=1)


@pytest.mark.parametrize(
    ("code", "text", "wanted"),
    [
        (452, "4.2.2 mailbox over quota, try another day", TemporaryError),
        (552, "5.2.2 mailbox full, quota exceeded", RejectedError),
        (554, "5.4.6 too many hops", RejectedError),
    ],
)
def test_a_full_mailbox_or_a_loop_slows_nobody_down(
    code: int, text: str, wanted: type[PluginError]
) -> None:
    assert type(refusal("RCPT", code, text)) is wanted


def test_a_wrong_password_is_tried_once() -> None:
    """Mailboxes get locked after a few failures; three mechanisms would make one failure three."""
    with SmtpServer(users={"crediti": "segreta"}) as server:
        over = channel(server, user="crediti", password=Secret("sbagliata"))
        with pytest.raises(AuthenticationError) as raised:
            send(over)
        assert "sbagliata" not in str(raised.value)
        assert server.commands.count("AUTH") == 1
        with pytest.raises(AuthenticationError):
            over.instance_check(context())


def test_a_login_that_is_down_is_no_wrong_password() -> None:
    with SmtpServer(users={"crediti": "segreta"}) as server:
        server.script("auth", "454 4.7.0 temporary authentication failure", times=1)
        over = channel(server, user="crediti", password=Secret("segreta"))
        with pytest.raises(TemporaryError):
            send(over)
        assert send(over).ref == REF
        over.close()


def test_nobody_listens() -> None:
    with pytest.raises(TemporaryError):
        send(Instance(settings(port=closed_port())))


def test_a_relay_that_offers_no_login_gets_no_password(server: SmtpServer) -> None:
    over = channel(server, user="crediti", password=Secret("segreta"))
    with pytest.raises(AuthenticationError):
        send(over)
    assert server.messages == ()


def test_a_dry_run_asks_about_the_address_and_sends_nothing(server: SmtpServer) -> None:
    over = channel(server)
    server.script("rcpt", "550 5.1.1 unknown", to="ignoto@example.it")
    send(over, over.context(dry_run=True))
    assert "DATA" not in server.commands and server.messages == ()
    with pytest.raises(RejectedError):
        send(over, over.context(dry_run=True), to=Recipient(address="ignoto@example.it"))
    assert send(over).ref == REF
    over.close()


def test_a_refused_copy_is_noted_and_costs_nothing(server: SmtpServer) -> None:
    server.script("rcpt", "550 5.1.1 gone", to="ex@example.it")
    copies = (Recipient(address="ex@example.it"), Recipient(address="resp@example.it"))
    over = channel(server)
    receipt = send(over, cc=copies)
    [received] = server.messages
    assert received.recipients == (TO, "resp@example.it")
    assert "no copy to ex@example.it: 550 5.1.1 gone" in receipt.note
    over.close()


def test_copies_never_leave_without_the_debtors_message(server: SmtpServer) -> None:
    server.script("rcpt", "550 5.1.1 unknown", to=TO)
    with pytest.raises(RejectedError):
        send(channel(server), cc=(Recipient(address="resp@example.it"),))
    assert server.messages == ()


def test_a_debtor_who_is_also_a_copy_gets_one_message(server: SmtpServer) -> None:
    over = channel(server)
    send(over, cc=(Recipient(address=TO),))
    assert server.messages[0].recipients == (TO,)
    over.close()


def test_the_relays_own_size_limit_is_respected() -> None:
    with SmtpServer(max_bytes=2000) as server:
        over = channel(server)
        with pytest.raises(RejectedError) as raised:
            send(over, text="x" * 5000)
        assert raised.value.code == "too_large" and not raised.value.bad_address
        assert server.commands == [], "not even MAIL: the EHLO told it"
        assert send(over).ref == REF
        over.close()


def test_an_address_with_accents_needs_a_relay_that_knows_them() -> None:
    accents = Recipient(address="niccolò@example.it")
    with SmtpServer(smtputf8=False) as server:
        with pytest.raises(RejectedError) as raised:
            send(channel(server), to=accents)
        assert raised.value.code == "smtputf8" and not raised.value.bad_address
    with SmtpServer() as server:
        over = channel(server)
        send(over, to=accents)
        assert server.messages[0].recipients == ("niccolò@example.it",)
        assert "niccolò@example.it".encode() in server.messages[0].content
        over.close()


def test_the_hubs_deadline_is_kept(server: SmtpServer) -> None:
    server.script("end", SILENCE)
    with pytest.raises(OutcomeUnknownError):
        over = channel(server, timeout_s=60)
        send(over, over.context(seconds=3))


def test_what_is_sent_are_the_archived_bytes_and_no_others(server: SmtpServer) -> None:
    """A retry hands over what was prepared first, Date and all."""
    over, outbound = channel(server), message()
    prepared = over.channel_prepare(outbound, context())
    changed = msgspec.structs.replace(outbound, text="altro")
    over.channel_send(changed, prepared, over.context())
    assert server.messages[0].content == prepared.content
    over.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_password_with_accents_logs_in(mechanism: str) -> None:
    hidden = {"PLAIN", "LOGIN"} - {mechanism}
    with SmtpServer(users={"crediti": "però€"}, hidden=hidden) as server:
        over = channel(server, user="crediti", password=Secret("però€"))
        assert send(over).ref == REF
        over.close()


def test_a_refused_password_with_accents_names_the_cause() -> None:
    with SmtpServer(users={"crediti": "segreta"}) as server:
        over = channel(server, user="crediti", password=Secret("però"))
        with pytest.raises(AuthenticationError, match="outside ASCII") as raised:
            send(over)
        assert "però" not in str(raised.value)
        assert server.commands.count("AUTH") == 1


def test_the_proof_of_a_password_is_that_of_rfc_2195() -> None:
    """The challenge and the answer that the standard prints."""
    said: list[str] = []

    class Line(smtplib.SMTP):
        def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
            said.append(f"{cmd} {args}".strip())
            asked = b"<1896.697170952@postoffice.reston.mci.net>"
            return (334, b64encode(asked)) if len(said) == 1 else (235, b"ok")

    login = SmtpLogin(
        host="x",
        port=25,
        security=LineSecurity.NONE,
        user="tim",
        greeting="x",
        password=Secret("tanstaaftanstaaf"),
    )
    assert _asked(Line(), "CRAM-MD5", login) == (235, b"ok")
    assert said[0] == "AUTH CRAM-MD5"
    assert b64decode(said[1]) == b"tim b913a602c7eda7a495b4e6e7334d3890"
