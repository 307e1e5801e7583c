"""Whether the rates of interest that formal notices state are known on a day."""

from __future__ import annotations

from datetime import date

from incasso.contract.text import Text, text
from incasso.domain.law.claim import last_known_day


def unknown_rates(on: date) -> Text | None:
    """What to tell the office if the tables end before that day; None if they reach it."""
    known = last_known_day()
    if on <= known:
        return None
    return text(
        "The rates of interest for late payment are known up to {day}: formal notices count "
        "interest up to that day. A newer version of Incasso has the rates published since.",
        day=known,
    )
