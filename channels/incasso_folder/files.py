"""Put a message and its note into the folder so that a crash leaves both, or nothing that counts.

The note (.json) comes last and is what counts: it is the memory of what was put there, so a
print room may take the content away, but leaves the note.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final
from uuid import uuid4

_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_safe(name: str) -> bool:
    """Whether a delivery id may be a file name: nothing in it leads out of the folder."""
    return bool(_SAFE.fullmatch(name))


def note_of(folder: Path, delivery: str) -> Path | None:
    """The note of a delivery, whatever day it was written on; None if it never was.

    Raises FileNotFoundError without the folder: a share that is not connected proves nothing.
    """
    if not is_safe(delivery):
        return None
    days = sorted((day for day in folder.iterdir() if _DAY.fullmatch(day.name)), reverse=True)
    notes = (day / f"{delivery}.json" for day in days)
    return next((note for note in notes if note.is_file()), None)


def put(folder: Path, on: date, filename: str, content: bytes, note: tuple[str, bytes]) -> Path:
    """Write content and note for that day, safe on the disk when this returns. Raises OSError."""
    day = folder / on.isoformat()
    if not day.is_dir():
        day.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder)
    _place(day / filename, content)
    note_name, note_content = note
    _place(day / note_name, note_content)
    _sync_folder(day)
    return day / note_name


def _place(path: Path, content: bytes) -> None:
    """The whole file under its name, or no file of that name."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; where a folder cannot be opened (Windows) they are."""
    with suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
