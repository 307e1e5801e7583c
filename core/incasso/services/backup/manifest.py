"""What a backup consists of: its manifest, and how its files are named."""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from incasso.contract.text import text
from incasso.services.backup.errors import BackupError, DamagedError
from incasso.services.backup.sealing import Seal, Written
from incasso.store.revision import knows

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database.jsonl.gz"
ARCHIVE: Final = "archive.jsonl.gz"
CONFIGURATION: Final = "configuration"


class TableEntry(msgspec.Struct, frozen=True):
    """One table: how many rows, and SHA-256 over their lines."""

    name: str
    rows: int
    sha256: str


class Kept(msgspec.Struct, frozen=True):
    """One file of the archive: its path there, and what it holds."""

    path: str
    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a backup holds, with hashes and counts."""

    format: int = FORMAT
    made_at: datetime
    program: str
    revision: str
    dialect: str
    last_batch: int
    """Where the journal ended."""
    head: str
    epoch: int
    """How often the hub had been recovered."""
    tables: tuple[TableEntry, ...]
    database: Written
    archive: Written
    """The list of the archive's files."""
    files: int
    bytes: int
    configuration: dict[str, Written]
    digest: str = ""
    """SHA-256 over the manifest without it."""

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def write_manifest(manifest: Manifest, folder: Path, seal: Seal) -> Manifest:
    """Write it with its digest; last of all files of a backup."""
    digest = hashlib.sha256(_encode(replace(manifest, digest=""))).hexdigest()
    manifest = replace(manifest, digest=digest)
    content = msgspec.json.format(_encode(manifest), indent=1)
    seal.write(BytesIO(content), folder / f"{MANIFEST}{seal.suffix}")
    return manifest


def read_manifest(folder: Path, seal: Seal) -> Manifest:
    """Read and check it. Raises BackupError, DamagedError."""
    path = folder / f"{MANIFEST}{seal.suffix}"
    with seal.opened(path) as file:
        content = file.read()
    try:
        found = msgspec.json.decode(content, type=Manifest)
    except (ValueError, msgspec.DecodeError):
        raise DamagedError(
            text("{file} is cut or was changed: use another backup", file=str(path))
        ) from None
    if found.format != FORMAT:
        raise BackupError(
            text(
                "{file} was made by a newer Incasso (format {format}); install that one",
                file=str(path),
                format=found.format,
            )
        )
    if hashlib.sha256(_encode(replace(found, digest=""))).hexdigest() != found.digest:
        raise DamagedError(text("{file} is cut or was changed: use another backup", file=str(path)))
    if not knows(found.revision):
        raise BackupError(
            text(
                "the backup was made by a newer Incasso (revision {revision}); install that one",
                revision=found.revision,
            )
        )
    return found


def listed(folder: Path, seal: Seal, manifest: Manifest) -> list[Kept]:
    """The files of the archive in a backup. Raises DamagedError."""
    path = folder / f"{ARCHIVE}{seal.suffix}"
    with seal.opened(path) as file:
        content = file.read()
    if Written(hashlib.sha256(content).hexdigest(), len(content)) != manifest.archive:
        raise DamagedError(text("{file} is cut or was changed: use another backup", file=str(path)))
    decoder = msgspec.json.Decoder(Kept)
    return [decoder.decode(line) for line in gzip.decompress(content).splitlines()]
