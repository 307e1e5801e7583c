"""Bring a database to the schema of this program, whatever release made it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.store.engine import Store

FOLDER = Path(__file__).parent / "migrations"


class SchemaError(IncassoError):
    """The database does not fit this program."""


def upgrade(store: Store) -> str:
    """Apply every missing migration in one transaction; gives the revision it is now at.

    Nothing happens when the database is level. Raises SchemaError for a database that a newer
    program made, or that holds our tables without having been migrated.
    """
    with store.write() as connection:
        _alone(connection)
        check_origin(connection)
        command.upgrade(alembic(connection), "head")
        return head()


def is_level(store: Store) -> bool:
    """Whether the database has exactly the schema of this program; a missing one stays missing."""
    if not store.is_there:
        return False
    with store.read() as connection:
        return _revision(connection) == head()


def is_migrated(connection: Connection) -> bool:
    """Whether migrations of some release made the database."""
    return _revision(connection) is not None


def head() -> str:
    """The revision of this program."""
    found = ScriptDirectory(str(FOLDER)).get_current_head()
    assert found is not None
    return found


def revision_of(connection: Connection) -> str:
    """The revision of a database that migrations made. Raises SchemaError for any other."""
    if (found := _revision(connection)) is None:
        raise SchemaError(text("The database is not initialised: run `incasso init`."))
    return found


def knows(revision: str) -> bool:
    """Whether this program has the migrations up to that revision."""
    return revision in {each.revision for each in ScriptDirectory(str(FOLDER)).walk_revisions()}


def check_origin(connection: Connection) -> None:
    """Refuse what only harm could come of. Raises SchemaError with the cure."""
    revision = _revision(connection)
    if revision is not None and not knows(revision):
        raise SchemaError(
            text(
                "the database was made by a newer Incasso (revision {revision}); install that one",
                revision=revision,
            )
        )
    if revision is None and sa.inspect(connection).has_table("installments"):
        raise SchemaError(
            text(
                "the database holds an installments table that no migration of ours made; "
                "name an empty database in plugins.toml"
            )
        )


def alembic(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    config = Config()
    # Alembic reads "%" in a path as interpolation.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _alone(connection: Connection) -> None:
    """Two processes starting at once must not both migrate; SQLite has its write lock."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(718281828)")
