"""A mail server that echoes the login: nothing of it stays in database, archive or on screen."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from pathlib import Path

import pytest

from tests.channels.servers import SmtpServer, Stage
from tests.cli.command import CONFIG, DAY, Ended, inside, make_office, well

USER, PASSWORD = "crediti@example.it", 'hunter22 "more"'
PLAIN = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
LOGIN = b64encode(PASSWORD.encode()).decode()
HEX = PASSWORD.encode().hex()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_office(tmp_path / "office")
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml")
    return folder


def sent_through(folder: Path, server: SmtpServer) -> Ended:
    """A day of an office that sends its mails through this server."""
    mail = CONFIG.replace('media = ["email", "pec", "letter"]', 'media = ["pec", "letter"]')
    mail += f"""
[channels.mail]
plugin = "smtp"
host = "{server.host}"
port = {server.port}
security = "none"
user = "{USER}"
password = {{ env = "MAIL_PASSWORD" }}
sender = "Crediti <{USER}>"
"""
    (folder / "plugins.toml").write_text(mail, encoding="utf-8")
    return inside(folder, "run", "--on", DAY, "--really-send")


def kept(folder: Path) -> str:
    """Every byte that the office keeps: database, archive, outbox."""
    with sqlite3.connect(folder / "incasso.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".toml"]
    return dump + "".join(path.read_bytes().decode("latin-1") for path in files)


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("auth", f"535 5.7.8 refused: AUTH PLAIN {PLAIN}"),
        ("rcpt", f"550 5.7.1 who are you, {LOGIN}?"),
        ("end", f"250 2.0.0 queued for {PLAIN} as {HEX}"),
    ],
)
def test_no_echo_of_the_login_is_kept_or_shown(office: Path, stage: Stage, reply: str) -> None:
    with SmtpServer(users={USER: PASSWORD}) as server:
        server.script(stage, reply)
        ended = sent_through(office, server)
        checked = inside(office, "check", "mail")
        assert server.connections
    listed = inside(office, "deliveries", "--format", "json")
    journal = inside(office, "journal", "--format", "json")
    shown = "".join(each.out + each.err for each in (ended, checked, listed, journal))
    words = kept(office) + shown
    assert "********" in words, "the server's words are kept, without the secret"
    for form in (PLAIN, PLAIN[12:], LOGIN, LOGIN[:12], HEX, PASSWORD, "hunter22"):
        assert form not in words, form
