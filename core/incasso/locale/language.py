"""Which language somebody reads: the hub's, unless they ask for another at their command line."""

from __future__ import annotations

import os
from typing import Final

ENGLISH: Final = "en"
ITALIAN: Final = "it"
LANGUAGES: Final = (ITALIAN, ENGLISH)
"""The languages of the office; messages to clients know more."""

VARIABLE: Final = "INCASSO_LANGUAGE"


def reading_language(hub: str = ITALIAN) -> str:
    """The language to show things in: `INCASSO_LANGUAGE`, else the hub's; English if unknown.

    What is written down for everybody (a reason, a journal entry) is in the hub's own language.
    """
    wanted = os.environ.get(VARIABLE, "").strip().lower() or hub
    return wanted if wanted in LANGUAGES else ENGLISH
