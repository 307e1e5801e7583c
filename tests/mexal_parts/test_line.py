"""The line to the WebAPI: headers, errors in words, slots, credentials refused once."""

from __future__ import annotations

import base64
import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from incasso.api import (
    AuthenticationError,
    CallContext,
    ConfigurationError,
    HttpResponse,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    Secret,
    TemporaryError,
)
from incasso_mexal.web import slots, webapi
from incasso_mexal.web.answers import BusyError, MissingError, RefusedError, TooSlowError, data_of
from incasso_mexal.web.login import authorization, coordinates
from incasso_mexal.web.webapi import Ask, WebApi, keyed
from tests.mexal_parts.parts import ON, settings

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "_slots", {})
    monkeypatch.setattr(webapi, "pause", lambda seconds: None)


def answer(status: int, number: int | None = None, words: str = "", **headers: str) -> HttpResponse:
    body = b""
    if number is not None:
        body = msgspec.json.encode({"error": {"response-detail": f"{number} - {words}"}})
    return HttpResponse(status=status, headers=headers, content=body)


class Http:
    """Answers in order, the last one for ever; remembers what was asked."""

    def __init__(self, *answers: HttpResponse) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.inside = self.most = 0
        self.seconds = 0.0

    def request(self, method: str, url: str, **given: Any) -> HttpResponse:
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(self.seconds)
        self.inside -= 1
        self.asked.append({"method": method, "url": url, **given})
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def line(http: Http, instance: str = "acme", trying: bool = False, **given: Any) -> WebApi:
    ctx = CallContext(
        instance_id=instance,
        idempotency_key="k",
        attempt=1,
        deadline=NOW + timedelta(seconds=20),
        dry_run=False,
        http=http,
        log=logging.getLogger("mexal-parts"),
        now=lambda: NOW,
        on=ON,
    )
    return WebApi(settings(**given), ctx, streaming=True, trying=trying)


ASK = Ask(what="ledger", path="risorse/scadenzario")


def test_one_account_two_accounts_and_a_domain() -> None:
    one = base64.b64encode(b"webapi:segreta").decode()
    two = base64.b64encode(b"admin:altra").decode()
    second = {"second_user": "admin", "second_password": Secret("altra")}
    assert authorization(settings()) == f"Passepartout {one}"
    assert authorization(settings(domain="ROSSI")) == f"Passepartout {one} Dominio=ROSSI"
    assert authorization(settings(**second)) == f"Passepartout {one} {two}"
    cloud = authorization(settings(domain="ROSSI", **second))
    assert cloud == f"Passepartout {one} {two} Dominio=ROSSI"


def test_coordinates_name_company_year_and_may_differ_by_kind() -> None:
    given = settings(sub_company="2", depot=1, coordinates={"documents": "XYZ"})
    assert coordinates(given, "clients", 2026).header == (
        "Azienda=ACM SottoAzienda=2 Anno=2026 Magazzino=1"
    )
    assert coordinates(given, "documents", 2025).company == "XYZ"


def test_the_address_may_end_as_the_vendor_writes_it() -> None:
    for base in (
        "https://h:9004",
        "https://h:9004/",
        "https://h:9004/webapi",
        "https://h:9004/webapi/",
    ):
        http = Http(answer(200))
        line(http, base_url=base).send(ASK)
        assert http.asked[0]["url"] == "https://h:9004/webapi/risorse/scadenzario"


def test_keys_with_a_slash_travel_in_hexadecimal() -> None:
    assert keyed("clienti", "501.00001") == ("clienti/501.00001", {})
    assert keyed("articoli", "ARTI/S") == ("articoli/415254492f53", {"encoding": "hex"})
    assert keyed("x", "a b") == ("x/a%20b", {})


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer(401, 1001, "coordinate mancanti"), ConfigurationError),
        (answer(401, 1006, "intestazione"), ConfigurationError),
        (answer(401, 2002, "password errata"), AuthenticationError),
        (answer(401, 3002, "archivio in uso"), AuthenticationError),
        (answer(400, 2002, "password errata"), AuthenticationError),
        (answer(401), AuthenticationError),
        (answer(403), AuthenticationError),
        (answer(400, 5001, "Azienda XXX inesistente"), ConfigurationError),
        (answer(400, 6001, "errore gestionale [Nome campo 'x' non valido]"), RefusedError),
        (answer(400, 6001, "Nome campo 'azienda' non valido"), RefusedError),
        (answer(404), MissingError),
        (answer(405), RejectedError),
        (answer(408, 3002, "tempo massimo"), TooSlowError),
        (answer(429), RateLimitedError),
        (answer(500, 5001, "processo terminato"), TemporaryError),
        (answer(500), TemporaryError),
        (answer(502), TemporaryError),
        (answer(503, 3002, "nessun servizio"), BusyError),
    ],
)
def test_each_refusal_becomes_the_class_that_says_what_to_do(
    given: HttpResponse, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        line(Http(given)).send(ASK)
    assert "ledger" in str(raised.value) and "\n" not in str(raised.value)


def test_an_effect_that_ends_in_a_server_error_may_have_happened() -> None:
    put = Ask(what="change", path="risorse/clienti/1", method="PUT", effect=True)
    with pytest.raises(OutcomeUnknownError):
        line(Http(answer(500))).send(put)


def test_a_busy_server_is_asked_again_after_a_pause() -> None:
    http = Http(answer(503, 3002), answer(503, 3002), answer(200))
    assert line(http).send(ASK).status == 200
    assert len(http.asked) == 3


def test_a_busy_server_that_names_a_time_is_obeyed() -> None:
    http = Http(answer(503, 3002, **{"retry-after": "90"}))
    with pytest.raises(BusyError) as raised:
        line(http).send(ASK)
    assert raised.value.retry_after == timedelta(seconds=90) and len(http.asked) == 1


def test_refused_credentials_are_asked_once_by_whoever_uses_them() -> None:
    http = Http(answer(401, 2002, "password errata"))
    for instance in ("acme", "acme", "beta"):
        with pytest.raises(AuthenticationError):
            line(http, instance).send(ASK)
    with pytest.raises(AuthenticationError):
        line(http, "beta", trying=True).send(ASK)
    assert len(http.asked) == 1, "repeated bad logins lock the user"


def test_a_check_of_the_refused_source_or_another_password_may_try_again() -> None:
    http = Http(answer(401, 2002), answer(200))
    with pytest.raises(AuthenticationError):
        line(http).send(ASK)
    assert line(http, password=Secret("giusta")).send(ASK).status == 200
    assert line(http, trying=True).send(ASK).status == 200
    assert line(http).send(ASK).status == 200, "the check succeeded: all is well again"


@pytest.mark.parametrize("allowed", [1, 3])
def test_never_more_calls_at_a_time_than_slots_also_over_several_sources(allowed: int) -> None:
    http = Http(answer(200))
    http.seconds = 0.01
    threads = [
        threading.Thread(
            target=line(http, name, slots=allowed, company=name.upper()).send, args=(ASK,)
        )
        for name in ("acme", "beta") * 6
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(http.asked) == 12 and http.most <= allowed


def test_other_users_do_not_wait_for_each_other() -> None:
    assert slots.slots_of(settings()) is slots.slots_of(settings(company="XYZ"))
    assert slots.slots_of(settings()) is not slots.slots_of(settings(user="altro"))


def test_old_installations_send_cp1252_and_bare_control_characters() -> None:
    sent = '{"dati": [{"nome": "PERÙ\x07 SRL", "fido": 12.30}]}'.encode("cp1252")
    told = data_of(HttpResponse(status=200, headers={}, content=sent), "clients")
    assert told["dati"][0]["nome"] == "PERÙ\x07 SRL"
    assert str(told["dati"][0]["fido"]) == "12.30", "an amount keeps its own digits"


@pytest.mark.parametrize(
    "body", [b'{"dati": [{"a', b"", b'{"dati": [NaN]}', b"[" * 100_000, b"\xff"]
)
def test_a_cut_or_garbled_answer_is_temporary(body: bytes) -> None:
    with pytest.raises(TemporaryError, match="cut off or garbled"):
        data_of(HttpResponse(status=200, headers={}, content=body), "ledger")


def test_a_web_page_instead_of_data_says_where_to_look() -> None:
    body = b"<html><body>Accesso</body></html>"
    with pytest.raises(TemporaryError, match="base_url"):
        data_of(HttpResponse(status=200, headers={}, content=body), "ledger")
