"""Where the headings of a sheet are, and which column is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from incasso.api import apart
from incasso_excel.words import RESULT_HEADINGS, plain

_ENOUGH: Final = 3
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "placement": ("pratica", "id affidamento", "numero affidamento", "placement id"),
    "row": ("id riga", "row id"),
    "on": ("data esito", "data evento", "giorno"),
    "kind": ("tipo esito", "evento", "tipo"),
    "detail": ("dettaglio esito", "motivo", "causale", "reason"),
    "amount": ("importo incassato", "importo €", "euro"),
    "update_id": ("id", "id evento", "id incasso", "identificativo evento", "riferimento"),
    "corrects": ("rettifica di", "storno di"),
    "remittance": ("bonifico", "distinta"),
    "until": ("data promessa", "entro", "scadenza promessa"),
    "medium": ("canale", "mezzo di contatto"),
    "text": ("nota", "descrizione", "commento", "annotazioni"),
    "lot": ("id lotto", "codice lotto"),
}
"""What agencies call these columns too."""


class Found(NamedTuple):
    """The headings of a sheet."""

    row: int
    """Counted from 0."""
    columns: Mapping[str, int]
    unknown: tuple[str, ...]
    """Headings that nothing here reads."""
    doubled: tuple[str, ...]
    """Headings that stand for a column that another heading stood for already."""


def find(rows: Sequence[Sequence[apart.Cell]], known: Mapping[str, str]) -> Found | None:
    """The row with most known headings, if it has the kind and enough others."""
    looks = [_read(number, row, known) for number, row in enumerate(rows)]
    best = max(looks, key=lambda each: len(each.columns), default=None)
    if best is None or len(best.columns) < _ENOUGH or "kind" not in best.columns:
        return None
    return best


def own() -> dict[str, str]:
    """Fields of our own layout by heading, in every language."""
    found: dict[str, str] = {}
    for field, headings in RESULT_HEADINGS.items():
        for said in (*headings, *_ALSO.get(field, ()), field):
            found.setdefault(plain(said), field)
    return found


def _read(number: int, row: Sequence[apart.Cell], known: Mapping[str, str]) -> Found:
    columns: dict[str, int] = {}
    unknown, doubled = [], []
    for place, cell in enumerate(row):
        said = plain(str(cell).strip(" *:"))
        field = known.get(said)
        if field is None:
            unknown.extend([str(cell)] if said else [])
        elif field in columns:
            doubled.append(str(cell))
        else:
            columns[field] = place
    return Found(number, columns, tuple(unknown), tuple(doubled))
