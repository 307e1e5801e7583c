"""The folder that backups are kept in: a folder per backup, and the archive's files once for all.

files/ab/cdef…             the archive's files, by content; each is copied once
20261123T080000Z/          one backup: manifest, database, list of files, configuration
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from incasso.contract.text import text
from incasso.services.backup.errors import BackupError
from incasso.services.backup.manifest import MANIFEST, listed, read_manifest
from incasso.services.backup.sealing import Seal, seal_of

_NAME: Final = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_FILES: Final = "files"
_LOCK: Final = ".lock"
_LOOKED: Final = ".looked"
"""Holds when a backup last began that found the archive as it must be."""
_MARGIN: Final = 3600.0
"""Seconds; the archive may lie on a machine whose clock differs."""
_PART: Final = ".part-"


@dataclass
class Look:
    """Which files of the archive are read again, and what came of it."""

    since: float
    """Those changed after this instant, in seconds of the system's clock."""
    clean: bool = False


class Shelf:
    """One folder of backups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, name: str, seal: Seal) -> Path:
        """Where a file of the archive lies, by the name that the seal gives it."""
        return self.folder / _FILES / name[:2] / f"{name[2:]}{seal.suffix}"

    def backups(self) -> list[Path]:
        """The finished ones, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(each for each in self.folder.iterdir() if is_backup(each))

    @contextmanager
    def new(self, at: datetime) -> Iterator[Path]:
        """A folder to fill; it becomes a backup at the end, or goes. Call inside `alone`."""
        part = self.folder / f"{_PART}{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        part.mkdir(parents=True)
        try:
            yield part
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise

    def finish(self, part: Path) -> Path:
        """Give a filled folder the name of a backup."""
        wanted = part.name.removeprefix(_PART)
        names = (wanted, *(f"{wanted}-{n:03}" for n in range(2, 1000)))
        folder = next(self.folder / name for name in names if not (self.folder / name).exists())
        part.rename(folder)
        return folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One backup into a folder at a time. Raises BackupError; OSError without rights."""
        self._make()
        lock = self.folder / _LOCK
        lock.touch(0o660)  # SQLite alone would let the group of a shared folder only read it
        with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as file:
            try:
                file.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" in str(error):
                    raise BackupError(
                        text(
                            "Another backup is writing into {folder}; try again when it has "
                            "finished",
                            folder=str(self.folder),
                        )
                    ) from None
                raise PermissionError(13, "Permission denied", str(self.folder)) from None
            for left in self.folder.glob(f"{_PART}*"):  # of a backup that was killed
                shutil.rmtree(left, ignore_errors=True)
            yield

    @contextmanager
    def looking(self, part: Path, *, thorough: bool) -> Iterator[Look]:
        """One look at the archive; the next one begins where this did, if it was clean.

        Otherwise a change would be told once and then be taken for how the file has always been.
        """
        begun = part / _LOOKED
        begun.write_text("")
        at = begun.stat().st_mtime
        look = Look(0.0 if thorough else self._last_look() - _MARGIN)
        yield look
        begun.write_text(str(at))
        if look.clean:
            begun.replace(self.folder / _LOOKED)
        else:
            begun.unlink()

    def _last_look(self) -> float:
        """Zero, and everything is read, where there was none or it cannot be read."""
        try:
            return float((self.folder / _LOOKED).read_text())
        except (OSError, ValueError):
            return 0.0

    def keep_newest(self, number: int, key: str) -> list[Path]:
        """Remove all but the newest backups, and the files that none of these names.

        Files stay as long as one of the backups cannot be read with this key.
        """
        every = self.backups()
        gone = every[:-number]
        for folder in gone:
            shutil.rmtree(folder)
        if gone:
            with suppress(BackupError):
                self._forget_files(every[-number:], key)
        return gone

    def _forget_files(self, backups: list[Path], key: str) -> None:
        needed: set[Path] = set()
        for folder in backups:
            seal = seal_in(folder, key)
            kept = listed(folder, seal, read_manifest(folder, seal))
            needed |= {self.file(seal.name(each.sha256), seal) for each in kept}
        for path in (self.folder / _FILES).glob("*/*"):
            if path not in needed:
                path.unlink()

    def _make(self) -> None:
        strange = self.folder.is_dir() and any(self.folder.iterdir())
        if strange and not (self.folder / _LOCK).exists() and not self.backups():
            raise BackupError(
                text(
                    "{folder} holds other things than backups: name an empty or a new folder",
                    folder=str(self.folder),
                )
            )
        (self.folder / _FILES).mkdir(parents=True, exist_ok=True)


def is_backup(folder: Path) -> bool:
    """Whether the folder is one finished backup."""
    return bool(_NAME.fullmatch(folder.name)) and is_filled(folder)


def is_filled(folder: Path) -> bool:
    """Whether a manifest lies in the folder, encrypted or not."""
    return any((folder / f"{MANIFEST}{end}").is_file() for end in ("", ".age"))


def seal_in(folder: Path, key: str) -> Seal:
    """The seal of one backup. Raises BackupError if it is encrypted and there is no key."""
    if (folder / MANIFEST).is_file():
        return Seal()
    if not key:
        raise BackupError(
            text(
                "{folder} is encrypted: give its key with --key file:PATH or --key env:NAME",
                folder=str(folder),
            )
        )
    return seal_of(key)


def found(place: Path) -> tuple[Shelf, Path]:
    """The backup that a path names: its own folder, or the newest of a folder of backups.

    Raises BackupError.
    """
    place = place.resolve()
    if is_filled(place):
        return Shelf(place.parent), place
    if newest := Shelf(place).backups()[-1:]:
        return Shelf(place), newest[0]
    raise BackupError(
        text("{folder} holds no backup: name the folder it was made into", folder=str(place))
    )
