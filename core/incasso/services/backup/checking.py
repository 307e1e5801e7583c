"""Whether a backup is whole, without restoring it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from incasso.contract.text import text
from incasso.services.backup.errors import BackupError
from incasso.services.backup.manifest import (
    CONFIGURATION,
    DATABASE,
    Kept,
    Manifest,
    listed,
    read_manifest,
)
from incasso.services.backup.sealing import Seal, Written, digest_of
from incasso.services.backup.shelf import Shelf, found, seal_in
from incasso.services.backup.stream import RowReader, Tell, damaged
from incasso.store.backup.shape import shapes_of
from incasso.store.tables.proof import archive


class CheckedBackup(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and what is wrong, in words."""

    folder: Path
    made_at: datetime
    revision: str
    rows: int
    files: int
    bytes: int
    problems: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it can be restored as a whole."""
        return not self.problems


def check_backup(place: Path, *, key: str = "", tell: Tell | None = None) -> CheckedBackup:
    """Read every file of a backup and compare it with the manifest; changes nothing.

    Raises BackupError where there is none, or its manifest cannot be read.
    """
    shelf, folder = found(place)
    seal = seal_in(folder, key)
    manifest = read_manifest(folder, seal)
    tell = tell or (lambda _what, _count: None)
    return CheckedBackup(
        folder=folder,
        made_at=manifest.made_at,
        revision=manifest.revision,
        rows=manifest.rows,
        files=manifest.files,
        bytes=manifest.bytes,
        problems=tuple(_problems(shelf, folder, seal, manifest, tell)),
    )


def _problems(
    shelf: Shelf, folder: Path, seal: Seal, manifest: Manifest, tell: Tell
) -> Iterator[str]:
    named: set[str] = set()
    try:
        named = read_rows(folder, seal, manifest, tell)
    except BackupError as error:
        yield str(error)
    try:
        kept = listed(folder, seal, manifest)
    except BackupError as error:
        yield str(error)
        kept, named = [], set()
    for sha256 in sorted(named - {each.sha256 for each in kept}):
        yield text(
            "{file}, which the database names, is not in the backup: use another backup for it",
            file=f"{sha256[:2]}/{sha256[2:]}",
        )
    for number, each in enumerate(kept, 1):
        tell("files", number)
        yield from _wrong(shelf.file(seal.name(each.sha256), seal), seal, written_of(each))
    for name, written in manifest.configuration.items():
        yield from _wrong(folder / CONFIGURATION / f"{name}{seal.suffix}", seal, written)


def read_rows(folder: Path, seal: Seal, manifest: Manifest, tell: Tell) -> set[str]:
    """Read the whole database of a backup; SHA-256 of every file of the archive that it names.

    Raises BackupError, DamagedError.
    """
    path = folder / f"{DATABASE}{seal.suffix}"
    tables = {entry.name: entry for entry in manifest.tables}
    with seal.opened(path) as file:
        if digest_of(file) != manifest.database:
            raise damaged(str(path))
        file.seek(0)
        reader = RowReader(file, str(path), tell)
        named: set[str] = set()
        for shape in shapes_of(manifest.revision):
            names = [column.name for column in shape.columns]
            for rows in reader.table(shape, tables[shape.name]):
                if shape.name == archive.name:
                    named.update(row[names.index("sha256")] for row in rows)
    return named


def written_of(kept: Kept) -> Written:
    """What a file of the archive holds."""
    return Written(kept.sha256, kept.size)


def _wrong(path: Path, seal: Seal, written: Written) -> Iterator[str]:
    try:
        with seal.opened(path) as file:
            if digest_of(file) != written:
                yield str(damaged(str(path)))
    except (BackupError, OSError) as error:
        yield str(error)
