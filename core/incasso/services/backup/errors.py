"""What goes wrong with backups, in one sentence with its cure."""

from __future__ import annotations

from incasso.contract.errors import IncassoError


class BackupError(IncassoError):
    """A backup cannot be made or used; the message says why and what to do."""


class DamagedError(BackupError):
    """A file of a backup is missing, cut or changed: use another backup."""
