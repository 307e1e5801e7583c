"""Who else may read a file: secrets that every user of the machine can read are refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from incasso.contract.text import Text, text

_FROM_OUTSIDE: Final = (Path("/run/secrets"), Path("/var/run/secrets"))
"""Where Docker and Kubernetes put secrets, readable by all within the container."""


def every_user_reads(path: Path) -> bool:
    """Whether any user of the machine can read the file: its own rights and those of its folders.

    False on Windows, whose rights these bits do not tell, and for what an orchestrator put there.
    """
    if os.name == "nt" or any(path.is_relative_to(each) for each in _FROM_OUTSIDE):
        return False
    path = path.resolve()
    if not path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)


def group_reads(path: Path) -> bool:
    """Whether the group of a file can read it; False on Windows."""
    return os.name != "nt" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IWGRP))


def exposed_secrets(tables: Any, base: Path, *more: Path) -> Iterator[Text]:
    """A sentence for each secret file of these tables, and each of `more`, that its group can read.

    One that every user can read is none of them: it is refused, or `exposed_data` names it. Nor is
    one of `more` in a folder that lets its group in on purpose, with the set-group-ID bit.
    """
    meant = [path for path in more if not path.parent.stat().st_mode & stat.S_ISGID]
    for path in sorted({*_files(tables, base), *meant}):
        if path.is_file() and group_reads(path) and not every_user_reads(path):
            yield text(
                "{path} can be read by its group: `chmod 600 {path}`, unless the group is meant to",
                path=str(path),
            )


def exposed_data(paths: Iterator[Path] | tuple[Path, ...]) -> Iterator[Text]:
    """A sentence for each file or folder of the hub that every user of the machine can read."""
    for path in paths:
        if path.exists() and every_user_reads(path):
            yield text(
                "{path} can be read by every user of this machine: `chmod -R go-rwx {path}`",
                path=str(path),
            )


def _files(value: Any, base: Path) -> Iterator[Path]:
    """The files of every `{ file = … }` within."""
    match value:
        case {"file": str(name), **rest} if not rest and name:
            yield base / name
        case dict():
            for each in value.values():
                yield from _files(each, base)
        case list():
            for each in value:
                yield from _files(each, base)
