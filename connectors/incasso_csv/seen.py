"""Notice keys that may have come before, in a few megabytes whatever the number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_BITS_PER_ROW: Final = 64
_LARGEST: Final = 32 << 20


class SeenKeys:
    """One bit per key, found by its hash: what it calls new is new, what it calls seen may be.

    With 64 bits a row about one new key in a hundred is called seen; the caller looks again. A
    set of a million keys would take 100 MB.
    """

    def __init__(self, rows: int) -> None:
        size = min(_LARGEST, max(1024, rows * _BITS_PER_ROW // 8))
        size = 1 << (size - 1).bit_length()
        self._bits = bytearray(size)
        self._mask = size * 8 - 1

    def doubtful(self, keys: Sequence[str]) -> list[int]:
        """Positions of the keys that may have come before; an empty key is never doubtful."""
        bits, mask = self._bits, self._mask
        found = []
        for position, slot in enumerate(map(hash, keys)):
            slot &= mask
            bit = 1 << (slot & 7)
            slot >>= 3
            if bits[slot] & bit:
                if keys[position]:
                    found.append(position)
            else:
                bits[slot] |= bit
        return found
