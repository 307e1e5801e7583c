"""Telephone numbers in the one form that every service understands (E.164)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

ITALY: Final = "IT"

# Letters after a number are notes of the office: "011 5550100 ufficio" is not to be guessed at.
_TYPED: Final = re.compile(r"[+0-9 ./()-]+")


# The same number is asked for by planning, by the last look and by the message.
@lru_cache(maxsize=4096)
def e164(number: str, country: str = ITALY) -> str:
    """The number as `+390115550100`, read as somebody in that country dials it; as it was given,
    without the spaces around it, where it cannot be a number.

    Italian landlines keep the zero that they begin with.
    """
    given = number.strip()
    # Slow to load, and most commands meet no number.
    import phonenumbers

    if not _TYPED.fullmatch(given):
        return given
    try:
        parsed = phonenumbers.parse(given, country.upper() or ITALY)
    except phonenumbers.NumberParseException:
        return given
    if not phonenumbers.is_possible_number(parsed):
        return given
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
