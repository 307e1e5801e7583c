"""A key for backups."""

from __future__ import annotations

import pytest

from incasso.services.backup.sealing import new_key


@pytest.fixture
def age_key() -> str:
    """A new key, as in a file of `age-keygen`."""
    return new_key()
