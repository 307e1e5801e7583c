"""Make a backup while the hub runs: one state of the database, and the archive that it names."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec

from incasso import __version__
from incasso.contract.text import Text, text
from incasso.plugins.settings.config import HubConfig
from incasso.services.backup.errors import BackupError
from incasso.services.backup.manifest import (
    ARCHIVE,
    CONFIGURATION,
    DATABASE,
    Kept,
    Manifest,
    write_manifest,
)
from incasso.services.backup.sealing import Seal, Written, digest_of, seal_of
from incasso.services.backup.shelf import Shelf
from incasso.services.backup.stream import RowStream, Tell
from incasso.services.office.office import Office
from incasso.store.backup.filling import sqlite_path
from incasso.store.backup.rows import frozen
from incasso.store.backup.shape import shapes_of
from incasso.store.engine import Store
from incasso.store.migrate import check_origin, revision_of
from incasso.store.proof import anchor, archive, journal
from incasso.store.proof.anchor import Anchor, UnreadableAnchorError

_LANES: Final = 4
"""Files written through at once, as in the archive itself."""
_ADDRESSED: Final = re.compile(r"([0-9a-f]{2})/([0-9a-f]{62})")
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
    tell: Tell | None = None,
) -> BackupReport:
    """Copy database, archive and configuration into a folder of backups.

    Others go on working meanwhile. The same folder takes any number of backups, and each file of
    the archive once. `keep` removes all but so many, and nothing if the archive has lost a file:
    an older backup may be the last to have it. Killed at any moment it leaves no half backup.
    Raises BackupError, OSError.
    """
    target = target.resolve()
    _refuse_inside(office, target)
    shelf, seal, tell = Shelf(target), seal_of(key), tell or _silent
    with shelf.alone(), shelf.new(office.now()) as part:
        manifest, copied, problems = _filled(office, shelf, part, seal, tell)
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
    office: Office, shelf: Shelf, part: Path, seal: Seal, tell: Tell
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
    copying = _Copying(store.archive, shelf, seal, sizes, tell)
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


class _Copying:
    """The archive into the folder of backups, each file once."""

    def __init__(
        self, archive: Path, shelf: Shelf, seal: Seal, sizes: dict[str, int], tell: Tell
    ) -> None:
        """`sizes` are those of the files that the database names, by SHA-256."""
        self._archive, self._shelf, self._seal, self._tell = archive, shelf, seal, tell
        self._sizes = sizes
        self.copied = 0
        self.problems: list[Text] = []

    def all(self) -> list[Kept]:
        """Every file of the archive that is as it was written, or that an earlier backup has."""
        kept: list[Kept] = []
        self._look_for_missing(kept)
        with ThreadPoolExecutor(_LANES) as pool:
            for one in pool.map(self._one, archived(self._archive)):
                if isinstance(one, Kept):
                    kept.append(one)
                    self._tell("files", len(kept))
                else:
                    self.problems.append(one)
        return kept

    def _look_for_missing(self, kept: list[Kept]) -> None:
        for sha256, size in self._sizes.items():
            name = f"{sha256[:2]}/{sha256[2:]}"
            if (self._archive / name).is_file():
                continue
            if self._has(sha256):
                kept.append(Kept(name, sha256, size))
                self.problems.append(_damaged_but_kept(name))
            else:
                self.problems.append(
                    text(
                        "{file} of the archive is missing and is not in the backup: see "
                        "`incasso verify`",
                        file=name,
                    )
                )

    def _has(self, sha256: str) -> bool:
        return self._shelf.file(self._seal.name(sha256), self._seal).exists()

    def _one(self, path: Path) -> Kept | Text:
        name = path.relative_to(self._archive).as_posix()
        if sha256 := digest_in(name):
            return self._addressed(path, name, sha256)
        content = path.read_bytes()
        written = digest_of(BytesIO(content))
        self._put(BytesIO(content), written.sha256)
        return Kept(name, written.sha256, written.size)

    def _addressed(self, path: Path, name: str, sha256: str) -> Kept | Text:
        """A file that its own name describes: read only if no earlier backup has it."""
        target = self._shelf.file(self._seal.name(sha256), self._seal)
        size = path.stat().st_size
        if target.exists():
            whole = self._sizes.get(sha256, size)
            if whole != size:
                self.problems.append(_damaged_but_kept(name))
            return Kept(name, sha256, whole)
        with path.open("rb") as source:
            written = self._put(source, sha256)
        if written is not None and written.sha256 != sha256:
            target.unlink(missing_ok=True)
            return text(
                "{file} of the archive is not what it was and is not in the backup: see "
                "`incasso verify`",
                file=name,
            )
        return Kept(name, sha256, size)

    def _put(self, source: BytesIO | object, sha256: str) -> Written | None:
        target = self._shelf.file(self._seal.name(sha256), self._seal)
        if target.exists():
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        self.copied += 1
        return self._seal.write(source, target)  # type: ignore[arg-type]


def _damaged_but_kept(name: str) -> Text:
    return text(
        "{file} of the archive is missing or not what it was; the backup has it from an earlier "
        "one: see `incasso verify`",
        file=name,
    )


def archived(archive: Path) -> Iterator[Path]:
    """The files of an archive, in order; unfinished ones, locks and the anchor are none."""
    for path in sorted(archive.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.name != anchor.FILE:
            yield path


def anchor_of(store: Store) -> Anchor | None:
    """The journal's anchor; None where there is none that can be read."""
    try:
        return anchor.of(store).read()
    except UnreadableAnchorError:
        return None


def digest_in(name: str) -> str:
    """The SHA-256 that a path of the archive says; empty if it says none."""
    found = _ADDRESSED.fullmatch(name)
    return "".join(found.groups()) if found else ""


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
