"""The office's words as paragraphs, before they become a mail, a page or a letter.

Words carry no markup of their own, so nothing in a debtor's name can become any. Bold text and
the three blocks are marked by private-use characters, which `clean` takes out of all data.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markupsafe import Markup

BOLD, END_BOLD = "\ue000", "\ue001"
TABLE, PAYMENT, SIGNATURE = "\ue010", "\ue011", "\ue012"
BLOCKS = {"table": TABLE, "payment": PAYMENT, "signature": SIGNATURE}
"""Placeholders that stand for a whole block, each alone in its paragraph."""

_PIECES = re.compile(f"([{TABLE}{PAYMENT}{SIGNATURE}])|\n(?:[ \t]*\n)+")
_NOT_BOLD = {ord(BOLD): None, ord(END_BOLD): None}
_MARKUP = {ord(BOLD): "<strong>", ord(END_BOLD): "</strong>"}


class Paragraph(NamedTuple):
    """A run of words, an item of a list, or a block named by its mark."""

    words: str
    item: bool = False
    block: str = ""


def strong(text: object) -> str:
    """Mark a text as bold, in every form of the message."""
    return f"{BOLD}{text}{END_BOLD}"


def paragraphs(text: str) -> list[Paragraph]:
    """Split at empty lines and blocks; a line break inside a paragraph is only a space.

    A line that begins with "- " begins an item of a list.
    """
    found: list[Paragraph] = []
    for piece in _PIECES.split(text):
        if piece and piece in BLOCKS.values():
            found.append(Paragraph("", block=piece))
        elif piece:
            found.extend(_paragraphs_of(piece))
    return found


def _paragraphs_of(piece: str) -> list[Paragraph]:
    first, *items = ("\n" + piece).split("\n- ")
    found = [Paragraph(words)] if (words := " ".join(first.split("\n")).strip()) else []
    return found + [Paragraph(" ".join(item.split("\n")).strip(), item=True) for item in items]


def plain(words: str) -> str:
    """Without marks, and with ordinary spaces: a no-break space turns an SMS into two."""
    return words.translate(_NOT_BOLD).replace("\xa0", " ").replace("\u202f", " ")


def as_html(words: str) -> Markup:
    """Escaped, with bold marks as markup."""
    return Markup(str(Markup.escape(words)).translate(_MARKUP))


def runs(words: str) -> list[tuple[bool, str]]:
    """Alternating plain and bold runs, for the letter."""
    found = []
    for place, part in enumerate(words.replace(END_BOLD, BOLD).split(BOLD)):
        if part:
            found.append((place % 2 == 1, part))
    return found
