"""The office's table of what becomes of credits when a provider is done with them."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.placement.outcomes import PlacementOutcome
from incasso.store.recovery.iters import SpoiltRulesError, save_setting
from incasso.store.tables.office import office_settings

_KEY: Final = "placement_outcomes"
"""The office setting that holds it."""


def rules(connection: Connection) -> tuple[PlacementOutcome, ...]:
    """What the office published; empty: what is shipped holds. Raises SpoiltRulesError."""
    query = sa.select(office_settings.c.value).where(office_settings.c.key == _KEY)
    found = connection.execute(query).one_or_none()
    if found is None:
        return ()
    try:
        return msgspec.convert(found.value, tuple[PlacementOutcome, ...])
    except msgspec.ValidationError:
        raise SpoiltRulesError(
            text(
                "The table of outcomes cannot be read as it stands in the database: somebody "
                "changed it beside the hub. Import it again: `incasso exchange outcomes import`."
            )
        ) from None


def publish(connection: Connection, new: tuple[PlacementOutcome, ...]) -> bool:
    """Keep the table; whether it differs from the one before."""
    if new == rules(connection):
        return False
    save_setting(connection, _KEY, new)
    return True
