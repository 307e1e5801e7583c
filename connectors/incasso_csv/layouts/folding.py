"""Headings in other writings: abbreviations written out, links and blanks left out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from incasso_csv.cells.words import normal

_LONG: Final = {
    short: word
    for word, shorts in {
        "numero": "n nr num no",
        "codice": "cod",
        "cliente": "cli clienti",
        "documento": "doc docum",
        "fattura": "fatt fat ft",
        "scadenza": "scad",
        "importo": "imp",
        "pagamento": "pag pagam",
        "effetto": "eff",
        "condizioni": "cond condiz",
        "insoluto": "ins",
        "ragione": "rag",
        "sociale": "soc",
        "data": "dt",
        "totale": "tot",
        "tipo": "tp tip",
        "modalita": "mod modal",
        "residuo": "res",
        "valuta": "val",
        "fornitore": "forn for",
    }.items()
    for short in shorts.split()
}
_LINKS: Final = frozenset("di del della dello dell d in la il l of the".split())
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def folded(heading: str) -> str:
    """The words of a heading without links, abbreviations written out: `CodCliente`, `Nr. doc.`."""
    words = normal(_CAMEL.sub(" ", heading)).split()
    return " ".join(_LONG.get(word, word) for word in words if word not in _LINKS)


def squeezed(heading: str) -> str:
    """Without blanks: `RAGIONESOCIALE`."""
    return normal(heading).replace(" ", "")
