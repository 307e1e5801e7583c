"""Where the journal ended when somebody last looked, kept outside the database.

Whoever can cut the end off the journal's tables can also set its head row back; this small file
beside the archive (and every copy of it that a backup holds) still shows that more was there.
"""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import msgspec

from incasso.store.engine import Store
from incasso.store.proof.journal import Head


def save_anchor(store: Store, head: Head) -> None:
    """Remember the head; atomic, and durable once this returns."""
    path = path_of(store)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid4().hex}")
    with temporary.open("wb") as file:
        file.write(msgspec.json.encode(head))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_anchor(store: Store) -> Head | None:
    """The remembered head; None if none was ever remembered. Raises ValueError if unreadable."""
    try:
        content = path_of(store).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=Head)


def path_of(store: Store) -> Path:
    """The file."""
    return store.archive / "journal-head.json"
