"""The last line of an envelope for abroad: the country, as the sender's own post reads it."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale


@lru_cache(maxsize=512)
def country_line(country: str, home: str, language: str) -> str:
    """GERMANIA for a letter from Italy to DE; empty at home and where no country is given.

    A code that nobody knows stays as it is: the post may know better.
    """
    code, own = country.strip().upper(), (home.strip() or "IT").upper()
    if code in ("", own):
        return ""
    names = Locale.parse(language or "it").territories
    return str(names.get(code, code)).upper()
