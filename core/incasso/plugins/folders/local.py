"""A folder of this machine, or of a share that is mounted here."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from incasso.contract.errors import (
    AuthenticationError,
    ConfigurationError,
    PluginError,
    TemporaryError,
)
from incasso.contract.settings import wrong_key
from incasso.contract.text import text
from incasso.plugins.folders.places import Entry
from incasso.plugins.folders.spool import AT_ONCE

_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
"""What file systems without hard links say: FAT, some network shares."""


class LocalTree:
    """A tree below a folder that must exist: one that does not may be a share not mounted."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def identity(self) -> str:
        """Where it is."""
        return f"file://{self._root.resolve()}"

    def check(self) -> Mapping[str, str]:
        """The folder is there; `out` and `in` are made in it."""
        return {text("folder"): str(self._root)}

    def listing(self, folder: str) -> Sequence[Entry]:
        """The files of a folder; `out` and `in` need not be there yet."""
        place = self._at(folder)
        with self._told(place):
            if place.parent == self._root:
                _made(place)
            with os.scandir(place) as found:
                return [entry for each in found if (entry := _entry(each)) is not None]

    def entry(self, path: str) -> Entry | None:
        """One file."""
        place = self._at(path)
        with self._told(place):
            try:
                found = place.stat(follow_symlinks=False)
            except FileNotFoundError:
                return None
        return Entry(name=place.name, size=found.st_size, at=_instant(found))

    def write(self, path: str, content: BinaryIO) -> None:
        """A new file, on the disk when this returns."""
        place = self._at(path)
        with self._told(place):
            if place.parent.parent == self._root:
                _made(place.parent)
            with suppress(FileNotFoundError):
                place.unlink()
            with place.open("xb") as file:
                place.chmod(place.parent.stat().st_mode & 0o666)
                shutil.copyfileobj(content, file, AT_ONCE)
                file.flush()
                os.fsync(file.fileno())

    def read(self, path: str, sink: BinaryIO) -> None:
        """A file's content."""
        place = self._at(path)
        with self._told(place), place.open("rb") as file:
            shutil.copyfileobj(file, sink, AT_ONCE)

    def move(self, old: str, new: str) -> None:
        """Another name; the folder is on the disk when this returns."""
        begin, end = self._at(old), self._at(new)
        with self._told(begin):
            begin.rename(end)
            _kept(end.parent)

    def publish(self, old: str, new: str) -> None:
        """A name that is free. A plain rename would replace a file without a word, so a second
        name is given and the first taken away; a kill in between leaves both, of one file."""
        begin, end = self._at(old), self._at(new)
        with self._told(begin):
            _linked(begin, end)
            _kept(end.parent)

    def remove(self, path: str) -> None:
        """Delete a file."""
        place = self._at(path)
        with self._told(place), suppress(FileNotFoundError):
            place.unlink()

    def make(self, folder: str) -> None:
        """A folder in one that is there."""
        place = self._at(folder)
        with self._told(place):
            _made(place)

    def _at(self, path: str) -> Path:
        return self._root.joinpath(*(each for each in path.split("/") if each not in ("", ".")))

    @contextmanager
    def _told(self, place: Path) -> Iterator[None]:
        """Failures of this machine as classes of the contract."""
        try:
            yield
        except (FileNotFoundError, FileExistsError):
            if not self._root.is_dir():
                raise self._no_root() from None
            raise
        except OSError as error:
            raise _failure(place, error) from None

    def _no_root(self) -> ConfigurationError:
        words = text("{folder} is not there", folder=str(self._root))
        cure = text("make the folder, or mount the share that it is on")
        return ConfigurationError([wrong_key("path", words, cure)])


def _made(folder: Path) -> None:
    """With the rights of the folder it is in: whoever was let in there exchanges files with us,
    and what the hub makes for itself alone is closed to them."""
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        folder.chmod(folder.parent.stat().st_mode & 0o7777)


def _linked(begin: Path, end: Path) -> None:
    try:
        os.link(begin, end, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if end.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(end)) from None
        begin.rename(end)
    else:
        begin.unlink()


def _kept(folder: Path) -> None:
    """A rename outlives a power failure only if the folder is written too."""
    with suppress(OSError):  # Windows and some shares cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _failure(place: Path, error: OSError) -> PluginError:
    reason = error.strerror or str(error)
    said = text("{place}: {reason}", place=str(place), reason=reason)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return AuthenticationError(
            text("{problem}; give the user of the hub the right to it", problem=said)
        )
    return TemporaryError(said)


def _entry(each: os.DirEntry[str]) -> Entry | None:
    """A file of the folder; None for folders, links and what has just gone."""
    try:
        if not each.is_file(follow_symlinks=False):
            return None
        found = each.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return Entry(name=each.name, size=found.st_size, at=_instant(found))


def _instant(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)
