"""The nearest right name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from incasso.contract.text import Text, text


def nearest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint for a misspelt name: the known one that looks most like it, else all of them.

    `otherwise` replaces the list of all names, where they are many.
    """
    names = sorted({str(name) for name in known})
    if close := get_close_matches(word, names, n=1, cutoff=0.6):
        return text("did you mean {name!r}?", name=close[0])
    return otherwise or (_all_of(names) if names else "")


def _all_of(names: list[str]) -> Text:
    return text("known: {names}", names=names)
