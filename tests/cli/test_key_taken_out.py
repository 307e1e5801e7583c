"""Somebody with the database deletes what it knows of the hub's key, to put in what they like."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.command import DAY, inside, well

INTRUDER = "intruso"


def change(office: Path, *statements: str) -> None:
    with closing(sqlite3.connect(office / "incasso.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def without_key_and_with_an_administrator_more(office: Path) -> None:
    change(
        office,
        "DELETE FROM office_settings WHERE key = 'anchor_key'",
        "INSERT INTO users (login, name, email, role, scope, password_hash, active, made_at) "
        f"SELECT '{INTRUDER}', name, email, 'administrator', scope, '', active, made_at "
        "FROM users WHERE login = 'admin'",
    )


def test_it_is_said_and_nothing_leaves(office: Path) -> None:
    assert "Traceback" not in well(office, "verify").out
    without_key_and_with_an_administrator_more(office)
    for words in (("verify",), ("dispatch", "--on", DAY, "--really-send")):
        ended = inside(office, *words)
        assert ended.code == 1
        assert "key was taken out of the database" in ended.out + ended.err
    told = inside(office, "verify")
    assert f"users {INTRUDER} was put in behind the hub's back" in told.out + told.err


def test_neither_init_nor_recover_makes_it_good(office: Path) -> None:
    """Once more after `recover`, which puts the key back from the disk."""
    without_key_and_with_an_administrator_more(office)
    inside(office, "init")
    assert "key was taken out" in inside(office, "verify").err + inside(office, "verify").out
    inside(office, "recover", "--on", DAY)
    told = inside(office, "verify")
    assert told.code == 1
    assert f"users {INTRUDER} was put in behind the hub's back" in told.out + told.err
