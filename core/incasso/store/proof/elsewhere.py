"""Copies of the anchor in other folders: they outlive an archive that is lost or set back too.

Each copy is a new file, named by epoch and batch, and never written again; so a folder that allows
no changes (object lock, a WORM share) serves. Only copies with the hub's signature count.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from incasso.store.proof.anchor import Anchor, UnreadableAnchorError, decode, encode

_log = logging.getLogger(__name__)

_READ = 20
"""Copies looked at from the newest on, if some of them are not ours."""


def newest_copies(folders: Sequence[Path]) -> Iterator[tuple[Path, Anchor]]:
    """The newest copies of each folder, newest first. A folder that is not there has none."""
    for folder in folders:
        for path in sorted(folder.glob("anchor-*.json"), reverse=True)[:_READ]:
            try:
                yield path, decode(path.read_bytes())
            except (OSError, UnreadableAnchorError):
                continue


def copy_to(folders: Sequence[Path], anchor: Anchor) -> list[Path]:
    """Put a copy into each folder, unless it is there; the folders that refused it."""
    refused = []
    for folder in folders:
        path = folder / f"anchor-{anchor.epoch:06}-{anchor.last_batch:012}.json"
        try:
            _put(path, encode(anchor))
        except FileExistsError:
            continue
        except OSError as error:
            _log.warning("%s: %s", path, error)
            refused.append(folder)
    return refused


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
