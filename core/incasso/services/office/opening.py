"""Open the database that a configuration names, with the anchor that follows its journal."""

from __future__ import annotations

from incasso.plugins.settings.config import HubConfig
from incasso.store.engine import Store, open_store
from incasso.store.proof.anchor import Anchorage
from incasso.store.proof.hub_key import HubKey


def store_of(config: HubConfig) -> Store:
    """The database and archive of a hub. Raises sqlalchemy.exc.ArgumentError for other URLs."""
    anchorage = Anchorage(config.archive, HubKey(config.key_file, config.key), config.anchor)
    return open_store(config.database_url, config.archive, anchorage)
