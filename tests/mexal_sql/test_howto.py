"""The how-to page, run as it is written: its rights, queries, settings and columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy.dialects import mssql, mysql

from incasso.contract.settings import declared
from incasso_mexal.replica.queries import SHAPES, Query, count_of, only, whole
from incasso_mexal.replica.settings import ReplicaSettings
from tests.mexal_sql.conftest import ON, Begin
from tests.mexal_sql.replica import Replica
from tests.mexal_sql.test_connector import clients_of, items, pulled

PAGE = Path(__file__).parents[2] / "docs/howto/mexal-db.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def query(beginning: str) -> str:
    return next(block for block in blocks("sql") if block.startswith(beginning))


def test_its_queries_read_a_replica(mariadb_replica: Replica, begin: Begin) -> None:
    table = mariadb_replica.table(
        clients_sql=query("SELECT r."), installments_sql=query("SELECT CONCAT")
    )
    handle = begin(table)
    assert handle.check(ON).warnings == ()
    found = items(pulled(handle))
    assert found["501.00001|2026|2|1"].document_number == "12/A" and len(found) == 3
    assert {client.vat for client in clients_of(handle)} == {"01234567897"}


def test_its_way_to_changes_only(mariadb_replica: Replica, begin: Begin) -> None:
    start, _, end = query("SELECT CONCAT").rpartition("FROM")
    more = query("…, s.DTT_ULT_AGG").removeprefix("…")
    assert end.strip() == "ABC_SCAD s"
    handle = begin(mariadb_replica.table(installments_sql=start.rstrip() + more))
    mariadb_replica.do("UPDATE ABC_SCAD SET DTT_ULT_AGG = NULL WHERE NPR_PN = 3")
    pages = pulled(handle)
    assert len(items(pages)) == 3 and pages[-1].cursor
    mariadb_replica.do("UPDATE ABC_SCAD SET DTT_ULT_AGG = '2026-02-20 09:00:00' WHERE NPR_PN = 3")
    assert "501.00002|2026|3|1" in items(pulled(handle, since=pages[-1].cursor))


def test_its_rights_are_enough(mariadb_replica: Replica, begin: Begin) -> None:
    create, grant = query("-- MySQL").split(";")[:2]
    name = str(mariadb_replica.engine.url.database)
    statements = [create.replace("…", "hunter22"), grant.replace("abc_rp", name)]
    for statement in statements:
        mariadb_replica.do(re.sub("--.*", "", statement).replace("'incasso'", "'howto'"))
    try:
        own = mariadb_replica.url.replace(f"//{name}@", "//howto@")
        handle = begin(mariadb_replica.table(url=own))
        assert handle.check(ON).warnings == () and handle.discover(ON)
    finally:
        mariadb_replica.do("DROP USER 'howto'@'%'")


def test_every_setting_and_column_is_on_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", page) + blocks("toml"))))
    settings = {field.name for field in declared(ReplicaSettings)}
    assert settings - named == set()
    assert SHAPES["installments_sql"].allowed - named == set()


@pytest.mark.parametrize(
    "dialect",
    [mssql.dialect(), mysql.dialect()],  # type: ignore[no-untyped-call]
    ids=["mssql", "mysql"],
)
def test_what_is_asked_around_a_query_is_sql_of_the_server(dialect: object) -> None:
    asked = Query(
        "installments_sql",
        "SELECT a AS [key], b AS amount FROM t -- all\n",
        {"key": 0, "amount": 1},
        {"key": "key", "amount": "amount"},
    )
    refreshed = str(only(asked, "key", ["1"]).compile(dialect=dialect))  # type: ignore[arg-type]
    quoted = "[key]" if "mssql" in type(dialect).__module__ else "`key`"
    kind = "VARCHAR(200)" if quoted == "[key]" else "CHAR(200)"
    assert f"ltrim(rtrim(CAST({quoted} AS {kind})))" in refreshed
    assert "(\nSELECT a AS [key], b AS amount FROM t -- all\n\n) q" in refreshed
    sums = str(count_of(asked).compile(dialect=dialect))  # type: ignore[arg-type]
    assert f"count(DISTINCT {quoted})" in sums and "sum(CAST(amount AS " in sums
    assert "LIMIT" not in refreshed + sums + str(whole(asked, None))
