"""The statements as SQL Server gets them: its own dialect, and no row of another company."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, postgresql, sqlite

from incasso_fake_mago4.schema import DOCUMENTED
from incasso_mago4 import client_rows
from incasso_mago4.database import balances, documents, keys, open_items, payments, people, totals
from incasso_mago4.database.mago import Mago
from incasso_mago4.database.schema import Schema
from incasso_mago4.database.wanted import TABLES
from incasso_mago4.item_rows import SOURCES, ItemRow
from incasso_mago4.settings import Mago4Settings

ON = date(2026, 6, 15)
SINCE = datetime(2026, 6, 14, 22, 0)  # noqa: DTZ001 - the server's local time

MSSQL: Any = mssql.dialect()  # type: ignore[no-untyped-call]
POSTGRESQL: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
SQLITE: Any = sqlite.dialect()

FOREIGN = (r"\bLIMIT\b", r"\btrue\b", r"\bfalse\b", r"\bOFFSET\b", r"\|\|", "::", r"\bILIKE\b")
"""What other dialects say and SQL Server does not understand."""

SHOWN = {
    name: tuple((column, "int") for part in ("key", "rest") for column in described[part])
    for name, described in DOCUMENTED.items()
}


def mago(shown: Any = SHOWN, **settings: Any) -> Mago:
    given = Mago4Settings(url="mssql+pymssql://reader@server/ACME", **settings)
    nobody: Any = None
    return Mago(nobody, Schema(shown), given, ON)


STATEMENTS: dict[str, Callable[[Mago], sa.Select[Any]]] = {
    "open items": lambda m: open_items.all_rows(m.schema, m.settings, m.on),
    "some items": lambda m: open_items.rows_of(m.schema, m.settings, [1, 2, 3]),
    "keys": keys.statement,
    "customers": lambda m: client_rows.statement(m.schema),
    "agents": lambda m: people.agents_statement(m.schema),
    "depots": lambda m: people.depots_statement(m.schema),
    "documents": lambda m: documents.statement(m, None),
    "payments": lambda m: payments.statement(m, None),
    "totals": totals.statement,
    "bills": lambda m: open_items.rows_with_bills(m.schema, m.settings, m.on, ["C001"]),
    "balances": lambda m: balances.statement(m, ["C001"]),
}

every_statement = pytest.mark.parametrize("name", STATEMENTS)


def sql(name: str, dialect: Any, made: Mago | None = None) -> str:
    statement = STATEMENTS[name](made or mago())
    return str(statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))


@every_statement
def test_sql_server_understands_it(name: str) -> None:
    told = sql(name, MSSQL)
    for foreign in (
        r"\bLIMIT\b",
        r"\btrue\b",
        r"\bfalse\b",
        r"\bOFFSET\b",
        r"\|\|",
        r"::",
        r"\bILIKE\b",
    ):
        assert not re.search(foreign, told, re.IGNORECASE), f"{foreign} in {told}"
    assert "ROUND(" not in told or re.search(r"ROUND\([^()]*(\([^()]*\)[^()]*)*, 0\)", told)
    # An aggregate over a subquery may not be ordered inside it.
    assert "ORDER BY" not in told.split("FROM (", 1)[-1].rsplit(")", 1)[0] or "FROM (" not in told


@every_statement
@pytest.mark.parametrize("dialect", [POSTGRESQL, SQLITE], ids=["pg", "lite"])
def test_others_understand_it_too(name: str, dialect: Any) -> None:
    assert sql(name, dialect).startswith("SELECT")


@every_statement
def test_whole_names_are_quoted_as_the_server_spells_them(name: str) -> None:
    lower = {
        table.lower(): tuple((column.lower(), kind) for column, kind in columns)
        for table, columns in SHOWN.items()
    }
    told = sql(name, POSTGRESQL, mago(lower))
    assert "MA_" not in told and "ma_" in told


def test_a_customer_is_found_by_type_and_code() -> None:
    told = sql("customers", MSSQL)
    for alias in ("o", "k", "p", "q", "w"):
        assert f"{alias}.[CustSuppType] = c.[CustSuppType]" in told
    assert "o.[CustSuppType] =" in sql("open items", MSSQL)


def test_dates_travel_as_parameters() -> None:
    statement = open_items.all_rows(mago().schema, mago().settings, ON)
    values = statement.compile(dialect=MSSQL).params.values()
    assert datetime(2026, 4, 16) in values  # noqa: DTZ001
    assert "2026" not in str(statement.compile(dialect=MSSQL))


@pytest.mark.parametrize("name", ["open items", "some items", "keys", "documents", "payments"])
def test_a_fiscal_company_keeps_its_items(name: str) -> None:
    shown = {
        **SHOWN,
        "MA_PyblsRcvbls": (*SHOWN["MA_PyblsRcvbls"], ("FiscalCompanyId", "int")),
    }
    made = mago(shown, fiscal_company="7", fiscal_company_column="fiscalcompanyid")
    assert "h.[FiscalCompanyId] = " in sql(name, MSSQL, made)


def test_an_older_release_is_read_without_what_it_lacks() -> None:
    needed = {
        wanted.name: tuple((column, "int") for column in wanted.needed)
        for wanted in TABLES
        if not wanted.lost
    }
    for name in ("open items", "keys", "customers", "documents", "payments", "totals", "balances"):
        told = sql(name, MSSQL, mago(needed))
        assert "MA_Bills" not in told and "TBModified" not in told


def test_every_column_of_a_row_comes_from_somewhere() -> None:
    assert tuple(SOURCES) == ItemRow._fields
    tables = {
        "header": "MA_PyblsRcvbls",
        "detail": "MA_PyblsRcvblsDetails",
        "bill": "MA_Bills",
        "options": "MA_CustSuppCustomerOptions",
        "sale": "MA_SaleDoc",
    }
    wanted = {each.name: {*each.needed, *each.rest} for each in TABLES}
    for source, column in SOURCES.values():
        assert column in wanted[tables[source]]


def test_every_wanted_column_is_documented() -> None:
    for wanted in TABLES:
        if wanted.name in DOCUMENTED:
            documented = {*DOCUMENTED[wanted.name]["key"], *DOCUMENTED[wanted.name]["rest"]}
            assert {*wanted.needed, *wanted.rest} <= documented, wanted.name
