"""Passwords of mail: those that end soon, those that have ended, those that Microsoft turns off."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from incasso.api import AuthenticationError, LineSecurity, Secret, mail
from incasso_smtp.settings import SmtpSettings
from tests.channels.mail import NOW, channel
from tests.channels.servers import SmtpServer
from tests.cli.command import CONFIG, DAY, inside, make_office, well


@pytest.mark.parametrize(
    ("days", "said"), [(15, ""), (14, "ends on"), (0, "ends on"), (-1, "ended on")]
)
def test_check_and_collect_warn_from_a_fortnight_before(days: int, said: str) -> None:
    """Also without a mailbox to collect from: the daily run asks every channel."""
    with SmtpServer() as server:
        over = channel(server, password_expires=NOW.date() + timedelta(days=days))
        checked = over.instance_check(over.context()).warnings
        collected = [
            w for page in over.channel_collect(None, over.context()) for w in page.warnings
        ]
        over.close()
    for warnings in (checked, collected):
        assert [said in each.message for each in warnings] == ([True] if said else [])


def test_a_refused_login_names_the_password_that_ended() -> None:
    ended = NOW.date() - timedelta(days=1)
    with SmtpServer(users={"crediti": "new"}) as server:
        over = channel(server, user="crediti", password=Secret("old"), password_expires=ended)
        with pytest.raises(AuthenticationError, match=f"ended on {ended}"):
            over.instance_check(over.context())
        over.close()


@pytest.mark.parametrize(
    ("host", "password", "warned"),
    [
        ("smtp.office365.com", "segreta", True),
        ("SMTP.office365.com ", "segreta", True),
        ("smtp.office365.com", "", False),
        ("smtp.example.it", "segreta", False),
    ],
)
def test_a_password_at_microsoft_has_no_future(host: str, password: str, warned: bool) -> None:
    found = list(mail.password_outdated(host, Secret(password)))
    assert [each.field for each in found] == (["password"] if warned else [])


def test_settings_need_a_login_of_one_kind() -> None:
    given = SmtpSettings(host="smtp.example.it", sender="a@example.it", security=LineSecurity.TLS)
    assert given.login == "" and given.relay.sign_in is None


def test_the_daily_run_of_an_office_says_it(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "office")
    with SmtpServer() as server:
        (folder / "plugins.toml").write_text(
            CONFIG.replace('media = ["email", "pec", "letter"]', 'media = ["pec", "letter"]')
            + f'\n[channels.mail]\nplugin = "smtp"\nhost = "{server.host}"\nport = {server.port}\n'
            'security = "none"\nsender = "Crediti <crediti@example.it>"\n'
            "password_expires = 2026-11-30\n",
            encoding="utf-8",
        )
        well(folder, "init")
        ran = inside(folder, "run", "--on", DAY, "--really-send")
    assert "mail: the password of crediti@example.it ends on 30 Nov 2026" in ran.err, ran
