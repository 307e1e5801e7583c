"""The alphabet of text messages (GSM 03.38), and what a text costs in it.

One character outside it turns a whole message into UCS-2, which holds less than half: so what has a
plain spelling is spelt plainly, as Italians do on telephones. `È` becomes `E'`, `’` becomes `'`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The 127 characters of one septet each; the 128th place is the escape to the others."""
EXTENDED: Final = "\f^{}\\[~]|€"
"""Characters of two septets each."""

_PLAIN: Final[Mapping[str, str]] = {
    **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‹›", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007", " "),
    **dict.fromkeys("\u2008\u2009\u200a\u202f\u205f\u3000\t", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    **dict.fromkeys("•·", "-"),
    "…": "...",
    "™": "(TM)",
    "©": "(c)",
    "®": "(R)",
    "№": "n.",
    "º": "o",
    "°": "o",
    "ª": "a",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "×": "x",
    "÷": ":",
    "œ": "oe",
    "Œ": "OE",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
}
_GRAVE: Final = "\u0300"
_ONE: Final = {"gsm-7": 160, "ucs-2": 70}
_CHAINED: Final = {"gsm-7": 153, "ucs-2": 67}
_SEPTETS: Final = {**dict.fromkeys(BASIC, 1), **dict.fromkeys(EXTENDED, 2)}


class Encoding(StrEnum):
    """How a text travels."""

    GSM7 = "gsm-7"
    UCS2 = "ucs-2"


def folded(text: str) -> str:
    """The text with a plain spelling for whatever has one; other characters stay as they are."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(map(_folded, text))


def unknown(text: str) -> str:
    """The characters that the alphabet lacks, each once, in their order."""
    return "".join(dict.fromkeys(each for each in text if each not in _SEPTETS))


def encoding_of(text: str) -> Encoding:
    """How the text travels: one unknown character decides for all."""
    return Encoding.UCS2 if unknown(text) else Encoding.GSM7


def segments(text: str) -> int:
    """How many messages the text is paid as; an empty one is one."""
    encoding = encoding_of(text)
    if encoding is Encoding.GSM7:
        units = [_SEPTETS[each] for each in text]
    else:
        units = [len(each.encode("utf-16-be")) // 2 for each in text]
    if sum(units) <= _ONE[encoding]:
        return 1
    return _chained(units, _CHAINED[encoding])


def _chained(units: list[int], room: int) -> int:
    """A character of two units never stands in two messages: it opens the next one."""
    count, left = 1, room
    for each in units:
        if each > left:
            count, left = count + 1, room
        left -= each
    return count


def _folded(character: str) -> str:
    if character in _SEPTETS:
        return character
    if (plain := _PLAIN.get(character)) is not None:
        return plain
    parts = unicodedata.normalize("NFD", character)
    base, marks = parts[0], parts[1:]
    if not marks or base not in _SEPTETS:
        return character
    if character.isupper() and marks == _GRAVE:
        # Italian capitals: with an apostrophe, because the accent tells words apart.
        return f"{base}'"
    return base if all(map(unicodedata.combining, marks)) else character
