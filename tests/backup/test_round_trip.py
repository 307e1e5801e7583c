"""What was copied is what comes back, row for row and byte for byte, whatever the databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.contract.text import text
from incasso.domain.proof.standing import Standing
from incasso.services.backup.making import back_up
from incasso.services.backup.restoring import restore
from incasso.services.backup.upgrading import prepared
from incasso.services.office.office import Office
from incasso.services.proof.standing import judge
from incasso.services.running.setup import init
from incasso.store.proof import archive, journal
from incasso.store.tables import office as office_tables
from tests.backup.copies import FIRST, everything, opened

ODD = 'è "quoted"\n\ttab, \\ back, emoji 😀, line\u2028'


@pytest.fixture
def lived(tmp_path: Path, database_url: str) -> Iterator[Office]:
    """An office on each database with rows in every table, some of them odd."""
    office = opened(tmp_path / "lived", database_url)
    restore(office, FIRST)
    assert prepared(office, tmp_path / "before") is not None
    init(office)
    with office.store.write() as connection:
        table = office_tables.office_settings
        connection.execute(sa.insert(table).values(key="odd", value={"words": ODD, "null": None}))
        connection.execute(sa.update(office_tables.users).values(name=ODD))
    archive.put(office.store, b"\x00\xff" * 100, "application/pdf", "odd.pdf", at=office.now())
    yield office
    office.close()


@pytest.mark.parametrize("sealed", [False, True])
def test_it_comes_back_on_sqlite(lived: Office, tmp_path: Path, sealed: bool, age_key: str) -> None:
    _comes_back(lived, tmp_path, "", age_key if sealed else "")


@pytest.mark.postgres
def test_it_comes_back_on_postgresql(lived: Office, tmp_path: Path, fresh_postgres: str) -> None:
    """The fixture may use the same empty database; then it is replaced."""
    _comes_back(lived, tmp_path, fresh_postgres, "")


def _comes_back(lived: Office, tmp_path: Path, url: str, key: str) -> None:
    before = everything(lived.store)
    files = {path.name: path.read_bytes() for path in lived.store.archive.rglob("??????*")}
    made = back_up(lived, tmp_path / "safe", key=key)
    assert made.rows == sum(map(len, before.values())) and not made.problems
    with lived.store.read() as connection:
        head = journal.head(connection)
    lived.close()
    with opened(tmp_path / "back", url) as back:
        (tmp_path / "back" / "incasso.key").write_bytes(lived.config.key_file.read_bytes())
        done = restore(back, tmp_path / "safe", key=key, replace=True)
        assert done.rows == made.rows
        assert everything(back.store) == before
        with back.store.read() as connection:
            assert journal.head(connection) == head
        again = {path.name: path.read_bytes() for path in back.store.archive.rglob("??????*")}
        for name in files.keys() - {"journal-head.json"}:
            assert again[name] == files[name]
        assert judge(back.store).standing is Standing.BEHIND, "nothing leaves before `recover`"
        _goes_on_counting(back)


def _goes_on_counting(office: Office) -> None:
    """New rows get numbers of their own, the journal goes on where it ended."""
    with office.store.write() as connection:
        last = connection.scalar(sa.select(sa.func.max(office_tables.users.c.id)))
        row = {"login": "new", "name": "", "email": "", "role": "operator", "password_hash": ""}
        needed = {c.name for c in office_tables.users.c if not c.nullable and c.default is None}
        for name in needed - row.keys() - {"id"}:
            row[name] = office.now()  # type: ignore[assignment]
        made = connection.execute(sa.insert(office_tables.users).values(row)).inserted_primary_key
        assert made is not None and last is not None and made[0] > last
        event = journal.Event(
            kind="test.done", actor="test", on=office.today(), facts={"a": text("b")}
        )
        journal.record(connection, [event], at=office.now())


def test_the_journals_bytes_are_the_same(lived: Office, tmp_path: Path) -> None:
    """Its hashes are over the stored text: a space more and `verify` would cry."""
    back_up(lived, tmp_path / "safe")
    with lived.store.read() as connection:
        before = list(journal.events(connection))
    lived.close()
    with opened(tmp_path / "back") as back:
        restore(back, tmp_path / "safe")
        with back.store.read() as connection:
            assert list(journal.events(connection)) == before
