"""A database of the first release comes up to this one, with a backup first, on both databases."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from incasso.services.backup.checking import check_backup
from incasso.services.backup.restoring import restore
from incasso.services.office.office import open_office
from incasso.store.backup.shape import shapes_of
from incasso.store.engine import Store
from incasso.store.revision import head, is_level
from incasso.store.tables import metadata
from incasso.store.tables.columns import belongs
from tests.backup.copies import FIRST, office_on, opened
from tests.cli.command import inside, well

MOVED = {"installments": {"look_on"}}
"""What the first release kept in another place: the day of the next look is in the agenda."""


def rows_of_first_release(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, of the tables and columns that the first release had and that are left."""
    with store.read() as connection:
        found = {}
        for shape in shapes_of("0001"):
            gone = MOVED.get(shape.name, set())
            names = (column.name for column in shape.columns if column.name not in gone)
            columns = ", ".join(f'"{name}"' for name in names)
            rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{shape.name}"')
            found[shape.name] = sorted((tuple(map(str, row)) for row in rows), key=str)
        return found


def looks(store: Store, query: str) -> set[tuple[str, int]]:
    with store.read() as connection:
        return {(str(day), number) for day, number in connection.exec_driver_sql(query)}


def kept_rows(name: str, rows: Collection[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """What an upgrade may not touch: a text that ships anew retires the one before, which stays,
    and the journal goes on by that."""
    if name == "journal_head":
        return set()
    return {
        tuple(cell for cell in row if name != "templates" or cell not in ("published", "retired"))
        for row in rows
    }


# Alembic says so of an index of an expression; `tests/store/test_migrations.py` compares it.
@pytest.mark.filterwarnings("ignore:autogenerate skipping", "ignore:Skipped unsupported reflection")
def test_it_is_upgraded_with_a_backup_first(tmp_path: Path, database_url: str) -> None:
    config = office_on(tmp_path / "office", database_url)
    with open_office(config) as office:
        restore(office, FIRST)
        before = rows_of_first_release(office.store)
        assert all(before.values()), "a row in every table"
        of_old = "SELECT look_on, id FROM installments WHERE look_on IS NOT NULL"
        assert (looked := looks(office.store, of_old))
        assert not is_level(office.store)
    folder = tmp_path / "office"
    refused = inside(folder, "plan")
    assert refused.code == 1 and "incasso upgrade" in refused.err
    told = well(folder, "upgrade").out
    assert f"Upgraded from revision 0001 to {head()}." in told
    [kept] = [each for each in (folder / "backups").iterdir() if each.name.endswith("Z")]
    checked = check_backup(kept)
    assert (checked.good, checked.revision, checked.rows) == (True, "0001", 133)
    with open_office(config) as office:
        assert is_level(office.store)
        after = rows_of_first_release(office.store)
        # Setting up adds texts and settings of this release; what was there is there.
        assert {
            name: lost
            for name, rows in before.items()
            if (lost := kept_rows(name, rows) - kept_rows(name, after[name]))
        } == {}
        assert looks(office.store, "SELECT look_on, installment_id FROM agenda") >= looked
        with office.store.read() as connection:
            options = {
                "compare_type": True,
                "compare_server_default": not office.store.is_sqlite,
                "include_object": lambda _, name, *__: belongs(name, connection.dialect.name),
            }
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []
            assert sa.inspect(connection).has_table("alembic_version")
    for words in (["clients"], ["installments"], ["cases"], ["steps"], ["deliveries"], ["journal"]):
        assert well(folder, *words, "--format", "json").rows(), words
    assert "of this release already" in well(folder, "upgrade").out


def test_init_makes_the_backup_too(tmp_path: Path) -> None:
    with opened(tmp_path / "office") as office:
        restore(office, FIRST)
    assert "Backup of the database as it was: " in well(tmp_path / "office", "init").out
    assert "Backup" not in well(tmp_path / "office", "init").out


def test_an_upgrade_whose_backup_fails_upgrades_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "office") as office:
        restore(office, FIRST)
    archive = tmp_path / "office" / "archive"
    ended = inside(tmp_path / "office", "upgrade", "--into", str(archive / "within"))
    assert ended.code == 1 and "lie within each other" in ended.err
    with open_office(tmp_path / "office" / "plugins.toml") as office:
        assert not is_level(office.store)
    told = well(tmp_path / "office", "upgrade", "--no-backup").out
    assert "Upgraded" in told and "Backup" not in told
