"""Open the database that a configuration names, with the anchor that follows its journal."""

from __future__ import annotations

from pathlib import Path

from incasso.plugins.settings.config import S3, HubConfig
from incasso.services.office.anchor_mailbox import MailboxPlace
from incasso.store.engine import Store, open_store
from incasso.store.proof.anchor import Anchorage
from incasso.store.proof.bucket import Bucket
from incasso.store.proof.elsewhere import Folder, Place
from incasso.store.proof.hub_key import HubKey


def store_of(config: HubConfig) -> Store:
    """The database and archive of a hub. Raises sqlalchemy.exc.ArgumentError for other URLs."""
    places = [place_of(each, config.base) for each in config.anchor]
    if config.anchor_mailbox is not None:
        places.append(MailboxPlace(config.anchor_mailbox))
    anchorage = Anchorage(config.archive, HubKey(config.key_file, config.key), places)
    return open_store(config.database_url, config.archive, anchorage)


def place_of(where: str, base: Path) -> Place:
    """A place for copies of the anchor, as `[hub] anchor` names it; folders begin at `base`.

    It goes by that name, so that a hub that moves to another folder knows it again.
    """
    if where.startswith(S3):
        return Bucket(where)
    return Folder(where, base / Path(where).expanduser())
