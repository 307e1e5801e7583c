"""Text messages leave through both services, and each refusal means what the hub must do next."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from incasso.api import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    PluginError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.testing.network import Answer
from incasso.testing.sms import Fate, TwilioService
from tests.channels.sms import AT, PUBLIC, TO, sms_on

both = pytest.mark.parametrize("name", ["twilio", "openapi"])


@both
def test_a_message_leaves_once_with_our_id_for_callbacks(name: str) -> None:
    with sms_on(name) as (over, service):
        receipt = over.send(text="È ora: 10 €", delivery="d-7")
        [sent] = service.sent
        assert (sent.to, sent.sender, sent.text) == (TO, "ACME", "E' ora: 10 €")
        assert receipt.ref == sent.id and receipt.at == AT
        assert sent.callback == (f"{PUBLIC}?delivery=d-7" if name == "twilio" else PUBLIC)
        assert sent.custom == (None if name == "twilio" else {"delivery": "d-7"})
        [proof] = receipt.evidence
        assert sent.id.encode() in proof.content


@both
def test_a_dry_run_asks_nothing(name: str) -> None:
    with sms_on(name) as (over, service):
        assert over.send(dry_run=True).ref == "d1"
        assert service.seen == []


def test_openapi_sends_abroad_by_another_path() -> None:
    with sms_on("openapi") as (over, service):
        over.send(to="+33612345678", country="FR")
        over.send()
        assert [each.path for each in service.seen] == ["/WW-messages", "/IT-messages"]


def test_a_messaging_service_or_an_api_key_takes_the_place_of_sender_and_token() -> None:
    changes: dict[str, Any] = {"sender": "", "messaging_service": "MG" + "5" * 32}
    with sms_on("twilio", **changes) as (over, service):
        over.send()
        said = parse_qs(service.seen[0].body.decode())
        assert said["MessagingServiceSid"] == ["MG" + "5" * 32] and "From" not in said


def code(number: int, status: int = 400) -> Answer:
    return Answer.of({"code": number, "message": f"words of {number}", "status": status}, status)


@pytest.mark.parametrize(
    ("answer", "wanted", "bad_address", "opted_out"),
    [
        (code(20003, 401), AuthenticationError, False, False),
        (code(20005, 403), AuthenticationError, False, False),
        (code(30002), AuthenticationError, False, False),
        (code(21606), ConfigurationError, False, False),
        (code(21212), ConfigurationError, False, False),
        (code(20404, 404), ConfigurationError, False, False),
        (code(20429, 429), RateLimitedError, False, False),
        (code(30001), RateLimitedError, False, False),
        (code(21211), RejectedError, True, False),
        (code(21614), RejectedError, True, False),
        (code(21610), RejectedError, False, True),
        (code(21408, 403), RejectedError, False, False),  # one country, not the account
        (code(30007), RejectedError, False, False),
        (code(99999), RejectedError, False, False),  # one that nobody knows yet
        (Answer(status=500), OutcomeUnknownError, False, False),
        (Answer(status=502, body=b"<html>"), OutcomeUnknownError, False, False),
        (Answer(status=503), TemporaryError, False, False),
    ],
)
def test_codes_of_twilio(
    answer: Answer, wanted: type[PluginError], bad_address: bool, opted_out: bool
) -> None:
    with sms_on("twilio") as (over, service):
        service.trouble.append(answer)
        with pytest.raises(wanted) as raised:
            over.send()
        assert type(raised.value) is wanted
        assert getattr(raised.value, "bad_address", False) is bad_address
        assert getattr(raised.value, "opted_out", False) is opted_out
        assert service.token not in str(raised.value)


def words(status: int, said: str, field: str = "") -> Answer:
    data = {"wrong_fields": [field]} if field else None
    return Answer.of({"success": False, "message": said, "data": data, "error": 9}, status)


@pytest.mark.parametrize(
    ("answer", "wanted", "bad_address"),
    [
        (words(401, "Wrong token"), AuthenticationError, False),
        (words(403, "Scope not allowed"), AuthenticationError, False),
        (words(402, "Insufficient credit"), ConfigurationError, False),
        (words(422, "not approved for country", "sender"), ConfigurationError, False),
        (words(422, "is not valid", "recipient"), RejectedError, True),
        (words(422, "The message holds forbidden words"), RejectedError, False),
        (words(422, "something else"), RejectedError, False),
        (words(429, "too fast"), RateLimitedError, False),
        (Answer(status=500), OutcomeUnknownError, False),
    ],
)
def test_refusals_of_openapi(answer: Answer, wanted: type[PluginError], bad_address: bool) -> None:
    with sms_on("openapi") as (over, service):
        service.trouble.append(answer)
        with pytest.raises(wanted) as raised:
            over.send()
        assert type(raised.value) is wanted
        assert getattr(raised.value, "bad_address", False) is bad_address


def test_forbidden_words_are_never_to_be_tried_again() -> None:
    with sms_on("openapi") as (over, _), pytest.raises(RejectedError) as raised:
        over.send(text="Casino Royale S.p.A.: saldo 10 €")
    assert raised.value.code == "forbidden_words"
    assert "charges" in raised.value.problems[0].hint


def test_a_message_that_failed_at_once_is_refused_though_twilio_says_created() -> None:
    with sms_on("twilio") as (over, service):
        shown = {"sid": "SM1", "status": "failed", "error_code": 21614, "error_message": "no"}
        service.trouble.append(Answer.of(shown, 201))
        with pytest.raises(RejectedError) as raised:
            over.send()
        assert raised.value.bad_address


TAKEN_AND_CUT = [
    ("silent", Answer(silent=True)),
    ("half an answer", Answer(status=201, body=b'{"sid": "SM1", "id": "1"}' * 40, cut=True)),
    ("no JSON", Answer(status=201, body=b"<html>ok</html>")),
    ("nothing in it", Answer(status=201, body=b"{}")),
    ("a list", Answer(status=201, body=b"[1]")),
]


@both
@pytest.mark.parametrize(("_how", "answer"), TAKEN_AND_CUT)
def test_once_the_request_has_left_the_outcome_is_unknown(
    name: str, _how: str, answer: Answer
) -> None:
    with sms_on(name) as (over, service):
        service.trouble.append(answer)
        service.takes_it = True
        with pytest.raises(OutcomeUnknownError):
            over.send()
        assert len(service.sent) == 1
        found = over.find()
        assert found is not None and found.ref == service.sent[0].id


@both
def test_an_answer_that_takes_too_long_is_no_answer(name: str) -> None:
    with sms_on(name, timeout_s=1) as (over, service):
        service.slow_s = 1.3
        with pytest.raises(OutcomeUnknownError):
            over.send()
        service.slow_s = 0.0
        assert over.find() is not None and len(service.sent) == 1


@contextmanager
def hanging_up(after: int) -> Iterator[str]:
    """A server that reads so many bytes of a request and hangs up; the address it has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                if after:
                    line.recv(after)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


@both
@pytest.mark.parametrize("after", [0, 20])
def test_a_line_cut_while_it_is_sent_leaves_it_unknown(name: str, after: int) -> None:
    """How much of it arrived is known to nobody here."""
    with (
        hanging_up(after) as url,
        sms_on(name, base_url=url) as (over, _),
        pytest.raises(OutcomeUnknownError),
    ):
        over.send()


@both
def test_absence_proves_nothing(name: str) -> None:
    with sms_on(name) as (over, _), pytest.raises(OutcomeUnknownError, match="proves nothing"):
        over.find()


def test_a_message_of_before_or_with_other_words_is_not_it() -> None:
    with sms_on("twilio") as (over, service):
        over.send(text="uno")
        service.sent[0].at = AT - timedelta(minutes=10)
        for text in ("uno", "due"):
            with pytest.raises(OutcomeUnknownError):
                over.find(text=text)
        over.send(text="due")
        found = over.find(text="due", not_before=AT + timedelta(minutes=1))
        assert found is not None and found.ref == service.sent[1].id, "clocks differ a little"


def test_two_that_look_alike_leave_it_unknown() -> None:
    with sms_on("twilio") as (over, _):
        over.send()
        over.send()
        with pytest.raises(OutcomeUnknownError, match="2 messages"):
            over.find()


def test_openapi_knows_it_by_our_id_and_else_by_its_words() -> None:
    with sms_on("openapi") as (over, service):
        over.send(delivery="d-1")
        over.send(delivery="d-2")
        found = over.find(delivery="d-2")
        assert found is not None and found.ref == service.sent[1].id
        with pytest.raises(OutcomeUnknownError):
            over.find(delivery="d-3")
        service.shows_custom = False  # type: ignore[attr-defined]
        with pytest.raises(OutcomeUnknownError, match="2 messages"):
            over.find(delivery="d-2")
        service.sent[0].at = AT - timedelta(hours=1)
        found = over.find(delivery="d-2")
        assert found is not None and found.ref == service.sent[1].id


@both
def test_without_its_bytes_nothing_is_found(name: str) -> None:
    from incasso.api import Sought

    with sms_on(name, callback_url="") as (over, service):
        over.send()
        if name == "openapi":
            service.shows_custom = False  # type: ignore[attr-defined]
        with pytest.raises(OutcomeUnknownError):
            over.channel_find("d1", Sought(), over.context())


def test_the_check_names_the_account_and_what_is_missing() -> None:
    with sms_on("twilio", callback_url="") as (over, service):
        report = over.instance_check(over.context())
        assert report.remote_identity == TwilioService.account
        assert {each.code for each in report.warnings} == {"no_callbacks"}
        service.status = "suspended"  # type: ignore[attr-defined]
        with pytest.raises(AuthenticationError):
            over.instance_check(over.context())


def test_callbacks_in_the_clear_are_warned_of() -> None:
    with sms_on("twilio", callback_url="http://hub.acme.example/hooks/sms") as (over, _):
        report = over.instance_check(over.context())
    assert {each.code for each in report.warnings} == {"open_callbacks"}


def test_a_number_that_the_service_refuses() -> None:
    for name in ("twilio", "openapi"):
        with sms_on(name) as (over, service):
            service.fate(TO, Fate.NOT_A_NUMBER)
            with pytest.raises(RejectedError) as raised:
                over.send()
            assert raised.value.bad_address and service.sent == []
