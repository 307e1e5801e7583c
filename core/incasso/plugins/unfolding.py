"""A text without the line breaks that a server, a header or a long line put into it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]
"""Where something begins and ends."""

_BREAK: Final = r"(?:=?\r?\n|(?:\\{1,4}r)?\\{1,4}n)"
"""Also `=` and a break (quoted-printable), and as `repr` and JSON write one: smtplib's errors."""
_WAYS: Final = (
    re.compile(_BREAK),
    # The next line begins with the codes of an SMTP reply, or with the blanks of a folded header.
    re.compile(_BREAK + r"(?:\d{3}[ -])?(?:\d\.\d{1,3}\.\d{1,3} )?[ \t]{0,8}"),
)


def unfoldings(words: str) -> Iterator[tuple[str, Callable[[int], int]]]:
    """The text in each way without its breaks, and the place in the text of each place there.

    Nothing for a text of one line; a way that takes away the same as the one before is left out.
    """
    if "\n" not in words and "\\" not in words:
        return  # most lines of a log: two searches would cost as much as the masking itself
    before: list[Span] = []
    for way in _WAYS:
        breaks = [match.span() for match in way.finditer(words)]
        if breaks and breaks != before:
            yield _without(words, breaks)
        before = breaks


def _without(words: str, breaks: list[Span]) -> tuple[str, Callable[[int], int]]:
    begins = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(words)]
    pieces = [words[begin:end] for begin, end in zip(begins, ends, strict=True)]
    # Where each piece begins in the unfolded text: an empty one begins where the next one does.
    there = [0, *accumulate(map(len, pieces[:-1]))]

    def place(at: int) -> int:
        piece = bisect_right(there, at) - 1
        return begins[piece] + at - there[piece]

    return "".join(pieces), place
