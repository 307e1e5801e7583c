"""Spoiled inputs: real ones with bytes, lines and numbers changed, cut, doubled and mixed.

    def test_spoiled_receipts() -> None:
        each_spoiled("receipts", [path.read_bytes() for path in RECEIPTS], reads_or_says_why)

Every test named `test_spoiled_…` has pytest's mark `fuzz`. `make test` tries a few of each kind,
always the same; `make soak` tries many, all new, and says how to try the one that failed again.
What is random stands in `Spoiler`; a check is an ordinary function that takes the bytes and asserts
the promise: an answer or one sentence, nothing else.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import Any, ClassVar, Final

from tests.counting import tried

INPUTS: Final = int(os.environ.get("INCASSO_FUZZ", "60"))
"""Spoiled inputs of each test; `make soak` asks for many more."""

SEED: Final = os.environ.get("INCASSO_FUZZ_SEED", "")
"""Empty: the same inputs in every run. `make soak` gives the day's second."""

HOSTILE: Final[tuple[bytes, ...]] = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r",
    b"\r\n\r\n",
    b'"',
    b"'; --",
    b"=cmd|' /C calc'!A0",
    b"-1",
    b"0",
    b"1e309",
    b"NaN",
    b"99999999999999999999",
    b"12.345.678,90",
    b"1.234",
    b"29/02/2025",
    b"0000-00-00",
    b"9999-12-31",
    "\u202e".encode(),
    "\u0085".encode(),
    "€".encode("cp1252"),
    b"\xc3",
    b"\xed\xa0\x80",
    b"%n%s",
    b"{{ x }}",
    b"../../etc/passwd",
    b"A" * 5000,
)
"""Pieces that have broken readers before: ends of text, numbers, dates, encodings, formulas."""


class Spoiler:
    """Spoils what it is given, from one source of chance."""

    def __init__(self, seed: str, others: Sequence[bytes], words: Sequence[bytes] = ()) -> None:
        self._chance = random.Random(seed)
        self._others = others
        self._pieces = (*HOSTILE, *words)

    def spoil(self, original: bytes) -> bytes:
        """One to six changes, of kinds drawn by chance."""
        spoiled = original
        for _ in range(self._chance.choice((1, 1, 1, 2, 3, 6))):
            spoiled = self._chance.choice(self._ways)(self, spoiled)
        return spoiled

    def _place(self, content: bytes) -> tuple[int, int]:
        """A stretch: mostly short, sometimes most of it."""
        if not content:
            return 0, 0
        start = self._chance.randrange(len(content))
        length = self._chance.choice((1, 1, 2, 8, 64, len(content) // 2))
        return start, min(len(content), start + length)

    def _cut(self, content: bytes) -> bytes:
        start, end = self._place(content)
        return content[:start] + content[end:]

    def _end(self, content: bytes) -> bytes:
        return content[: self._place(content)[0]]

    def _double(self, content: bytes) -> bytes:
        start, end = self._place(content)
        return content[:end] + content[start:end] * self._chance.choice((1, 2, 50)) + content[end:]

    def _flip(self, content: bytes) -> bytes:
        start, end = self._place(content)
        noise = bytes(self._chance.randrange(256) for _ in range(min(end - start, 8)))
        return content[:start] + noise + content[start + len(noise) :]

    def _insert(self, content: bytes) -> bytes:
        start, end = self._place(content)
        keep = self._chance.choice((start, end))
        return content[:start] + self._chance.choice(self._pieces) + content[keep:]

    def _mix(self, content: bytes) -> bytes:
        other = self._chance.choice(self._others)
        return content[: self._place(content)[0]] + other[self._place(other)[0] :]

    def _lines(self, content: bytes) -> bytes:
        lines = content.split(b"\n")
        first, second = (self._chance.randrange(len(lines)) for _ in range(2))
        lines[first], lines[second] = lines[second], lines[first]
        return b"\n".join(lines)

    def _number(self, content: bytes) -> bytes:
        """Another digit somewhere: lengths, amounts and dates that lie."""
        digits = [at for at, each in enumerate(content[:20_000]) if 48 <= each <= 57]
        if not digits:
            return self._flip(content)
        at = self._chance.choice(digits)
        return content[:at] + bytes([self._chance.randrange(48, 58)]) + content[at + 1 :]

    _ways: ClassVar[tuple[Callable[[Any, bytes], bytes], ...]] = (
        _cut,
        _end,
        _double,
        _flip,
        _insert,
        _insert,
        _mix,
        _lines,
        _number,
        _number,
    )


VALUES: Final[tuple[bytes, ...]] = (
    b"true",
    b"0",
    b"-1",
    b"3",
    b"3.7",
    b"1e400",
    b"nan",
    b"99999999999999999999999",
    b'""',
    b'"5.00"',
    b'"9999-12-31"',
    b'"email"',
    b'"\\u0000"',
    b'"\\u0085\\u202e"',
    b'" "',
    b"2026-11-23",
    b"0001-01-01T00:00:00",
    b"08:30:00",
    b"[]",
    b"[[]]",
    b'["email", "email"]',
    b"[1, true]",
    b"{}",
    b'{ env = "NOBODY_SET_IT" }',
    b"{ file = '/nowhere' }",
)
"""What TOML can say: every type, at its bounds."""


class TomlSpoiler(Spoiler):
    """Keeps a file TOML, mostly: other values, keys and tables in the lines that are there."""

    def _value(self, content: bytes) -> bytes:
        return self._changed(content, lambda key, _: (key, self._chance.choice(VALUES)))

    def _key(self, content: bytes) -> bytes:
        keys = re.findall(rb"(?m)^(\w+) = ", b"\n".join(self._others)) or [b"key"]
        return self._changed(content, lambda _, value: (self._chance.choice(keys), value))

    def _another(self, content: bytes) -> bytes:
        values = re.findall(rb"(?m)^\w+ = (.+)$", b"\n".join(self._others)) or [b"1"]
        return self._changed(content, lambda key, _: (key, self._chance.choice(values)))

    def _changed(self, content: bytes, how: Callable[[bytes, bytes], tuple[bytes, bytes]]) -> bytes:
        lines = content.split(b"\n")
        given = [at for at, line in enumerate(lines) if b" = " in line]
        if not given:
            return content
        at = self._chance.choice(given)
        key, _, value = lines[at].partition(b" = ")
        lines[at] = b" = ".join(how(key, value))
        return b"\n".join(lines)

    def _without(self, content: bytes) -> bytes:
        lines = content.split(b"\n")
        del lines[self._chance.randrange(len(lines))]
        return b"\n".join(lines)

    def _again(self, content: bytes) -> bytes:
        """A table twice, or in another place."""
        tables = content.split(b"\n\n")
        tables.insert(self._chance.randrange(len(tables) + 1), self._chance.choice(tables))
        return b"\n\n".join(tables)

    _ways = (_value, _value, _value, _another, _another, _key, _without, _again)


def spoiled(
    name: str,
    originals: Sequence[bytes],
    *,
    times: float = 1,
    words: Sequence[bytes] = (),
    by: type[Spoiler] = Spoiler,
) -> Iterator[bytes]:
    """INPUTS times so many spoiled inputs; `words` are pieces of the format at hand."""
    spoiler = by(name + SEED, originals, words)
    for number in range(max(1, round(INPUTS * times))):
        tried("spoiled inputs of all kinds")
        yield spoiler.spoil(originals[number % len(originals)])


def each_spoiled(
    name: str,
    originals: Sequence[bytes],
    check: Callable[[bytes], None],
    *,
    times: float = 1,
    words: Sequence[bytes] = (),
    by: type[Spoiler] = Spoiler,
) -> None:
    """Check each; the first that fails is kept in a file, and the failure names it."""
    for content in spoiled(name, originals, times=times, words=words, by=by):
        tried(f"spoiled {name}")
        try:
            check(content)
        except BaseException as error:
            kept = Path(gettempdir(), f"incasso-fuzz-{name.replace(' ', '-')}")
            kept.write_bytes(content)
            error.add_note(f"spoiled {name} (INCASSO_FUZZ_SEED={SEED!r}), kept in {kept}")
            raise
