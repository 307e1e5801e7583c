"""An office of files, played with the real commands; what left is read from its folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec

from incasso.messages.pages import text_of
from tests.cli.command import Ended, inside, well

CONFIG = """
[hub]
timezone = "Europe/Rome"
language = "it"

[companies.acme]
name = "Acme S.p.A."
address = ["Via Roma 1", "20121 Milano MI"]
iban = "IT60X0542811101000000123456"
responsible_email = "anna@acme.example"

[connectors.acme]
plugin = "csv"
clients = "ledger/clients.csv"
installments = "ledger/installments.csv"

[channels.room]
plugin = "folder"
media = ["email", "letter", "pec", "sms"]
folder = "outbox"
"""


class Sent(msgspec.Struct, frozen=True):
    """One message of the folder: what its `.json` says, and its words."""

    note: Mapping[str, Any]
    words: str
    subject: str = ""

    @property
    def client(self) -> str:
        return str(self.note["client"])


class PlayedOffice:
    """The office; its ledger is written from rows, every day by the real commands."""

    def __init__(self, folder: Path, iters: str, *, config: str = CONFIG) -> None:
        self.folder = folder
        (folder / "ledger").mkdir(parents=True)
        (folder / "plugins.toml").write_text(config, encoding="utf-8")
        (folder / "iters.toml").write_text(iters, encoding="utf-8")

    def ledger(
        self, clients: Sequence[Mapping[str, str]], rows: Sequence[Mapping[str, str]]
    ) -> None:
        """Writes both files; columns are the keys that occur."""
        for name, given in (("clients", clients), ("installments", rows)):
            columns = list(dict.fromkeys(key for row in given for key in row))
            with (self.folder / f"ledger/{name}.csv").open("w", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, restval="")
                writer.writeheader()
                writer.writerows(given)

    def open(self, on: str) -> None:
        """The database, and the iters in force from that day."""
        self.do("init")
        self.do("iters", "import", "iters.toml", "--on", on)

    def do(self, *words: str) -> Ended:
        """One command that must end well."""
        return well(self.folder, *words)

    def tries(self, *words: str) -> Ended:
        """One command, however it ends."""
        return inside(self.folder, *words)

    def day(self, on: str) -> None:
        """A whole cycle."""
        self.do("run", "--on", on, "--really-send")

    def sent(self, on: str) -> list[Sent]:
        """What left on that day, in the order of the steps."""
        notes = sorted((self.folder / "outbox" / on).glob("*.json"))
        found = [_sent(note) for note in notes]
        return sorted(found, key=lambda each: int(each.note["step"]))

    def to(self, client: str, on: str) -> Sent:
        """The one message to a client on that day."""
        (found,) = (each for each in self.sent(on) if each.client == client)
        return found


def _sent(note: Path) -> Sent:
    told = json.loads(note.read_text("utf-8"))
    content = note.with_name(told["file"]).read_bytes()
    if told["file"].endswith(".pdf"):
        return Sent(told, text_of(content).replace("\xa0", " "))
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    return Sent(told, body.get_content(), mail["subject"])
