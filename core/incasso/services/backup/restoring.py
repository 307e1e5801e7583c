"""Put a backup back: its rows into an empty database of either kind, its files into the archive.

Nobody knows what left after the backup was made. So the hub is left behind its anchor: nothing
leaves until `incasso recover` has accounted for it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.services.backup.copying import digest_in
from incasso.services.backup.errors import BackupError
from incasso.services.backup.making import anchor_of
from incasso.services.backup.manifest import (
    CONFIGURATION,
    DATABASE,
    Kept,
    Manifest,
    listed,
    read_manifest,
)
from incasso.services.backup.sealing import Seal, digest_of
from incasso.services.backup.shelf import Shelf, found, seal_in
from incasso.services.backup.stream import RowReader, Tell, damaged
from incasso.services.office.office import Office
from incasso.store.backup.filling import filled, load, tables_in
from incasso.store.backup.shape import Shape, shapes_of
from incasso.store.proof import anchor
from incasso.store.proof.journal import Head

_AFTER: Final = hashlib.sha256(b"whatever left after the backup").hexdigest()


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was put back."""

    folder: Path
    revision: str
    rows: int
    files: int
    """Files of the archive that were missing or damaged."""
    there: int
    """Files of the archive that were there and stayed."""
    archive_lost: bool = False
    """Whether the archive had none of the backup's files: it was lost with the database."""
    aside: Path | None = None
    """Where the replaced SQLite file is kept."""


def restore(
    office: Office, place: Path, *, key: str = "", replace: bool = False, tell: Tell | None = None
) -> RestoreReport:
    """Fill an empty database, and the archive with what it lacks, from a backup.

    Every byte is compared with the manifest. What lies in the archive stays: it may be all that is
    left of messages sent after the backup. With `replace` the rows of a database are replaced, all
    of them or none. Killed at any moment it can be run again, with `replace`. Raises BackupError.
    """
    shelf, folder = found(place)
    seal = seal_in(folder, key)
    manifest = read_manifest(folder, seal)
    _refuse(office, replace)
    tell = tell or (lambda _what, _count: None)
    files = _Files(office.store.archive, shelf, seal)
    for number, kept in enumerate(listed(folder, seal, manifest), 1):
        files.put(kept)
        tell("files", number)
    _leave_behind(office, manifest)
    aside = filled(
        office.store,
        manifest.revision,
        lambda connection: _load(connection, folder, seal, manifest, tell),
        aside=f"{office.now():%Y%m%dT%H%M%SZ}",
    )
    return RestoreReport(
        folder=folder,
        revision=manifest.revision,
        rows=manifest.rows,
        files=files.written,
        there=files.there,
        archive_lost=bool(manifest.files) and not files.there,
        aside=aside,
    )


def restore_configuration(place: Path, base: Path, *, key: str = "") -> list[Path]:
    """Write the configuration of a backup into a folder; files that are there stay.

    Passwords in it are stars: the office writes them again. Raises BackupError, OSError.
    """
    _, folder = found(place)
    seal = seal_in(folder, key)
    made = []
    for name, written in read_manifest(folder, seal).configuration.items():
        target, source = base / _safe(name), folder / CONFIGURATION / f"{name}{seal.suffix}"
        if target.exists():
            continue
        with seal.opened(source) as file:
            if Seal().write(file, target) != written:
                target.unlink()
                raise damaged(str(source))
        made.append(target)
    return made


def _refuse(office: Office, replace: bool) -> None:
    if not replace and tables_in(office.store):
        raise BackupError(
            text(
                "The database is not empty, and a restore would replace all of it: repeat with "
                "--replace if it may go, or name an empty database in plugins.toml"
            )
        )


class _Files:
    """The archive's files of a backup, into the archive."""

    def __init__(self, archive: Path, shelf: Shelf, seal: Seal) -> None:
        self._archive, self._shelf, self._seal = archive, shelf, seal
        self.written = 0
        self.there = 0

    def put(self, kept: Kept) -> None:
        """One file, unless the archive has it. Raises DamagedError."""
        target = self._archive / _safe(kept.path)
        if self._is_there(target, kept):
            self.there += 1
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        source = self._shelf.file(self._seal.name(kept.sha256), self._seal)
        with self._seal.opened(source) as file:
            written = Seal().write(file, target)
        if (written.sha256, written.size) != (kept.sha256, kept.size):
            target.unlink()
            raise damaged(str(source))
        self.written += 1

    def _is_there(self, target: Path, kept: Kept) -> bool:
        """Whether the archive has the file as it was, or a later one that says more."""
        try:
            if not digest_in(kept.path):
                return target.exists()
            if target.stat().st_size != kept.size:
                return False
            with target.open("rb") as file:
                return digest_of(file).sha256 == kept.sha256
        except FileNotFoundError:
            return False


def _safe(name: str) -> str:
    """A path below its folder. Raises DamagedError for one that leads out of it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise damaged(name)
    return name


def _load(connection: Connection, folder: Path, seal: Seal, manifest: Manifest, tell: Tell) -> None:
    path = folder / f"{DATABASE}{seal.suffix}"
    tables = {entry.name: entry for entry in manifest.tables}
    shapes: tuple[Shape, ...] = shapes_of(manifest.revision)
    if tables.keys() != {shape.name for shape in shapes}:
        raise damaged(str(path))
    with seal.opened(path) as file:
        if digest_of(file) != manifest.database:
            raise damaged(str(path))
        file.seek(0)
        reader = RowReader(file, str(path), tell)
        for shape in shapes:
            load(connection, shape, reader.table(shape, tables[shape.name]))


def _leave_behind(office: Office, manifest: Manifest) -> None:
    """Set the anchor one batch after the backup, unless it knows of a later one already.

    Before the rows: a restore that is killed must not leave a hub that sends.
    """
    anchorage = anchor.of(office.store)
    known = anchor_of(office.store)
    if known is None or known.last_batch <= manifest.last_batch:
        after = Head(manifest.last_batch + 1, 0, _AFTER)
        epoch = max(manifest.epoch, known.epoch if known else 0)
        same = known is not None and known.last_batch == manifest.last_batch
        gap = known.gap if known else None
        anchorage.renew(after, office.now(), epoch, gap=gap, knows_log=same)
