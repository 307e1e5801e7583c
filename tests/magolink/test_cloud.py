"""MagoCloud: refusals that look like successes, tokens that grow old, sessions that end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    RejectedError,
    TemporaryError,
)
from incasso.testing.connector import Remembered
from incasso.testing.network import Answer
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.cloud import CloudServer
from tests.magolink.office import NAME, ON, Office, Table, hub, office
from tests.magolink.test_same_company import cloud_table


@pytest.fixture
def cloud(company: MagoCompany) -> Iterator[CloudServer]:
    with CloudServer({"SUB-1": company.engine}) as cloud:
        yield cloud
        assert cloud.tokens == {}, "a session is still open"


@pytest.fixture
def table(cloud: CloudServer, tmp_path: Path) -> Table:
    return cloud_table(cloud, tmp_path)


@pytest.fixture
def acme(table: Table, tmp_path: Path) -> Iterator[Office]:
    with office(table, tmp_path) as acme:
        yield acme


def test_a_check_names_the_subscription(acme: Office, cloud: CloudServer) -> None:
    report = acme.handle.check(ON)
    assert report.remote_identity.endswith("/SUB-1") and report.remote_version == "MagoCloud"
    assert (cloud.calls.count("login"), cloud.calls.count("logoff")) == (1, 1)


@pytest.mark.parametrize(
    ("change", "wanted", "words"),
    [
        ({"user": "x@example.it"}, AuthenticationError, "wrong password; check user"),
        ({"subscription": "SUB-9"}, AuthenticationError, "subscription does not exist"),
        ({"producer_key": None}, AuthenticationError, "the producer is not known"),
    ],
    ids=["user", "subscription", "producer"],
)
def test_a_refused_login_says_what_the_service_says(
    table: Table,
    tmp_path: Path,
    change: dict[str, Any],
    wanted: type[PluginError],
    words: str,
) -> None:
    merged = {key: value for key, value in {**table, **change}.items() if value is not None}
    with office(merged, tmp_path) as acme, pytest.raises(wanted, match=words):
        acme.handle.check(ON)


def test_no_server_for_the_subscription_is_a_setting(acme: Office, cloud: CloudServer) -> None:
    cloud.faults["mapper"] = [Answer.of({"Result": False, "Message": "unknown"})]
    with pytest.raises(ConfigurationError, match=r"names no server.*unknown; check sub"):
        acme.clients()


def test_a_token_that_grew_old_is_renewed_once(acme: Office, cloud: CloudServer) -> None:
    pages = acme.handle.pull_clients(None, ON)
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    cloud.faults["get"] = [Answer.of({"Message": "expired"}, 401)]
    before = cloud.calls.count("login")
    assert len(acme.clients()) == 3
    assert cloud.calls.count("login") == before + 2
    cloud.tokens.clear()


def test_a_right_that_is_missing_is_an_authentication_error(
    acme: Office, cloud: CloudServer
) -> None:
    no = Answer.of({"Message": "forbidden"}, 403)
    cloud.faults["get"] = [no, no]
    with pytest.raises(AuthenticationError, match="the right to use MagoAPI"):
        acme.clients()


@pytest.mark.parametrize(
    ("answer", "wanted", "words"),
    [
        (
            Answer.of({"success": False, "message": {"text": "no profile"}}),
            RejectedError,
            "MagoCloud refuses: no profile",
        ),
        (Answer(body=b"<html/>"), TemporaryError, "something else than JSON"),
        (Answer.of({"success": True, "result": ["%%%"]}), TemporaryError, "can be read"),
        (Answer.of({"Message": "boom"}, 500), TemporaryError, r"MagoCloud fails \(500\): boom"),
        (Answer(silent=True), TemporaryError, "did not answer"),
    ],
    ids=["success false", "page", "no base64", "500", "silence"],
)
def test_a_failure_in_the_middle_is_a_sentence_and_ends_the_session(
    acme: Office, cloud: CloudServer, answer: Answer, wanted: type[PluginError], words: str
) -> None:
    cloud.faults["get"] = [answer, answer]
    with pytest.raises(wanted, match=words):
        acme.installments()
    assert cloud.tokens == {}


def test_closing_the_hub_in_the_middle_logs_off(
    table: Table, cloud: CloudServer, tmp_path: Path
) -> None:
    with hub(table, tmp_path) as registry:
        pages = registry.connector(NAME).pull_installments(None, Remembered(), ON)
        next(pages)
        assert len(cloud.tokens) == 1
    assert cloud.tokens == {}


def test_windows_work_in_the_cloud_too(
    company: MagoCompany, cloud: CloudServer, table: Table, tmp_path: Path
) -> None:
    for number in range(17):
        company.customer(f"C1{number:02}", f"Cliente {number}")
    cloud.cut_at = 10
    with office({**table, "code_alphabet": "C0123456789"}, tmp_path) as acme:
        assert len(acme.clients()) == 20


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"subscription": ""}, "subscription: missing"),
        ({"fiscal_company": 2}, "fiscal_company: it exists with magiclink only"),
        ({"url": "gwam.mago.cloud"}, "url: .* is no address"),
    ],
)
def test_settings_of_the_cloud_are_checked(change: dict[str, Any], words: str) -> None:
    from incasso.contract.values import Secret
    from incasso_mago4.link.settings import LinkSettings

    good: dict[str, Any] = {
        "url": "https://gwam.mago.cloud",
        "user": "hub@example.it",
        "password": Secret("x"),
        "transport": "cloud",
        "subscription": "SUB-1",
    }
    LinkSettings(**good)
    with pytest.raises(ConfigurationError, match=words):
        LinkSettings(**{**good, **change})
