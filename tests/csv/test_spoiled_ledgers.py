"""Spoiled ledger files of every layout, Sprix among them: records, quarantine, or one sentence."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incasso.api import (
    ClientRecord,
    ConfigurationError,
    Gone,
    InstallmentRecord,
    PluginError,
    TemporaryError,
    Unreadable,
)
from incasso_csv.connector import CsvConnector
from incasso_csv.settings import CsvSettings
from tests.csv.layouts import LAYOUTS
from tests.csv.reading import HEAD, Stored, context
from tests.fuzzing import each_spoiled

CANONICAL = (
    f"{HEAD}\n"
    "R1,C1,invoice,12/A,2026-06-01,1,2026-07-31,120.00,100.00,EUR,riba,,2026-07-01,A1,D1,N,note\n"
    "R2,C1,credit_note,13/A,2026-06-02,1,2026-07-31,-20.00,-20.00,EUR,transfer,,,A1,,,\n"
    'R3,C2,invoice,14/A,2026-06-03,2,2026-08-31,99.50,99.50,USD,transfer,,,,,,"two, words"\n'
)
CLIENTS = (
    "code,name,vat,tax_code,is_person,city,email,credit_limit,blocked\n"
    "C1,Rossi Srl,01234567897,,false,Milano,a@rossi.example.it,1000.00,false\n"
    'C2,"Bianchi, Figli",06655971007,02780790107,true,Roma,b@bianchi.example.it,,true\n'
)
SPRIX_CLIENTS = (
    "501.00012;ROSSI;MARIO;VIA ROMA 1;20121;MILANO;MI;02 123;;a@rossi.example.it;"
    "RSSMRA80A01F205X;01234567897;I;IT;N;;601.1;AGENTE;1;0;;I;1000,00;20260101;;1;NORD;2;BAR\n"
)
WORDS = [
    word.encode()
    for word in (
        *(
            "Totale generale;",
            "Riporto",
            "SALDO PARTITA",
            "Cliente: 00012 ROSSI",
            "D;A",
            "15-mar-2026",
        ),
        *("100.-", "1.200", "1.234,56-", "(5,00)", "CHF 100.-", "31/02/2026", "sep=|", ";;;;;;;;"),
        *("Importo residuo", "Già pagato", "Nr. cliente", "Partita IVA", "\t", "|", "\r", '"""'),
    )
]
LEDGERS = [layout for layout in LAYOUTS if not layout.mapping]
MAPPED = {layout.mapping: layout for layout in LAYOUTS if layout.mapping}


def outcome(settings: CsvSettings) -> list[object]:
    """Everything that a sync would take from it; ends with the sentence of a refusal."""
    source, found = CsvConnector(settings), list[object]()
    try:
        for page in source.erp_pull_clients(None, Stored(), context()):
            found += page.items
        for one in source.erp_pull_installments(None, Stored(), context()):
            found += one.items
        totals = source.erp_totals(context())
        assert all(isinstance(total, Decimal) for total in totals.residual.values())
        keys = tuple(each.key for each in found if isinstance(each, InstallmentRecord))[:3]
        for again in source.erp_refresh_installments(keys, context()):
            assert isinstance(again, (InstallmentRecord, Gone))
        source.instance_check(context())
    except (ConfigurationError, TemporaryError) as refused:
        found.append(refused)
    return found


def holds(settings: CsvSettings) -> None:
    """Whatever comes out can be believed, or says in words why not."""
    for each in outcome(settings):
        match each:
            case InstallmentRecord():
                assert each.key and each.client and len(each.fingerprint) == 16
                assert each.residual.is_finite() and isinstance(each.due_date, date)
                assert each.residual == round(each.residual, 3)
                assert each.amount is None or each.amount.is_finite()
            case ClientRecord():
                assert each.code and each.name
            case Unreadable():
                assert each.problems and all(problem.message for problem in each.problems)
                assert "\x00" not in each.raw
            case PluginError():
                words = str(each)
                assert words and "Traceback" not in words and "Error:" not in words
            case _:
                raise AssertionError(each)


def test_spoiled_ledgers(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    files = [layout.content.removeprefix("\n").encode(layout.encoding) for layout in LEDGERS]

    def check(content: bytes) -> None:
        path.write_bytes(content)
        holds(CsvSettings(installments=path))

    each_spoiled("ledgers", [*files, CANONICAL.encode()], check, times=1.5, words=WORDS)


@pytest.mark.parametrize("mapping", MAPPED)
def test_spoiled_ledgers_with_a_mapping(mapping: str, tmp_path: Path) -> None:
    path, layout = tmp_path / "ledger.acm", MAPPED[mapping]

    def check(content: bytes) -> None:
        path.write_bytes(content)
        holds(CsvSettings(installments=path, mapping=Path(mapping)))

    original = layout.content.removeprefix("\n").encode(layout.encoding)
    each_spoiled(f"ledgers {mapping}", [original], check, words=WORDS)


@pytest.mark.parametrize("mapping", ["", "sprix"])
def test_spoiled_clients(mapping: str, tmp_path: Path) -> None:
    ledger, path = tmp_path / "ledger.csv", tmp_path / "clients.csv"
    original = SPRIX_CLIENTS.encode("cp1252") if mapping else CLIENTS.encode()
    sprix = MAPPED["sprix"].content.removeprefix("\n").encode("cp1252")
    ledger.write_bytes(sprix if mapping else CANONICAL.encode())
    chosen = Path(mapping) if mapping else None

    def check(content: bytes) -> None:
        path.write_bytes(content)
        holds(CsvSettings(installments=ledger, clients=path, mapping=chosen))

    each_spoiled(f"clients {mapping or 'canonical'}", [original], check, words=WORDS)


def test_what_is_not_spoiled_holds_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(CANONICAL, encoding="utf-8")
    settings = CsvSettings(installments=path)
    holds(settings)
    assert sum(isinstance(each, InstallmentRecord) for each in outcome(settings)) == 3
