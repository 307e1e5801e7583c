"""Make foreign text safe to print: what an ERP calls a name may hold anything at all."""

from __future__ import annotations

import unicodedata

_LONGEST = 160
"""Characters of one name or number shown in a message; one ERP row came with 4,000."""

# Joiners stay: Persian and Hindi names and many emoji are misspelt without them.
_JOINERS = "\u200c\u200d"


def clean(text: str, longest: int = _LONGEST) -> str:
    """One printable line: no control, direction-override or private-use characters, no breaks.

    Private-use characters matter most: the writers mark bold text and blocks with them.
    """
    if len(text) <= longest and text.isprintable():
        return text
    kept = "".join(map(_replacement, text))
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"


def _replacement(character: str) -> str:
    if character in _JOINERS:
        return character
    kind = unicodedata.category(character)
    if kind[0] == "Z" or kind == "Cc":
        return " "
    return "" if kind in ("Cf", "Co", "Cs") else character
