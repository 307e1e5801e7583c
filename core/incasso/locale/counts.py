"""So many of something: a number and its word, which other languages than English bend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from incasso.contract.text import Text, counted, text
from incasso.locale.labels import Labels

Counts: TypeAlias = Mapping[str, Callable[[int], Text]]
"""Code to the words for a number of them."""

MEDIA_COUNTED: Final[Counts] = {
    "email": lambda n: counted("{n} e-mail", "{n} e-mail", n=n),
    "pec": lambda n: counted("{n} certified mail (PEC)", "{n} certified mails (PEC)", n=n),
    "sms": lambda n: counted("{n} SMS", "{n} SMS", n=n),
    "fax": lambda n: counted("{n} fax", "{n} faxes", n=n),
    "letter": lambda n: counted("{n} letter", "{n} letters", n=n),
    "registered": lambda n: counted("{n} registered letter", "{n} registered letters", n=n),
    "telegram": lambda n: counted("{n} telegram", "{n} telegrams", n=n),
}
DELIVERIES_COUNTED: Final[Counts] = {
    "queued": lambda n: counted("{n} queued", "{n} queued", n=n),
    "accepted": lambda n: counted("{n} accepted", "{n} accepted", n=n),
    "delivered": lambda n: counted("{n} delivered", "{n} delivered", n=n),
    "questioned": lambda n: counted("{n} in question", "{n} in question", n=n),
    "bounced": lambda n: counted("{n} bounced", "{n} bounced", n=n),
    "opted_out": lambda n: counted("{n} wants none", "{n} want none", n=n),
    "failed": lambda n: counted("{n} failed", "{n} failed", n=n),
    "uncertain": lambda n: counted("{n} uncertain", "{n} uncertain", n=n),
    "cancelled": lambda n: counted("{n} cancelled", "{n} cancelled", n=n),
}


def counted_of(words: Counts, counts: Iterable[tuple[str, int]]) -> list[Text]:
    """`3 letters, 1 fax`, for a sentence; none of what there is none of."""
    return [_counted(words, code, n) for code, n in counts if n]


def numbers_of(words: Labels, counts: Iterable[tuple[str, int]]) -> list[Text]:
    """The same with a word that is not bent: a reason, an action."""
    return [text("{n} {what}", n=n, what=words.get(code, code)) for code, n in counts if n]


def _counted(words: Counts, code: str, n: int) -> Text:
    return words[code](n) if code in words else text("{n} {what}", n=n, what=code)
