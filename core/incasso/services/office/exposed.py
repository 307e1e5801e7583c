"""Files of the hub that others on the machine can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from incasso.contract.text import Text
from incasso.plugins.settings.config import HubConfig
from incasso.plugins.settings.rights import exposed_data, exposed_secrets


def exposed_files(config: HubConfig) -> Iterator[Text]:
    """A sentence with its cure for each: secrets, the database, the archive.

    An older release, a copy or an unpacked backup may have left them open.
    """
    plugins = [dict(table) for family in config.tables.values() for table in family.values()]
    own = () if config.key else (config.key_file,)
    yield from exposed_secrets([dict(config.own_tables), *plugins], config.base, *own)
    yield from exposed_data((*_database(config), config.archive, *own))


def _database(config: HubConfig) -> Iterator[Path]:
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield Path(url.database)
