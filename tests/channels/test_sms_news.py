"""What becomes of text messages, by poll and by callback, and what answers of recipients mean."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from incasso.api import (
    DeliveryState,
    DeliveryUpdate,
    IncomingMessage,
    IncomingNews,
    Money,
    RejectedError,
)
from incasso.testing.channel_news import updates_in
from incasso.testing.sms import Callback, Fate, TwilioService
from incasso_sms.stop import is_stop
from tests.channels.sms import AT, PUBLIC, TO, SmsInstance, sms_on
from tests.contract.test_sms import request_of

D = DeliveryState


def heard(over: SmsInstance, call: Callback) -> tuple[IncomingNews, ...]:
    """Everything that a callback brings."""
    return over.channel_parse_callback(request_of(call, AT), over.context()).updates


def read(over: SmsInstance, call: Callback) -> tuple[DeliveryUpdate, ...]:
    """What it says of messages."""
    return tuple(updates_in(heard(over, call)))


@pytest.mark.parametrize(
    ("fate", "state", "bad_address"),
    [
        (Fate.DELIVERED, D.DELIVERED, False),
        (Fate.UNREACHABLE, D.BOUNCED, False),
        (Fate.NOBODY, D.BOUNCED, True),
        (Fate.FILTERED, D.BOUNCED, False),
        (Fate.SILENT, D.SENT, False),
    ],
)
def test_what_twilio_says(fate: Fate, state: D, bad_address: bool) -> None:
    with sms_on("twilio") as (over, service):
        service.fate(TO, fate)
        receipt = over.send(delivery="d-7")
        assert over.poll(receipt.ref) == (), "still under way"
        service.move()
        service.move()
        [polled] = over.poll(receipt.ref)
        assert (polled.ref, polled.state, polled.bad_address) == (receipt.ref, state, bad_address)
        [called] = read(over, service.pending[-1])
        assert (called.ref, called.receipt_ref) == ("d-7", receipt.ref)
        assert (called.state, called.bad_address) == (state, bad_address)
        assert called.update_id == polled.update_id, "the same news by both ways"
        assert polled.evidence and called.evidence


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (Fate.DELIVERED, D.DELIVERED),
        (Fate.UNREACHABLE, D.BOUNCED),
        (Fate.FILTERED, D.REFUSED),
        (Fate.EXPIRED, D.EXPIRED),
    ],
)
def test_what_openapi_says(fate: Fate, state: D) -> None:
    with sms_on("openapi") as (over, service):
        service.fate(TO, fate)
        receipt = over.send(delivery="d-7")
        service.move()
        assert over.poll(receipt.ref) == ()
        service.move()
        [polled] = over.poll(receipt.ref)
        assert (polled.ref, polled.state) == (receipt.ref, state)
        assert polled.evidence and service.secret.encode() not in polled.evidence.content  # type: ignore[attr-defined]
        [called] = read(over, service.pending[-1])
        assert (called.ref, called.receipt_ref, called.state) == ("d-7", receipt.ref, D.SENT)


def test_the_price_in_the_end_in_the_currency_of_the_office() -> None:
    with sms_on("twilio", billed_in="EUR") as (over, service):
        receipt = over.send()
        service.move()
        service.move()
        [update] = over.poll(receipt.ref)
        assert update.cost == Money(amount=Decimal("0.073"))
    with sms_on("twilio", billed_in="CHF") as (over, service):
        receipt = over.send()
        service.move()
        service.move()
        assert over.poll(receipt.ref)[0].cost is None


@pytest.mark.parametrize("name", ["twilio", "openapi"])
def test_many_are_read_in_one_page_and_unknown_ones_left_out(name: str) -> None:
    with sms_on(name) as (over, service):
        refs = [over.send(delivery=f"d-{number}").ref for number in range(12)]
        for _ in range(2):
            service.move()
        before = len(service.seen)
        found = over.poll(*refs, "SM" + "f" * 32)
        assert {each.ref for each in found} == set(refs)
        assert len(service.seen) - before == 2, "one page, and the unknown one alone"


def test_a_poll_ends_before_its_time_and_goes_on_elsewhere() -> None:
    with sms_on("twilio") as (over, service):
        refs = [over.send(delivery=f"d-{number}").ref for number in range(3)]
        assert over.poll(*refs, seconds=3) == ()
        assert len(service.seen) == 3, "the sends"
        over.poll(*refs)
        over.at += timedelta(minutes=1)
        over.poll(*refs)
        asked = [each.path for each in service.seen[3:]]
        assert asked[0] != asked[3], "another one comes first"
        assert sorted(asked[:3]) == sorted(asked[3:])


def test_only_what_twilio_signed_is_read() -> None:
    with sms_on("twilio") as (over, service):
        assert isinstance(service, TwilioService)
        over.send(delivery="d-7")
        service.move()
        genuine = service.pending[-1]
        assert read(over, genuine)
        other_url = service.signed(f"{PUBLIC}?delivery=d-8", {"AccountSid": service.account})
        forged = [
            Callback(genuine.url, genuine.body.replace(b"sent", b"read"), genuine.headers),
            Callback(genuine.url, genuine.body + b"&MessageStatus=read", genuine.headers),
            Callback(genuine.url, b"MessageStatus=read&" + genuine.body, genuine.headers),
            Callback(f"{PUBLIC}?delivery=d-9", genuine.body, genuine.headers),
            Callback(PUBLIC, genuine.body, genuine.headers),
            Callback(genuine.url, b"\xff\xfe", genuine.headers),
            Callback(genuine.url, genuine.body, {"X-Twilio-Signature": ""}),
            Callback(genuine.url, genuine.body, other_url.headers),
            service.signed(genuine.url, {"MessageStatus": "read", "AccountSid": "AC9"}),
        ]
        for each in forged:
            with pytest.raises(RejectedError):
                read(over, each)


def test_stop_is_a_refusal_of_the_number_and_the_message_arrived() -> None:
    with sms_on("twilio") as (over, service):
        assert isinstance(service, TwilioService)
        [update] = read(over, service.reply(TO, " Stop! ", PUBLIC))
        assert (update.state, update.recipient) == (D.OPTED_OUT, TO)
        assert not update.permanent and not update.bad_address
        assert read(over, service.reply(TO, "BASTA", PUBLIC))
        assert read(over, service.reply(TO, "fermi tutti", PUBLIC, opt_out="STOP"))
        [asked] = heard(over, service.reply(TO, "STOP", PUBLIC, opt_out="HELP"))
        assert isinstance(asked, IncomingMessage), "the network has answered it"


def test_other_words_are_a_message_for_a_person() -> None:
    with sms_on("twilio") as (over, service):
        assert isinstance(service, TwilioService)
        call = service.reply(TO, "pago venerdì", PUBLIC)
        answer = over.channel_parse_callback(request_of(call, AT), over.context())
        assert answer.body == b"<Response></Response>", "nothing is said to the recipient"
        [message] = answer.updates
        assert isinstance(message, IncomingMessage)
        assert (message.sender, message.text, message.kind) == (TO, "pago venerdì", "person")
        assert message.evidence is not None and b"pago+venerd" in message.evidence.content
        [same] = heard(over, call)
        assert same.update_id == message.update_id
        assert heard(over, service.reply(TO, "  ", PUBLIC)) == ()


@pytest.mark.parametrize(
    ("words", "stop"),
    [
        ("STOP", True),
        ("stop.", True),
        ("Stop sms grazie", True),
        ("basta", True),
        ("arrêt", True),
        ("Basta con queste minacce, chiamo l'avvocato", False),
        ("stop ai solleciti, ho pagato il 3 novembre", False),
        ("ho pagato", False),
        ("", False),
    ],
)
def test_what_counts_as_stop(words: str, stop: bool) -> None:
    assert is_stop(words) is stop


def test_a_callback_of_openapi_needs_our_secret() -> None:
    with sms_on("openapi") as (over, service):
        over.send()
        service.move()
        call = service.pending[-1]
        assert read(over, call)
        for headers in ({}, {"X-Incasso-Secret": "another"}, {"X-Incasso-Secret": ""}):
            with pytest.raises(RejectedError):
                read(over, Callback(call.url, call.body, headers))
        for body in (b"", b"[]", b"{}", b'{"data": 5}', b"not json"):
            assert read(over, Callback(call.url, body, call.headers)) == ()
