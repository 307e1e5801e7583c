"""Names of files in an exchange folder: what ours may be called, what is left alone, and what a
file is called while somebody reads it.

A file that is being read says in its name since when and by whom, because the name is the one thing
that every place changes in a single step.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from incasso.contract.errors import RejectedError
from incasso.contract.text import text
from incasso.contract.values import Problem

LONGEST: Final = 180
"""Characters of a name; with what is put before it, it fits the 255 bytes of most file systems."""

SEALED: Final = (".pgp", ".gpg", ".asc")
"""Endings that OpenPGP adds."""

_OURS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()+=-]*")
_CLAIMED: Final = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{8})-(.+)", re.DOTALL)
_PART: Final = re.compile(r"(.+)\.[0-9a-f]{8}\.part", re.DOTALL)
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_GROWING: Final = (".part", ".filepart", ".partial", ".tmp", ".temp", ".crdownload", "~")
"""Endings of files that are still being written: by us, WinSCP, FileZilla, browsers, editors."""


@dataclass(frozen=True, kw_only=True)
class ClaimName:
    """A file that somebody reads: since when, who, and its own name."""

    since: datetime
    worker: str
    name: str

    @property
    def token(self) -> str:
        """Since when and by whom."""
        return f"{self.since.astimezone(UTC).strftime(_STAMP)}-{self.worker}"

    def __str__(self) -> str:
        return f"{self.token}-{self.name}"


def worker() -> str:
    """A name for whoever claims a file: eight letters by chance."""
    return secrets.token_hex(4)


def claimed(name: str) -> ClaimName | None:
    """What the name of a claimed file says; None for any other name."""
    if not (found := _CLAIMED.fullmatch(name)):
        return None
    try:
        since = datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return ClaimName(since=since, worker=found[2], name=found[3])


def part(name: str) -> str:
    """What a file of ours is called until it is whole; another at every try."""
    return f"{name}.{secrets.token_hex(4)}.part"


def part_of(name: str) -> str:
    """Whose unfinished try this is; empty if it is none of ours."""
    found = _PART.fullmatch(name)
    return found[1] if found else ""


def ours(name: str) -> str:
    """The name, if every place and system can keep it. Raises RejectedError."""
    growing = name.lower().endswith(_GROWING)
    if len(name) > LONGEST or not _OURS.fullmatch(name) or name.endswith((".", " ")) or growing:
        raise RejectedError(
            text("{name!r} cannot be the name of a file in an exchange folder", name=name[:200]),
            code="name",
        )
    return name


def is_hidden(name: str) -> bool:
    """Whether it is no business of the exchange: hidden, or still being written."""
    return name.startswith(".") or name.lower().endswith(_GROWING)


def is_readable(name: str) -> bool:
    """Whether a file of theirs can be taken under this name."""
    return len(name) <= LONGEST and len(name.encode("utf-8", "replace")) <= 220 and _sound(name)


def _sound(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair: bytes that are no UTF-8
        return False
    return name.isprintable() and "/" not in name and "\\" not in name


def unsealed(name: str) -> str:
    """Without the ending that encryption added."""
    for ending in SEALED:
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def odd_name(name: str) -> Problem:
    return Problem(
        code="file_name",
        field=name[:100],
        message=text(
            "{name!r} is left alone: no file can be read under this name", name=name[:100]
        ),
        hint=text("have it sent again under a shorter name of letters and figures"),
    )
