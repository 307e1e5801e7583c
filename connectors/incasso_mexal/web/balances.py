"""The balance that Mexal itself computes for a client (`calcolo_esposizione`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from incasso.api import UnsupportedError, text
from incasso_mexal.cells import CellError, amount
from incasso_mexal.web.answers import MissingError, RefusedError, data_of
from incasso_mexal.web.archive import Archive

_SPARE_S: Final = 4.0


def balances(archive: Archive, clients: tuple[str, ...], on: date) -> Mapping[str, Decimal]:
    """The balance of each client on a day, one service after the other.

    Clients unknown to Mexal, and those for which no time is left, are missing in the answer.
    Raises UnsupportedError if the settings switched it off.
    """
    if not archive.settings.exposure_check:
        raise UnsupportedError(text("exposure_check is off in the settings of this source"))
    where = archive.where("installments")
    found: dict[str, Decimal] = {}
    for client in clients:
        if archive.api.seconds_left() < _SPARE_S:
            break
        what = text("balance of {client}", client=client)
        given = {"in_codice_conto": client, "in_alla_data": on.strftime("%Y%m%d")}
        try:
            answer = archive.api.service(what, "calcolo_esposizione", given, where)
            fields = data_of(answer, what)
            balance = amount(fields.get("saldo_cli_for"), "saldo_cli_for")
        except (RefusedError, MissingError, CellError, AttributeError) as error:
            archive.api.ctx.log.info("%s: %s", what, error)
            continue
        if balance is not None:
            found[client] = balance
    return found
