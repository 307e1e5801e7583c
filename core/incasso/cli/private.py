"""What the hub writes is for its own user: the one place that says so for every file.

Database, archive, outbox, backups, anchors and exports come out as 0600 in folders of 0700. If the
folder of the configuration has the set-group-id bit (`chmod g+s`), its group works there too: then
they come out as 0660 and 0770.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_OURS: Final = 0o077
_THE_GROUPS: Final = 0o007


def close_to_others() -> None:
    """From now on this process creates files for its own user only."""
    os.umask(_OURS)


def open_to_the_group(config: Path) -> None:
    """Let the group in where the folder of the configuration is marked as shared with it."""
    try:
        shared = config.absolute().parent.stat().st_mode & stat.S_ISGID
    except OSError:
        return
    if shared and (before := os.umask(_THE_GROUPS)) != _OURS:
        os.umask(before)  # nobody closed it: a command within another program
