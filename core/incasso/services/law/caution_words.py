"""How a caution is made, and how it names credits and invoices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from incasso.contract.text import Text
from incasso.services.law.papers import Invoice
from incasso.services.law.records import Caution, CautionCode, Credit

_MOST_NAMED: Final = 8


def grave(code: CautionCode, words: Text) -> Caution:
    """One that stops a careful lawyer."""
    return Caution(code=code, text=words, grave=True)


def note(code: CautionCode, words: Text) -> Caution:
    """One to know."""
    return Caution(code=code, text=words, grave=False)


def called(credit: Credit) -> str:
    return credit.document_number or credit.installment


def several(credits: Sequence[Credit]) -> str:
    return _listed([called(each) for each in credits])


def numbers_of(invoices: Sequence[Invoice]) -> str:
    return _listed([each.row.document_number or each.row.key for each in invoices])


def _listed(names: Sequence[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = len(shown) - _MOST_NAMED
    return ", ".join(shown[:_MOST_NAMED]) + (f" (+{more})" if more > 0 else "")
