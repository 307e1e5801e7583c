"""Whose a row without a client code is: certain, or in quarantine; never one client out of two."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.services.hub.hub import Hub
from incasso.store.tables.ledger import clients, installments
from tests.csv.reading import clients_of, read, sheet, text
from tests.csv.test_sync import START, hub_for, refused
from tests.csv.test_sync import read as synced

BAR = "\nCliente;{};Numero documento;Data scadenza;Residuo\n"


def ledger(path: Path, heading: str, *rows: str) -> Path:
    lines = (f"{row};F{n};31/10/2026;10,00\n" for n, row in enumerate(rows, 1))
    return text(path, BAR.format(heading) + "".join(lines))


@pytest.mark.parametrize(
    ("heading", "one", "other"),
    [
        ("Città", "Milano", "Roma"),
        ("Telefono", "02 1234567", "06 7654321"),
        ("E-mail", "bar@uno.example.it", "bar@due.example.it"),
        ("Indirizzo", "Via Po 1", "Via Po 2"),
        ("CAP", "20121", "00184"),
        ("PEC", "bar@uno.example.it", "bar@due.example.it"),
    ],
)
def test_two_of_one_name_are_told_not_made_one(
    heading: str, one: str, other: str, tmp_path: Path
) -> None:
    path = ledger(
        tmp_path / "l.csv", heading, f"Bar Sport;{one}", f"Uno Srl;{one}", f"BAR SPORT;{other}"
    )
    found = read(path)
    assert [each.client for each in found.records] == ["UNO SRL"]
    assert found.complaints == [(2, "client", "several_clients"), (4, "client", "several_clients")]
    assert one in found.bad[0].problems[0].message and other in found.bad[0].problems[0].message
    assert list(clients_of(path)) == ["UNO SRL"]


def test_spellings_and_gaps_of_one_contact_are_one_client(tmp_path: Path) -> None:
    rows = ("Bar Sport;Via Po, 1", "Bar Sport;", "BAR SPORT;VIA PO 1", "Bar  Sport;via Po n 1")
    found = read(ledger(tmp_path / "l.csv", "Indirizzo", *rows[:3]))
    assert [each.client for each in found.records] == ["BAR SPORT"] * 3 and not found.bad


def test_a_name_without_number_is_not_its_namesake_with_one(tmp_path: Path) -> None:
    path = ledger(tmp_path / "l.csv", "Partita IVA", "Bar Sport;01234567897", "Bar Sport;")
    found = read(path)
    assert [each.client for each in found.records] == ["01234567897"]
    assert found.complaints == [(3, "client", "several_clients")]
    assert list(clients_of(path)) == ["01234567897"]


def test_namesakes_with_numbers_are_two(tmp_path: Path) -> None:
    path = ledger(
        tmp_path / "l.csv", "Partita IVA", "Bar Sport;01234567897", "Bar Sport;06655971007"
    )
    assert sorted(clients_of(path)) == ["01234567897", "06655971007"]
    assert not read(path).bad


GROUP = "\nCliente;Partita IVA;Codice fiscale;Numero documento;Data scadenza;Residuo\n"


@pytest.mark.parametrize(
    ("rows", "known", "refused_rows"),
    [
        # Both tax codes: two clients.
        (
            ("Alfa Energia Spa;01234567897;06655971007", "Alfa Servizi;01234567897;02780790107"),
            ["02780790107", "06655971007"],
            [],
        ),
        # No tax codes, other names: nobody can say.
        (("Alfa Energia Spa;01234567897;", "Alfa Servizi;01234567897;"), [], [2, 3]),
        # One of them has none.
        (
            ("Alfa Energia Spa;01234567897;06655971007", "Alfa Servizi;01234567897;"),
            ["06655971007"],
            [3],
        ),
        # Two persons behind one number.
        (
            ("Rossi;01234567897;RSSMRA80A01F205X", "Rossi;01234567897;RSSLGU80A01F205Y"),
            [],
            [2, 3],
        ),
        # One company, written in several ways.
        (
            (
                "Alfa Energia S.p.A.;01234567897;",
                "ALFA ENERGIA SPA;01234567897;01234567897",
                "Alfa Ener;01234567897;",
            ),
            ["01234567897"],
            [],
        ),
    ],
    ids=["tax codes", "none", "one", "persons", "spellings"],
)
def test_members_of_a_vat_group_are_never_one(
    rows: tuple[str, ...], known: list[str], refused_rows: list[int], tmp_path: Path
) -> None:
    lines = (f"{row};F{n};31/10/2026;10,00\n" for n, row in enumerate(rows, 1))
    path = text(tmp_path / "l.csv", GROUP + "".join(lines))
    # A file of which every row is uncertain is refused as a whole: a certain one goes with it.
    with path.open("a", encoding="utf-8") as file:
        file.write("Zeta Srl;09876543217;;F9;31/10/2026;10,00\n")
    found = read(path)
    assert [row for row, _, _ in found.complaints] == refused_rows
    assert sorted(clients_of(path)) == sorted([*known, "09876543217"])


CODED = "\nCodice cliente;Cliente;Numero documento;Data scadenza;Residuo\n"


@pytest.mark.parametrize("keyed", [False, True])
def test_among_clients_with_codes_a_name_identifies_nobody(keyed: bool, tmp_path: Path) -> None:
    head, key = ("Id rata;", "{};") if keyed else ("", "")
    rows = (f"{code};Bar Sport;F{n};31/10/2026;10,00\n" for n, code in enumerate(["C1", ""], 1))
    body = "".join(key.format(n) + row for n, row in enumerate(rows, 1))
    path = text(tmp_path / "l.csv", "\n" + head + CODED.lstrip() + body)
    found = read(path)
    assert [each.client for each in found.records] == ["C1"]
    assert found.complaints == [(3, "client", "missing")]
    assert list(clients_of(path)) == ["C1"]


def test_a_column_of_codes_that_is_never_filled_can_be_waived(tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", CODED + ";Bar Sport;F1;31/10/2026;10,00\n")
    found = read(path, ignore=("Codice cliente",))
    assert [each.client for each in found.records] == ["BAR SPORT"]


def test_a_workbook_is_held_to_the_same_rule(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Cliente", "Città", "Numero documento", "Scadenza", "Residuo"],
        ["Bar Sport", "Milano", "F1", "31/10/2026", 10],
        ["Bar Sport", "Roma", "F2", "31/10/2026", 20],
        ["Uno Srl", "Roma", "F3", "31/10/2026", 30],
    ]
    found = read(sheet(tmp_path / "l.xlsx", rows))
    assert [each.client for each in found.records] == ["UNO SRL"]
    assert [row for row, _, _ in found.complaints] == [2, 3]


def names(hub: Hub) -> dict[str, str]:
    with hub.store.read() as connection:
        rows = connection.execute(sa.select(clients.c.code, clients.c.name))
        return {row.code: row.name for row in rows}


def owners(hub: Hub) -> list[tuple[str, str]]:
    query = sa.select(clients.c.code, installments.c.status).join(
        installments, installments.c.client_id == clients.c.id
    )
    with hub.store.read() as connection:
        return sorted((code, status) for code, status in connection.execute(query))


@pytest.mark.parametrize(
    ("heading", "number", "code"),
    [
        ("Codice cliente", "C1", "C1"),
        ("Partita IVA", "01234567897", "01234567897"),
        ("Codice fiscale", "RSSMRA80A01F205X", "RSSMRA80A01F205X"),
    ],
)
def test_a_renamed_client_is_the_same_client(
    heading: str, number: str, code: str, tmp_path: Path
) -> None:
    def write(name: str) -> None:
        ledger(tmp_path / "ledger.csv", heading, f"{name};{number}", f"{name};{number}")

    write("Rossi Mario")
    with hub_for(tmp_path) as hub:
        synced(hub)
        write("Officine Rossi Srl")
        report = synced(hub, START + timedelta(days=1))
        assert (report.good, report.counts.clients_new, report.counts.new) == (True, 0, 0)
        assert names(hub) == {code: "Officine Rossi Srl"}
        assert owners(hub) == [(code, "open")] * 2


def test_a_second_namesake_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    """The ledger keeps what it had of a client that the file no longer tells apart."""
    path = tmp_path / "ledger.csv"
    ledger(path, "Città", "Bar Sport;Milano", "Uno Srl;Roma")
    with hub_for(tmp_path) as hub:
        synced(hub)
        ledger(path, "Città", "Bar Sport;Milano", "Uno Srl;Roma", "Bar Sport;Roma")
        for days in (1, 2):
            assert synced(hub, START + timedelta(days=days)).counts.vanished == 0
        assert owners(hub) == [("BAR SPORT", "open"), ("UNO SRL", "open")]
        assert [(row, code) for row, _, code in refused(hub)] == [
            (2, "several_clients"),
            (4, "several_clients"),
        ]


def test_a_client_known_only_by_its_name_is_asked_about_when_a_new_name_appears(
    tmp_path: Path,
) -> None:
    """A renamed client would be a new one, with its procedure begun anew: `renamed` is the cure."""
    path = tmp_path / "ledger.csv"
    ledger(path, "Città", "Rossi Mario;Milano", "Uno Srl;Roma")
    with hub_for(tmp_path) as hub:
        assert synced(hub).warnings == [], "at first every name is new"
        ledger(path, "Città", "Rossi & figli Snc;Milano", "Uno Srl;Roma")
        told = synced(hub, START + timedelta(days=1)).warnings
        assert [word for word in told if "nothing but the name: Rossi & figli Snc (" in word]
        assert [word for word in told if 'renamed = { "Rossi & figli Snc" = "' in word]
    with hub_for(tmp_path, renamed='"Rossi & Figli SNC" = "Rossi Mario"') as hub:
        report = synced(hub, START + timedelta(days=2))
        assert (report.good, report.counts.clients_new) == (True, 0)
        assert names(hub)["ROSSI MARIO"] == "Rossi & figli Snc"
        assert ("ROSSI MARIO", "open") in owners(hub)


@pytest.mark.parametrize("written", ["IT01234567897", "it 01234567897", "012.345.678.97"])
def test_a_vat_number_is_the_same_with_and_without_its_prefix(written: str, tmp_path: Path) -> None:
    rows = ("Uno Srl;01234567897", f"Uno Srl;{written}", "Zwei GmbH;DE123456789")
    for heading in ("Partita IVA", "Codice fiscale"):
        path = ledger(tmp_path / "l.csv", heading, *rows)
        assert {code: each.name for code, each in clients_of(path).items()} == {
            "01234567897": "Uno Srl",
            "DE123456789": "Zwei GmbH",
        }
        assert [r.client for r in read(path).records] == ["01234567897"] * 2 + ["DE123456789"]
