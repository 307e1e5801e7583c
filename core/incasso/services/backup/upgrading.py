"""Bring the database to this release, with a backup of what it was."""

from __future__ import annotations

from pathlib import Path

import msgspec

from incasso.services.backup.making import BackupReport, back_up
from incasso.services.backup.stream import Tell
from incasso.services.office.office import Office
from incasso.store.backup.filling import tables_in
from incasso.store.revision import check_origin, is_level, revision_of


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What stood before an upgrade."""

    revision: str
    backup: BackupReport | None = None


def prepared(
    office: Office,
    target: Path,
    *,
    key: str = "",
    with_backup: bool = True,
    tell: Tell | None = None,
) -> Before | None:
    """Make a backup of a database that an older release made; None if there is nothing to upgrade.

    Raises SchemaError for a database that is not ours or newer, BackupError, OSError: then nothing
    is upgraded.
    """
    if not tables_in(office.store) or is_level(office.store):
        return None
    with office.store.read() as connection:
        check_origin(connection)
        revision = revision_of(connection)
    backup = back_up(office, target, key=key, tell=tell) if with_backup else None
    return Before(revision=revision, backup=backup)
