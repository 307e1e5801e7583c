"""Thirteen layouts seen in the field, and a hierarchical print, rebuilt with invented data.

The sums beside each were added up by hand.
"""

# ruff: noqa: E501  the rows are as wide as their programs print them

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True)
class Layout:
    """A ledger file and what a reader must find in it."""

    name: str
    content: str
    sums: dict[str, tuple[int, str]]
    """Currency: open items and their sum."""
    complaints: tuple[tuple[int, str, str], ...] = ()
    """Row, field, code."""
    clients: tuple[str, ...] = ()
    encoding: str = "utf-8"
    mapping: str = ""
    complete: bool = True
    separator: str = ";"

    @property
    def expected(self) -> dict[str, tuple[int, Decimal]]:
        """The sums as decimals."""
        return {currency: (n, Decimal(total)) for currency, (n, total) in self.sums.items()}


E1_SPRIX: Final = Layout(
    "E1 Mexal's Sprix file: no heading",
    """
501.00012;20260930;1.220,00;R;123;20260731
501.00012;20261031;1.220,00;R;123;20260731
501.00013;20260815;80,50;B
501.00014;20260815;-45,00;M;NC7;20260715
501.00014;20260815;99,99;B;124;20260715;?
""",
    # 1220.00 + 1220.00 + 80.50 - 45.00
    {"EUR": (4, "2475.50")},
    ((5, "", "row_width"),),
    ("501.00012", "501.00013", "501.00014"),
    encoding="cp1252",
    mapping="sprix",
)

E2_COLLECTION: Final = Layout(
    "E2 debt collection form",
    """
Debitore;Partita IVA;Numero fattura;Data fattura;Scadenza;Importo;PEC
Officine Valdora Srl;98028480550;2026/101;10/06/2026;10/08/2026;1.200,00;valdora@pec.example
Molino Brentalta Sas;97540140700;2026/102;11/06/2026;11/08/2026;350,25;brentalta@pec.example
Ditta Senza Data;;2026/103;12/06/2026;;100,00;
Ditta Trentuno Giugno;;2026/104;12/06/2026;31/06/2026;100,00;
;;2026/105;12/06/2026;12/08/2026;100,00;
Solmare Anna;;2026/106;12/06/2026;12/08/2026;49,75;
""",
    # 1200.00 + 350.25 + 49.75
    {"EUR": (3, "1600.00")},
    ((4, "due_date", "missing"), (5, "due_date", "impossible_date"), (6, "client", "missing")),
    ("98028480550", "97540140700", "SOLMARE ANNA"),
)

E3_SUMMARY: Final = Layout(
    "E3 summary per client, no documents",
    """
Cliente;Totale;Scaduto;Scadenze - In scadenza al 30/11/2026;Scadenze - In scadenza al 31/12/2026;Di cui insoluti;Di cui anticipate;Di cui bloccate;Giorni medi ritardo;Giorni medi pagamento
00012 Officine Valdora Srl;3.500,00;2.000,00;1.000,00;500,00;800,00;0,00;0,00;22;75
00013 Molino Brentalta Sas;250,50;0,00;250,50;0,00;0,00;0,00;0,00;4;61
00014 Ceramiche Solmare SpA;1.000,00;400,00;500,00;0,00;0,00;0,00;0,00;10;66
Totale;3.750,50;2.000,00;1.250,50;500,00;800,00;0,00;0,00;;
""",
    # 2000 + 1000 + 500, 250.50; the third row does not add up (400 + 500 is not 1000)
    {"EUR": (4, "3750.50")},
    ((4, "amount", "does_not_add_up"),),
    ("00012", "00013"),
)

E4_BILLS: Final = Layout(
    "E4 bills grid with the heading Cod. twice",
    """
Scadenza;Cod.;Cliente;Importo Effetto;Saldo partita;Causale;Data;Num.;Cod.;Banca Appoggio;ABI;CAB
30/09/2026;0042;Officine Valdora Srl;1.000,00;1.000,00;FATTURA;31/07/2026;201;BP1;Banca Popolare;05034;11701
30/09/2026;0043;Molino Brentalta Sas;600,00;250,00;FATTURA;31/07/2026;202;BP1;Banca Popolare;05034;11701
31/10/2026;0042;Officine Valdora Srl;80,00-;80,00-;NOTA CREDITO;05/08/2026;203;BC2;Banca del Colle;08340;38880
""",
    # 1000.00 + 250.00 - 80.00
    {"EUR": (3, "1170.00")},
    clients=("0042", "0043"),
)

E5_OPEN_ITEMS: Final = Layout(
    "E5 amount due and amount paid",
    """
Data Scad.;Stato;Num. Fatt.;Data Fatt.;Cliente;Tipologia;Tipo Pag.;Imp. Scad.;Imp. Pagato;Insoluto
30/09/2026;Aperta;301;31/07/2026;Officine Valdora Srl;Fattura;RB;1.500,00;500,00;
30/09/2026;Aperta;302;31/07/2026;Molino Brentalta Sas;Fattura;RB;700,00;0,00;X
30/09/2026;Chiusa;303;31/07/2026;Molino Brentalta Sas;Fattura;BB;90,00;90,00;
30/09/2026;Aperta;304;31/07/2026;Ceramiche Solmare SpA;Nota credito;BB;-120,00;;
""",
    # 1500 - 500, 700, -120
    {"EUR": (3, "1580.00")},
    clients=("OFFICINE VALDORA SRL", "MOLINO BRENTALTA SAS", "CERAMICHE SOLMARE SPA"),
)

E6_SUMMARY_BLOCK: Final = Layout(
    "E6 summary block above the table",
    """
Scadenzario attivo e passivo;;;;;;
Azienda:;Acme Srl;;;;;
Periodo:;01/01/2026;31/12/2026;;;;
;;;;;;
Riepilogo;;;;;;
Totale clienti;1.030,00;;;;;
Totale fornitori;5.000,00;;;;;
Cliente;Tutti;;;;;
;;;;;;
;;;;;;
Data Scad.;Tipo;Cliente/Fornitore;Rif. Doc.;Importo Rata;Residuo;Stato Rata
15/09/2026;Cliente;Officine Valdora Srl;FT 401;830,00;830,00;Aperta
15/09/2026;Fornitore;Acciai Montefosco SpA;FT 77;5.000,00;5.000,00;Aperta
15/10/2026;Cliente;Molino Brentalta Sas;FT 402;300,00;200,00;Parziale
15/10/2026;Cliente;Molino Brentalta Sas;FT 399;75,00;0,00;Saldata
""",
    # 830.00 + 200.00
    {"EUR": (2, "1030.00")},
    clients=("OFFICINE VALDORA SRL", "MOLINO BRENTALTA SAS"),
)

E7_CREDIT_REPORT: Final = Layout(
    "E7 credit report with X for yes",
    """
Cliente;Agente;FIDO;FIDO Da;FIDO Totale;Fattura;Data;Scadenza;Scad. FIDO;Pagamento;Importo pag.
Officine Valdora Srl;Torresani;X;01/01/2026;20.000,00;501;31/05/2026;31/07/2026;X;;4.000,00
Officine Valdora Srl;Torresani;X;01/01/2026;20.000,00;502;30/06/2026;31/08/2026;;X;1.000,00
Molino Brentalta Sas;Bellanti;;;0,00;503;30/06/2026;31/08/2026;;;640,40
""",
    # 4000.00 + 640.40; 502 is ticked as paid
    {"EUR": (2, "4640.40")},
    clients=("OFFICINE VALDORA SRL", "MOLINO BRENTALTA SAS"),
)

E8_PUBLIC: Final = Layout(
    "E8 payments to a public body",
    """
Data scadenza;Data Pagamento;Servizio;Tipologia;Importo; Debitore;Anno;IUV;Note;Causale Pagamento;Cognome;Nome;Cod Fiscale
30/09/2026 00:00:00;;Mensa;Tariffa;120,50;Bruganti Anna;2026;'001000000000123456;;Mensa settembre;Bruganti;Anna;BRGNNA80A41F205U
30/09/2026 00:00:00;12/10/2026 09:31:00;Mensa;Tariffa;120,50;Lomastri Luca;2026;'001000000000123457;;Mensa settembre;Lomastri;Luca;LMSLCU85C10H501C
31/10/2026 00:00:00;;Trasporto;Tariffa;75,00;;2026;'001000000000123458;;Scuolabus;Rovellasca;Irene;RVLRNI94R57A662H
""",
    # 120.50 + 75.00; the second one was paid
    {"EUR": (2, "195.50")},
    clients=("BRGNNA80A41F205U", "LMSLCU85C10H501C", "RVLRNI94R57A662H"),
)

E9_RENTS: Final = Layout(
    "E9 rents, Italian and ISO dates mixed",
    """
Locazione;Scadenza;Importo;Data incasso;Importo incassato
Via Larga 12 int. 4;01/09/2026;850,00;03/09/2026;850,00
Via Larga 12 int. 4;2026-10-01;850,00;2026-10-09;400,00
Via Larga 12 int. 5;01/10/2026;620,00;;
""",
    # 850 - 400, 620
    {"EUR": (2, "1070.00")},
    clients=("VIA LARGA 12 INT 4", "VIA LARGA 12 INT 5"),
)

E10_BOM: Final = Layout(
    "E10 mark, title, currency signs, protected text",
    """
Prospetto incassi al 31/10/2026;;;;;\r
Inquilino;Causale;Scadenza;Importo atteso (€);Pagato (€);Differenza (€)\r
'+39 Immobiliare Srl;'=fattura 1;05/10/2026;1.000,00 €;250,00 €;750,00 €\r
'@Casa Snc;'-fattura 2;05/10/2026;500,00 €;0,00 €;500,00 €\r
Terza Sas;fattura 3;05/10/2026;100,00 €;10,00 €;80,00 €\r
""",
    # 750 + 500; the third row's difference is wrong
    {"EUR": (2, "1250.00")},
    ((5, "residual", "does_not_add_up"),),
    ("39 IMMOBILIARE SRL", "CASA SNC", "TERZA SAS"),
    encoding="utf-8-sig",
)

E11_UTILITY: Final = Layout(
    "E11 utility bills",
    """
CIF;CFPIVA;NOMEPDF;SERVIZIO;EMISSIONE;SCADENZA;IMPORTO;CONSUMO;MPxx;TIPO
000771;98028480550;ft_000771_09.pdf;ACQUA;01/09/2026;30/09/2026;88,40;31;MP05;Fattura
000772;BRGNNA80A41F205U;ft_000772_09.pdf;ACQUA;01/09/2026;30/09/2026;41,10;12;MP19;Fattura
000772;BRGNNA80A41F205U;nc_000772_09.pdf;ACQUA;15/09/2026;15/09/2026;-11,10;0;MP19;Nota di credito
""",
    # 88.40 + 41.10 - 11.10
    {"EUR": (3, "118.40")},
    clients=("000771", "000772"),
)

E12_LEDGER: Final = Layout(
    "E12 ledger print with balances between the rows",
    """
Data;Causale;Num. doc.;Scadenza;Dare;Avere
00012 OFFICINE VALDORA SRL;;;;;
31/07/2026;FATTURA;601;30/09/2026;1.000,00;
05/10/2026;INCASSO;601;;;400,00
*** SALDO PARTITA ***;;;;600,00;
31/07/2026;FATTURA;602;30/09/2026;250,00;
31/07/2026;FATTURA;602;31/10/2026;250,00;
10/10/2026;INCASSO;602;;;300,00
SALDO PARTITA;;;;200,00;
00013 MOLINO BRENTALTA SAS;;;;;
31/07/2026;FATTURA;603;30/09/2026;90,00;
12/10/2026;INCASSO;603;;;90,00
** SALDO PARTITA **;;;;0,00;
15/08/2026;NOTA CREDITO;604;15/08/2026;;35,00
SALDO PARTITA;;;;;35,00
31/08/2026;FATTURA;605;31/10/2026;70,00;
SALDO PARTITA;;;;77,00;
""",
    # 600 + (0 + 200) - 35; 605 says 77 and has 70
    {"EUR": (3, "765.00")},
    ((16, "total", "total_mismatch"),),
    ("00012", "00013"),
)

E13_RECORD_TYPES: Final = Layout(
    "E13 record types of an old system",
    """
10;00012;OFFICINE VALDORA SRL;98028480550;
20;FT;701;31/07/2026;;;
25;1;30/09/2026;RB;1.000,00;1.000,00;EURO
25;2;31/10/2026;RB;1.000,00;400,00;EURO
30;;;;;1.400,00;EURO
20;NC;702;05/08/2026;;;
25;1;0;C3;-150,00;-150,00;EURO
30;;;;;-150,00;EURO
40;;;;;1.250,00;EURO
41;;;;;400,00;EURO
42;;;;;850,00;EURO
10;00013;MOLINO BRENTALTA SAS;97540140700;B
20;FT;703;31/07/2026;;;
25;1;30/09/2026;RD;77,30;77,30;EURO
25;2;31/10/2026;C4;22,70;22,70;EURO
30;;;;;100,00;EURO
20;FT;704;31/07/2026;;;
25;1;30/09/2026;C3;500,00;500,00;CHF
30;;;;;500,00;CHF
40;;;;;100,00;EURO
40;;;;;500,00;CHF
90;;;;;1.500,00;EURO
90;;;;;500,00;CHF
91;;;;;2.000,00;
""",
    # 1000 + 400 + 77.30 + 22.70; the credit note has no due date, so its totals fail too
    {"EUR": (4, "1500.00"), "CHF": (1, "500.00")},
    ((7, "due_date", "missing"), (8, "total", "total_mismatch"), (9, "total", "total_mismatch")),
    ("00012", "00013"),
    mapping="as400",
    complete=False,
)

HIERARCHICAL: Final = Layout(
    "a print with client lines, page breaks and totals",
    """
Acme Srl;;;;
Scadenzario clienti al 31/10/2026;;;;Pag. 1
Num. doc.;Data doc.;Scadenza;Importo;Residuo
Cliente: 00012 OFFICINE VALDORA SRL - P.IVA 98028480550;;;;
801;31/07/2026;30/09/2026;1.000,00;1.000,00
802;31/07/2026;31/10/2026;300,00;120,00
Totale cliente;;;1.300,00;1.120,00
A riportare;;;1.300,00;1.120,00
Scadenzario clienti al 31/10/2026;;;;Pag. 2
Num. doc.;Data doc.;Scadenza;Importo;Residuo
Riporto;;;1.300,00;1.120,00
Cliente: 00013 MOLINO BRENTALTA SAS;;;;
803;31/07/2026;30/09/2026;60,00;60,00
Totale cliente;;;60,00;60,00
Totale generale;;;1.360,00;1.180,00
""",
    # 1000 + 120 + 60
    {"EUR": (3, "1180.00")},
    clients=("00012", "00013"),
)

LAYOUTS: Final = (
    E1_SPRIX,
    E2_COLLECTION,
    E3_SUMMARY,
    E4_BILLS,
    E5_OPEN_ITEMS,
    E6_SUMMARY_BLOCK,
    E7_CREDIT_REPORT,
    E8_PUBLIC,
    E9_RENTS,
    E10_BOM,
    E11_UTILITY,
    E12_LEDGER,
    E13_RECORD_TYPES,
    HIERARCHICAL,
)
