"""Our own people by real mail and the real command: one recipient in each envelope and header."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.channels.servers import SmtpServer
from tests.cli.command import inside

CLIENTS = """code,name,email,agent,depot
C1,Bianchi srl,c1@example.it,A1,D1
C2,Conti snc,c2@example.it,A1,D1
C3,Dini spa,c3@example.it,A2,D1
"""
INSTALLMENTS = """key,client,document_number,due_date,amount,residual,currency,payment_method
1,C1,101/A,2026-10-11,100.00,100.00,EUR,transfer
2,C2,102/A,2026-10-12,250.50,250.50,EUR,transfer
3,C2,103/A,2026-10-13,80.00,80.00,GBP,transfer
4,C3,104/A,2026-10-14,70.00,70.00,EUR,transfer
"""
ITERS = """
[[iter]]
key = "bonifico"

[iter.match]
payment_methods = ["transfer"]

[[iter.stage]]
key = "sollecito"
label = "Primo sollecito"
days = 5
channels = ["email"]
template = "primo_sollecito"
cc = ["direzione"]

[[iter.stage]]
key = "agenti"
label = "Avviso agli agenti"
anchor = "previous"
days = 1
action = "notify"
channels = ["email"]
template = "riepilogo"
to = ["agente", "deposito"]
speaker = "deposito"
summary = true
"""


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


def office(folder: Path, port: int) -> None:
    for name, words in (
        ("clients.csv", CLIENTS),
        ("installments.csv", INSTALLMENTS),
        ("agents.csv", "code,name,email\nA1,Neri,neri@acme.it\nA2,Gallo,gallo@acme.it\n"),
        ("depots.csv", "code,name,email\nD1,Deposito Nord,nord@acme.it\n"),
        ("iters.toml", ITERS),
    ):
        (folder / name).write_text(words, "utf-8")
    (folder / "plugins.toml").write_text(
        f"""
[companies.acme]
name = "ACME Forniture srl"
iban = "IT60X0542811101000000123456"
email = "crediti@acme.it"
responsible_email = "capo@acme.it"

[connectors.acme]
plugin = "csv"
clients = "clients.csv"
installments = "installments.csv"
agents = "agents.csv"
depots = "depots.csv"

[channels.mail]
plugin = "smtp"
media = ["email"]
host = "127.0.0.1"
security = "none"
port = {port}
sender = "crediti@acme.it"
""",
        "utf-8",
    )


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\xa0", " ")


def test_by_mail(tmp_path: Path, server: SmtpServer) -> None:
    office(tmp_path, server.port)
    for command in (
        ("init",),
        ("iters", "import", "iters.toml"),
        ("sync", "--on", "2026-11-23"),
        ("plan", "--on", "2026-11-23"),
        ("dispatch", "--on", "2026-11-23", "--really-send"),
        ("sync", "--on", "2026-11-24"),
        ("plan", "--on", "2026-11-24"),
        ("dispatch", "--on", "2026-11-24", "--really-send"),
        ("verify",),
    ):
        ended = inside(tmp_path, *command)
        assert ended.code == 0, (command, ended.out, ended.err)
    mails = [(each.recipients, each.parsed()) for each in server.messages]
    assert all(len(recipients) == 1 for recipients, _ in mails)
    assert all(mail["Cc"] is None and mail["Bcc"] is None for _, mail in mails)
    assert len({mail["Message-ID"] for _, mail in mails}) == len(mails)
    people = [recipients[0] for recipients, _ in mails]
    # C2 owes in two currencies: a message for each, and a copy of each.
    assert sorted(people[:8]) == [
        *("c1@example.it", "c2@example.it", "c2@example.it", "c3@example.it"),
        *["capo@acme.it"] * 4,
    ]
    assert sorted(people[8:]) == ["gallo@acme.it", "neri@acme.it", "nord@acme.it"]

    copies = [mail for (who,), mail in mails if who == "capo@acme.it"]
    to_first = next(mail for (who,), mail in mails if who == "c1@example.it")
    copy = next(mail for mail in copies if "(C1)" in words(mail))
    assert copy["Subject"] == f"Per conoscenza: {to_first['Subject']}"
    assert words(to_first).strip() in words(copy)
    assert "example.it" not in copy.as_string()

    summary = next(mail for (who,), mail in mails if who == "neri@acme.it")
    assert summary["Reply-To"] == "nord@acme.it"
    assert str(summary["From"]).startswith("Deposito Nord")
    said = words(summary)
    for line in ("Bianchi srl (C1)", "Conti snc (C2)", "Primo sollecito del 23/11/2026"):
        assert line in said
    # 100.00 + 250.50, and 80.00 in pounds; nothing of the other agent's client
    for line in ("350,50 €", "80,00 £", "44"):
        assert line in said
    assert "Dini" not in said
