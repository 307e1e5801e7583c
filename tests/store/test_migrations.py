"""A migrated database is the database that the tables describe, on both engines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from incasso.store.engine import Store, open_store
from incasso.store.migrate import alembic, upgrade
from incasso.store.revision import (
    FOLDER,
    SchemaError,
    head,
    is_level,
    is_migrated,
    revision_of,
    revisions,
)
from incasso.store.tables import metadata, recovery
from incasso.store.tables.columns import belongs


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Store]:
    store = open_store(database_url, tmp_path / "archive")
    yield store
    store.close()


# Alembic says so of an index of an expression, which it cannot compare; the texts are, below.
@pytest.mark.filterwarnings("ignore:autogenerate skipping", "ignore:Skipped unsupported reflection")
def test_migrations_make_the_tables(empty: Store) -> None:
    upgrade(empty)
    with empty.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": not empty.is_sqlite,
                "include_object": lambda _, name, *__: belongs(name, connection.dialect.name),
            },
        )
        assert compare_metadata(context, metadata) == []


def test_every_statement_of_the_schema_is_the_same(empty: Store, tmp_path: Path) -> None:
    """Partial indices and table options escape Alembic's comparison; SQLite's own text does not."""
    if not empty.is_sqlite:
        pytest.skip("SQLite keeps the text of its schema; PostgreSQL is compared above")
    upgrade(empty)
    plain = open_store(f"sqlite:///{tmp_path / 'plain.db'}", tmp_path)
    metadata.create_all(plain.engine)
    assert _schema(empty) == _schema(plain)
    plain.close()


def test_partial_indices_are_partial_on_postgresql(empty: Store) -> None:
    if empty.is_sqlite:
        pytest.skip("compared by text above")
    upgrade(empty)
    with empty.read() as connection:
        found = set(
            connection.scalars(
                sa.text("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '% WHERE %'")
            )
        )
    wanted = {
        index.name
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["where"] is not None
        and belongs(index.name, "postgresql")
    }
    assert found == wanted


def test_upgrading_twice_changes_nothing(empty: Store) -> None:
    assert not is_level(empty)
    assert upgrade(empty) == upgrade(empty) == head()
    assert is_level(empty)


def test_the_revisions_are_those_that_alembic_finds() -> None:
    scripts = ScriptDirectory(str(FOLDER))
    walked = [each.revision for each in scripts.walk_revisions("base", "heads")]
    assert list(revisions()) == walked[::-1]
    assert [head()] == scripts.get_heads()


@pytest.mark.parametrize("revision", revisions())
def test_a_database_is_of_the_revision_that_alembic_reads(empty: Store, revision: str) -> None:
    with empty.write() as connection:
        assert not is_migrated(connection)
        command.upgrade(alembic(connection), revision)
        read = MigrationContext.configure(connection).get_current_revision()
        assert revision_of(connection) == read == revision
    assert is_level(empty) is (revision == head())


def test_a_newer_database_is_refused_with_the_cure(empty: Store) -> None:
    upgrade(empty)
    with empty.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaError, match="newer Incasso"):
        upgrade(empty)


def test_a_failed_upgrade_leaves_nothing(empty: Store) -> None:
    with empty.write() as connection:
        connection.exec_driver_sql("CREATE TABLE users (id INTEGER)")
    with pytest.raises(sa.exc.DBAPIError):
        upgrade(empty)
    with empty.read() as connection:
        assert sa.inspect(connection).get_table_names() == ["users"]


def test_foreign_tables_are_refused(empty: Store) -> None:
    metadata.create_all(empty.engine)
    with pytest.raises(SchemaError, match="no migration"):
        upgrade(empty)


def _schema(store: Store) -> dict[str, list[str]]:
    """What SQLite keeps of each table and index; the order of constraints means nothing.

    Nor do quotes around names and brackets around defaults, which a table gets that a migration
    put in the place of an older one.
    """
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    with store.read() as connection:
        rows = connection.exec_driver_sql(query).all()
    return {
        name: sorted(re.split(r"\s*,\s*|\s*\(\s+|\s+\)\s*", _plain(sql)))
        for name, sql in rows
        if name != "alembic_version"
    }


def _plain(sql: str) -> str:
    return re.sub(r"DEFAULT \((.*?)\)", r"DEFAULT \1", " ".join(sql.replace('"', "").split()))


def test_the_agenda_keeps_the_days_that_installments_had(empty: Store) -> None:
    with empty.write() as connection:
        command.upgrade(alembic(connection), "0010")
        flags = ("is_person", "blocked", "excluded", "seasonal", "public_body", "office_excluded")
        for statement in (
            "INSERT INTO sources (id, name) VALUES (1, 'acme')",
            f"INSERT INTO clients (id, source_id, code, fingerprint, {', '.join(flags)}) "
            f"VALUES (7, 1, 'C7', '', {', '.join(['false'] * len(flags))})",
            "INSERT INTO installments (id, source_id, client_id, key, due_date, amount, residual, "
            "installment_number, fingerprint, look_on) VALUES "
            "(1, 1, 7, 'A', '2026-01-31', 100, 100, 1, '', '2026-02-05'), "
            "(2, 1, 7, 'B', '2026-01-31', 100, 100, 1, '', NULL)",
        ):
            connection.exec_driver_sql(statement)
    upgrade(empty)
    with empty.read() as connection:
        rows = connection.exec_driver_sql("SELECT client_id, installment_id FROM agenda").all()
        assert connection.scalars(sa.select(recovery.agenda.c.look_on)).all() == [date(2026, 2, 5)]
        assert [tuple(row) for row in rows] == [(7, 1)]
