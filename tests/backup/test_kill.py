"""Killed at any instant a backup leaves whole ones only, and a restore all rows or the old."""

from __future__ import annotations

from pathlib import Path

import pytest

from incasso.domain.proof.standing import Standing
from incasso.services.backup.checking import check_backup
from incasso.services.backup.restoring import restore
from incasso.services.backup.shelf import Shelf
from incasso.services.office.office import open_office
from incasso.services.proof.standing import judge
from tests.backup.copies import FIRST, office_on
from tests.killing import ENOUGH, KILLS, Patience, victim


@pytest.mark.kill
@pytest.mark.slow
def test_killed_backups_and_restores(database_url: str, tmp_path: Path) -> None:
    config, safe = office_on(tmp_path / "office", database_url), tmp_path / "safe"
    with open_office(config) as office:
        restore(office, FIRST)
    kills = 0
    with victim("tests.backup.kill_worker", config, safe) as working:
        patience = {
            what: Patience(20261123, working.run(what)[1]) for what in ("backup", "restore")
        }
        for number in range(ENOUGH):
            what = ("backup", "restore")[number % 2]
            killed, worked = working.run(what, kill_after=patience[what].next())
            if not killed:
                patience[what].ended(worked)
            kills += killed
            backups = Shelf(safe).backups()
            assert backups and all(check_backup(each).good for each in backups[-2:])
            with open_office(config) as office:
                assert _rows(office.store) == 133, "all or nothing"
                assert judge(office.store).standing is Standing.BEHIND, "it must not send"
            if kills >= KILLS:
                break
        assert kills >= KILLS
        working.run("backup")
    assert not list(safe.glob(".part-*"))


def _rows(store: object) -> int:
    from incasso.store.backup.shape import shapes_of
    from incasso.store.engine import Store

    assert isinstance(store, Store)
    with store.read() as connection:
        return sum(
            connection.exec_driver_sql(f'SELECT count(*) FROM "{shape.name}"').scalar_one()
            for shape in shapes_of("0001")
        )
