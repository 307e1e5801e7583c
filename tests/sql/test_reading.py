"""ctx.sql against real servers: streams, read only, no lock left behind, time-outs."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    TemporaryError,
)
from tests.sql.conftest import ROWS, Left, Open, Server


class TestStreams:
    def test_rows_come_in_lists_of_the_size_asked_for(self, door: Open, server: Server) -> None:
        parts = list(door(server.url).read("SELECT * FROM items ORDER BY id", at_once=12_000))
        assert [len(part) for part in parts] == [12_000, 12_000, 6_000]
        assert tuple(parts[0][0])[:2] == (1, "è1") and parts[2][-1][0] == ROWS

    def test_the_first_row_does_not_wait_for_the_last(self, door: Open, server: Server) -> None:
        """Four hundred million rows would take minutes and all the memory there is."""
        endless = door(server.url).read("SELECT a.id FROM items a CROSS JOIN items b", at_once=10)
        began = time.monotonic()
        assert len(next(endless)) == 10
        endless.close()  # type: ignore[attr-defined]
        assert time.monotonic() - began < 10

    def test_leaving_early_leaves_no_connection(self, door: Open, server: Server) -> None:
        rows = door(server.url).read("SELECT a.id FROM items a CROSS JOIN items b", at_once=10)
        next(rows)
        rows.close()  # type: ignore[attr-defined]
        for _ in range(50):
            if _others(server) == 0:
                return
            time.sleep(0.1)
        raise AssertionError("a connection stayed")

    def test_two_streams_at_once(self, door: Open, server: Server) -> None:
        database = door(server.url)
        one = database.read("SELECT id FROM items ORDER BY id", at_once=20_000)
        two = database.read("SELECT id FROM items ORDER BY id DESC", at_once=20_000)
        assert next(one)[0][0] == 1 and next(two)[0][0] == ROWS
        assert len(next(one)) == 10_000 and len(next(two)) == 10_000
        assert list(one) == list(two) == []

    def test_parameters_are_values_not_text(self, door: Open, server: Server) -> None:
        text = "SELECT id FROM items WHERE name = :name AND name LIKE 'è%'"
        database = door(server.url)
        assert [tuple(r) for r in next(iter(database.read(text, {"name": "è7"})))] == [(7,)]
        assert list(database.read(text, {"name": "' OR 1=1 --"})) == []

    def test_constructs_of_sqlalchemy_are_read_too(self, door: Open, server: Server) -> None:
        items = sa.table("items", sa.column("id"))
        wanted = sa.select(items.c.id).where(items.c.id.in_([3, 5])).order_by(items.c.id)
        assert [r[0] for part in door(server.url).read(wanted) for r in part] == [3, 5]

    def test_a_read_sees_one_instant(self, door: Open, server: Server) -> None:
        rows = door(server.url).read("SELECT id FROM items ORDER BY id", at_once=10)
        first = len(next(rows))
        server.do("DELETE FROM items WHERE id > 20000")
        assert first + sum(len(part) for part in rows) == ROWS


class TestReadOnly:
    def test_what_reads_cannot_write(self, door: Open, server: Server) -> None:
        for statement in ("INSERT INTO secrets VALUES (1)", "DELETE FROM items"):
            with pytest.raises(ConfigurationError):
                list(door(server.url).read(statement))
        assert server.do("SELECT COUNT(*) FROM items")[0][0] == ROWS
        assert server.do("SELECT COUNT(*) FROM secrets")[0][0] == 0

    def test_a_reader_does_not_stop_the_erp(self, door: Open, server: Server) -> None:
        rows = door(server.url).read("SELECT id FROM items ORDER BY id", at_once=10)
        next(rows)
        server.do("UPDATE items SET amount = 0 WHERE id = 1")
        assert len(list(rows)) > 1

    def test_change_is_committed_and_counted(self, door: Open, server: Server) -> None:
        change = "UPDATE items SET amount = :amount WHERE id <= :most"
        assert door(server.url).change(change, {"amount": 99999, "most": 3}) == 3
        assert server.do("SELECT COUNT(*) FROM items WHERE amount = 99999")[0][0] == 3
        assert door(server.url).change(change, {"amount": 9, "most": 0}) == 0

    def test_a_file_is_neither_written_nor_made(self, door: Open, file: str) -> None:
        with pytest.raises(ConfigurationError, match="tries to write"):
            list(door(file).read("DELETE FROM items"))
        assert len(next(iter(door(file).read("SELECT * FROM items")))) == 5000
        with pytest.raises(ConfigurationError, match="no such database"):
            door(f"{file}.other").version()
        assert not Path(f"{file}.other".removeprefix("sqlite:///")).exists()


class TestTimes:
    def test_a_slow_statement_ends(self, door: Open, server: Server) -> None:
        sleep = "SELECT SLEEP(20)" if server.kind == "mysql" else "SELECT pg_sleep(20)"
        began = time.monotonic()
        with pytest.raises(TemporaryError, match="longer than allowed"):
            list(door(server.url, statement_timeout_s=1).read(sleep))
        assert time.monotonic() - began < 15

    def test_a_call_that_is_nearly_over_asks_no_longer(
        self, door: Open, server: Server, left: Left, file: str
    ) -> None:
        sleep = "SELECT SLEEP(20)" if server.kind == "mysql" else "SELECT pg_sleep(20)"
        began = time.monotonic()
        left.deadline = time.monotonic() + 1.5
        with pytest.raises(TemporaryError, match="longer than allowed"):
            list(door(server.url).read(sleep))
        left.deadline = time.monotonic() + 1.5
        with pytest.raises(TemporaryError, match="longer than allowed"):
            list(door(file).read("SELECT COUNT(*) FROM items a, items b WHERE a.id * b.id = 7"))
        assert time.monotonic() - began < 15
        left.deadline = time.monotonic()
        with pytest.raises(TemporaryError, match="no time left"):
            list(door(server.url).read("SELECT 1"))

    def test_every_page_may_use_the_time_of_a_page(
        self, door: Open, server: Server, left: Left
    ) -> None:
        left.deadline = time.monotonic() + 3
        rows = door(server.url).read("SELECT id FROM items", at_once=ROWS // 2)
        seen = 0
        for part in rows:
            seen += len(part)
            time.sleep(1.8)
            left.deadline = time.monotonic() + 3
        assert seen == ROWS

    def test_a_lock_is_waited_for_a_moment_only(
        self, door: Open, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("incasso.plugins.sql.read_only.LOCK_S", 1)
        if server.kind == "mysql":
            server.do("LOCK TABLES items WRITE")
        else:
            server.do("BEGIN")
            server.do("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with pytest.raises(TemporaryError, match="holds a lock"):
            list(door(server.url).read("SELECT * FROM items"))
        assert time.monotonic() - began < 15
        server.do("UNLOCK TABLES" if server.kind == "mysql" else "ROLLBACK")


class TestTroubles:
    def test_a_wrong_password(self, door: Open, server: Server) -> None:
        if server.kind == "postgresql":
            pytest.skip("the embedded server trusts everybody")
        with pytest.raises(AuthenticationError, match="refuses user") as raised:
            door(server.poor, "hunter23").version()
        assert "hunter23" not in repr(raised.value)

    def test_an_unknown_user(self, door: Open, server: Server) -> None:
        url = sa.make_url(server.poor).set(username="nobody_here").render_as_string(False)
        with pytest.raises(AuthenticationError, match="refuses user 'nobody_here'"):
            door(url, "hunter22").version()

    def test_a_database_that_is_not_there(self, door: Open, server: Server) -> None:
        url = sa.make_url(server.url).set(database="no_such").render_as_string(False)
        with pytest.raises(ConfigurationError, match=r"no such database.*no_such"):
            door(url).version()

    def test_a_database_of_which_the_user_may_not_know(self, door: Open, server: Server) -> None:
        """MariaDB says "access denied" to a user without rights on a name that does not exist."""
        url = sa.make_url(server.poor).set(database="no_such").render_as_string(False)
        with pytest.raises(ConfigurationError, match=r"no such database.*no_such"):
            door(url, "hunter22").version()

    def test_a_table_or_column_that_is_not_there(self, door: Open, server: Server) -> None:
        with pytest.raises(ConfigurationError, match=r"table or view is missing.*no_such"):
            list(door(server.url).read("SELECT * FROM no_such"))
        with pytest.raises(ConfigurationError, match=r"column is missing.*no_such"):
            list(door(server.url).read("SELECT no_such FROM items"))

    def test_a_right_that_is_not_there(self, door: Open, server: Server) -> None:
        poor = door(server.poor, "hunter22")
        assert len(next(iter(poor.read("SELECT * FROM items")))) == 5000
        with pytest.raises(AuthenticationError, match=r"lacks a right.*secrets"):
            list(poor.read("SELECT * FROM secrets"))
        with pytest.raises(AuthenticationError, match="lacks a right"):
            poor.change("UPDATE items SET amount = 0")

    def test_nobody_listens(self, door: Open) -> None:
        for url in ("mysql://u@127.0.0.1:1/d", "postgresql://u@127.0.0.1:1/d"):
            with pytest.raises(TemporaryError, match="nothing answers there"):
                door(url, "hunter22").version()

    def test_a_host_that_nobody_knows(self, door: Open) -> None:
        for scheme in ("mssql+pymssql", "mysql", "postgresql"):
            with pytest.raises(TemporaryError, match="nothing answers there"):
                door(f"{scheme}://u@no-such-host.invalid/d", "hunter22").version()

    def test_a_connection_that_breaks_on_the_way(self, door: Open, server: Server) -> None:
        rows = door(server.url).read(
            "SELECT a.id, a.name FROM items a CROSS JOIN items b", at_once=100
        )
        next(rows)
        _kill_the_others(server)
        with pytest.raises(TemporaryError):
            for _ in rows:
                pass

    def test_a_statement_nobody_understands(self, door: Open, server: Server, file: str) -> None:
        for url in (server.url, file):
            with pytest.raises(ConfigurationError, match="does not understand the query"):
                list(door(url).read("SELEC id FROM items"))

    def test_a_parameter_nobody_gives(self, door: Open, server: Server) -> None:
        with pytest.raises(ConfigurationError, match="asks for :since, which nobody gives"):
            list(door(server.url).read("SELECT * FROM items WHERE id > :since"))


class TestWhatIsThere:
    def test_columns_as_the_server_spells_them(self, door: Open, server: Server) -> None:
        server.do("CREATE VIEW Tutti AS SELECT id FROM items")
        found = door(server.poor, "hunter22").columns()
        assert "secrets" not in found, "only what the login may read"
        assert [name for name, _ in found["items"]] == ["id", "name", "amount"]
        whole = door(server.url).columns(like="tut%")
        assert [name.lower() for name in whole] == ["tutti"]

    def test_the_names_a_query_returns(self, door: Open, server: Server, file: str) -> None:
        query = "SELECT id AS code, name FROM items WHERE 1 = 0"
        for url in (server.url, file):
            assert door(url).names(query) == ("code", "name")
        with pytest.raises(ConfigurationError):
            door(server.url).names("DELETE FROM items")

    def test_another_schema_is_named(self, door: Open, server: Server) -> None:
        if server.kind == "mysql":
            pytest.skip("a schema is a database there")
        server.do("CREATE SCHEMA other")
        server.do("CREATE TABLE other.things (x INT)")
        assert door(server.url).columns(like="things") == {"other.things": (("x", "integer"),)}

    def test_columns_of_a_file(self, door: Open, file: str) -> None:
        assert door(file).columns() == {
            "items": (("id", "int"), ("name", "varchar(20)"), ("amount", "numeric"))
        }

    def test_versions(self, door: Open, server: Server, file: str) -> None:
        name = "MariaDB" if server.kind == "mysql" else "PostgreSQL"
        assert name in door(server.url).version()
        assert door(file).version().startswith("SQLite 3")
        assert door(server.url).dialect == server.kind


def _others(server: Server) -> int:
    """Connections of others to this database."""
    if server.kind == "mysql":
        question = (
            "SELECT COUNT(*) FROM information_schema.processlist "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
    else:
        question = (
            "SELECT COUNT(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    return int(str(server.do(question)[0][0]))


def _kill_the_others(server: Server) -> None:
    if server.kind == "mysql":
        for (each,) in server.do(
            "SELECT id FROM information_schema.processlist "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        ):
            server.do(f"KILL {each}")
    else:
        server.do(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
