"""A whole office whose registered letters a service prints: what each fate means for the case."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.testing.postal import PostalFate, PostalService
from tests.cli.command import inside, well
from tests.cli.test_post import CLIENTS, DAY, ITEMS, ITER

TOKEN = "a-token-that-nobody-else-may-see"
CONFIG = """
[hub]
timezone = "Europe/Rome"
[connectors.acme]
plugin = "csv"
clients = "clients.csv"
installments = "installments.csv"
[channels.post]
plugin = "postal"
media = ["registered"]
url = "{url}"
allow_private_addresses = true
token = {{ file = "token" }}
sender_name = "Acme Forniture S.r.l."
sender_address = "Via Roma 1"
sender_zip = "10121"
sender_city = "Torino"
sender_province = "TO"
sender_email = "crediti@acme.example"
[companies.acme]
name = "Acme Forniture S.r.l."
address = ["Via Roma 1", "10121 Torino (TO)"]
iban = "IT60X0542811101000000123456"
"""


@pytest.fixture
def service() -> Iterator[PostalService]:
    with PostalService(token=TOKEN) as service:
        service.fate("Rossi, Neri & C.", PostalFate.UNCLAIMED)
        service.fate("Panificio Verdi", PostalFate.MOVED)
        service.fate("Müller AG", PostalFate.SILENT_RETURN)
        yield service


@pytest.fixture
def office(tmp_path: Path, service: PostalService) -> Path:
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text(TOKEN, "utf-8")
    for name, words in (
        ("plugins.toml", CONFIG.format(url=service.url)),
        ("clients.csv", CLIENTS),
        ("installments.csv", ITEMS),
        ("iters.toml", ITER),
    ):
        (tmp_path / name).write_text(words, "utf-8")
    for line in ("init", f"iters import iters.toml --by admin --on {DAY}", f"sync --on {DAY}"):
        well(tmp_path, *line.split())
    well(tmp_path, "plan", "--on", DAY)
    return tmp_path


def by_client(folder: Path, name: str) -> dict[str, dict[str, str]]:
    found = json.loads(well(folder, name, "--format", "json").out)
    return {each["client"]: each for each in found}  # of several the newest


def test_an_account_without_credit_stops_once_and_says_the_cure(
    office: Path, service: PostalService
) -> None:
    service.credit = False
    told = inside(office, "dispatch", "--on", DAY, "--really-send")
    assert told.err.count("post has stopped: no credit is left") == 1 and "top it up" in told.err
    assert len(service.letters) == 1, "the others did not ask any more"
    service.credit = True
    well(office, "check", "post", "--by", "admin")
    well(office, "dispatch", "--on", DAY, "--really-send")
    assert len(service.confirmed) == 3 and len({each.mark for each in service.confirmed}) == 3


def test_what_costs_too_much_waits_with_the_price_and_the_cure(
    office: Path, service: PostalService
) -> None:
    config = office / "plugins.toml"
    config.write_text(config.read_text().replace("token =", 'max_price = "5.36"\ntoken ='))
    told = inside(office, "dispatch", "--on", DAY, "--really-send")
    why = "it costs 5.37 EUR and max_price allows 5.36: raise max_price in plugins.toml"
    assert told.err.count(why) == 1
    assert not service.confirmed
    assert {each["status"] for each in by_client(office, "steps").values()} == {"ready"}
    assert f"step ready, it waits: {why}" in well(office, "explain", "1", "--on", DAY).out


def test_each_fate_has_its_consequence_the_same_day(office: Path, service: PostalService) -> None:
    well(office, "dispatch", "--on", DAY, "--really-send")
    assert {d["cost"] for d in by_client(office, "deliveries").values()} == {"5.37"}
    service.advance(5)
    inside(office, "collect", "--on", DAY)
    after = by_client(office, "deliveries")
    assert {client: each["status"] for client, each in after.items()} == {
        "1": "delivered",
        "2": "bounced",
        "3": "questioned",
    }
    numbers = {each.mark: each.post_number for each in service.confirmed}
    assert {d["id"]: d["tracking"] for d in after.values()} == numbers
    well(office, "plan", "--on", DAY)
    steps = by_client(office, "steps")
    assert {client: (each["action"], each["status"]) for client, each in steps.items()} == {
        "1": ("send", "counted"),
        "2": ("task", "ready"),  # nothing escalates as if it had arrived
        "3": ("send", "done"),  # nor while nobody knows
    }
    assert "sending failed by registered letter" in well(office, "explain", "2", "--on", DAY).out
    assert "compiuta giacenza" in well(office, "history", "1").out
    shown = json.loads(well(office, "show", "delivery", after["1"]["id"], "--format", "json").out)
    papers = [each["file"]["filename"] for each in shown[0]["receipts"] if each["file"]]
    assert [each.partition("-")[0] for each in papers] == ["accettazione", "archiviazione"]
    act = ("act", "letter", after["3"]["id"], "--outcome", "refused", "--by", "admin", "--on", DAY)
    assert "counts as delivered" in well(office, *act).out
    assert by_client(office, "deliveries")["3"]["status"] == "delivered"
    assert by_client(office, "steps")["3"]["status"] == "counted"
    well(office, "verify")
    left = [Path(at, name) for at, _, names in os.walk(office) for name in names]
    assert not [f for f in left if f.name != "token" and TOKEN.encode() in f.read_bytes()]
