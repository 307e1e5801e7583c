"""Time stamps (RFC 3161) of the anchor, one per day, in the archive beside it.

The anchor as it was stamped lies beside the token, so both can be checked with other tools:
`openssl ts -verify -data 2026-11-23.json -in 2026-11-23.tsr -CAfile ca.pem`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec

FOLDER: Final = "stamps"


class Stamp(msgspec.Struct, frozen=True):
    """The anchor of a day and the authority's answer about it."""

    day: date
    """In UTC."""
    anchor: bytes
    token: bytes


def is_there(archive: Path, day: date) -> bool:
    """Whether the day has its stamp."""
    return _path(archive, day, "tsr").exists()


def keep(archive: Path, stamp: Stamp) -> None:
    """Write both files, the token last; durable once this returns. Raises OSError."""
    _write(_path(archive, stamp.day, "json"), stamp.anchor)
    _write(_path(archive, stamp.day, "tsr"), stamp.token)


def kept(archive: Path) -> Iterator[Stamp]:
    """Every stamp, oldest first; other files are passed over. Raises OSError."""
    for path in sorted((archive / FOLDER).glob("*.tsr")):
        try:
            day = date.fromisoformat(path.stem)
        except ValueError:
            continue
        anchor = path.with_suffix(".json")
        yield Stamp(day, anchor.read_bytes() if anchor.exists() else b"", path.read_bytes())


def _path(archive: Path, day: date, kind: str) -> Path:
    return archive / FOLDER / f"{day}.{kind}"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o770)
    temporary = path.with_name(f".{uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
