"""Headings of the programs that offices use, in Italian and English: none is misread or lost.

What each column means was decided by hand, from the programs' manuals and exports.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from incasso.api import ConfigurationError
from incasso_csv.layouts.headings import find_heading
from incasso_csv.layouts.synonyms import LEDGER, REQUIRED
from tests.csv.reading import clients_of, read, text

CENTRAL_IT = (
    "Nr. movimento|Data di registrazione=document_date|Tipo documento=document_kind|"
    "Nr. documento=document_number|Nr. cliente=client|Nome cliente=client_name|Descrizione|"
    "Cod. valuta=currency|Importo originale=amount|Importo residuo=residual|"
    "Data scadenza=due_date|Cod. metodo di pagamento=payment_method|Cod. agente=agent"
)
CENTRAL_EN = (
    "Posting Date|Document Date=document_date|Document Type=document_kind|"
    "Document No.=document_number|Customer No.=client|Customer Name=client_name|"
    "Currency Code=currency|Original Amount=amount|Remaining Amount=residual|Due Date=due_date|"
    "Payment Method Code=payment_method|Salesperson Code=agent|Open|On Hold"
)
CENTRAL_LOCAL = (
    "Document No.=document_number|Customer No.=client|Customer Name=client_name|Currency Code|"
    "Original Amt. (LCY)=amount|Remaining Amt. (LCY)=residual|Due Date=due_date"
)
SAP_IT = (
    "Società|Conto=client|Nome 1=client_name|Numero documento=document_number|"
    "Tipo documento=document_kind|Data documento=document_date|Scadenza netto=due_date|"
    "Importo in divisa interna=amount|Divisa interna|Modalità di pagamento=payment_method|Testo"
)
SAP_EN = (
    "Company Code|Account=client|Name 1=client_name|Document Number=document_number|"
    "Document Type=document_kind|Document Date=document_date|Net Due Date=due_date|"
    "Amount in local currency=amount|Document currency|Payment Method=payment_method|Text"
)
SAP_SIGN = (
    "Account=client|Name 1=client_name|Document Number=document_number|Net Due Date=due_date|"
    "Amount in doc. curr.=amount|Document currency=currency|Debit/Credit Indicator=sign"
)
ODOO_IT = (
    "Numero=document_number|Nome visualizzato partner fattura=client_name|"
    "Data fattura=document_date|Data scadenza=due_date|Imponibile|Totale=amount|"
    "Importo dovuto=residual|Stato pagamento=status|Addetto vendite"
)
ODOO_EN = (
    "Number=document_number|Invoice Partner Display Name=client_name|"
    "Invoice/Bill Date=document_date|Due Date=due_date|Tax Excluded|Total=amount|"
    "Amount Due=residual|Currency=currency|Payment Status=status|Salesperson=agent"
)
ODOO_SIGNED = (
    "Number=document_number|Partner=client_name|Due Date=due_date|Total Signed=amount|"
    "Amount Due Signed=residual|Payment State=status"
)
XERO = (
    "ContactName=client_name|EmailAddress=email|InvoiceNumber=document_number|"
    "InvoiceDate=document_date|DueDate=due_date|Total=amount|TaxTotal|InvoiceAmountPaid=paid|"
    "InvoiceAmountDue=residual|Currency=currency|Status=status"
)
XERO_SPACED = (
    "Invoice Number=document_number|Contact=client_name|Invoice Date=document_date|"
    "Due Date=due_date|Gross Total=amount|Amount Paid=paid|Outstanding=residual"
)
TEAM = (
    "Cod. cli/for=client|Rag. sociale=client_name|Num. doc.=document_number|Dt. doc.=document_date|"
    "Dt. scad.=due_date|Tipo eff.=payment_method|Imp. rata=amount|Imp. pagato=paid|"
    "Imp. residuo=residual|Esito=status|Insoluto=unpaid"
)
TEAM_SIGN = (
    "Sottoconto=client|Ragione sociale 1=client_name|N.doc.=document_number|Data scad.=due_date|"
    "Importo=amount|D/A=sign|Tp. pag.=payment_method"
)
DANEA = (
    "Nr. doc.=document_number|Data doc.=document_date|Cod. cliente=client|Cliente=client_name|"
    "Data scad.=due_date|Importo=amount|Pagato=paid|Da saldare=residual|"
    "Tipo pagam.=payment_method|Saldo il=paid_on"
)
DANEA_SHORT = (
    "Soggetto=client_name|Scadenza=due_date|Tot. doc.=amount|Incassato=paid|Da incassare=residual|"
    "Mod. pagamento=payment_method|Commento"
)
OPENSTA = (
    "Documento=document_number|Anagrafica=client_name|Tipo di pagamento=payment_method|"
    "Data scadenza=due_date|Importo=amount|Già pagato=paid|Data pagamento=paid_on"
)
CLOUD = (
    "Data=document_date|Prossima scadenza=due_date|Numero=document_number|Nome cliente=client_name|"
    "P.IVA=vat|Codice fiscale=tax_code|Imponibile|IVA|Totale lordo=amount|Da saldare=residual|"
    "Metodo di pagamento=payment_method|Centro ricavo"
)
CLOUD_SHORT = (
    "Nr.=document_number|Cliente=client_name|Codice Fiscale/P.IVA=tax_id|"
    "Prossima scadenza=due_date|Lordo=amount|Importo incassato=paid|Importo da incassare=residual|"
    "Stato=status"
)
OTHERS = (
    "Client ID=client|Client Name=client_name|Due date=due_date|Open amount=residual",
    "Debtor No.=client|Debtor name=client_name|Maturity Date=due_date|Open Balance=residual",
    "Cod.Cli.=client|Rag.Soc.=client_name|Scad.=due_date|Imp.=amount|Acconto=paid",
    "Conto cliente=client|Denominazione=client_name|Dt scad=due_date|Saldo=residual",
    "N° cliente=client|Debitore=client_name|Scadenza=due_date|Resta da pagare=residual",
    "CodCliente=client|Intestatario=client_name|DataScadenza=due_date|Imp. €=amount|Versato=paid",
    "ID anagrafica=client|Nominativo=client_name|Data scadenza pagamento=due_date|Dovuto=residual",
    "Bill-to Customer No.=client|Bill-to Name=client_name|Due Date=due_date|Balance due=residual",
    "Codice C/F=client|Ragione sociale=client_name|Data di scadenza=due_date|Saldo rata=residual",
    "Account No.=client|Account Name=client_name|Due Date=due_date|Amount=amount|Paid to date=paid",
    "Cliente=client_name|CF/PI=tax_id|Scadenza=due_date|Valore=amount|Importo già versato=paid",
    "Cliente=client_name|Scadenza=due_date|Ammontare=amount|Ammontare residuo=residual",
)
ROWS = (
    CENTRAL_IT, CENTRAL_EN, CENTRAL_LOCAL, SAP_IT, SAP_EN, SAP_SIGN, ODOO_IT, ODOO_EN, ODOO_SIGNED,
    XERO, XERO_SPACED, TEAM, TEAM_SIGN, DANEA, DANEA_SHORT, OPENSTA, CLOUD, CLOUD_SHORT, *OTHERS,
)  # fmt: skip
WRITINGS = (str, str.upper, lambda row: row.replace(". ", ".").replace(" ", "  "))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[:40])
@pytest.mark.parametrize("writing", WRITINGS, ids=["as is", "capitals", "blanks"])
def test_each_column_means_what_the_program_means(row: str, writing: object) -> None:
    assert callable(writing)
    cells = [cell.partition("=") for cell in row.split("|")]
    heading = find_heading([[writing(name) for name, _, _ in cells]], LEDGER, REQUIRED["ledger"])
    assert heading is not None
    meant = {field: at for at, (_, _, field) in enumerate(cells) if field}
    read_as = {field: heading.names[at] for field, at in heading.columns.items()}
    # What another column says more clearly may be understood besides; nothing may be elsewhere.
    assert {field: heading.columns.get(field) for field in meant} == meant, read_as
    assert {heading.columns[field] for field in heading.columns if field in MATTERS} <= set(
        meant.values()
    ), read_as


MATTERS = frozenset(
    "client client_name vat tax_code amount residual paid debit credit sign currency due_date "
    "payment_method paid_on status".split()
)

MONEY = """
Versamenti; Quota pagata; Pagamenti; Payments; Payment received; Incassi; Importo scaduto; Scaduto;
Credito residuo; Esposizione; Resto; Valore nominale; Euro; EUR; Netto a pagare; Netto;
Somma versata; Acconto iniziale; Saldato; Riscosso; Ricevuto; Abbuono pagato; Importo sospeso;
Total received; Collected; Gross; Net; Remaining; Still open; Paid in full; Debito; Credito;
Totale scad.; Residual; Due; Cash received; Prepaid amount
""".replace("\n", " ").split(";")


@pytest.mark.parametrize("name", [each.strip() for each in MONEY])
@pytest.mark.parametrize("cells", [("600", "0"), ("600,00", "0,00")])
def test_no_column_of_money_is_passed_over_in_silence(
    name: str, cells: tuple[str, str], tmp_path: Path
) -> None:
    """Either a field takes it, and the residual follows, or the source stops and names it."""
    path = text(
        tmp_path / "l.csv",
        f"\nCodice cliente;Numero documento;Data scadenza;Importo;{name}\n"
        f"C1;1;31/10/2026;1.220,00;{cells[0]}\nC2;2;31/10/2026;500,00;{cells[1]}\n",
    )
    try:
        found = read(path)
    except ConfigurationError as refused:
        assert refused.problems[0].field == name
        return
    sums = [record.residual for record in found.records]
    assert sums != [Decimal("1220.00"), Decimal("500.00")] or found.bad


@pytest.mark.parametrize(
    ("heading", "dare", "avere"),
    [
        ("D/A", "D", "A"),
        ("Segno", "+", "-"),
        ("Dare/Avere", "Dare", "Avere"),
        ("Debit/Credit", "Debit", "Credit"),
        ("Debit/Credit Indicator", "S", "H"),
    ],
)
def test_a_column_of_signs_makes_credits(
    heading: str, dare: str, avere: str, tmp_path: Path
) -> None:
    path = text(
        tmp_path / "l.csv",
        f"\nCodice cliente;Numero documento;Data scadenza;Importo;{heading}\n"
        f"C1;1;31/10/2026;100,00;{dare}\nC1;2;31/10/2026;30,00;{avere}\nC1;3;31/10/2026;5,00;?\n",
    )
    found = read(path)
    assert [record.residual for record in found.records] == [Decimal(100), Decimal(-30)]
    assert found.complaints == [(4, "sign", "bad_sign")]


def test_signs_under_an_unknown_heading_stop_the_source(tmp_path: Path) -> None:
    path = text(
        tmp_path / "l.csv",
        "\nCodice cliente;Numero documento;Data scadenza;Importo;X\n"
        "C1;1;31/10/2026;100,00;D\nC1;2;31/10/2026;30,00;A\n",
    )
    with pytest.raises(ConfigurationError) as refused:
        read(path)
    assert "which amounts are credits" in refused.value.problems[0].message


def test_amounts_in_the_company_s_currency_do_not_get_the_document_s(tmp_path: Path) -> None:
    path = text(
        tmp_path / "l.csv",
        "\nCustomer No.;Document No.;Due Date;Currency Code;Amount;Remaining Amt. (LCY)\n"
        "C1;1;2026-10-31;USD;110.00;100.00\n",
    )
    (record,) = read(path).records
    assert (record.residual, record.currency) == (Decimal("100.00"), "EUR")


ONE_ACCOUNT = """
Conto;Ragione sociale;Numero documento;Data scadenza;Residuo
1401;Uno Srl;1;31/10/2026;10,00
1401;Due Srl;2;31/10/2026;20,00
1401;Tre Srl;3;31/10/2026;30,00
"""


def test_the_ledger_s_own_account_is_no_client(tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", ONE_ACCOUNT)
    with pytest.raises(ConfigurationError) as refused:
        read(path)
    (problem,) = refused.value.problems
    assert (problem.code, "1401" in problem.message) == ("one_code", True)
    assert [r.client for r in read(path, ignore=("Conto",)).records] == [
        "UNO SRL",
        "DUE SRL",
        "TRE SRL",
    ]


def test_one_account_of_occasional_clients_is_usual(tmp_path: Path) -> None:
    more = "".join(f"C{n};Ditta {n};{n};31/10/2026;5,00\n" for n in range(4, 9))
    path = text(tmp_path / "l.csv", ONE_ACCOUNT + more)
    assert len(clients_of(path)) == 6
