"""What to write into the bank's form, so that the payment finds its invoices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Protocol

from incasso.contract.values import Money
from incasso.messages.language import Language

LONGEST: Final = 140
"""Characters of a SEPA transfer's unstructured remittance information."""

# What every bank of the SEPA area takes (EPC217-08).
_UNFIT: Final = re.compile(r"[^A-Za-z0-9/?:().,'+ -]+")


class Billed(Protocol):
    """One installment of a message."""

    @property
    def number(self) -> str: ...

    @property
    def residual(self) -> Money: ...


def reference_for_payment(lines: Sequence[Billed], reference: str, language: Language) -> str:
    """The invoice numbers and our own reference: "Fatt. 12/A, 13/A - C00123/45".

    Numbers that do not fit are counted: "Fatt. 12/A, 13/A (+38) - C00123/45".
    """
    own = _plain(reference)
    owed = (_plain(line.number) for line in lines if line.residual.amount > 0)
    numbers = list(dict.fromkeys(filter(None, owed)))
    if not numbers:
        return own
    for kept in range(len(numbers), 0, -1):
        left = f" (+{len(numbers) - kept})" if kept < len(numbers) else ""
        found = language.label("invoice_short", numbers=", ".join(numbers[:kept])) + left
        found += f" - {own}" if own else ""
        if len(found) <= LONGEST:
            return found
    return own


def _plain(text: str) -> str:
    """In the characters that banks take."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(_UNFIT.sub(" ", bare).split())
