"""The key that envelope ids are made with: made once per hub, known to nobody outside it."""

from __future__ import annotations

import secrets
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.store.tables.office import office_settings
from incasso.store.upserting import insert_into

_KEY: Final = "envelope_key"


def envelope_key(connection: Connection) -> bytes:
    """The key; empty while no message was ever made."""
    query = sa.select(office_settings.c.value).where(office_settings.c.key == _KEY)
    return bytes.fromhex(connection.scalar(query) or "")


def make_envelope_key(connection: Connection) -> bytes:
    """The key, made if there is none yet; two dispatchers get the same."""
    if known := envelope_key(connection):
        return known
    row = {"key": _KEY, "value": secrets.token_hex(32)}
    connection.execute(insert_into(connection, office_settings).on_conflict_do_nothing(), row)
    return envelope_key(connection)
