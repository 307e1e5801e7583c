"""What the engines of the tests do otherwise than an office's, because each lives for one test.

An engine keeps its compiled statements under keys that begin with its own dialect object, so a new
engine would compile every query of the hub again. And no test cuts the power, so SQLite need not
wait for the disk: a killed process loses nothing without that.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import Compiled

MOST = 5_000
"""Statements about tables that one test made for itself stay behind; so many are enough."""


class SharedStatements(dict[Any, Compiled]):
    """A cache of compiled statements that does not ask which engine compiled them."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Compiled) -> None:
        if len(self) >= MOST:
            self.clear()
        super().__setitem__(key[1:], compiled)


_statements = {"sqlite": SharedStatements(), "postgresql": SharedStatements()}


def lighten() -> None:
    """Change every engine of this process, those of the command line and of trial copies too."""
    event.listen(Engine, "engine_connect", _lighten)


def _lighten(connection: Connection) -> None:
    if (shared := _statements.get(connection.dialect.name)) is not None:
        connection.execution_options(compiled_cache=shared)
    if connection.dialect.name == "sqlite" and not connection.info.get("light"):
        connection.info["light"] = True
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA synchronous = OFF")
