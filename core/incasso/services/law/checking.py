"""Check a dossier: every file against the index, the index against the cover, both by the seal.

The file may come from anywhere: nothing of it is unpacked, and no more of a file is read than the
index says it has.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar
from zipfile import BadZipFile, ZipFile, ZipInfo

import msgspec

from incasso.contract.errors import IncassoError
from incasso.contract.text import Text, text
from incasso.locale.system_words import system_words
from incasso.messages.pages import UnfitPagesError, keywords_of
from incasso.services.law import names
from incasso.services.law.container import Index, Seal, signed_words
from incasso.services.law.cover import KEYWORD
from incasso.services.law.papers import digest
from incasso.services.law.records import FileOf
from incasso.store.proof.hub_key import signed_by

T = TypeVar("T", Index, Seal)

_MOST_BYTES: Final = 64 << 20
"""Of index, cover and seal each."""
_PIECE: Final = 1 << 20
_UNSOUND: Final = (BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error)
"""What a ZIP of others may make its reader raise."""
_OWN: Final = (names.COVER, names.INDEX, names.SEAL)


class CheckError(IncassoError):
    """The file is no dossier."""


class FindingKind(StrEnum):
    """What is wrong."""

    ALTERED = "altered"
    MISSING = "missing"
    ADDED = "added"
    SEAL = "seal"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, and with which file."""

    kind: FindingKind
    path: str
    text: Text


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found."""

    index: Index
    findings: tuple[Finding, ...]
    key: str
    """Whose signature it bears; empty: none."""
    ours: bool | None
    """Whether that is the key of this hub; None where no hub is here to compare."""


def check_dossier(place: Path, own_key: str = "") -> Checked:
    """Check one file; `own_key` is the public half of this hub's key. Raises CheckError."""
    try:
        with ZipFile(place) as opened:
            return _checked(opened, own_key)
    except _UNSOUND:
        raise CheckError(
            text("{file} is no dossier: it is no sound ZIP.", file=str(place))
        ) from None
    except OSError as error:
        why = system_words(error)
        raise CheckError(text("{file} cannot be read: {why}.", file=str(place), why=why)) from None


def _checked(opened: ZipFile, own_key: str) -> Checked:
    inside = opened.infolist()
    own = {name: _read(opened, inside, name) for name in _OWN}
    index, seal = _parsed(own[names.INDEX], Index), _parsed(own[names.SEAL], Seal)
    if index is None:
        raise CheckError(
            text(
                "{file} is no dossier: its index {index} is missing or cannot be read.",
                file=str(opened.filename),
                index=names.INDEX,
            )
        )
    findings = [*_about_seal(own, seal), *_about_files(opened, inside, index)]
    key = seal.key if seal else ""
    return Checked(
        index=index,
        findings=tuple(sorted(findings, key=lambda each: each.path)),
        key=key,
        ours=key == own_key if own_key else None,
    )


def _about_files(opened: ZipFile, inside: list[ZipInfo], index: Index) -> Iterator[Finding]:
    listed = {each.path: each for each in index.files}
    times = Counter(each.filename for each in inside)
    for each in inside:
        path = each.filename
        wanted = listed.get(path)
        if path in _OWN and times[path] == 1:
            continue
        if wanted is None or times[path] > 1:
            yield Finding(
                FindingKind.ADDED,
                path,
                text("{path} was added: the index does not have it, or not twice.", path=path),
            )
        elif not _is_same(opened, each, wanted):
            yield Finding(
                FindingKind.ALTERED,
                path,
                text("{path} is not the file that was enclosed.", path=path),
            )
    for path in sorted(listed.keys() - times.keys()):
        yield Finding(FindingKind.MISSING, path, text("{path} is missing.", path=path))


def _about_seal(own: dict[str, bytes | None], seal: Seal | None) -> Iterator[Finding]:
    cover, index = own[names.COVER], own[names.INDEX]
    if cover is None:
        yield Finding(
            FindingKind.MISSING, names.COVER, text("{path} is missing.", path=names.COVER)
        )
    if seal is None:
        words = text("{path} is missing or cannot be read.", path=names.SEAL)
        yield Finding(FindingKind.SEAL, names.SEAL, words)
    elif seal.signature and not signed_by(
        seal.key, signed_words(seal.cover, seal.index), seal.signature
    ):
        words = text("{path} bears a signature that is not its key's.", path=names.SEAL)
        yield Finding(FindingKind.SEAL, names.SEAL, words)
    for path, content, sealed in (
        (names.COVER, cover, seal.cover if seal else ""),
        (names.INDEX, index, seal.index if seal else ""),
    ):
        if content is not None and seal is not None and digest(content) != sealed:
            words = text("{path} is not the one that was sealed.", path=path)
            yield Finding(FindingKind.ALTERED, path, words)
    if cover is not None and index is not None and not _names_index(cover, index):
        words = text("{path} was printed for another index.", path=names.COVER)
        yield Finding(FindingKind.SEAL, names.COVER, words)


def _names_index(cover: bytes, index: bytes) -> bool:
    """The digest of the index stands on the cover, and among its keywords for programs."""
    try:
        return f"{KEYWORD}{digest(index)}" in keywords_of(cover)
    except UnfitPagesError:
        return False


def _is_same(opened: ZipFile, info: ZipInfo, wanted: FileOf) -> bool:
    """Read piece by piece, and no further than the file may be long."""
    found, size = hashlib.sha256(), 0
    try:
        with opened.open(info) as file:
            while size <= wanted.size and (piece := file.read(_PIECE)):
                found.update(piece)
                size += len(piece)
    except (*_UNSOUND, OSError):
        return False
    return size == wanted.size and found.hexdigest() == wanted.sha256


def _read(opened: ZipFile, inside: list[ZipInfo], name: str) -> bytes | None:
    """One of our own three; None if it is not there, not readable or too large."""
    info = next((each for each in inside if each.filename == name), None)
    if info is None:
        return None
    try:
        with opened.open(info) as file:
            content = file.read(_MOST_BYTES + 1)
    except (*_UNSOUND, OSError):
        return None
    return content if len(content) <= _MOST_BYTES else None


def _parsed(content: bytes | None, kind: type[T]) -> T | None:
    try:
        return None if content is None else msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        return None
