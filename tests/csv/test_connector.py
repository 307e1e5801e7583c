"""Clients, people, mappings, refresh, totals and the check of a file source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from incasso.api import (
    ClientRecord,
    ConfigurationError,
    Gone,
    InstallmentRecord,
    PersonRecord,
    TemporaryError,
    Unreadable,
    UnsupportedError,
)
from incasso.demo.portfolio import Portfolio
from incasso_csv.connector import CsvConnector
from incasso_csv.settings import CsvSettings
from tests.csv.layouts import E3_SUMMARY, HIERARCHICAL
from tests.csv.reading import Stored, clients_of, connector, context, pull, read, sheet, text

START = date(2026, 9, 1)
LEDGER = """
key,client,due_date,residual
K1,C1,2026-09-30,1.50
K2,C2,2026-09-30,2.50
K3,C1,2026-10-31,3.50
"""


@pytest.fixture
def office(tmp_path: Path) -> CsvConnector:
    Portfolio(7, START, clients=40, installments=200).write(tmp_path, START)
    return CsvConnector(
        CsvSettings(
            clients=tmp_path / "clients.csv",
            installments=tmp_path / "installments.csv",
            agents=tmp_path / "agents.csv",
            depots=tmp_path / "depots.csv",
        )
    )


def test_the_portfolio_comes_back_as_it_was(office: CsvConnector) -> None:
    portfolio = Portfolio(7, START, clients=40, installments=200)
    reading = pull(office)
    assert reading.bad == []
    for read_back, written in zip(reading.records, portfolio.ledger(START), strict=True):
        assert {**vars_of(read_back), "fingerprint": b""} == vars_of(written)
    clients = [
        item for page in office.erp_pull_clients(None, Stored(), context()) for item in page.items
    ]
    for client, told in zip(clients, portfolio.client_records(), strict=True):
        assert isinstance(client, ClientRecord)
        assert vars_of(client) | {"fingerprint": b""} == vars_of(told)
    agents = [item for page in office.erp_pull_agents(context()) for item in page.items]
    assert tuple(agents) == portfolio.agents()
    depots = [item for page in office.erp_pull_depots(context()) for item in page.items]
    assert tuple(depots) == portfolio.depots()


def vars_of(record: InstallmentRecord | ClientRecord) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def test_bad_rows_of_the_demonstration(tmp_path: Path) -> None:
    Portfolio(7, START, clients=40, installments=200).write(tmp_path, START, with_bad_rows=True)
    reading = read(tmp_path / "installments.csv")
    assert [code for _, _, code in reading.complaints] == ["impossible_date", "bad_amount"]
    first, *_, unknown, double = reading.records
    assert unknown.client == "C999999", "only the hub knows its clients"
    assert double.key == first.key, "and what it holds"


def test_refresh_tells_todays_truth(tmp_path: Path) -> None:
    source = connector(text(tmp_path / "ledger.csv", LEDGER))
    first, gone, third = source.erp_refresh_installments(("K3", "K9", "K1"), context())
    assert isinstance(first, InstallmentRecord) and first.residual == Decimal("3.50")
    assert gone == Gone(external_id="K9")
    assert isinstance(third, InstallmentRecord) and third.key == "K1"
    paid = LEDGER.replace("3.50", "0.00").replace("K1,C1,2026-09-30,1.50\n", "")
    text(tmp_path / "ledger.csv", paid)
    first, third = source.erp_refresh_installments(("K3", "K1"), context())
    assert isinstance(first, InstallmentRecord) and first.residual == 0
    assert third == Gone(external_id="K1")


def test_refresh_of_a_row_that_went_bad_says_neither_paid_nor_open(tmp_path: Path) -> None:
    source = connector(text(tmp_path / "ledger.csv", LEDGER.replace("3.50", "tre")))
    with pytest.raises(TemporaryError, match="'tre' is not an amount"):
        source.erp_refresh_installments(("K3",), context())


def test_refresh_finds_rows_with_quotes_and_line_ends(tmp_path: Path) -> None:
    rows = "key,client,due_date,residual,notes\n"
    rows += '"K1",C1,2026-09-30,1.50,"a\nb"\nK2,C1,2026-09-30,2.50,\n'
    source = connector(text(tmp_path / "ledger.csv", rows))
    pulled = {record.key: record for record in pull(source).records}
    assert pulled["K1"].notes == "a\nb"
    found = source.erp_refresh_installments(("K2", "K1"), context())
    assert found == (pulled["K2"], pulled["K1"])


def test_refresh_of_a_print_without_keys(tmp_path: Path) -> None:
    source = connector(text(tmp_path / "print.csv", HIERARCHICAL.content))
    pulled = pull(source).records
    keys = tuple(record.key for record in pulled)
    assert source.erp_refresh_installments(keys, context()) == tuple(pulled)


def test_a_partial_file_refreshes_nothing(tmp_path: Path) -> None:
    source = connector(text(tmp_path / "ledger.csv", LEDGER), read="partial")
    with pytest.raises(UnsupportedError):
        source.erp_refresh_installments(("K1",), context())


def test_only_changed_rows_are_built(tmp_path: Path) -> None:
    path = text(tmp_path / "ledger.csv", LEDGER)
    known = Stored()
    known.take(read(path).records)
    text(path, LEDGER.replace("2.50", "1.00") + "K4,C1,2026-11-30,4.50\n")
    reading = read(path, known)
    assert {r.key: r.residual for r in reading.records} == {
        "K2": Decimal("1.00"),
        "K4": Decimal("4.50"),
    }
    assert sorted(reading.unchanged) == ["K1", "K3"]
    assert reading.complete


def test_totals_are_those_the_file_states(tmp_path: Path) -> None:
    stated = connector(text(tmp_path / "print.csv", HIERARCHICAL.content))
    assert stated.erp_totals(context()).residual == {"EUR": Decimal("1180.00")}
    silent = connector(text(tmp_path / "ledger.csv", LEDGER))
    assert silent.erp_totals(context()).residual == {}


def test_a_total_row_is_verified_in_a_file_with_keys_too(tmp_path: Path) -> None:
    right = text(tmp_path / "right.csv", LEDGER + "Totale,,,7.50\n")
    assert read(right).complete
    wrong = text(tmp_path / "wrong.csv", LEDGER + "Totale,,,8.50\n")
    assert not read(wrong).complete


def test_the_check_tells_what_was_understood(tmp_path: Path, office: CsvConnector) -> None:
    report = office.instance_check(context())
    assert report.facts["installments"].endswith("layout one item per row")
    assert report.facts["installments: rows"] == "200 good, 0 bad"
    assert "EUR" in report.facts["installments: open"]
    assert report.facts["clients: rows"] == "40 good, 0 bad"
    assert report.facts["agents: rows"] == "8 good, 0 bad"
    assert report.remote_identity.endswith("installments.csv")
    assert report.warnings == ()


def test_the_check_shows_the_first_bad_rows_and_the_limits_of_a_report(tmp_path: Path) -> None:
    bad = connector(text(tmp_path / "ledger.csv", LEDGER + "K4,C1,domani,1.00\n"))
    (warning,) = bad.instance_check(context()).warnings
    assert warning.message == "ledger.csv row 5: 'domani' is not a date"
    report = connector(text(tmp_path / "e3.csv", E3_SUMMARY.content)).instance_check(context())
    assert "no_documents" in {warning.code for warning in report.warnings}


def test_the_check_fails_where_a_pull_would(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError):
        connector(tmp_path / "missing.csv").instance_check(context())


def test_a_clients_file_with_italian_headings(tmp_path: Path) -> None:
    clients = text(
        tmp_path / "clienti.csv",
        "Codice;Ragione sociale;P.IVA;Cod. Fiscale;Indirizzo;CAP;Località;Prov;Tel.;E-mail;Fido;"
        "Bloccato\n"
        "00012;Officine Valdora Srl;98028480550;;Via Larga 3;06121;Perugia;PG;075 555;"
        "a@valdora.example;10.000,00;\n"
        "00013;Bruganti Anna;;BRGNNA80A41F205U;;;;;;;1.500,00;X\n",
        "cp1252",
    )
    ledger = text(tmp_path / "ledger.csv", LEDGER)
    first, second = clients_of(ledger, clients=clients).values()
    assert (first.code, first.zip, first.city) == ("00012", "06121", "Perugia")
    assert first.credit_limit == Decimal("10000.00")
    assert (second.tax_code, second.blocked) == ("BRGNNA80A41F205U", True)


def test_bad_clients_are_named_and_the_others_arrive(tmp_path: Path) -> None:
    clients = text(
        tmp_path / "clients.csv",
        "code,name,blocked,country\nC1,Uno,,IT\n,Due,,\nC3,Tre,forse,\nC1,Quattro,,\nC5,Cinque,,DE\n",
    )
    source = connector(text(tmp_path / "ledger.csv", LEDGER), clients=clients)
    pages = source.erp_pull_clients(None, Stored(), context())
    items = [item for page in pages for item in page.items]
    codes = [item.code for item in items if isinstance(item, ClientRecord)]
    assert codes == ["C1", "C1", "C5"], "the hub judges a client that comes twice"
    bad = [(i.row, i.problems[0].field) for i in items if isinstance(i, Unreadable)]
    assert bad == [(3, "code"), (4, "blocked")]


def test_clients_that_did_not_change_are_only_named(tmp_path: Path) -> None:
    ledger = text(tmp_path / "ledger.csv", LEDGER)
    head, rows = "code,name,city\n", ["C1,Uno,Asti\n", "C2,Due,\n", '"C3","Tre, e figli",\n']
    clients = text(tmp_path / "clients.csv", head + "".join(rows))
    first = clients_of(ledger, clients=clients)
    known = Stored({code: client.fingerprint for code, client in first.items()})
    assert all(len(client.fingerprint) == 16 for client in first.values())

    def again(**settings: Any) -> tuple[list[str], list[str], bool]:
        pages = list(
            connector(ledger, clients=clients, **settings).erp_pull_clients(None, known, context())
        )
        came = [
            item.code for page in pages for item in page.items if isinstance(item, ClientRecord)
        ]
        same = [code for page in pages for code in page.unchanged]
        return came, same, pages[-1].complete

    assert again() == ([], ["C1", "C2", "C3"], True)
    assert again(country="CH") == (["C1", "C2", "C3"], [], True), "another rule, another reading"
    text(clients, head + rows[1] + rows[0].replace("Asti", "Alba") + rows[2] * 2 + "C4,Quattro,\n")
    assert again() == (["C1", "C4"], ["C2", "C3", "C3"], True), "a code twice is told twice"


def test_people_without_a_name_are_left_out(tmp_path: Path) -> None:
    agents = text(tmp_path / "agenti.csv", "Codice;Nome;E-mail\nA1;Livia;l@agenti.example\nA2;;\n")
    source = connector(text(tmp_path / "ledger.csv", LEDGER), agents=agents)
    (page,) = source.erp_pull_agents(context())
    assert page.items == (PersonRecord(code="A1", name="Livia", email="l@agenti.example"),)
    assert list(source.erp_pull_depots(context())) == []


def test_a_saved_mapping_names_columns_and_constants(tmp_path: Path) -> None:
    mapping = text(
        tmp_path / "mia.toml",
        """
[installments]
decimal = "."
credit_notes = "positive"

[installments.columns]
"Gruppo" = "client"
"Quando" = "due_date"
"Quanto" = "residual"
"Che cosa" = "document_kind"

[installments.constants]
currency = "CHF"

[installments.payment_methods]
Q = "riba"
""",
    )
    path = text(
        tmp_path / "ledger.csv",
        "Gruppo;Quando;Quanto;Che cosa;Tipo pag.\n"
        "G1;30/09/2026;1.200;FT;Q\nG1;30/09/2026;100.00;NC;Q\n",
    )
    with pytest.raises(ConfigurationError, match="no heading"):
        read(path)
    reading = read(path, mapping=mapping)
    assert reading.sums == {"CHF": (2, Decimal("-98.800"))}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[installments", "mapping mia.toml"),
        ("[installments]\nlayout = 'round'\n", "installments.layout: 'round' is not possible"),
        ("[installments]\ncolums = {}\n", "installments.colums: unknown key"),
    ],
)
def test_a_wrong_mapping_is_told(content: str, words: str, tmp_path: Path) -> None:
    mapping = text(tmp_path / "mia.toml", content)
    with pytest.raises(ConfigurationError, match=words):
        read(text(tmp_path / "ledger.csv", LEDGER), mapping=mapping)


def test_an_unknown_mapping_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="as400, sprix"):
        read(text(tmp_path / "ledger.csv", LEDGER), mapping=tmp_path / "sprx")


def test_mexals_clients_file_has_no_heading_either(tmp_path: Path) -> None:
    cells = ["501.00012", "OFFICINE VALDORA", "SRL", "VIA LARGA 3", "06121", "PERUGIA", "PG"]
    cells += ["075 555", "", "a@valdora.example", "", "98028480550", "I", "IT", "N", "", "A01"]
    cells += ["TORRESANI", "1", "", "", "it", "10000,00", "20260101", "", "Z1", "UMBRIA", "C1"]
    clients = text(tmp_path / "clienti.acme", ";".join([*cells, "RIVENDITORI", "0,00"]), "cp1252")
    ledger = text(tmp_path / "ledger.acme", "501.00012;20260930;10,00;R\n")
    (client,) = clients_of(ledger, clients=clients, mapping=Path("sprix")).values()
    assert (client.code, client.vat, client.agent) == ("501.00012", "98028480550", "A01")
    assert (client.area, client.category) == ("UMBRIA", "RIVENDITORI")
    assert client.credit_limit == Decimal("10000.00")
    assert client.name == "OFFICINE VALDORA SRL", "two cells hold the name"


SPRIX_CLIENT: Final = [
    *["501.00012", "OFFICINE", "", "VIA LARGA 3", "06121", "PERUGIA", "PG", "075 555", "", ""],
    *["", "98028480550", "I", "IT", "N", "", "A01", "TORRESANI", "1", "", "", "it"],
    *["10000,00", "20260101", "", "Z1", "UMBRIA", "C1", "RIVENDITORI", "0,00"],
]


def test_a_withdrawn_limit_is_none_at_all(tmp_path: Path) -> None:
    withdrawn = [*SPRIX_CLIENT[:24], "x", *SPRIX_CLIENT[25:]]
    nobody_set_one = ["501.00013", *SPRIX_CLIENT[1:22], "", "", "", *SPRIX_CLIENT[25:]]
    lines = (";".join(cells) for cells in (withdrawn, nobody_set_one))
    clients = text(tmp_path / "clienti.acme", "\n".join(lines), "cp1252")
    ledger = text(tmp_path / "ledger.acme", "501.00012;20260930;10,00;R\n")
    found = clients_of(ledger, clients=clients, mapping=Path("sprix"))
    assert found["501.00012"].credit_limit == Decimal(0)
    assert found["501.00013"].credit_limit is None


@pytest.mark.parametrize("width", [25, 26, 27, 28, 29, 30])
def test_older_programs_write_fewer_cells(width: int, tmp_path: Path) -> None:
    clients = text(tmp_path / "clienti.acme", ";".join(SPRIX_CLIENT[:width]), "cp1252")
    ledger = text(tmp_path / "ledger.acme", "501.00012;20260930;10,00;R\n")
    (client,) = clients_of(ledger, clients=clients, mapping=Path("sprix")).values()
    assert client.credit_limit == Decimal("10000.00")
    assert client.area == ("UMBRIA" if width > 26 else "")
    assert client.category == ("RIVENDITORI" if width > 28 else "")


def test_suppliers_in_the_same_files_are_passed_over(tmp_path: Path) -> None:
    clients = text(
        tmp_path / "clienti.acme",
        "\n".join(";".join([code, *SPRIX_CLIENT[1:]]) for code in ("501.00012", "601.00012")),
        "cp1252",
    )
    rows = "501.00012;20260930;10,00;R\n601.00012;20260930;-99,00;B\n501.00013;20260930;5,00;R\n"
    ledger = text(tmp_path / "ledger.acme", rows)
    given: dict[str, Any] = {"mapping": Path("sprix"), "client_accounts": ("501.",)}
    reading = read(ledger, clients=clients, **given)
    assert [record.client for record in reading.records] == ["501.00012", "501.00013"]
    assert reading.bad == [] and reading.complete
    assert list(clients_of(ledger, clients=clients, **given)) == ["501.00012"]
    assert list(clients_of(ledger, **given)) == ["501.00012", "501.00013"]


def test_suppliers_are_passed_over_in_files_with_keys_too(tmp_path: Path) -> None:
    head = "key,client,due_date,residual\n"
    rows = "a,501.1,2026-09-30,10.00\nb,601.1,2026-09-30,-99.00\n"
    ledger = text(tmp_path / "ledger.csv", head + rows)
    names = text(tmp_path / "clients.csv", "code,name\n501.1,Rossi\n601.1,Fornitore\n")
    given: dict[str, Any] = {"client_accounts": ("501.",)}
    assert [record.key for record in read(ledger, **given).records] == ["a"]
    assert list(clients_of(ledger, clients=names, **given)) == ["501.1"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"separator": ";;"}, "separator"),
        ({"encoding": "klingon"}, "encoding"),
        ({"currency": "euro"}, "currency"),
        ({"max_bad_share": Decimal(2)}, "max_bad_share"),
        ({"payment_methods": {"X": "gold"}}, "payment_methods"),
    ],
)
def test_wrong_settings_are_named(wrong: dict[str, object], field: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        CsvSettings(installments=tmp_path, **wrong)  # type: ignore[arg-type]
    assert [problem.field for problem in raised.value.problems] == [field]


def test_numbers_and_dates_of_excel_are_taken_as_they_are(tmp_path: Path) -> None:
    head = ["Cod. cliente", "Cliente", "Num. fatt.", "Data fatt.", "Scadenza", "Importo"]
    rows: list[list[Any]] = [
        head,
        [12.0, "Officine Valdora Srl", 2026101.0, date(2026, 7, 31), date(2026, 9, 30), 1200],
        ["00013", "Molino Brentalta Sas", "102/A", date(2026, 7, 31), 46295, 10.1],
        ["00013", "Molino Brentalta Sas", "103/A", date(2026, 7, 31), "31/10/2026", "1.200,00"],
        ["Totale", "", "", None, None, 2410.1],
    ]
    reading = read(sheet(tmp_path / "ledger.xlsx", rows))
    assert reading.bad == []
    assert reading.sums == {"EUR": (3, Decimal("2410.1"))}
    assert [r.client for r in reading.records] == ["12", "00013", "00013"]
    assert reading.one("2026101").due_date == date(2026, 9, 30)
    assert reading.one("102/A").due_date == date(2026, 9, 30)
    assert reading.complete


def test_a_sheet_may_be_named(tmp_path: Path) -> None:
    path = sheet(tmp_path / "ledger.xlsx", [["Riepilogo"], ["niente"]])
    book = openpyxl.load_workbook(path)
    table = book.create_sheet("Dati")
    for line in LEDGER.strip().splitlines():
        table.append(line.split(","))
    book.save(path)
    assert len(read(path, sheet="Dati").records) == 3
    with pytest.raises(ConfigurationError, match="no sheet 'dati'; it has Sheet, Dati"):
        read(path, sheet="dati")


def test_the_check_counts_clients_only(tmp_path: Path) -> None:
    head = "key,client,due_date,residual\n"
    ledger = text(tmp_path / "ledger.csv", f"{head}a,501.1,2026-09-30,10.00\n")
    names = text(tmp_path / "clients.csv", "code,name\n501.1,Rossi\n601.1,Fornitore\n")
    settings = CsvSettings(installments=ledger, clients=names, client_accounts=("501.",))
    report = CsvConnector(settings).instance_check(context())
    assert report.facts["clients: rows"] == "1 good, 0 bad"
