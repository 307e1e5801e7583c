"""Whether an answer asks for no more messages."""

from __future__ import annotations

import re
from typing import Final

_WHOLE: Final = frozenset(
    {
        *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
        *("BASTA", "CANCELLAMI", "CANCELLATEMI", "DISISCRIVI", "DISISCRIVIMI", "NO SMS"),
        *("ARRET", "ABMELDEN"),
    }
)
"""Answers that mean it when nothing else is said. The first are those of every network."""
_FIRST: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE"})
_FEW_WORDS: Final = 4
"""`STOP sms grazie` is one; a sentence that begins with "stop" is for a person."""


def is_stop(answer: str) -> bool:
    """Whether these words ask for no more messages, and surely nothing else."""
    words = re.findall(r"\w+", answer.upper().replace("È", "E").replace("Ê", "E"))
    if not words or len(words) > _FEW_WORDS:
        return False
    return " ".join(words) in _WHOLE or words[0] in _FIRST
