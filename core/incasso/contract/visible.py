"""Text from outside on a terminal or in a log: what would not be seen is shown as its code.

A control of the upper half (C1) moves the cursor of some terminals, and a bidirectional mark turns
the rest of a line round: `fattura\\u202efdp` reads as `fatturapdf`.
"""

from __future__ import annotations

import re
from typing import Final

_UNSEEN: Final = re.compile(
    # C0 but tab and line breaks, DEL and C1, bidirectional marks and isolates, line and paragraph
    # separators, the invisible operators, the byte order mark, lone surrogates, tags.
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with each character that shows nothing, or moves what is shown, as `\\u202e`."""
    return _UNSEEN.sub(_escaped, text) if not text.isprintable() else text


def visible_cell(text: str) -> str:
    """The same for one cell or line: line breaks and tabs are shown as codes too."""
    if text.isprintable():
        return text
    return visible(text).replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
