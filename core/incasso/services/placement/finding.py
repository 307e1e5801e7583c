"""What a person means by `L-2026-0007`."""

from __future__ import annotations

from sqlalchemy import Connection

from incasso.contract.text import text
from incasso.domain.office.actor import Scope
from incasso.domain.placement.names import lot_named
from incasso.services.placement.errors import LotError
from incasso.store.placement import lots
from incasso.store.placement.lots import Lot


def lot_called(connection: Connection, typed: str, scope: Scope, *, lock: bool = False) -> Lot:
    """The lot of that code, if it is theirs to see; `lock`: nobody changes it meanwhile.

    Raises LotError.
    """
    code = lot_named(typed.replace("\0", ""))
    found = None if code is None else lots.find(connection, code, scope, lock=lock)
    if found is None:
        raise LotError(
            text("There is no lot “{typed}”: `incasso lots list` shows them.", typed=typed.strip())
        )
    return found
