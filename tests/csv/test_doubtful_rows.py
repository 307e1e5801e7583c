"""Kinds of document, rows of suppliers and codes beside names: what is in doubt is never asked."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from incasso.api import ConfigurationError, DocumentKind, PaymentMethod
from incasso_csv.cells.kinds import read_kind
from incasso_csv.cells.values import CellError
from incasso_csv.connector import CsvConnector
from incasso_csv.settings import CsvSettings
from tests.csv.reading import ON, Stored, context, read, text

KIND = "Codice cliente;Cliente;Tipo doc.;Fattura;Scadenza;Importo\n1;Rossi;{};7;31/10/2026;{}\n"
CREDITS = [
    "Sales credit note", "Credit memo", "Gutschrift", "Avoir", "Storno", "Rettifica", "Abbuono",
    "Acconto ricevuto", "Anticipo", "Prepayment", "Overpayment", "Payment", "Receipt", "Incasso",
    "Pagamento ricevuto",
]  # fmt: skip
SUPPLIERS = ["Bill", "Purchase invoice", "Fattura di acquisto", "Fattura passiva", "FR",
             "Fattura fornitore"]  # fmt: skip


def _kind(tmp_path: Path, word: str, amount: str) -> Path:
    other = "2;Verdi;Fattura;8;31/10/2026;1,00\n"
    return text(tmp_path / "l.csv", KIND.format(word, amount) + other)


@pytest.mark.parametrize("word", CREDITS)
def test_a_credit_is_never_asked(word: str, tmp_path: Path) -> None:
    positive = read(_kind(tmp_path, word, "100,00"))
    assert [(r.client, r.residual) for r in positive.records] == [("2", Decimal("1.00"))]
    assert positive.complaints == [(2, "residual", "wrong_sign")]
    (said,) = positive.pages[-1].warnings
    assert (
        "1 row that may be a credit could not be read, of client 1: more is asked" in said.message
    )
    assert "`incasso act hold 1`" in said.hint
    negative = read(_kind(tmp_path, word, "-100,00")).one("7")
    assert negative.residual == Decimal("-100.00")
    assert negative.document_kind in (DocumentKind.CREDIT_NOTE, DocumentKind.ADVANCE)


@pytest.mark.parametrize("word", SUPPLIERS)
def test_a_suppliers_document_is_passed_over_and_counted(word: str, tmp_path: Path) -> None:
    path = _kind(tmp_path, word, "100,00")
    reading = read(path)
    assert ([r.client for r in reading.records], reading.bad) == (["2"], [])
    said = "l.csv: rows of suppliers that were passed over: 1"
    assert [w.message for w in reading.pages[-1].warnings] == [said]
    report = CsvConnector(CsvSettings(installments=path)).instance_check(context())
    assert [w.message for w in report.warnings] == [said]


def test_rows_with_a_key_are_counted_too(tmp_path: Path) -> None:
    content = (
        "key,client,document_kind,due_date,residual\n"
        "a,1,invoice,2026-10-31,5.00\nb,7,bill,2026-10-31,9.00\n"
    )
    reading = read(text(tmp_path / "l.csv", content))
    assert [r.key for r in reading.records] == ["a"]
    assert "passed over: 1" in reading.pages[-1].warnings[-1].message


def test_a_word_that_nobody_understands_is_kept_back_with_its_word(tmp_path: Path) -> None:
    reading = read(_kind(tmp_path, "Giroconto", "100,00"))
    assert [r.client for r in reading.records] == ["2"]
    (problem,) = reading.bad[0].problems
    assert (problem.field, problem.code) == ("document_kind", "unknown_kind")
    assert "'giroconto'" in problem.message
    # A minus says that it is a credit, whatever it is called.
    assert read(_kind(tmp_path, "Giroconto", "-100,00")).one("7").residual == Decimal("-100.00")


def test_fees_and_accounting_codes_stay_other() -> None:
    for word in ("Spese insoluto", "Interessi di mora", "Fee", "other", "altro", "001"):
        assert read_kind(word) is DocumentKind.OTHER
    assert read_kind("Sales invoice") is read_kind("RV") is DocumentKind.INVOICE
    with pytest.raises(CellError, match="bill"):
        read_kind("Bill")


@pytest.mark.parametrize(
    ("heading", "ours", "theirs"),
    [
        ("Clienti/Fornitori", "Cliente", "Fornitore"),
        ("Anag.", "CLI", "FOR"),
        ("Colonna", "C", "F"),
        ("Kontoart", "D", "K"),
        ("Who", "Customer", "Vendor"),
    ],
)
def test_a_column_of_clients_and_suppliers_is_known_by_its_cells(
    heading: str, ours: str, theirs: str, tmp_path: Path
) -> None:
    content = (
        f"{heading};Codice;Ragione sociale;Documento;Scadenza;Importo\n"
        f"{ours};1;Rossi;1;31/10/2026;100,00\n{theirs};7;Alfa;9;31/10/2026;500,00\n"
    )
    reading = read(text(tmp_path / "l.csv", content))
    assert [(r.client, r.residual) for r in reading.records] == [("1", Decimal("100.00"))]
    assert "passed over: 1" in reading.pages[-1].warnings[-1].message


def test_a_received_invoice_of_a_ledger_print_is_no_clients(tmp_path: Path) -> None:
    content = """
Codice conto;Descrizione;Sigla doc.;N.doc.;Data doc.;Scadenza;Importo scad.;Tp
501.00001;ROSSI SPA;FT;1/125;01/09/26;31/10/26;1.220,00;R
601.00001;FORN SPA;FR;9;01/09/26;31/10/26;-77,00;B
"""
    path = text(tmp_path / "l.csv", content)
    reading = read(path, payment_methods={"R": "riba", "B": "transfer"})
    assert [(r.client, r.residual) for r in reading.records] == [("501.00001", Decimal("1220.00"))]


LETTERS = """
Codice cliente;Cliente;Fattura;Scadenza;IMPORTO FT;Resta;Tp. pag.
C1;Uno Srl;1;31/10/2026;1.220,00;620,00;R
C2;Due Srl;2;31/10/2026;500,00;500,00;b
C3;Tre Srl;3;31/10/2026;80,00;80,00;
"""


def test_letters_for_ways_to_pay_are_asked_and_listed(tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", LETTERS)
    with pytest.raises(ConfigurationError, match=r"codes of one character.*: B, R$") as refused:
        read(path)
    (problem,) = refused.value.problems
    assert problem.field == "Tp. pag."
    assert 'payment_methods = { B = "…", R = "…" }' in problem.hint
    assert "transfer, riba, sdd" in problem.hint
    reading = read(path, payment_methods={"R": "riba", "B": "cheque"})
    assert [(r.amount, r.residual, r.payment_method) for r in reading.records] == [
        (Decimal("1220.00"), Decimal("620.00"), PaymentMethod.RIBA),
        (Decimal("500.00"), Decimal("500.00"), PaymentMethod.CHEQUE),
        (Decimal("80.00"), Decimal("80.00"), PaymentMethod.OTHER),
    ]
    ignored = read(path, ignore=("Tp. pag.",))
    assert {r.payment_method for r in ignored.records} == {PaymentMethod.OTHER}


UNDATED = """
Codice cliente;Cliente;Tipo doc.;Fattura;Data doc.;Scadenza;Importo
C1;Uno Srl;Fattura;1;01/09/2026;30/09/2026;1.000,00
C1;Uno Srl;Nota di credito;2;;;-300,00
C1;Uno Srl;Acconto;;;;-50,00
C1;Uno Srl;Fattura;3;;;70,00
C1;Uno Srl;Nota di credito;4;;31/02/2026;-5,00
"""


def test_a_credit_without_any_date_counts_from_its_first_reading(tmp_path: Path) -> None:
    """A debt without a due date is not guessed; a credit needs none, and lowers what is asked."""
    path = text(tmp_path / "l.csv", UNDATED)
    reading = read(path)
    credits = {r.document_number: r for r in reading.records if r.residual < 0}
    assert {number: (r.residual, r.due_date, r.document_date) for number, r in credits.items()} == {
        "2": (Decimal("-300.00"), ON, None),
        "": (Decimal("-50.00"), ON, None),
    }
    # The day is in neither key nor fingerprint, so the row is the same one tomorrow.
    assert {r.key for r in credits.values()} == {"C1|credit_note|2|-", "C1|advance|-|-"}
    assert reading.complaints == [(5, "due_date", "missing"), (6, "due_date", "impossible_date")]
    known = Stored()
    known.take(reading.records)
    assert len(read(path, known).unchanged) == 3


def test_credits_written_without_a_sign_need_no_date_either(tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", UNDATED.replace("-300,00", "300,00"))
    mapping = text(tmp_path / "m.toml", '[installments]\ncredit_notes = "positive"\n')
    assert read(path, mapping=mapping).one("2").residual == Decimal("-300.00")


@pytest.mark.parametrize("heading", ["Rif.", "Sigla", "ID", "Matricola"])
def test_two_codes_beside_one_name_are_never_one_client(heading: str, tmp_path: Path) -> None:
    content = (
        f"{heading};Cliente;Fattura;Scadenza;Importo\n"
        "A17;Bar Sport;1;31/10/2026;100,00\nA18;Bar Sport;2;31/10/2026;200,00\n"
    )
    path = text(tmp_path / "l.csv", content)
    with pytest.raises(ConfigurationError) as refused:
        read(path)
    assert [p.field for p in refused.value.problems] == [heading]
    mapping = text(tmp_path / "m.toml", f'[installments.columns]\n"{heading}" = "client"\n')
    assert [r.client for r in read(path, mapping=mapping).records] == ["A17", "A18"]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [("Data conto", ("2026-09-01", "2026-09-03")), ("N. ordine", ("A17", "A18"))],
)
def test_dates_and_numbers_of_documents_are_no_codes_of_clients(
    heading: str, cells: tuple[str, str], tmp_path: Path
) -> None:
    rows = "".join(f"{c};Bar Sport;{n};31/10/2026;100,00\n" for n, c in enumerate(cells))
    content = f"{heading};Cliente;Fattura;Scadenza;Importo\n{rows}"
    assert len(read(text(tmp_path / "l.csv", content)).records) == 2


@pytest.mark.parametrize("empty", ["n.d.", "-", "", "n/a"])
def test_amounts_with_a_cell_that_is_none_are_amounts(empty: str, tmp_path: Path) -> None:
    content = (
        "Codice cliente;Cliente;Fattura;Scadenza;Importo;Quota versata finora\n"
        f"1;Rossi;1;31/10/2026;1.220,00;600,00\n2;Verdi;2;31/10/2026;500,00;{empty}\n"
    )
    with pytest.raises(ConfigurationError, match="Quota versata finora"):
        read(text(tmp_path / "l.csv", content))


@pytest.mark.parametrize("cell", ["RB", "R.B."])
def test_short_words_for_a_way_to_pay_are_not_passed_over(cell: str, tmp_path: Path) -> None:
    content = "Codice cliente;Cliente;Fattura;Scadenza;Importo;{}\n1;Rossi;1;31/10/2026;1,00;{}\n"
    with pytest.raises(ConfigurationError, match="Effetto"):
        read(text(tmp_path / "l.csv", content.format("Effetto", cell)))
    (record,) = read(text(tmp_path / "m.csv", content.format("Tp. Eff.", cell))).records
    assert record.payment_method is PaymentMethod.RIBA


def test_a_payment_without_due_date_lowers_what_its_client_owes(tmp_path: Path) -> None:
    content = """
Conto;Ragione Sociale;Causale;Num.Doc.;Data Doc.;Data Scad.;Dare;Avere
1501001;ROSSI SPA;Fattura;125;01/09/2026;31/10/2026;1.220,00;
1501001;ROSSI SPA;Incasso;125;10/10/2026;;;600,00
"""
    reading = read(text(tmp_path / "l.csv", content))
    assert reading.bad == []
    assert [(str(r.due_date), r.residual) for r in reading.records] == [
        ("2026-10-31", Decimal("1220.00")),
        ("2026-10-10", Decimal("-600.00")),
    ]


def test_days_are_no_amounts_and_paid_may_be_yes_or_no(tmp_path: Path) -> None:
    content = (
        "Customer;Name 1;Net due date;Amount;{}\n"
        "1;Rossi;31.10.2026;1.220,00;{}\n2;Verdi;31.10.2026;90,00;{}\n"
    )
    days = read(text(tmp_path / "d.csv", content.format("Arrears after net due date", "23", "5")))
    assert [r.residual for r in days.records] == [Decimal("1220.00"), Decimal("90.00")]
    paid = read(text(tmp_path / "p.csv", content.format("Saldato", "No", "Sì")))
    assert [r.residual for r in paid.records] == [Decimal("1220.00"), Decimal("0.00")]
    with pytest.raises(ConfigurationError, match="Importo in ritardo"):
        read(text(tmp_path / "i.csv", content.format("Importo in ritardo", "23,50", "5,00")))


@pytest.mark.parametrize(
    ("cell", "francs"),
    [("-.50", "0.50"), ("Fr. 100.-", "100"), ("SFr. 1'250.50", "1250.50"), ("-100.50", "-100.50")],
)
def test_swiss_francs(cell: str, francs: str, tmp_path: Path) -> None:
    content = f"Codice cliente;Cliente;Scadenza;Residuo;Divisa\n1;Rossi;31.10.2026;{cell};CHF\n"
    (record,) = read(text(tmp_path / "l.csv", content)).records
    assert record.residual == Decimal(francs)


@pytest.mark.parametrize(
    "heading",
    [
        "Cliente;Fattura n.;SCAD. FT;Da avere",
        "Cliente;Rif. Fattura;Scad. netta;Saldo da incassare",
        "Customer Name;N.ro Doc.;invoice_date_due;Amount (CoCd Crcy)",
        "Cliente;N.ro Doc.;Scadenza;Entrate",
    ],
)
def test_more_headings(heading: str, tmp_path: Path) -> None:
    content = f"{heading}\nRossi;12/A;31/10/2026;620,00\n"
    assert read(text(tmp_path / "l.csv", content)).one("12/A").residual == Decimal("620.00")


def test_a_refusal_lists_headings_and_no_cells(tmp_path: Path) -> None:
    content = "Cliente;Fattura;Strano\nNote;Banca;31/10/2026\nTotale;Fax;x\n"
    with pytest.raises(ConfigurationError) as refused:
        read(text(tmp_path / "l.csv", content))
    assert "Cliente, Fattura" in refused.value.problems[0].message
    assert "Fax" not in refused.value.problems[0].message
