"""The connector to MexalDB keeps the contract of every connector, on a file and on MariaDB."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import ModuleType

import pytest

import incasso_mexal
from incasso.contract.values import ExternalId
from incasso.testing import BaseConnectorContract
from incasso.testing.suite import Table
from tests.mexal_sql.conftest import mariadb_replica, replica  # noqa: F401  fixtures
from tests.mexal_sql.replica import AGENTS_SQL, BALANCES_SQL, Replica, ledger_sql


class Contract(BaseConnectorContract):
    on = date(2026, 3, 2)

    @pytest.fixture
    def here(self) -> Replica:
        raise NotImplementedError

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_mexal

    @pytest.fixture
    def table(self, here: Replica) -> Table:
        here.add("ABC_SALDI", CKY_CNT="501.00001", NMP_SALDO="1500.50")
        return here.table(agents_sql=AGENTS_SQL, balances_sql=BALANCES_SQL)

    @pytest.fixture
    def spoil(self, here: Replica) -> Callable[[], None]:
        return lambda: here.do("UPDATE ABC_SCAD SET DTT_SCAD = NULL WHERE NPR_PN = 2")

    @pytest.fixture
    def rename(self, here: Replica) -> Callable[[str], ExternalId]:
        def call_it(name: str) -> ExternalId:
            here.do(
                "UPDATE ABC_RUDT SET CDS_CNT_RAGSOC = :name WHERE CKY_CNT = :code",
                name=name,
                code="501.00002",
            )
            return "501.00002"

        return call_it


class TestMexalSqlFile(Contract):
    @pytest.fixture
    def here(self, replica: Replica) -> Replica:  # noqa: F811
        return replica


class TestMexalSqlServer(Contract):
    @pytest.fixture
    def here(self, mariadb_replica: Replica) -> Replica:  # noqa: F811
        return mariadb_replica


class TestMexalSqlChanges(Contract):
    """With a query that can be asked for changes."""

    @pytest.fixture
    def here(self, replica: Replica) -> Replica:  # noqa: F811
        return replica

    @pytest.fixture
    def table(self, here: Replica) -> Table:
        changes = ledger_sql(
            here.dialect,
            ", s.DTT_ULT_AGG AS changed_at",
            "WHERE (:since IS NULL OR s.DTT_ULT_AGG > :since)",
        )
        return here.table(installments_sql=changes, overlap_minutes=0)

    @pytest.fixture
    def change_one(self, here: Replica) -> Callable[[], ExternalId]:
        def change() -> ExternalId:
            here.do(
                "UPDATE ABC_SCAD SET NMP_RATA = 90, DTT_ULT_AGG = '2026-02-01 08:00:00' "
                "WHERE NPR_PN = 3"
            )
            return "501.00002|2026|3|1"

        return change
