"""An office that sends faxes, by its real commands: what did not arrive goes on as a letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.testing.fax import InterfaxService
from tests.sending.played import CONFIG, PlayedOffice

DAY = "2026-11-23"
ITERS = """
[[iter]]
key = "ordinario"
[[iter.stage]]
key = "sollecito"
days = 5
channels = ["fax", "letter"]
template = "primo_sollecito"
advance_on = "delivered"
proof_days = 3
otherwise = "fallback"
"""
FAX = """
[channels.fax]
plugin = "interfax"
media = ["fax"]
allow_private_addresses = true
address = "{url}"
user = "acme"
password = {{ file = "fax-password" }}
"""
NUMBERS = {"C1": "02 1111 1111", "C2": "02 2222 2222", "C3": "02 33"}


@pytest.fixture
def service() -> Iterator[InterfaxService]:
    with InterfaxService() as service:
        yield service


@pytest.fixture
def office(tmp_path: Path, service: InterfaxService) -> PlayedOffice:
    made = PlayedOffice(
        tmp_path / "office",
        ITERS,
        config=CONFIG.replace('"fax", ', "") + FAX.format(url=service.url),
    )
    secret = made.folder / "fax-password"
    secret.touch(0o600)
    secret.write_text("segreta", "utf-8")
    made.ledger(
        [
            {
                "code": code,
                "name": f"Ditta {code}",
                "fax": fax,
                "address": "Via Po 2",
                "zip": "10121",
                "city": "Torino",
            }
            for code, fax in NUMBERS.items()
        ],
        [
            {
                "key": f"R{code}",
                "client": code,
                "document_number": f"{code}/26",
                "document_date": "2026-09-10",
                "due_date": "2026-11-10",
                "amount": "100.00",
                "residual": "100.00",
                "currency": "EUR",
                "payment_method": "transfer",
            }
            for code in NUMBERS
        ],
    )
    made.open(DAY)
    return made


def leaves(office: PlayedOffice) -> None:
    office.do("plan", "--on", DAY)
    office.do("dispatch", "--on", DAY, "--really-send")


def status(office: PlayedOffice) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in office.do("deliveries", "--format", "json").rows():
        found.setdefault(row["client"], []).append((row["medium"], row["status"]))
    return {client: sorted(told) for client, told in sorted(found.items())}


def test_busy_and_wrong_numbers_go_on_as_letters_the_same_day(
    office: PlayedOffice, service: InterfaxService
) -> None:
    assert "12.50" in office.do("check", "fax").out
    office.do("sync", "--on", DAY)
    leaves(office)
    assert {fax.number for fax in service.faxes} == {"+390211111111", "+390222222222"}
    assert all(fax.content.startswith(b"%PDF") for fax in service.faxes)
    first, second = service.faxes
    busy = first if first.number.endswith("2") else second
    service.end(3931, reference=busy.reference)
    service.end(0)
    office.do("collect", "--on", DAY)
    leaves(office)
    found = status(office)
    assert found["C1"] == [("fax", "delivered")]
    assert [told for told in found["C2"] if told[0] == "fax"] == [("fax", "bounced")]
    assert sorted(each.client for each in office.sent(DAY)) == ["C2", "C3"]
    assert {each.note["medium"] for each in office.sent(DAY)} == {"letter"}
    assert "3931" in office.do("explain", "C2", "--on", DAY).out + office.do("history", "C2").out
    assert [each["address"] for each in office.do("bad-addresses", "--format", "json").rows()] in (
        [],
        ["02 33"],
    ), "a busy number is not wrong"
    assert office.do("verify").code == 0


def test_a_fax_that_nobody_answered_for_is_found_by_its_reference(
    office: PlayedOffice, service: InterfaxService
) -> None:
    office.do("sync", "--on", DAY)
    service.hang_up = True
    for _ in range(2):
        leaves(office)
        assert len(service.faxes) == 2, "none left twice"
        assert status(office)["C1"] == status(office)["C2"] == [("fax", "accepted")]
