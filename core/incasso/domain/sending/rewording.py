"""A person's own words for one message, and what no words may hold."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

import msgspec

LONGEST_SUBJECT: Final = 200
LONGEST_WORDS: Final = 20_000
"""Characters: ten printed pages."""

_BREAKS: Final = "\n\t"
_JOINERS: Final = "\u200c\u200d"


class Rewording(msgspec.Struct, frozen=True, kw_only=True):
    """The words a person chose for one message; None keeps those of the template.

    They stand around the table: greeting, table, payment details and signature stay, unless `bare`.
    """

    subject: str | None = None
    text: str | None = None
    """Everything around the blocks."""
    opening: str | None = None
    """Between greeting and table."""
    closing: str | None = None
    """Between payment details and signature."""
    bare: bool = False
    """`text` is the whole message: nothing is added to it."""

    @property
    def is_of_words(self) -> bool:
        """Whether it changes more than the subject."""
        return (self.text, self.opening, self.closing) != (None, None, None)


class Unfit(StrEnum):
    """Why some words cannot be those of a message."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL = "control"
    """A character that nobody sees, such as a line break in a subject."""


def unfit_subject(words: str) -> Unfit | None:
    """What is wrong with a subject line, if anything."""
    if not words.strip():
        return Unfit.EMPTY
    if len(words) > LONGEST_SUBJECT:
        return Unfit.TOO_LONG
    return Unfit.CONTROL if any(map(_is_unseen, words)) else None


def unfit_words(words: str) -> Unfit | None:
    """What is wrong with the words of a message, if anything."""
    if not words.strip():
        return Unfit.EMPTY
    if len(words) > LONGEST_WORDS:
        return Unfit.TOO_LONG
    return Unfit.CONTROL if any(_is_unseen(c) for c in words if c not in _BREAKS) else None


def _is_unseen(character: str) -> bool:
    """Control, direction and private-use characters, half pairs, and what ends a line."""
    unseen = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
    return unseen and character not in _JOINERS
