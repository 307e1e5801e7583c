"""Values on their way into SQLite: nulls, bytes and truth values pass as they are, at once.

Python's `sqlite3` asks every value that is neither text nor number whether anything adapts it, and
for each of them makes an AttributeError and throws it away: half a microsecond for every null. A
row of the ledger has six of them, and writing it took 40 % longer. An adapter of one's own is found
first. What is stored stays the same (`tests/store/test_sqlite_binding.py`).
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

_NOTHING: Final[dict[Any, Any]] = {None: None}


def pass_plain_values() -> None:
    """For every connection of this process; several times do no harm."""
    # Built in C: a function in Python would cost as much as it saves.
    sqlite3.register_adapter(type(None), _NOTHING.get)
    sqlite3.register_adapter(bytes, bytes)
    sqlite3.register_adapter(bool, int)
