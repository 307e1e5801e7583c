"""Rights of a new file that holds what nobody else may read: the database, the hub's key."""

from __future__ import annotations

import stat
from pathlib import Path


def of_new_file(path: Path) -> int:
    """For its own user; in a folder with the set-group-id bit for its group too.

    Raises OSError without the folder.
    """
    return 0o660 if path.parent.stat().st_mode & stat.S_ISGID else 0o600
