"""Bring a database to the schema of this program, whatever release made it."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from incasso.store.engine import Store
from incasso.store.revision import FOLDER, check_origin, head


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


def alembic(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    config = Config()
    # Alembic reads "%" in a path as interpolation.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _alone(connection: Connection) -> None:
    """Two processes starting at once must not both migrate; SQLite has its write lock."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(718281828)")
