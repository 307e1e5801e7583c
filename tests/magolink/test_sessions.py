"""Sessions cost licences: whatever happens, none stays taken. And why Mago lets nobody in."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    TemporaryError,
    UnsupportedError,
)
from incasso.contract.ledger import InstallmentRecord
from incasso.testing.connector import Remembered
from incasso.testing.network import Answer
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.soap import Login, MagoServer, fault
from tests.magolink.office import NAME, NOW, ON, Office, Table, hub, office

PAGE = Answer(body=b"<html>IIS says hello</html>", headers={"content-type": "text/html"})


def test_every_call_logs_in_and_off(acme: Office, server: MagoServer) -> None:
    acme.handle.check(ON)
    acme.clients()
    acme.installments()
    acme.handle.refresh(("1|1",), ON)
    assert server.logins == 4 == server.calls.count("LogOff")
    assert server.taken == 0


def test_a_pull_left_in_the_middle_logs_off(acme: Office, server: MagoServer) -> None:
    pages = acme.handle.pull_installments(None, Remembered(), ON)
    next(pages)
    assert server.taken == 1, "the session is open while pages come"
    pages.close()  # type: ignore[attr-defined]
    assert server.taken == 0


@pytest.mark.parametrize(
    "answer",
    [fault("out of memory"), PAGE, Answer(status=500), Answer(status=503), Answer(silent=True)],
    ids=["fault", "page", "500", "503", "silence"],
)
def test_an_error_in_the_middle_logs_off(acme: Office, server: MagoServer, answer: Answer) -> None:
    server.faults["GetData"] = [answer, answer]
    with pytest.raises(PluginError):
        acme.installments()
    assert server.taken == 0


def test_a_log_off_that_fails_is_made_up_for(acme: Office, server: MagoServer) -> None:
    server.faults["LogOff"] = [Answer(status=503)]
    acme.clients()
    assert server.taken == 1, "the server did not hear the log-off"
    acme.installments()
    assert server.taken == 0


def test_closing_the_hub_in_the_middle_logs_off(
    table: Table, server: MagoServer, tmp_path: Path
) -> None:
    """As after Ctrl-C: nobody ends the pull, the hub is closed."""
    with hub(table, tmp_path) as registry:
        pages = registry.connector(NAME).pull_installments(None, Remembered(), ON)
        next(pages)
        assert server.taken == 1
    assert server.taken == 0


def test_calls_that_overlap_share_one_session(acme: Office, server: MagoServer) -> None:
    """The same user cannot be in twice: a second login would end the first."""
    pages = acme.handle.pull_installments(None, Remembered(), ON)
    next(pages)
    [record] = acme.handle.refresh(("1|1",), ON)
    assert (server.logins, server.taken) == (1, 1), "the pull goes on with its session"
    assert isinstance(record, InstallmentRecord)
    list(pages)
    assert (server.logins, server.taken) == (1, 0)


def test_a_slow_mago_is_not_asked_item_by_item(
    table: Table, server: MagoServer, tmp_path: Path
) -> None:
    """The hub then goes by its last sync, instead of waiting for ever."""
    seconds = count(step=1.5)
    words = "too slow to look at 3 documents at once"
    with (
        hub(table, tmp_path, now=lambda: NOW + timedelta(seconds=next(seconds))) as registry,
        pytest.raises(UnsupportedError, match=words),
    ):
        registry.connector(NAME).refresh(("1|1", "2|1", "3|1"), ON)
    assert server.taken == 0


def test_a_slow_check_keeps_time_to_log_off(
    table: Table, server: MagoServer, tmp_path: Path
) -> None:
    server.faults["GetData"] = [Answer(seconds=20)]
    with (
        hub(table, tmp_path, patience=0.3, now=lambda: datetime.now(UTC)) as registry,
        pytest.raises(TemporaryError),
    ):
        registry.connector(NAME).check(ON)
    assert server.taken == 0


def test_a_session_somebody_ended_is_a_sentence(acme: Office, server: MagoServer) -> None:
    pages = acme.handle.pull_installments(None, Remembered(), ON)
    next(pages)
    server.sessions.clear()
    with pytest.raises(PluginError, match="authentication token is not valid"):
        list(pages)


# Why nobody gets in.


@pytest.mark.parametrize(
    ("change", "wanted", "words"),
    [
        ({"user": "nobody"}, AuthenticationError, "user or the password is wrong"),
        ({"company": "ACNE"}, ConfigurationError, "no such company.*check company"),
        ({"instance": "Mago5"}, PluginError, "Mago5/LoginManager"),
    ],
    ids=["user", "company", "instance"],
)
def test_a_wrong_setting_is_told_with_the_cure(
    table: Table,
    tmp_path: Path,
    change: dict[str, Any],
    wanted: type[PluginError],
    words: str,
) -> None:
    with office({**table, **change}, tmp_path) as acme, pytest.raises(wanted, match=words):
        acme.handle.check(ON)


def test_no_free_licence_is_temporary_and_says_whom_to_ask(
    acme: Office, server: MagoServer
) -> None:
    server.cals = 0
    with pytest.raises(TemporaryError, match=r"no licence \(CAL\) is free: ask the administrator"):
        acme.clients()


def test_a_wrong_producer_key_is_told(acme: Office, server: MagoServer) -> None:
    server.producer = "the only one"
    with pytest.raises(AuthenticationError, match="check producer_key"):
        acme.clients()


def test_a_session_left_behind_is_ended_only_if_allowed(
    table: Table, server: MagoServer, tmp_path: Path
) -> None:
    server.sessions["old"] = Login("hub", "ACME")
    words = r"logged in already.*overwrite_login = true"
    with office(table, tmp_path) as acme, pytest.raises(TemporaryError, match=words):
        acme.clients()
    with office({**table, "overwrite_login": True}, tmp_path) as acme:
        assert len(acme.clients()) == 3
    assert server.taken == 0


def test_a_number_nobody_knows_is_tried_again_later(acme: Office, server: MagoServer) -> None:
    server.login_compact = lambda sent: {  # type: ignore[method-assign]
        "LoginCompactResult": 4711,
        "userName": "",
        "companyName": "",
        "authenticationToken": "",
    }
    with pytest.raises(TemporaryError, match="code 4711"):
        acme.clients()


def test_zeep_missing_is_one_sentence(acme: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "zeep", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'incasso\[mago4\]'"):
        acme.clients()


# A session that is kept.


@pytest.fixture
def kept(table: Table, tmp_path: Path) -> Table:
    return {**table, "keep_token": str(tmp_path / "token")}


def test_a_kept_session_is_taken_up_again(kept: Table, server: MagoServer, tmp_path: Path) -> None:
    for _ in range(2):
        with office(kept, tmp_path) as acme:
            assert len(acme.clients()) == 3
    assert (server.logins, server.taken) == (1, 1)
    mode = stat.S_IMODE((tmp_path / "token").stat().st_mode)
    assert mode == 0o600, "nobody else may read the token"
    server.sessions.clear()


@pytest.mark.parametrize("asked", [True, False], ids=["IsValidToken", "without IsValidToken"])
def test_a_kept_session_that_died_is_renewed(
    kept: Table,
    server: MagoServer,
    tmp_path: Path,
    asked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with office(kept, tmp_path) as acme:
        acme.clients()
    server.sessions.clear()
    if not asked:
        monkeypatch.setattr("incasso_mago4.link.soap.Services.offers", lambda *_: False)
    with office(kept, tmp_path) as acme:
        assert len(acme.clients()) == 3
    assert (server.logins, server.taken) == (2, 1)
    server.sessions.clear()


# Several companies in one database.


def test_the_fiscal_company_is_chosen_before_reading(
    table: Table, company: MagoCompany, tmp_path: Path, other_company: MagoCompany
) -> None:
    databases = {1: company.engine, 2: other_company.engine}
    with MagoServer({"ACME": databases}) as server:
        second = {**table, "url": server.url, "fiscal_company": 2}
        with office(second, tmp_path) as acme:
            assert [each.name for each in acme.clients().values()] == ["Solo nella seconda"]
            assert "#2" in acme.handle.check(ON).remote_identity
        wrong = {**table, "url": server.url, "fiscal_company": 3}
        words = "does not know fiscal company 3"
        with office(wrong, tmp_path) as acme, pytest.raises(ConfigurationError, match=words):
            acme.clients()
        assert server.taken == 0


@pytest.fixture
def other_company(tmp_path: Path) -> MagoCompany:
    other = MagoCompany.create(f"sqlite:///{tmp_path / 'other.db'}")
    other.customer("D001", "Solo nella seconda")
    return other


def test_a_closed_port_of_the_back_end_names_the_firewall(
    table: Table, server: MagoServer, tmp_path: Path
) -> None:
    from incasso.testing.network import closed_port

    closed = {**table, "fiscal_company": 1, "fiscal_port": closed_port()}
    words = "open in the firewall"
    with office(closed, tmp_path) as acme, pytest.raises(TemporaryError, match=words):
        acme.clients()
