"""A column that nobody understood is said, and stops the source if it may hold money or identity.

The first three files are exports of Business Central and openSTAManager that once went wrong.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incasso.api import ConfigurationError, PaymentMethod
from incasso_csv.connector import CsvConnector
from incasso_csv.settings import CsvSettings
from tests.cli.command import well
from tests.csv.reading import Stored, clients_of, context, read, sheet, text

BAR_SPORT = """
{};Nome cliente;E-mail;Nr. documento;Data documento;Data scadenza;Importo residuo
C00010;Bar Sport;bar.uno@example.it;FV26-0101;01/09/2026;31/10/2026;620,00
C00099;Bar Sport;bar.due@example.it;FV26-0102;01/09/2026;31/10/2026;310,00
"""
PART_PAID = """
Documento;Anagrafica;Data scadenza;Importo;{}
101/26;Uno Srl;31/10/2026;1.220,00;{}
102/26;Due Srl;31/10/2026;500,00;{}
"""
BILLS = """
Codice cliente;Ragione sociale;Numero documento;Data scadenza;Importo;{}
C1;Uno Srl;101;31/10/2026;1.220,00;RiBa
"""


@pytest.mark.parametrize(
    "heading",
    [
        "Nr. cliente",
        "N. cliente",
        "Numero cliente",
        "ID cliente",
        "Codice anagrafica",
        "Cod.Cli.",
        "Codice C/F",
        "Codice cliente/fornitore",
        "Nr. cliente/fornitore",
        "Sottoconto",
        "Codice debitore",
        "CodCliente",
        "Customer No.",
    ],
)
def test_two_clients_of_one_name_stay_two(heading: str, tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", BAR_SPORT.format(heading))
    assert sorted((r.client, r.residual) for r in read(path).records) == [
        ("C00010", Decimal("620.00")),
        ("C00099", Decimal("310.00")),
    ]
    assert {code: each.email for code, each in clients_of(path).items()} == {
        "C00010": "bar.uno@example.it",
        "C00099": "bar.due@example.it",
    }


@pytest.mark.parametrize("heading", ["Già pagato", "Gia' pagato", "Già incassato", "Amount paid"])
def test_what_is_paid_is_not_asked(heading: str, tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", PART_PAID.format(heading, "600,00", "0,00"))
    assert [r.residual for r in read(path).records] == [Decimal("620.00"), Decimal("500.00")]


@pytest.mark.parametrize(
    "heading",
    [
        "Saldo residuo",
        "Importo da pagare",
        "Residuo da pagare",
        "Da saldare",
        "Saldo aperto",
        "Saldo scadenza",
        "Residuo rata",
        "Ancora da incassare",
        "Remaining Amount",
    ],
)
def test_what_is_left_is_asked(heading: str, tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", PART_PAID.format(heading, "620,00", "500,00"))
    assert [r.residual for r in read(path).records] == [Decimal("620.00"), Decimal("500.00")]


@pytest.mark.parametrize(
    "heading",
    [
        "Tipo di pagamento",
        "Tipo pagamento",
        "Metodo di pagamento",
        "Condizioni di pagamento",
        "Forma di pagamento",
        "Codice pagamento",
        "Payment Method",
    ],
)
def test_a_bill_stays_a_bill(heading: str, tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", BILLS.format(heading))
    assert [r.payment_method for r in read(path).records] == [PaymentMethod.RIBA]


STOPPED = [
    # The column's name, what is in its two rows, and what the problem says it holds.
    ("Versamenti", ("600,00", "0,00"), "amounts"),
    ("Quota pagata", ("600", "0"), "amounts"),
    ("Fr. versati", ("600.-", "0.-"), "amounts"),
    ("Rif. customer", ("C00010", "C00099"), "codes, perhaps the clients'"),
    ("Conto CoGe", ("501.00010", "501.00099"), "codes, perhaps the clients'"),
    ("Come paga", ("Bonifico 30 gg", "RiBa"), "ways to pay"),
    ("Sigla pagamento", ("R", "B"), "ways to pay"),
]


@pytest.mark.parametrize(("name", "cells", "holds"), STOPPED, ids=[case[0] for case in STOPPED])
def test_a_dangerous_column_stops_the_source_until_it_is_named_or_waived(
    name: str, cells: tuple[str, str], holds: str, tmp_path: Path
) -> None:
    path = text(tmp_path / "ledger.csv", PART_PAID.format(name, *cells))
    with pytest.raises(ConfigurationError) as refused:
        read(path)
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == ("unclaimed_column", name)
    assert f"the column '{name}', which holds {holds}, was not understood" in problem.message
    assert f'ignore = ["{name}"]' in problem.hint
    assert len(read(path, ignore=(name,)).records) == 2


def test_a_mapping_names_it(tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", PART_PAID.format("Versamenti", "600,00", "0,00"))
    mapping = text(tmp_path / "m.toml", '[installments.columns]\n"Versamenti" = "paid"\n')
    assert read(path, mapping=mapping).records[0].residual == Decimal("620.00")
    waived = text(tmp_path / "w.toml", '[installments]\nignore = ["versamenti"]\n')
    assert read(path, mapping=waived).records[0].residual == Decimal("1220.00")


def test_excel_hands_over_whole_numbers_for_amounts(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Documento", "Anagrafica", "Data scadenza", "Importo", "Quota versata"],
        ["101/26", "Uno Srl", "31/10/2026", 1220, 600],
    ]
    with pytest.raises(ConfigurationError, match="Quota versata"):
        read(sheet(tmp_path / "a.xlsx", rows))


def test_every_dangerous_column_is_named_at_once(tmp_path: Path) -> None:
    content = (
        "Anagrafica;Data scadenza;Importo;Versamenti;Come paga\nUno;31/10/2026;9,00;1,00;RiBa\n"
    )
    with pytest.raises(ConfigurationError) as refused:
        read(text(tmp_path / "ledger.csv", content))
    assert [each.field for each in refused.value.problems] == ["Versamenti", "Come paga"]


def test_what_is_harmless_is_only_listed(tmp_path: Path) -> None:
    content = (
        "Codice cliente;Cliente;Scadenza;Importo;Imponibile;Giorni di ritardo;Commessa;;Vuota\n"
        "C1;Uno Srl;31/10/2026;1.220,00;1.000,00;24;A-12;;\n"
    )
    path = text(tmp_path / "ledger.csv", content)
    assert len(read(path).records) == 1
    facts = CsvConnector(CsvSettings(installments=path)).instance_check(context()).facts
    assert (
        facts["installments: columns not understood"]
        == "Imponibile, Giorni di ritardo, Commessa, Vuota"
    )


EXPORTS = {
    "Business Central": (
        "Customer No.;Customer Name;Document Type;Document No.;Document Date;Due Date;"
        "Original Amount;Remaining Amount;Currency Code;Payment Method Code\n"
        "C00010;Bar Sport;Invoice;FV26-0101;2026-09-01;2026-10-31;1.220,00;620,00;EUR;BONIFICO"
    ),
    "SAP": (
        "Customer;Name 1;Document Number;Document Date;Net due date;Amount in local currency;"
        "Document currency;Payment Method\n"
        "C00010;Bar Sport;FV26-0101;01.09.2026;31.10.2026;620,00;EUR;transfer"
    ),
    "Odoo": (
        "Number;Partner;Invoice Date;Due Date;Total;Amount Due;Currency;Payment Status\n"
        "FV26-0101;Bar Sport;2026-09-01;2026-10-31;1220.00;620.00;EUR;Partially Paid"
    ),
    "Xero": (
        "ContactName;EmailAddress;InvoiceNumber;InvoiceDate;DueDate;Total;InvoiceAmountPaid;"
        "InvoiceAmountDue;Currency\n"
        "Bar Sport;a@b.example;FV26-0101;01/09/2026;31/10/2026;1220.00;600.00;620.00;EUR"
    ),
    "TeamSystem": (
        "Cod. Cli.;Rag. Soc.;Num. Doc.;Data Doc.;Data Scad.;Importo;Saldo;Tipo Pag.\n"
        "C00010;Bar Sport;FV26-0101;01/09/2026;31/10/2026;1.220,00;620,00;Bonifico"
    ),
    "Danea": (
        "Cod. cliente;Cliente;Num.;Data;Scadenza;Tot. doc.;Da saldare;Pagamento\n"
        "C00010;Bar Sport;FV26-0101;01/09/2026;31/10/2026;1.220,00;620,00;Bonifico bancario"
    ),
    "Fatture in Cloud": (
        "Numero;Data;Cliente;P.IVA;Prossima scadenza;Totale;Da pagare\n"
        "FV26-0101;01/09/2026;Bar Sport;01234567897;31/10/2026;1.220,00;620,00"
    ),
}


@pytest.mark.parametrize("program", EXPORTS)
def test_exports_of_other_programs(program: str, tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", EXPORTS[program] + "\n")
    (record,) = read(path).records
    assert (record.document_number, record.residual) == ("FV26-0101", Decimal("620.00"))
    assert (str(record.document_date), str(record.due_date)) == ("2026-09-01", "2026-10-31")
    (client,) = clients_of(path).values()
    assert client.name == "Bar Sport"


def test_members_of_a_vat_group_are_different_clients(tmp_path: Path) -> None:
    content = """
Debitore;Partita IVA;Codice fiscale;Numero fattura;Scadenza;Importo
Alfa Energia S.p.A.;01234567897;06655971007;10/26;31/10/2026;1.000,00
Alfa Servizi S.r.l.;01234567897;02780790107;11/26;31/10/2026;2.000,00
Beta di Rossi Maria;02345678908;RSSMRA80A41H501X;12/26;31/10/2026;3.000,00
Gamma Srl;03456789019;03456789019;13/26;31/10/2026;4.000,00
"""
    clients = clients_of(text(tmp_path / "ledger.csv", content))
    assert {code: each.name for code, each in clients.items()} == {
        "06655971007": "Alfa Energia S.p.A.",
        "02780790107": "Alfa Servizi S.r.l.",
        "02345678908": "Beta di Rossi Maria",
        "03456789019": "Gamma Srl",
    }


@pytest.mark.parametrize("cell", ["100.-", "100,-", "CHF 100.-", "100.--", "100.–"])
def test_a_swiss_amount_is_no_credit(cell: str, tmp_path: Path) -> None:
    content = f"Codice cliente;Cliente;Data scadenza;Importo\nC1;Uno;31/10/2026;{cell}\n"
    assert read(text(tmp_path / "a.csv", content)).records[0].residual == Decimal("100")


def test_thousands_or_decimals_are_asked_where_no_amount_decides(tmp_path: Path) -> None:
    content = "Codice cliente;Cliente;Data scadenza;Importo\nC1;Uno;31/10/2026;12.500\n"
    path = text(tmp_path / "a.csv", content)
    with pytest.raises(ConfigurationError, match="may be a thousand or three decimals"):
        read(path)
    assert read(path, decimal=",").records[0].residual == Decimal("12500")


def test_rows_of_suppliers_are_no_debts_of_clients(tmp_path: Path) -> None:
    content = """
Data Scad.;Tipo;Cliente/Fornitore;Rif. Doc.;Importo Rata;Residuo;Stato Rata
31/08/2026;C;Rossi Srl;FT 118;1.000,10;610,05;Aperta
30/09/2026;C;Rossi Srl;FT 119;200,00;0,00;Chiusa
30/09/2026;F;Fornitore Spa;99;300,00;300,00;Aperta
;;Totale;;{};{};
"""
    # 1000.10 + 200.00 + 300.00 and 610.05 + 300.00 with the supplier; a list may leave him out.
    for amount, residual in (("1.500,10", "910,05"), ("1.200,10", "610,05")):
        path = text(tmp_path / "ledger.csv", content.format(amount, residual))
        reading = read(path)
        assert (reading.bad, reading.complete) == ([], True)
        assert reading.sums == {"EUR": (1, Decimal("610.05"))}
    wrong = read(text(tmp_path / "wrong.csv", content.format("1.500,10", "910,06")))
    assert [each.problems[0].code for each in wrong.bad] == ["total_mismatch"]
    assert list(clients_of(path)) == ["ROSSI SRL"]


def test_a_list_of_clients_may_hold_what_it_likes_beside_its_codes(tmp_path: Path) -> None:
    """No debt is read from it; without a code column its codes stop it like any other."""
    ledger = text(tmp_path / "ledger.csv", "key,client,due_date,residual\na,C1,2026-09-30,10.00\n")
    listed = (
        "{};Ragione sociale;Partita IVA;Cod. listino;Fatturato;Come paga\n"
        "C1;Uno Srl;01234567897;L1;1.220,00;RiBa\n"
    )
    fine = text(tmp_path / "clients.csv", listed.format("Codice cliente"))
    assert list(clients_of(ledger, clients=fine)) == ["C1"]
    odd = text(tmp_path / "odd.csv", listed.format("Rif. customer"))
    with pytest.raises(ConfigurationError, match=r"Rif\. customer"):
        clients_of(ledger, clients=odd)


HARMLESS = """
Codice cliente;Ragione sociale;Numero documento;Data scadenza;Residuo;Capo area;Rif. interno
C1;Uno Srl;101;31/10/2026;1.220,00;Bianchi;x
"""
REMARK = (
    "ledger.csv: columns that were not understood and not read: Capo area, Rif. interno (name "
    'their fields in a mapping, or waive them: ignore = ["…"])'
)


def test_a_sync_says_which_columns_it_passed_over_and_is_silent_once_they_are_waived(
    tmp_path: Path,
) -> None:
    text(tmp_path / "ledger.csv", HARMLESS)
    table = '[connectors.acme]\nplugin = "csv"\ninstallments = "ledger.csv"\n'
    config = tmp_path / "plugins.toml"
    config.write_text(f'[hub]\nlanguage = "en"\n{table}', encoding="utf-8")
    well(tmp_path, "init")
    (found,) = well(tmp_path, "sync", "--format", "json").rows()
    assert found["warnings"] == [REMARK]
    told = well(tmp_path, "sync")
    assert f"acme: {REMARK}" in " ".join(told.err.split())
    config.write_text(config.read_text() + 'ignore = ["Capo area", "Rif. interno"]\n')
    assert "Capo area" not in well(tmp_path, "sync").err


@pytest.mark.parametrize("keyed", [True, False])
def test_a_sync_of_clients_and_of_keyed_rows_says_it_too(keyed: bool, tmp_path: Path) -> None:
    key = ("Id rata;", "1;") if keyed else ("", "")
    ledger = text(
        tmp_path / "l.csv",
        f"\n{key[0]}Codice cliente;Ragione sociale;Scadenza;Residuo;Capo area\n"
        f"{key[1]}C1;Uno Srl;31/10/2026;1,00;Bianchi\n",
    )
    clients = text(tmp_path / "c.csv", "\nCodice;Ragione sociale;Colore\nC1;Uno Srl;blu\n")
    source = CsvConnector(CsvSettings(installments=ledger, clients=clients))
    known = Stored()
    last = [*source.erp_pull_installments(None, known, context())][-1]
    assert [w.message for w in last.warnings] == [
        "l.csv: columns that were not understood and not read: Capo area"
    ]
    last_of_clients = [*source.erp_pull_clients(None, known, context())][-1]
    assert [w.message for w in last_of_clients.warnings] == [
        "c.csv: columns that were not understood and not read: Colore"
    ]
