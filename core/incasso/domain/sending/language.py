"""The language a client is written to in."""

from __future__ import annotations

from collections.abc import Sequence

ITALIAN_SPEAKING = frozenset({"IT", "SM", "VA"})


def language_of(
    language: str, country: str, home: str = "IT", written: Sequence[str] = ("it", "en")
) -> str:
    """The client's own language if we write it, else by country, else English.

    An empty country means the source's own, `home`.
    """
    own = language.lower().replace("_", "-").split("-")[0]
    if own:
        return own if own in written else "en"
    return "it" if (country or home).upper() in ITALIAN_SPEAKING else "en"
