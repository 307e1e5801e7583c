"""Offices to copy, and a look at everything a database holds that knows nothing of backups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from incasso.services.office.office import Office, open_office
from incasso.store.engine import Store
from incasso.store.tables import metadata
from tests.cli.command import CONFIG, make_office

FIRST = Path(__file__).parent / "first_release"
"""A backup of an office of the first release (revision 0001), with rows in every table."""


def office_on(folder: Path, url: str = "", *more: str) -> Path:
    """The tutorial's office on a database; its configuration file. Nothing is initialised."""
    make_office(folder)
    hub = "\n".join([f'database = "{url}"' if url else "", *more])
    config = folder / "plugins.toml"
    config.write_text(CONFIG.replace("[hub]\n", f"[hub]\n{hub}\n"), encoding="utf-8")
    return config


def opened(folder: Path, url: str = "", *more: str) -> Office:
    """The same, open."""
    return open_office(office_on(folder, url, *more))


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of this release, as values."""
    with store.read() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=str
            )
            for table in metadata.sorted_tables
        }
