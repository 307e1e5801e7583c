"""The connector against replicas: what arrives, what is only named, and what a bad query says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from incasso.contract.connector import FoundTable
from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    CursorExpiredError,
    TemporaryError,
)
from incasso.contract.ledger import (
    ClientRecord,
    DocumentKind,
    Gone,
    InstallmentRecord,
    Unreadable,
)
from incasso.contract.values import Page
from incasso.plugins.handles import ConnectorHandle
from incasso.testing.connector import Remembered
from incasso.testing.records import sound
from tests.mexal_sql.conftest import ON, Begin
from tests.mexal_sql.replica import (
    AGENTS_SQL,
    BALANCES_SQL,
    CLIENTS_SQL,
    DOCUMENTS_SQL,
    Replica,
    ledger_sql,
)


def pulled(
    handle: ConnectorHandle, known: Remembered | None = None, since: str | None = None
) -> list[Page[Any]]:
    return list(handle.pull_installments(since, known or Remembered(), ON))


def items(pages: list[Page[Any]]) -> dict[str, Any]:
    return {getattr(i, "key", "") or i.external_id: i for page in pages for i in page.items}


def clients_of(handle: ConnectorHandle) -> list[ClientRecord]:
    found = [item for page in handle.pull_clients(None, ON) for item in page.items]
    return [item for item in found if isinstance(item, ClientRecord)]


class TestPulls:
    def test_the_same_on_every_server(self, every_replica: Replica, begin: Begin) -> None:
        every_replica.add("ABC_SALDI", CKY_CNT="501.00001", NMP_SALDO="1500.50")
        handle = begin(every_replica.table(agents_sql=AGENTS_SQL, balances_sql=BALANCES_SQL))
        pages = pulled(handle)
        assert [page.complete for page in pages] == [False, True]
        found = items(pages)
        assert sorted(found) == [
            "501.00001|2026|1|1",
            "501.00001|2026|2|1",
            "501.00002|2026|3|1",
        ]
        record = found["501.00001|2026|2|1"]
        assert record.document_number == "12/A" and record.amount == Decimal("300.00")
        assert record.due_date == date(2026, 2, 28) and record.reminded_on is None
        clients = clients_of(handle)
        rossi = next(c for c in clients if c.code == "501.00001")
        assert rossi.vat == "01234567897" and rossi.credit_limit == Decimal("5000.00")
        agents = sound(a for page in handle.pull_agents(ON) for a in page.items)
        assert [agent.name for agent in agents] == ["VERDI MARIO"]
        assert handle.balances(("501.00001", "501.00002"), ON) == {"501.00001": Decimal("1500.50")}

    def test_unchanged_rows_are_only_named(self, replica: Replica, begin: Begin) -> None:
        handle = begin(replica.table())
        known = Remembered(list(items(pulled(handle)).values()))
        replica.do("UPDATE ABC_SCAD SET IST_STATO = 'P' WHERE NPR_PN = 3")
        pages = pulled(handle, known)
        assert list(items(pages)) == ["501.00002|2026|3|1"]
        assert sorted(key for page in pages for key in page.unchanged) == [
            "501.00001|2026|1|1",
            "501.00001|2026|2|1",
        ]

    def test_a_changed_setting_reads_everything_anew(self, replica: Replica, begin: Begin) -> None:
        known = Remembered(list(items(pulled(begin(replica.table()))).values()))
        other = begin(replica.table(payment_letters={"B": "direct"}))
        assert len(items(pulled(other, known))) == 3

    def test_years_of_settled_items_stay_where_they_are(
        self, replica: Replica, begin: Begin
    ) -> None:
        old = replica.item("501.00001", 10, status="P", due="2024-01-31")
        young = replica.item("501.00001", 11, status="P", due="2026-02-01")
        open_still = replica.item("501.00001", 12, due="2019-01-31")
        handle = begin(replica.table())
        found = items(pulled(handle))
        assert old not in found and found[young].residual == 0 and open_still in found
        held = Remembered(
            [
                InstallmentRecord(
                    key=old,
                    client="501.00001",
                    due_date=date(2024, 1, 31),
                    residual=Decimal("100.00"),
                    fingerprint=b"other",
                )
            ]
        )
        assert items(pulled(handle, held))[old].residual == 0, "what the hub holds is told"

    def test_a_bad_row_is_told_with_what_it_holds(self, replica: Replica, begin: Begin) -> None:
        replica.do("UPDATE ABC_SCAD SET NMP_RATA = NULL WHERE NPR_PN = 2")
        bad = items(pulled(begin(replica.table())))["501.00001|2026|2|1"]
        assert isinstance(bad, Unreadable) and bad.file == "installments_sql"
        assert bad.problems[0].field == "amount" and "12/A" in bad.raw

    def test_a_flood_is_stopped(self, replica: Replica, begin: Begin) -> None:
        for number in range(20, 40):
            replica.item("501.00001", number)
        with pytest.raises(ConfigurationError, match=r"more than 10 rows"):
            pulled(begin(replica.table(max_rows=10)))

    def test_documents(self, mariadb_replica: Replica, begin: Begin) -> None:
        for sigla, number, total in (("FT", 12, "300.00"), ("NC", 3, "50.00"), ("XX", 4, "1")):
            mariadb_replica.add(
                "ABC_MMA_M",
                CSG_DOC=sigla,
                NGB_SR_DOC=1,
                NGL_DOC=number,
                DTT_DOC="2025-12-31",
                CKY_CNT_CLFR="501.00001",
                CKY_CNT_AGENTE="",
                NMP_VALMOV_UM1=total,
            )
        sql = DOCUMENTS_SQL.replace("doc_id", "erp_key")
        handle = begin(mariadb_replica.table(documents_sql=sql))
        found = items([*handle.pull_documents(None, ON)])
        assert found["FT+1+12"].total == Decimal("300.00")
        assert found["NC+1+3"].kind is DocumentKind.CREDIT_NOTE
        assert found["NC+1+3"].total == Decimal("-50.00")
        assert isinstance(found["XX+1+4"], Unreadable)


class TestChanges:
    def sql(self, replica: Replica) -> str:
        where = "WHERE (:since IS NULL OR s.DTT_ULT_AGG >= :since)"
        return ledger_sql(replica.dialect, ", s.DTT_ULT_AGG AS changed_at", where)

    def test_only_what_changed_and_nothing_closes(
        self, every_replica: Replica, begin: Begin
    ) -> None:
        handle = begin(every_replica.table(installments_sql=self.sql(every_replica)))
        cursor = pulled(handle)[-1].cursor
        assert cursor is not None
        every_replica.do(
            "UPDATE ABC_SCAD SET NMP_RATA = 70, DTT_ULT_AGG = '2026-02-20 09:00:00' "
            "WHERE NPR_PN = 3"
        )
        every_replica.do("UPDATE ABC_SCAD SET DTT_ULT_AGG = '2025-01-01 09:00:00' WHERE NPR_PN = 1")
        pages = pulled(handle, since=cursor)
        found = items(pages)
        assert found["501.00002|2026|3|1"].residual == Decimal("70.00")
        assert "501.00001|2026|1|1" not in found
        assert not any(page.complete for page in pages)
        assert (pages[-1].cursor or "") > cursor

    def test_rows_without_a_day_of_change_are_in_every_full_read(
        self, replica: Replica, begin: Begin
    ) -> None:
        replica.do("UPDATE ABC_SCAD SET DTT_ULT_AGG = NULL")
        pages = pulled(begin(replica.table(installments_sql=self.sql(replica))))
        assert len(items(pages)) == 3 and pages[-1].cursor is None

    def test_another_mapping_starts_anew(self, replica: Replica, begin: Begin) -> None:
        sql = self.sql(replica)
        cursor = pulled(begin(replica.table(installments_sql=sql)))[-1].cursor
        with pytest.raises(CursorExpiredError):
            pulled(begin(replica.table(installments_sql=sql, invert=True)), since=cursor)

    def test_since_that_hides_everything_is_noticed(self, replica: Replica, begin: Begin) -> None:
        sql = self.sql(replica).replace(":since IS NULL OR ", "")
        report = begin(replica.table(installments_sql=sql)).check(ON)
        [warning] = [w for w in report.warnings if w.code == "no_rows"]
        assert ":since IS NULL" in warning.hint


class TestRefresh:
    def test_in_the_order_asked_whatever_type_the_key_has(
        self, every_replica: Replica, begin: Begin
    ) -> None:
        number = ledger_sql(every_replica.dialect).replace(
            every_replica_key(every_replica), "s.NPR_PN AS erp_key"
        )
        handle = begin(every_replica.table(installments_sql=number))
        every_replica.do("UPDATE ABC_SCAD SET IST_STATO = 'P' WHERE NPR_PN = 1")
        every_replica.do("DELETE FROM ABC_SCAD WHERE NPR_PN = 2")
        three, two, one = handle.refresh(("3", "2", "1"), ON)
        assert isinstance(three, InstallmentRecord) and three.residual == Decimal("80.00")
        assert two == Gone(external_id="2")
        assert isinstance(one, InstallmentRecord) and one.residual == 0

    def test_what_cannot_be_read_any_more_is_not_reminded_of(
        self, replica: Replica, begin: Begin
    ) -> None:
        replica.do("UPDATE ABC_SCAD SET DTT_SCAD = NULL WHERE NPR_PN = 2")
        with pytest.raises(TemporaryError, match="can no longer be read"):
            begin(replica.table()).refresh(("501.00001|2026|2|1",), ON)


def every_replica_key(replica: Replica) -> str:
    """The expression that makes the key, with its alias."""
    sql = ledger_sql(replica.dialect)
    return sql[sql.index("SELECT") + 7 : sql.index("AS erp_key") + len("AS erp_key")]


class TestQueries:
    @pytest.mark.parametrize(
        ("sql", "told"),
        [
            ("SELECT CKY_CNT AS code FROM ABC_RUDT", r"no column name; it returns code"),
            ("SELECT CKY_CNT AS code, CKY_CNT AS name FROM ABC_NONE", "is missing"),
            ("SELECT CKY_CNT AS code, RAGSOC AS name FROM ABC_RUDT", "column is missing"),
            ("SELECT CKY_CNT AS code FROM ABC_RUDT; DELETE FROM ABC_RUDT", "clients_sql"),
            ("SELECT CKY_CNT AS code, FROM ABC_RUDT", "does not understand the query"),
        ],
    )
    def test_a_bad_one_is_told_in_a_sentence(
        self, every_replica: Replica, begin: Begin, sql: str, told: str
    ) -> None:
        handle = begin(every_replica.table(clients_sql=sql))
        with pytest.raises(ConfigurationError, match=told) as raised:
            handle.check(ON)
        [problem] = raised.value.problems
        assert problem.field == "clients_sql"
        assert ("one SELECT" in problem.hint) == ("not understand" in problem.message)
        every_replica.do("INSERT INTO ABC_SALDI SELECT CKY_CNT, 0 FROM ABC_RUDT")

    def test_missing_columns_are_told_together(self, replica: Replica, begin: Begin) -> None:
        sql = "SELECT NMP_RATA AS amont FROM ABC_SCAD"
        with pytest.raises(ConfigurationError) as raised:
            begin(replica.table(installments_sql=sql)).check(ON)
        told = [problem.message for problem in raised.value.problems]
        for missing in ("no column key", "no column client", "no column due_date",
                        "neither a column amount nor residual"):  # fmt: skip
            assert any(f"it returns {missing};" in each for each in told), told
        assert "AS erp_key" in raised.value.problems[0].hint

    def test_semicolons_and_comments_at_the_end_are_harmless(
        self, every_replica: Replica, begin: Begin
    ) -> None:
        handle = begin(
            every_replica.table(
                clients_sql=f"{CLIENTS_SQL} -- nothing more",
                installments_sql=f"{ledger_sql(every_replica.dialect)} ; \n",
            )
        )
        assert handle.check(ON).facts["installments"] == "3 rows, 1580.50 in all as it stands"
        assert len(items(pulled(handle))) == 3

    def test_two_columns_for_one_thing(self, replica: Replica, begin: Begin) -> None:
        sql = ledger_sql(replica.dialect, ", 'riba' AS payment_method")
        with pytest.raises(ConfigurationError, match="one of them is enough"):
            begin(replica.table(installments_sql=sql)).check(ON)


class TestCheck:
    def test_what_works_is_told(self, every_replica: Replica, begin: Begin) -> None:
        report = begin(every_replica.table(agents_sql=AGENTS_SQL)).check(ON)
        assert report.facts["clients"] == "2 rows" and report.facts["agents"] == "1 row"
        assert report.facts["installments"] == "3 rows, 1580.50 in all as it stands"
        assert report.warnings == () and report.remote_version

    def test_what_may_not_be_meant_is_warned_of(self, replica: Replica, begin: Begin) -> None:
        replica.item("501.00001", 20, status="Q", kind="W")
        replica.item("501.00001", 20, due="20260231")
        sql = ledger_sql(replica.dialect, ", s.DTT_SOLL AS remindedon")
        report = begin(replica.table(installments_sql=sql)).check(ON)
        told = {warning.code: warning for warning in report.warnings}
        assert told["unknown_column"].hint == "did you mean 'reminded_on'?"
        assert "5 rows have 4 different keys" in told["double_keys"].message
        assert "1 of the first 5 rows cannot be read" in told["unreadable"].message
        letters = [w.message for w in report.warnings if w.code == "unknown_letter"]
        assert letters == [
            "states: status letter 'Q' is unknown and counts as open",
            "payment_letters: payment letter 'W' is unknown and counts as other",
        ]

    def test_neither_status_nor_residual(self, replica: Replica, begin: Begin) -> None:
        sql = ledger_sql(replica.dialect).replace("s.IST_STATO AS status, ", "")
        report = begin(replica.table(installments_sql=sql)).check(ON)
        assert "no_status" in [warning.code for warning in report.warnings]

    def test_no_access(self, mariadb_replica: Replica, begin: Begin) -> None:
        name = str(mariadb_replica.engine.url.database)
        mariadb_replica.do(f"REVOKE SELECT ON {name}.* FROM {name}@'%'")
        mariadb_replica.do(f"GRANT SELECT ON {name}.ABC_RUDT TO {name}@'%'")
        with pytest.raises((ConfigurationError, AuthenticationError), match="ABC_PICO"):
            begin(mariadb_replica.table()).check(ON)
        with pytest.raises(AuthenticationError, match="refuses user"):
            begin(
                mariadb_replica.table(url=mariadb_replica.url.replace(f"//{name}", "//nobody"))
            ).check(ON)
        with pytest.raises(TemporaryError, match="nothing answers"):
            begin(mariadb_replica.table(url="mysql+pymysql://u@127.0.0.1:1/abc_rp")).check(ON)


class TestDiscovery:
    def test_the_likeliest_tables_come_first(self, every_replica: Replica, begin: Begin) -> None:
        found = begin(every_replica.table()).discover(ON)
        first: dict[str, FoundTable] = {}
        for table in found:
            first.setdefault(table.purpose, table)
        names = {purpose: table.name.upper() for purpose, table in first.items()}
        assert names == {
            "installments": "ABC_SCAD",
            "clients": "ABC_RUDT",
            "documents": "ABC_MMA_M",
            "agents": "ABC_PICO",
        }
        ledger = first["installments"]
        assert ledger.rows == 3 and len(ledger.sample) == 3
        assert len(ledger.sample[0]) == len(ledger.columns) and "501.00001" in ledger.sample[0]
        assert "SCAD" in ledger.why
        assert "ABC_ARTI" not in [table.name.upper() for table in found]

    def test_a_table_of_instalments_is_named_with_its_head(
        self, every_replica: Replica, begin: Begin
    ) -> None:
        every_replica.do("DROP TABLE ABC_SCAD")
        every_replica.do(
            "CREATE TABLE ABC_PASC (CKY_CNT char(9), NGB_ANNO_PN int, DTT_REG date, NPR_PN int, "
            "CSG_NDOC char(12), DTT_DOC date, CKY_CAUS char(2), NGB_VAL int, DTT_ULT_AGG date)"
        )
        every_replica.do(
            "CREATE TABLE ABC_PASC_RATE (CKY_CNT char(9), NGB_ANNO_PN int, DTT_REG date, "
            "NPR_PN int, ID_CR int, DTT_SCA_PG date, DTT_SCA_ORI date, NMP_SCA decimal(15,3), "
            "IST_TP_SCA char(1), IST_STATO_PAG char(1), DTT_SOLL date)"
        )
        found = begin(every_replica.table()).discover(ON)
        first = next(table for table in found if table.purpose == "installments")
        heads = [table for table in found if table.purpose == "heads"]
        assert first.name.upper().endswith("ABC_PASC_RATE")
        assert [table.name.upper().rpartition(".")[2] for table in heads] == ["ABC_PASC"]
        assert (
            heads[0].why.upper()
            == (
                f"head of {first.name}: same CKY_CNT, NGB_ANNO_PN, DTT_REG, NPR_PN; "
                "adds CSG_NDOC, DTT_DOC, CKY_CAUS"
            ).upper()
        )

    def test_tables_of_an_older_generation(self, replica: Replica, begin: Begin) -> None:
        replica.do("CREATE TABLE pa_rubr_pdc_clfr (CKY_CNT TEXT, CDS_RAGSOC_COGN TEXT)")
        replica.do("CREATE TABLE MM_TESTATE (CKY_CNT_CLFR TEXT, DTT_DOC TEXT)")
        found = [(t.purpose, t.name) for t in begin(replica.table()).discover(ON)]
        assert ("clients", "pa_rubr_pdc_clfr") in found and ("documents", "MM_TESTATE") in found

    def test_queries_need_not_be_right_yet(self, replica: Replica, begin: Begin) -> None:
        handle = begin({"plugin": "mexal_sql", "url": replica.url})
        assert handle.discover(ON)
        report = handle.check(ON)
        told = [warning.field for warning in report.warnings if warning.code == "no_query"]
        assert told == ["clients_sql", "installments_sql"]
        with pytest.raises(ConfigurationError, match="not written yet"):
            pulled(handle)


def test_clients_come_whole(replica: Replica, begin: Begin) -> None:
    handle = begin(replica.table())
    pages = list(handle.pull_clients(None, ON))
    assert pages[-1].complete
    assert all(isinstance(item, ClientRecord) for page in pages for item in page.items)
