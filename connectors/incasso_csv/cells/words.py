"""Words of a ledger that mean a choice: yes and no, ways to pay, states."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from incasso.api import PaymentMethod
from incasso.api import text as sentence
from incasso_csv.cells.values import Cell, CellError, text_of

_PUNCTUATION: Final = re.compile(r"[^\w]+|_")


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Lower case, no accents, no degree signs, punctuation to single blanks."""
    plain = unicodedata.normalize("NFKD", text.replace("°", " ").replace("º", " "))
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return _PUNCTUATION.sub(" ", kept.lower()).strip()


_YES: Final = frozenset("x s si y yes true vero 1 v b bloccato".split())
_NO: Final = frozenset(["", "n", "no", "false", "falso", "0", "f"])


def read_avere(cell: Cell) -> bool:
    """Whether a column of signs says avere, a credit of the client. Raises CellError for others."""
    word = text_of(cell).strip().lower()
    if word in ("a", "avere", "-", "h", "cr", "credit", "credito"):
        return True
    if word in ("d", "dare", "+", "s", "dr", "debit", "debito"):
        return False
    raise CellError(
        "bad_sign",
        sentence("{word!r} says neither dare nor avere", word=word[:60]),
        sentence("write D or A"),
    )


def read_flag(cell: Cell) -> bool:
    """Whether the cell says yes: X, S, si, true, vero, 1. Raises CellError for other words."""
    if isinstance(cell, bool):
        return cell
    word = normal(text_of(cell))
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError(
        "bad_flag",
        sentence("{word!r} is neither yes nor no", word=word[:60]),
        sentence("write X or leave it blank"),
    )


def _table(words: Mapping[str, str]) -> dict[str, PaymentMethod]:
    return {w: PaymentMethod(m) for m, ws in words.items() for w in ws.split("|")}


# Words of Italian programs, codes of the electronic invoice (MP01…). No single letter: B is a
# transfer in one program and a bill at the bank in another.
_METHODS: Final = _table(
    {
        "transfer": "bonifico|bonifico bancario|bb|bo|bon|c3|mp05|transfer|bonifico sepa|estero",
        "riba": "riba|ri ba|rb|r b|ricevuta bancaria|ricevute bancarie|mp12|rba|effetto",
        "sdd": "sdd|rid|rd|addebito|addebito diretto|sepa sdd|sdd core|sdd b2b"
        "|mp09|mp10|mp11|mp16|mp19|mp20|mp21",
        "direct": "rimessa diretta|rim diretta|rim dir|diretta|rdir|contanti|c1|cash"
        "|mp01|mp04|direct|rimessa",
        "cheque": "assegno|assegno bancario|assegno circolare|ab|ac|mp02|mp03|cheque",
        "cod": "contrassegno|contr|con|cod|c ass",
        "card": "carta|carta di credito|carta di debito|pos|mp08|card|bancomat",
        "bill": "tratta|cambiale|paghero|pag|mp06|bill|titolo|ti",
        "other": "other|altro|mav|bollettino|bollettino postale|c4|mp07|mp13|mp17|mp18|mp23"
        "|pagopa|compensazione",
    }
)


def read_method(cell: Cell, overrides: Mapping[str, str]) -> PaymentMethod:
    """How it was to be paid; an empty cell is OTHER. Raises CellError for an unknown code.

    `overrides` comes from the settings and wins, because codes are each company's own.
    """
    word = normal(text_of(cell))
    if not word:
        return PaymentMethod.OTHER
    if chosen := overrides.get(word):
        return PaymentMethod(chosen)
    if method := _METHODS.get(word):
        return method
    # "Ric. bancaria 60 gg f.m.", "Bonifico 30 gg": the kind comes first.
    for known, method in _METHODS.items():
        if len(known) > 3 and word.startswith(known + " "):
            return method
    if word.startswith(("ric banc", "ri ba")):
        return PaymentMethod.RIBA
    raise CellError(
        "unknown_method",
        sentence("{word!r} is not a known way to pay", word=word[:60]),
        sentence(
            "add it to payment_methods in the settings, e.g. payment_methods = {{ XX = "
            '"transfer" }}'
        ),
    )


class Status(StrEnum):
    """What a status column says about an installment."""

    OPEN = "open"
    PAID = "paid"
    UNPAID = "unpaid"
    PRESENTED = "presented"


def read_status(cell: Cell) -> Status:
    """Open unless the word clearly says paid, returned unpaid or presented to the bank."""
    word = normal(text_of(cell))
    if word.startswith(("insolut", "impagat", "protest", "richiamat")):
        return Status.UNPAID
    if word.startswith(("pagat", "saldat", "incassat", "chius", "estint")) or word == "p":
        return Status.PAID
    if word.startswith(("presentat", "emess", "in banca", "in portafoglio", "al incasso")):
        return Status.PRESENTED
    return Status.PRESENTED if word in ("e", "effetto emesso") else Status.OPEN
