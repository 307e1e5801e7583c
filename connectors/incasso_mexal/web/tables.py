"""The small tables behind the codes: payment terms, zones, categories, currencies, positions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from incasso.api import RejectedError
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, first_of, text
from incasso_mexal.web.login import Coordinates
from incasso_mexal.web.paging import Listing, everything
from incasso_mexal.web.settings import MexalSettings
from incasso_mexal.web.webapi import WebApi

PAYMENTS: Final = "dati-generali/pagamenti"
ZONES: Final = "dati-generali/zone-clienti-fornitori"
CATEGORIES: Final = "dati-generali/categorie-statistiche-cli-for"
CURRENCIES: Final = "dati-generali/valute"
POSITIONS: Final = "dati-generali/posizione-referenti"

_ISO: Final = re.compile("[A-Z]{3}")
_EURO: Final = frozenset({"EUR", "EURO", "€", "EU"})


def words_of(api: WebApi, resource: str, where: Coordinates) -> Mapping[str, str]:
    """Descriptions by code; empty where the installation has no such table or no right to it."""
    what = sentence("table {name}", name=resource.rpartition("/")[2])
    try:
        rows = everything(api, Listing(what, resource, where))
    except RejectedError as error:
        api.ctx.log.info("%s", error)
        return {}
    found: dict[str, str] = {}
    for row in rows:
        try:
            key = first_of((text(row.get("id"), "id"), text(row.get("codice"), "codice")))
            words = text(row.get("descrizione"), "descrizione")
        except CellError:
            continue
        if key and words:
            found[key] = words
    return found


@dataclass(frozen=True)
class Currencies:
    """ISO codes by Mexal's numbers of currencies."""

    own: str
    by_number: Mapping[int, str] = field(default_factory=dict)

    def of(self, number: int) -> str:
        """The currency of a number; 0 and 1 are the company's own unless the table says else.

        Raises CellError for a number that neither table nor settings explain.
        """
        if (code := self.by_number.get(number)) is not None:
            return code
        if number in (0, 1):
            return self.own
        raise CellError(
            "numero_valuta",
            sentence("nobody says which currency number {number} is", number=number),
            sentence(
                'add it to the settings: currencies = {{ "{number}" = "USD" }}', number=number
            ),
            "unknown_currency",
        )


def currencies_of(api: WebApi, settings: MexalSettings, where: Coordinates) -> Currencies:
    """The table of currencies, with the settings' own words above it."""
    found: dict[int, str] = {}
    try:
        rows = everything(api, Listing(sentence("table of currencies"), CURRENCIES, where))
    except RejectedError as error:
        api.ctx.log.info("%s", error)
        rows = []
    for row in rows:
        number, code = row.get("id"), str(row.get("sigla") or "").strip().upper()
        code = "EUR" if code in _EURO else code
        if isinstance(number, int) and _ISO.fullmatch(code):
            found[number] = code
    found |= {int(key): code for key, code in settings.currencies.items() if key.isdigit()}
    return Currencies(settings.currency, found)
