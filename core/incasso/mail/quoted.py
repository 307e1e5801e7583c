"""What somebody wrote in an answer, without the message of ours that the program quotes below.

It is for a preview: whoever wants to be certain reads the mail itself, which is kept whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_WROTE: Final = re.compile(
    r"\s*(il|on|le|am|el)\b.*\b(ha scritto|wrote|a écrit|schrieb|escribió)\b[^:]{0,120}:\s*",
    re.IGNORECASE | re.DOTALL,
)
"""The line above a quotation, in it, en, fr, de, es; programs break it over two or three."""
_BEGINS: Final = re.compile(r"\s*(il|on|le|am|el)\s", re.IGNORECASE)
_DIVIDER: Final = re.compile(
    r"\s*-{2,}\s*(messaggio originale|original message|messaggio inoltrato|forwarded message"
    r"|ursprüngliche nachricht|message d.origine|message original)\s*-{2,}\s*",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"\s*\*?(da|from|von|de)\s?:\*?\s?\S", re.IGNORECASE)
_ALSO: Final = re.compile(
    r"\s*\*?(inviato|data|sent|date|gesendet|datum|envoyé|a|to|an|à|oggetto|subject|betreff|objet)"
    r"\s?:",
    re.IGNORECASE,
)
"""Outlook writes no attribution but the headers of the message."""
_RULE: Final = re.compile(r"\s*[_-]{5,}\s*")
_LONGEST_LINE: Final = 400
_LINES: Final = 3


def own_words(text: str) -> str:
    """The lines that are not quoted, without the blank ones around them.

    All but the quoted lines where nothing else would be left.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if (end := _end_of_quotation(lines, at)) is None:
            kept.append(lines[at])
            at += 1
        else:
            at = end
    words = _trimmed(kept)
    return words or _trimmed([line for line in lines if not line.lstrip().startswith(">")])


def _end_of_quotation(lines: Sequence[str], at: int) -> int | None:
    """Where the quotation ends that begins at this line; None if none does."""
    line = lines[at]
    if line.startswith(">"):
        return at + 1
    if line == "--" or _DIVIDER.fullmatch(line[:_LONGEST_LINE]) or _is_head(lines, at):
        return len(lines)
    if (below := _below_attribution(lines, at)) is None:
        return None
    rest = next((each for each in lines[below:] if each), "")
    # With marks the quotation is known line by line, and the answer may stand below it.
    return below if rest.startswith(">") else len(lines)


def _is_head(lines: Sequence[str], at: int) -> bool:
    """Whether headers of a message are written out here, as Outlook does."""
    if not _FROM.match(lines[at][:_LONGEST_LINE]):
        return False
    following = [line for line in lines[at + 1 : at + 8] if line][:4]
    return sum(_ALSO.match(line[:_LONGEST_LINE]) is not None for line in following) >= 2


def _below_attribution(lines: Sequence[str], at: int) -> int | None:
    """The line below `On … wrote:`; None if that does not begin here."""
    if not _BEGINS.match(lines[at][:_LONGEST_LINE]):
        return None
    for count in range(1, _LINES + 1):
        joined = " ".join(line[:_LONGEST_LINE] for line in lines[at : at + count])
        if _WROTE.fullmatch(joined):
            return at + count
    return None


def _trimmed(lines: Sequence[str]) -> str:
    """Without blank lines and rules around, and no more than one blank line inside."""
    found: list[str] = []
    for line in lines:
        if line or (found and found[-1]):
            found.append(line)
    while found and (not found[-1] or _RULE.fullmatch(found[-1])):
        found.pop()
    return "\n".join(found).strip("\n")
