"""Make a backup while the hub runs: one state of the database, and the archive that it names."""

from __future__ import annotations

import gzip
import os
import re
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec

from incasso import __version__
from incasso.contract.text import Text, text
from incasso.plugins.settings.config import HubConfig
from incasso.services.backup.copying import Copying
from incasso.services.backup.errors import BackupError
from incasso.services.backup.manifest import (
    ARCHIVE,
    CONFIGURATION,
    DATABASE,
    Manifest,
    write_manifest,
)
from incasso.services.backup.sealing import Seal, Written, seal_of
from incasso.services.backup.shelf import Shelf
from incasso.services.backup.stream import RowStream, Tell
from incasso.services.office.office import Office
from incasso.store.backup.filling import sqlite_path
from incasso.store.backup.rows import frozen
from incasso.store.backup.shape import shapes_of
from incasso.store.engine import Store
from incasso.store.proof import anchor, archive, journal
from incasso.store.proof.anchor import Anchor, UnreadableAnchorError
from incasso.store.revision import check_origin, revision_of

_PASSWORD_IN_URL: Final = re.compile(r"(://[^:/@\s\"']*:)[^@/\s\"']+@")
_WRITTEN_OUT: Final = re.compile(
    r"""(?im)^([\s#]*[\w.-]*(?:password|passwd|secret|token|_key)\s*=\s*)(["']).*?\2"""
)
_STARS: Final = "********"


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was made."""

    folder: Path
    rows: int
    files: int
    copied: int
    """Files of the archive that no earlier backup in the same folder had."""
    bytes: int
    encrypted: bool
    removed: tuple[Path, ...] = ()
    problems: tuple[Text, ...] = ()
    """Files of the archive that are missing or not what they were."""


def back_up(
    office: Office,
    target: Path,
    *,
    key: str = "",
    keep: int | None = None,
    thorough: bool = False,
    tell: Tell | None = None,
) -> BackupReport:
    """Copy database, archive and configuration into a folder of backups.

    Others go on working meanwhile. The same folder takes any number of backups, and each file of
    the archive once. `keep` removes all but so many, and nothing if the archive has lost a file:
    an older backup may be the last to have it. Of the files that an earlier backup has, those
    changed since then are read again and compared, with `thorough` all of them. Killed at any
    moment it leaves no half backup.
    Raises BackupError, OSError.
    """
    target = target.resolve()
    _refuse_inside(office, target)
    shelf, seal, tell = Shelf(target), seal_of(key), tell or _silent
    with shelf.alone(), shelf.new(office.now()) as part:
        with shelf.looking(part, thorough=thorough) as look:
            manifest, copied, problems = _filled(office, shelf, part, seal, tell, look.since)
            look.clean = not problems
        _sync(part)
        folder = shelf.finish(part)
        _sync(target)
        removed = shelf.keep_newest(keep, key) if keep and not problems else []
    return BackupReport(
        folder=folder,
        rows=manifest.rows,
        files=manifest.files,
        copied=copied,
        bytes=manifest.bytes,
        encrypted=bool(key),
        removed=tuple(removed),
        problems=tuple(problems),
    )


def _filled(
    office: Office, shelf: Shelf, part: Path, seal: Seal, tell: Tell, since: float
) -> tuple[Manifest, int, list[Text]]:
    store = office.store
    with frozen(store) as connection:
        check_origin(connection)
        revision = revision_of(connection)
        stream = RowStream(connection, shapes_of(revision), tell)
        database = seal.write(stream, part / f"{DATABASE}{seal.suffix}")
        head = journal.head(connection)
        sizes = {entry.sha256: entry.size for entry in archive.entries(connection)}
    # A file is on disk before its row is committed: what the rows name is there by now.
    copying = Copying(store.archive, shelf, seal, sizes, tell, since)
    kept = copying.all()
    lines = gzip.compress(b"".join(msgspec.json.encode(each) + b"\n" for each in kept), 1)
    known = anchor_of(store)
    manifest = Manifest(
        made_at=office.now(),
        program=__version__,
        revision=revision,
        dialect=store.engine.dialect.name,
        last_batch=head.last_batch,
        head=head.hash,
        epoch=known.epoch if known else 0,
        tables=tuple(stream.tables),
        database=database,
        archive=seal.write(BytesIO(lines), part / f"{ARCHIVE}{seal.suffix}"),
        files=len(kept),
        bytes=sum(each.size for each in kept),
        configuration=_configuration(office.config, part, seal),
    )
    return write_manifest(manifest, part, seal), copying.copied, copying.problems


def anchor_of(store: Store) -> Anchor | None:
    """The journal's anchor; None where there is none that can be read."""
    try:
        return anchor.of(store).read()
    except UnreadableAnchorError:
        return None


def _configuration(config: HubConfig, part: Path, seal: Seal) -> dict[str, Written]:
    """plugins.toml and the TOML files beside it, with stars for whatever is a password."""
    (part / CONFIGURATION).mkdir()
    kept: dict[str, Written] = {}
    for path in sorted(config.base.glob("*.toml")):
        content = path.read_bytes()
        if path == config.path:
            content = _without_passwords(content)
        kept[path.name] = seal.write(
            BytesIO(content), part / CONFIGURATION / f"{path.name}{seal.suffix}"
        )
    return kept


def _without_passwords(content: bytes) -> bytes:
    """plugins.toml names secrets by reference; a URL, or a line commented out, may hold one."""
    words = content.decode("utf-8", "surrogateescape")
    words = _PASSWORD_IN_URL.sub(rf"\1{_STARS}@", words)
    words = _WRITTEN_OUT.sub(rf'\1"{_STARS}"', words)
    return words.encode("utf-8", "surrogateescape")


def _refuse_inside(office: Office, target: Path) -> None:
    archive = office.store.archive.resolve()
    place = target.resolve()
    if place.is_relative_to(archive) or archive.is_relative_to(place):
        raise BackupError(
            text(
                "{folder} and the archive {archive} lie within each other: name a folder "
                "elsewhere, best on another disk",
                folder=str(target),
                archive=str(archive),
            )
        )
    database = sqlite_path(office.store)
    if database is not None and database.resolve().parent == place:
        raise BackupError(
            text(
                "{folder} is the folder of the hub itself: name a folder of its own, best on "
                "another disk",
                folder=str(target),
            )
        )


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _silent(_what: str, _count: int) -> None:
    """Nobody watches."""
