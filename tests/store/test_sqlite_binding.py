"""What SQLite keeps of nulls, bytes and truth values is what it kept without our adapters."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from typing import Any

from incasso.store.sqlite_binding import pass_plain_values

_VALUES: list[Any] = [None, b"", b"\0\xff", True, False, 0, -(2**63), 2**63 - 1, 1.5, "", "è\n"]
_QUERY = "SELECT typeof(?1), quote(?1), ?1"


def _kept() -> list[Any]:
    connection = sqlite3.connect(":memory:")
    return [connection.execute(_QUERY, (value,)).fetchone() for value in _VALUES]


def test_values_are_kept_as_by_python_itself() -> None:
    ours = "from tests.store.test_sqlite_binding import _kept; print(_kept())"
    untouched = subprocess.run(
        [sys.executable, "-c", ours], capture_output=True, text=True, check=True
    )

    pass_plain_values()

    assert repr(_kept()) == untouched.stdout.strip()
    assert (type(None), sqlite3.PrepareProtocol) in sqlite3.adapters
