"""The language a client is written to in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

WRITTEN: Final = ("it", "en", "de", "fr")
"""The languages of the texts that ship."""

SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "IT": "it", "SM": "it", "VA": "it",
        "DE": "de", "AT": "de", "LI": "de",
        "FR": "fr", "MC": "fr", "LU": "fr",
    }
)  # fmt: skip
"""Countries with one of these languages; Switzerland and Belgium speak several: English there,
unless the ledger says which."""


def language_of(
    language: str, country: str, home: str = "IT", written: Sequence[str] = WRITTEN
) -> str:
    """The client's own language if we write it, else by country, else English.

    An empty country means the source's own, `home`.
    """
    own = language.lower().replace("_", "-").split("-")[0]
    if own:
        return own if own in written else "en"
    spoken = SPOKEN.get((country or home).upper(), "en")
    return spoken if spoken in written else "en"
