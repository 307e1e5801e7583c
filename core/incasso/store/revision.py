"""Which release's schema a database has, told without Alembic.

Every command asks, and to import Alembic takes as long as all the rest of a small one. So the
revisions of this program are the numbers in front of the migrations' file names, each following the
one before it, and a database's own is in Alembic's table of one row. It must equal what Alembic
says: `tests/store/test_migrations.py` holds both against each other.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.store.engine import Store

FOLDER = Path(__file__).parent / "migrations"

_versions = sa.table("alembic_version", sa.column("version_num", sa.Text()))


class SchemaError(IncassoError):
    """The database does not fit this program."""


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
    return revisions()[-1]


def revision_of(connection: Connection) -> str:
    """The revision of a database that migrations made. Raises SchemaError for any other."""
    if (found := _revision(connection)) is None:
        raise SchemaError(text("The database is not initialised: run `incasso init`."))
    return found


def knows(revision: str) -> bool:
    """Whether this program has the migrations up to that revision."""
    return revision in revisions()


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


@cache
def revisions() -> tuple[str, ...]:
    """All revisions of this program, the oldest first."""
    names = (path.name for path in (FOLDER / "versions").glob("[0-9]*_*.py"))
    return tuple(sorted(name.partition("_")[0] for name in names))


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(_versions.name):
        return None
    found: str | None = connection.scalars(sa.select(_versions.c.version_num)).one_or_none()
    return found
