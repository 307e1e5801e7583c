"""The neutral feed: a file of everybody who may not order, for programs that cannot ask over HTTP.

It is replaced whole and at once, so that no reader sees a partial file; if writing fails, the
previous file stays and a person is notified.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from incasso.contract.errors import ConfigurationError
from incasso.contract.text import text
from incasso.contract.visible import visible
from incasso.domain.office.actor import Scope
from incasso.domain.plain_cell import csv_text
from incasso.locale.system_words import system_words
from incasso.plugins.settings.config import FEED_KINDS, HubConfig
from incasso.services.office.office import Office
from incasso.services.orders.credit_status import blocked_clients
from incasso.store.engine import Store

COLUMNS: Final = ("source", "client", "name", "vat", "blocked_since", "reason", "blocked_by")


def write_feed(config: HubConfig, store: Store, scope: Scope, path: Path) -> int:
    """Write the feed of the clients in the scope into a .csv or .json file; gives their number.

    Raises ConfigurationError for another ending, OSError if the file cannot be written.
    """
    kind = path.suffix.lower()
    if kind not in FEED_KINDS:
        raise ConfigurationError(text("{name} must end in .csv or .json", name=path.name))
    with store.read() as connection:
        rows = list(blocked_clients(connection, config.language, scope))
    _replace(path, as_csv(rows) if kind == ".csv" else as_json(rows))
    return len(rows)


def feed_problems(office: Office) -> tuple[str, ...]:
    """Write every feed that `[hub] blocks_feed` names; what went wrong, a sentence each."""
    problems = []
    for path in office.config.blocks_feed:
        try:
            write_feed(office.config, office.store, Scope.everything(), path)
        except OSError as error:
            problems.append(
                text(
                    "blocks_feed {path}: {why}; the file before stays in place",
                    path=str(path),
                    why=system_words(error),
                )
            )
    return tuple(problems)


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """UTF-8 with a heading, commas, CRLF: readable by every program and Excel.

    Marks that turn a line round or show nothing stand as their codes.
    """
    written = csv_text(COLUMNS, ([_seen(row[name]) for name in COLUMNS] for row in rows))
    return written.encode("utf-8", "replace")


def as_json(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """One array; the same fields, dates ISO, what is not known null."""
    plain_rows = [{name: _plain_date(row[name]) for name in COLUMNS} for row in rows]
    return (json.dumps(plain_rows, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _seen(value: Any) -> Any:
    return visible(value) if isinstance(value, str) else value


def _plain_date(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _replace(path: Path, content: bytes) -> None:
    """Replaces the file atomically and syncs it to disk. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Whoever may read the old file is an order program, and goes on reading the new one.
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
