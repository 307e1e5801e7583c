"""What is known and refused before a text message leaves: number, spelling, length, cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from incasso.api import ConfigurationError, RejectedError, Secret
from incasso_sms.content import Sms, sms_in
from incasso_sms.settings import ServiceName, SmsSettings
from tests.channels.sms import SmsInstance, sms_on


@pytest.fixture
def over() -> Iterator[SmsInstance]:
    with sms_on("twilio") as (over, _):
        yield over


def refused(over: SmsInstance, **changes: Any) -> RejectedError:
    with pytest.raises(RejectedError) as raised:
        over.prepared(**changes)
    assert raised.value.problems[0].field in ("to.address", "text")
    return raised.value


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("333 1234567", "IT", "+393331234567"),
        ("+39 333 12 34 567", "IT", "+393331234567"),
        ("0039 333/1234567", "IT", "+393331234567"),
        ("333-123.4567", "", "+393331234567"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+33 6 12 34 56 78", "IT", "+33612345678"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("212 555 0123", "US", "+12125550123"),  # nothing tells mobile from landline there
    ],
)
def test_numbers_are_read_as_of_the_clients_country(
    over: SmsInstance, written: str, country: str, number: str
) -> None:
    sms = sms_in(over.prepared(to=written, country=country).content)
    assert sms is not None and sms.to == number


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("02 12345678", "a landline"),
        ("+39 06 1234567", "a landline"),
        ("800 123456", "freephone"),
        ("899 123456", "premium"),
        ("333 123", "cannot be"),
        ("333 12345678901", "cannot be"),
        ("vedi note", "no telephone number"),
        ("", "no number"),
    ],
)
def test_what_no_text_message_reaches_is_refused(over: SmsInstance, written: str, why: str) -> None:
    error = refused(over, to=written)
    assert why in str(error) and error.bad_address


def test_the_segments_are_known_beforehand(over: SmsInstance) -> None:
    """Of which the hub makes the cost, by the `price` of the table."""
    assert over.prepared(text="a" * 160).parts == 1
    assert over.prepared(text="a" * 161).parts == 2


def test_what_is_archived_is_what_leaves(over: SmsInstance) -> None:
    made = over.prepared(text="È l’ultimo avviso:\n1.000,00\u00a0€")
    assert made.content.decode() == (
        "To: +393331234567\nFrom: ACME\n\nE' l'ultimo avviso:\n1.000,00 €"
    )
    assert sms_in(made.content) == Sms("+393331234567", "ACME", "E' l'ultimo avviso:\n1.000,00 €")
    assert sms_in(b"%PDF") is sms_in(b"\xff") is sms_in(b"") is None


def test_signs_without_a_spelling_are_named_unless_they_are_allowed(over: SmsInstance) -> None:
    error = refused(over, text="Grazie 🍕 中")
    assert "'🍕', '中'" in str(error) and not error.bad_address
    with sms_on("twilio", unicode=True) as (other, _):
        made = other.prepared(text="Grazie 🍕")
        assert made.content.decode().endswith("Grazie 🍕")
        assert "other alphabets" in made.warnings[0].message


def test_a_text_that_would_cost_too_much_is_refused(over: SmsInstance) -> None:
    assert over.prepared(text="a" * 459).parts == 3
    assert "460 characters would be paid as 4 messages" in str(refused(over, text="a" * 460))


GOOD: dict[str, Any] = {
    "service": ServiceName.TWILIO,
    "token": Secret("t"),
    "account": "AC" + "0" * 32,
    "sender": "ACME SpA",
}
OPENAPI: dict[str, Any] = {
    "service": ServiceName.OPENAPI,
    "token": Secret("t"),
    "sender": "ACME",
}


@pytest.mark.parametrize(
    ("base", "changes", "key", "words"),
    [
        (GOOD, {"sender": "UFFICIOCREDITI"}, "sender", "14 characters"),
        (GOOD, {"sender": "12345"}, "sender", "no letter"),
        (GOOD, {"sender": "Crédit"}, "sender", "do not show"),
        (GOOD, {"sender": "+39333"}, "sender", "no telephone number"),
        (GOOD, {"sender": ""}, "sender", "missing"),
        (GOOD, {"messaging_service": "MG" + "0" * 32}, "sender", "chooses the sender"),
        (GOOD, {"account": "XX1"}, "account", "AC and 32 digits"),
        (GOOD, {"account": ""}, "account", "missing"),
        (GOOD, {"api_key": "SK" + "0" * 32}, "api_key_secret", "missing"),
        (GOOD, {"callback_url": "crediti.example.it"}, "callback_url", "no plain web address"),
        (GOOD, {"callback_url": "https://a.it/x?token=1"}, "callback_url", "no plain web"),
        (GOOD, {"billed_in": "euro"}, "billed_in", "no currency"),
        (GOOD, {"token": Secret("")}, "token", "is empty"),
        (OPENAPI, {"account": "AC1"}, "account", "belongs to Twilio"),
        (OPENAPI, {"sender": "+393331234567"}, "sender", "at most 11"),
        (OPENAPI, {"sender": "AB"}, "sender", "at least 3"),
        (OPENAPI, {"callback_url": "https://a.it/x"}, "callback_secret", "too short"),
    ],
)
def test_settings_say_what_is_wrong_with_them(
    base: dict[str, Any], changes: dict[str, Any], key: str, words: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        SmsSettings(**(base | changes))
    assert [key] == [each.field for each in raised.value.problems]
    assert words in str(raised.value)


def test_good_settings() -> None:
    for base in (GOOD, OPENAPI):
        SmsSettings(**base)
    SmsSettings(**(GOOD | {"sender": "+393331234567"}))
    SmsSettings(**(GOOD | {"sender": "", "messaging_service": "MG" + "a" * 32}))
