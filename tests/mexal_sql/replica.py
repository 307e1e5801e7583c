"""A MexalDB as an integrator may find it: company prefix, padded codes, 1900 for no date.

The tables of clients and agents are those seen at real companies. The ledger's is made up by the
same grammar of names, for nobody has published the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

NO_DATE = "1900-01-01"

TABLES = (
    """
    CREATE TABLE ABC_RUDT (
        CKY_CNT CHAR(9), CDS_CNT_RAGSOC VARCHAR(5000), IST_PIVA VARCHAR(14), CSG_CFIS VARCHAR(16),
        CDS_INDIR VARCHAR(60), CDS_CAP VARCHAR(10), CDS_LOC VARCHAR(40), CDS_PROV VARCHAR(2),
        CKY_PAESE VARCHAR(3), CDS_TEL_TELEX VARCHAR(30), CDS_PEC VARCHAR(60), CDS_INET VARCHAR(60),
        DTT_ULT_AGG TIMESTAMP NULL
    )""",
    "CREATE TABLE ABC_PICO (CKY_CNT CHAR(9), CDS_CNT CHAR(40), IST_CNT CHAR(1), "
    "CKY_CNT_AGENTE CHAR(9), NMP_FIDO DECIMAL(15,2))",
    """
    CREATE TABLE ABC_SCAD (
        CKY_CNT CHAR(9), NGB_ANNO INT, DTT_REG DATE, NPR_PN INT, ID_CR INT, CSG_CAUS CHAR(2),
        CSG_NUM_DOC VARCHAR(20), DTT_DOC DATE, DTT_SCAD DATE, NMP_RATA DECIMAL(15,2),
        NMP_RESIDUO DOUBLE PRECISION, IST_TP_SCAD CHAR(1), IST_STATO CHAR(1), DTT_SOLL DATE,
        CDS_EFF VARCHAR(20), DTT_ULT_AGG TIMESTAMP NULL
    )""",
    "CREATE TABLE ABC_MMA_M (CSG_DOC CHAR(2), NGB_SR_DOC INT, NGL_DOC INT, DTT_DOC DATE, "
    "CKY_CNT_CLFR CHAR(9), CKY_CNT_AGENTE CHAR(9), NMP_VALMOV_UM1 DECIMAL(15,2))",
    "CREATE TABLE ABC_SALDI (CKY_CNT CHAR(9), NMP_SALDO DECIMAL(15,2))",
    "CREATE TABLE ABC_ARTI (CKY_ART CHAR(16), CDS_ART CHAR(60))",
)

CLIENTS_SQL = """
SELECT r.CKY_CNT AS code, r.CDS_CNT_RAGSOC AS name, r.IST_PIVA AS vat, r.CSG_CFIS AS tax_code,
       r.CDS_INDIR AS address, r.CDS_CAP AS zip, r.CDS_LOC AS city, r.CDS_PROV AS province,
       r.CKY_PAESE AS country, r.CDS_TEL_TELEX AS phone, r.CDS_PEC AS pec, r.CDS_INET AS email,
       p.CKY_CNT_AGENTE AS agent, p.NMP_FIDO AS credit_limit
FROM ABC_RUDT r JOIN ABC_PICO p ON p.CKY_CNT = r.CKY_CNT
WHERE p.IST_CNT = 'C'  -- clients only: suppliers are in the same table
"""

_KEY = {
    "sqlite": "TRIM(s.CKY_CNT) || '|' || s.NGB_ANNO || '|' || s.NPR_PN || '|' || s.ID_CR",
    "mysql": "CONCAT(TRIM(s.CKY_CNT), '|', s.NGB_ANNO, '|', s.NPR_PN, '|', s.ID_CR)",
}
_KEY["postgresql"] = _KEY["mysql"]

_LEDGER = """
SELECT {key} AS erp_key, s.CKY_CNT AS client, s.ID_CR AS installment_number,
       s.CSG_CAUS AS reason, s.CSG_NUM_DOC AS document_number, s.DTT_DOC AS document_date,
       s.DTT_REG AS posted_on, s.DTT_SCAD AS due_date, s.NMP_RATA AS amount,
       s.IST_TP_SCAD AS kind, s.IST_STATO AS status, s.DTT_SOLL AS reminded_on,
       s.CDS_EFF AS bill_number{more}
FROM ABC_SCAD s
{where}
"""

DOCUMENTS_SQL = """
SELECT CONCAT(m.CSG_DOC, '+', m.NGB_SR_DOC, '+', m.NGL_DOC) AS doc_id, m.CSG_DOC AS kind,
       m.CKY_CNT_CLFR AS client, m.NGL_DOC AS number, m.DTT_DOC AS date,
       m.CKY_CNT_AGENTE AS agent, m.NMP_VALMOV_UM1 AS total
FROM ABC_MMA_M m
"""
AGENTS_SQL = "SELECT CKY_CNT AS code, CDS_CNT AS name FROM ABC_PICO WHERE IST_CNT = 'F'"
BALANCES_SQL = "SELECT CKY_CNT AS client, NMP_SALDO AS balance FROM ABC_SALDI"


def ledger_sql(dialect: str, more: str = "", where: str = "") -> str:
    """The query of open items; `more` columns, and a condition."""
    return _LEDGER.format(key=_KEY[dialect], more=more, where=where)


@dataclass
class Replica:
    """One replica, filled by hand."""

    url: str
    """What a plugin is given."""
    engine: sa.Engine
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further settings to reach it, such as the password."""

    @property
    def dialect(self) -> str:
        name = self.engine.dialect.name
        return "mysql" if name == "mariadb" else name

    def build(self) -> None:
        """The tables, two clients, a supplier who is an agent, three open items."""
        with self.engine.begin() as connection:
            for statement in TABLES:
                connection.exec_driver_sql(statement)
        self.client("501.00001", "ROSSI SPA", agent="601.00007", limit="5000.00")
        self.client("501.00002", "BIANCHI & C. SNC")
        self.add("ABC_PICO", CKY_CNT=f"{'601.00007':9}", CDS_CNT="VERDI MARIO   ", IST_CNT="F")
        self.item("501.00001", 1, amount="1200.50", due="2026-01-31")
        self.item("501.00001", 2, amount="300.00", due="2026-02-28", document="12/A")
        self.item("501.00002", 3, amount="80.00", due="2026-02-10", kind="R")

    def client(self, code: str, name: str, agent: str = "", limit: str = "0") -> None:
        """A client, in the address book and in the chart of accounts."""
        self.add(
            "ABC_RUDT",
            CKY_CNT=f"{code:9}",
            CDS_CNT_RAGSOC=name,
            IST_PIVA="I01234567897",
            CSG_CFIS="01234567897",
            CDS_LOC="Rimini",
            CDS_PROV="RN",
            CKY_PAESE="IT",
            CDS_INET="Info@Example.it; altro@example.it",
            DTT_ULT_AGG="2026-01-01 10:00:00",
        )
        self.add(
            "ABC_PICO",
            CKY_CNT=f"{code:9}",
            CDS_CNT=name[:40],
            IST_CNT="C",
            CKY_CNT_AGENTE=f"{agent:9}",
            NMP_FIDO=limit,
        )

    def item(
        self,
        client: str,
        number: int,
        *,
        amount: str = "100.00",
        due: str = "2026-01-31",
        kind: str = "B",
        status: str = " ",
        reason: str = "FT",
        document: str = "",
        index: int = 1,
        **more: Any,
    ) -> str:
        """A row of the ledger; gives the key the query makes of it."""
        row = {
            "CKY_CNT": f"{client:9}",
            "NGB_ANNO": 2026,
            "DTT_REG": "2025-12-31",
            "NPR_PN": number,
            "ID_CR": index,
            "CSG_CAUS": reason,
            "CSG_NUM_DOC": document or f"{number}   ",
            "DTT_DOC": "2025-12-31",
            "DTT_SCAD": due,
            "NMP_RATA": amount,
            "NMP_RESIDUO": amount,
            "IST_TP_SCAD": kind,
            "IST_STATO": status,
            "DTT_SOLL": NO_DATE,
            "CDS_EFF": "",
            "DTT_ULT_AGG": "2026-01-01 10:00:00",
        }
        self.add("ABC_SCAD", **{**row, **more})
        return f"{client}|2026|{number}|{index}"

    def add(self, table: str, **row: Any) -> None:
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        self.do(f"INSERT INTO {table} ({names}) VALUES ({marks})", **row)

    def do(self, statement: str, **params: Any) -> None:
        """Run a statement as Mexal would."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), params)

    def table(self, **more: Any) -> dict[str, Any]:
        """The table of plugins.toml."""
        return {
            "plugin": "mexal_sql",
            "url": self.url,
            "clients_sql": CLIENTS_SQL,
            "installments_sql": ledger_sql(self.dialect),
            **self.settings,
            **more,
        }
