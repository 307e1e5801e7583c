"""`incasso check` says in one sentence what is wrong with the connection, and the cure."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from incasso.testing.network import closed_port
from incasso_fake_mexal import MexalServer, self_signed, small_company
from tests.cli.command import Ended, incasso, inside, well
from tests.mexal.office import PASSWORD, standard, table


def checked(folder: Path, server: MexalServer, **settings: Any) -> Ended:
    written = f'[hub]\nlanguage = "en"\n{table("acme", server, **settings)}'
    (folder / "plugins.toml").write_text(written, encoding="utf-8")
    ended = inside(folder, "check", "--on", "2026-11-23", "--format", "json")
    assert not ended.has_traceback, ended
    return ended


def reason(ended: Ended) -> str:
    """The one sentence of the one instance."""
    assert ended.code in (1, 2), ended
    (row,) = ended.rows()
    told = f"{row['reason']} {row['hint']}".strip()
    assert told and "\n" not in told, row
    assert len(told) < 600
    assert PASSWORD not in ended.out + ended.err
    return told


def test_a_good_connection_tells_what_was_reached(tmp_path: Path, server: MexalServer) -> None:
    small_company(server)
    ended = checked(tmp_path, server)
    assert ended.code == 0, ended
    (row,) = ended.rows()
    assert row["state"] == "ready"
    told = ended.out + inside(tmp_path, "check", "--on", "2026-11-23").out
    assert "ACM" in told
    assert "88201" in told or "2.9.17" in told
    assert server.access.bad_logins == 0


def test_a_wrong_password(
    tmp_path: Path, server: MexalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard(server)
    monkeypatch.setenv("MEXAL_PASSWORD", "sbagliata")
    told = reason(checked(tmp_path, server))
    assert re.search("password|credential", told, re.IGNORECASE)
    assert "unlock" in told or "locked" in told, "the office must know what repeating does"
    assert server.access.bad_logins == 1


def test_a_locked_user(tmp_path: Path, server: MexalServer) -> None:
    standard(server)
    server.user.locked = True
    assert re.search("unlock|blocc", reason(checked(tmp_path, server)), re.IGNORECASE)


def test_a_second_account_that_is_missing(tmp_path: Path) -> None:
    with MexalServer(second=("capo", "x")) as server:
        standard(server)
        assert "second_user" in reason(checked(tmp_path, server))


@pytest.mark.parametrize("domain", [None, "ALTRI"])
def test_a_wrong_or_missing_domain(domain: str | None, tmp_path: Path) -> None:
    with MexalServer(domain="ROSSI") as server:
        standard(server)
        told = reason(checked(tmp_path, server, domain=domain))
        assert "domain is missing or wrong" in told
        assert "ready" in checked(tmp_path, server, domain="ROSSI").out


def test_a_wrong_company(tmp_path: Path, server: MexalServer) -> None:
    standard(server)
    told = reason(checked(tmp_path, server, company="XYZ"))
    assert "XYZ" in told
    assert "ACM" in told or "company" in told


def test_a_right_that_is_missing(tmp_path: Path, server: MexalServer) -> None:
    standard(server)
    server.hide("clienti")
    assert "right to read clienti" in reason(checked(tmp_path, server))
    server.hide("scadenzario")
    assert "scadenzario" in reason(checked(tmp_path, server))


def test_a_year_without_anything_is_told(tmp_path: Path, server: MexalServer) -> None:
    """The wrong year is an empty success: only a person can see that it is the wrong one."""
    small_company(server)
    ended = checked(tmp_path, server, years=[2019])
    shown = inside(tmp_path, "check", "--on", "2026-11-23")
    assert "2019" in ended.out + shown.out + shown.err
    assert ended.code != 0 or re.search("2019", shown.err), "it warns"


def test_a_host_that_nobody_reaches(tmp_path: Path, server: MexalServer) -> None:
    told = reason(checked(tmp_path, server, base_url=f"http://127.0.0.1:{closed_port()}"))
    assert "127.0.0.1" in told


def test_a_host_that_does_not_exist(tmp_path: Path, server: MexalServer) -> None:
    told = reason(checked(tmp_path, server, base_url="https://mexal.invalid:9004"))
    assert "mexal.invalid" in told


def test_something_else_than_a_webapi(tmp_path: Path, server: MexalServer) -> None:
    standard(server)
    server.fail("html", times=None)
    assert "base_url" in reason(checked(tmp_path, server))


def test_a_certificate_of_the_server_s_own_is_pinned(tmp_path: Path) -> None:
    made = self_signed()
    with MexalServer(tls=made.tls) as server:
        standard(server)
        told = reason(checked(tmp_path, server))
        assert "certificate" in told
        assert made.pin.removeprefix("sha256:") in told.replace(":", "").lower(), "ready to copy"
        assert checked(tmp_path, server, certificate=made.pin).code == 0
        (tmp_path / "server.pem").write_text(made.pem)
        assert checked(tmp_path, server, certificate="server.pem").code == 0
        other = self_signed().pin
        assert "certificate" in reason(checked(tmp_path, server, certificate=other))
        assert server.access.bad_logins == 0
        spaced = ":".join(re.findall("..", made.pin.removeprefix("sha256:"))).upper()
        assert checked(tmp_path, server, certificate=f"sha256:{spaced}").code == 0


def test_an_expired_certificate(tmp_path: Path) -> None:
    made = self_signed(not_after=datetime(2021, 1, 1))  # noqa: DTZ001 - as certificates are written
    with MexalServer(tls=made.tls) as server:
        standard(server)
        (tmp_path / "server.pem").write_text(made.pem)
        told = reason(checked(tmp_path, server, certificate="server.pem"))
        assert "expired" in told and "renew" in told
        assert "certificate" in reason(checked(tmp_path, server))
        assert checked(tmp_path, server, certificate=made.pin).code == 0, "who pins, knows it"


def test_however_often_sync_runs_one_bad_login_reaches_the_server(
    tmp_path: Path, server: MexalServer
) -> None:
    standard(server)
    (tmp_path / "plugins.toml").write_text(table("acme", server), encoding="utf-8")
    well(tmp_path, "init")
    for _ in range(2):  # as processes: nothing but the database remembers
        ended = incasso(tmp_path, "sync", INCASSO_USER="admin", MEXAL_PASSWORD="sbagliata")
        assert (ended.code, ended.has_traceback) == (1, False)
        assert "MEXAL" not in ended.err or "password" in ended.err.lower()
    assert server.access.bad_logins == 1
    well(tmp_path, "check", "acme")
    well(tmp_path, "sync")
    assert server.access.bad_logins == 1
