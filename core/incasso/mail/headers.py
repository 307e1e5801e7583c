"""Write mail headers: folded and in ASCII. Texts given here are one line each; callers see to it.

The standard library's `EmailMessage` does the same in about a millisecond per message, which
is more than the whole rest of sending one; these few functions take some microseconds.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

LINE: Final = 76
"""Characters a folded line should keep to; RFC 5322 allows 998, RFC 2047 no more than 76."""

_WORD_BYTES: Final = 39
"""Text bytes in one encoded word: 52 in base64, 64 with its frame, so a name fits before it."""

_SPECIAL: Final = re.compile(r'[()<>\[\]:;@\\,."]')


def words(name: str, text: str) -> str:
    """A header line of free text, e.g. the subject."""
    if not _plain(text):
        return f"{name}: {_encoded(text)}"
    if len(name) + 2 + len(text) <= LINE:
        return f"{name}: {text}"
    return f"{name}: {_folded(text, len(name) + 2)}"


def mailbox(name: str, address: str) -> str:
    """One address with the name beside it, ready for a list of addresses."""
    if not name:
        return address
    if not _plain(name):
        return f"{_encoded(name)} <{address}>"
    if _SPECIAL.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def listed(name: str, items: list[str]) -> str:
    """A header of several items, one a line, e.g. addresses with their commas."""
    return f"{name}: " + "\r\n ".join(items)


def parameter(name: str, value: str) -> str:
    """A parameter such as a file name, by RFC 2231 where it is not plain ASCII."""
    if value.isascii():
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{name}="{escaped}"'
    return f"{name}*=utf-8''{quote(value, safe='')}"


def _plain(text: str) -> bool:
    """Whether the text may stand as it is: ASCII, foldable, single spaces, no "=?" in it."""
    return (
        text.isascii()
        and "=?" not in text
        and "  " not in text
        and text == text.strip()
        and (len(text) < LINE or max(map(len, text.split(" "))) < LINE)
    )


def _folded(text: str, used: int) -> str:
    """Plain text broken at its spaces; the space itself begins the next line."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and used + len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _encoded(text: str) -> str:
    """The text as RFC 2047 encoded words; readers drop the breaks between them."""
    return "\r\n ".join(
        f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in _pieces(text.encode())
    )


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Cut UTF-8 between characters, never inside one."""
    begin = 0
    while begin < len(raw):
        end = min(begin + _WORD_BYTES, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        yield raw[begin:end]
        begin = end
