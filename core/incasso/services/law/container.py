"""Write a dossier into one ZIP: files one after the other, then index, cover and seal.

Equal dossiers give equal bytes: names are sorted, times are the dossier's day, and nothing of the
machine goes in. The memory needed is that of the largest file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.locale.system_words import system_words
from incasso.services.law import names
from incasso.services.law.papers import digest
from incasso.services.law.records import FileOf, Record
from incasso.services.sending.archived import pages_of
from incasso.store.law.papers import JournalEnd
from incasso.store.rights import of_new_file

SEAL_FORMAT: Final = "incasso.dossier.seal/1"
_UNIX: Final = 3
_EARLIEST: Final = 1980
_PDF: Final = b"%PDF-"


class ContainerError(IncassoError):
    """The file cannot be written; nothing is left of it."""


class Index(Record, frozen=True, kw_only=True):
    """What lies in a dossier; `indice.json`."""

    format: str
    on: date
    source: str
    client: str
    journal: JournalEnd | None
    files: tuple[FileOf, ...]


class Seal(Record, frozen=True, kw_only=True):
    """What holds cover and index together; `sigillo.json`. Without a key it has no signature."""

    format: str = SEAL_FORMAT
    cover: str
    """SHA-256 of the cover."""
    index: str
    """SHA-256 of the index."""
    key: str = ""
    """The public half of the hub's key, hexadecimal."""
    signature: str = ""


def signed_words(cover: str, index: str) -> bytes:
    """What the hub's key signs."""
    return f"{SEAL_FORMAT}\n{cover}\n{index}\n".encode()


class Container:
    """One ZIP while it is written; it gets its name when it is whole."""

    def __init__(self, place: Path, on: date) -> None:
        """Raises ContainerError if there is such a file, or none can be made."""
        self._place, self._on = place, on
        self._part = place.with_name(f".{place.name}.part")
        self.files: list[FileOf] = []
        if place.exists():
            raise ContainerError(
                text("{place} is there already: name another file.", place=str(place))
            )
        try:
            self._part.unlink(missing_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
            descriptor = os.open(self._part, flags, of_new_file(self._part))
        except OSError as error:
            raise self._unwritable(error) from None
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = ZipFile(self._file, "w", ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._zip.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if kind is None:
                self._part.rename(self._place)
        except OSError as failed:
            if kind is None:
                raise self._unwritable(failed) from None
        finally:
            self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise self._unwritable(error) from None

    def add(self, path: str, content: bytes, *, archived: bool = False) -> FileOf:
        """One file of the index."""
        pages = pages_of(content) if content.startswith(_PDF) else 0
        self._write(path, content)
        made = FileOf(
            path=path, sha256=digest(content), size=len(content), pages=pages, archived=archived
        )
        self.files.append(made)
        return made

    def seal(
        self,
        index: Index,
        cover_of: Callable[[str], bytes],
        sign: Callable[[bytes], tuple[str, str]],
    ) -> Seal:
        """Index, cover and seal. `cover_of` prints the cover for the index's digest, `sign` gives
        the key's public half and its signature."""
        listed = msgspec.json.format(msgspec.json.encode(index), indent=1)
        cover = cover_of(digest(listed))
        digests = digest(cover), digest(listed)
        key, signature = sign(signed_words(*digests))
        made = Seal(cover=digests[0], index=digests[1], key=key, signature=signature)
        self._write(names.INDEX, listed)
        self._write(names.COVER, cover)
        self._write(names.SEAL, msgspec.json.format(msgspec.json.encode(made), indent=1))
        return made

    def _write(self, path: str, content: bytes) -> None:
        info = ZipInfo(
            path, (max(self._on.year, _EARLIEST), self._on.month, self._on.day, 12, 0, 0)
        )
        info.create_system, info.external_attr = _UNIX, 0o600 << 16
        info.compress_type = ZIP_DEFLATED
        self._zip.writestr(info, content)

    def _unwritable(self, error: OSError) -> ContainerError:
        why = system_words(error)
        return ContainerError(
            text("{file} cannot be written: {why}.", file=str(self._place), why=why)
        )
