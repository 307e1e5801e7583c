"""Read a QR code as a telephone does, by ISO/IEC 18004 and not by the library that drew it.

Byte mode, error correction M, versions 1 to 13; a sharp picture needs no correction of errors.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

QUIET = 4

# Blocks as (number, bytes of data): table 9 of the standard, for error correction M.
_BLOCKS = {
    1: [(1, 16)], 2: [(1, 28)], 3: [(1, 44)], 4: [(2, 32)], 5: [(2, 43)], 6: [(4, 27)],
    7: [(4, 31)], 8: [(2, 38), (2, 39)], 9: [(3, 36), (2, 37)], 10: [(4, 43), (1, 44)],
    11: [(1, 50), (4, 51)], 12: [(6, 36), (2, 37)], 13: [(8, 37), (1, 38)],
}  # fmt: skip

_ALIGNED = {
    1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38],
    8: [6, 24, 42], 9: [6, 26, 46], 10: [6, 28, 50], 11: [6, 30, 54], 12: [6, 32, 58],
    13: [6, 34, 62],
}  # fmt: skip

_MASKS: list[Callable[[int, int], bool]] = [
    lambda r, c: (r + c) % 2 == 0, lambda r, c: r % 2 == 0, lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0, lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0, lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
]  # fmt: skip


def text_in(rows: list[str]) -> str:
    """What a code says; its rows with the margin, a dark module as "1"."""
    grid = [row[QUIET:-QUIET] for row in rows[QUIET:-QUIET]]
    version = (len(grid) - 17) // 4
    level_and_mask = int("".join(grid[8][col] for col in range(5)), 2) ^ 0b10101
    assert level_and_mask >> 3 == 0, "error correction is not M"
    turned = _MASKS[level_and_mask & 7]
    bits = "".join(
        str(int(grid[row][col]) ^ turned(row, col)) for row, col in _path(len(grid), version)
    )
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)]
    data = "".join(f"{each:08b}" for each in _in_order(words, version))
    assert data[:4] == "0100", "not in byte mode"
    begin = 12 if version < 10 else 20
    size = int(data[4:begin], 2)
    found = [data[begin + 8 * at : begin + 8 * at + 8] for at in range(size)]
    return bytes(int(each, 2) for each in found).decode()


def rows_of(png: bytes, pixels: int) -> list[str]:
    """The modules of a picture in black and white, each so many pixels wide."""
    side, _, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (1, 0)
    at = png.index(b"IDAT")
    (size,) = struct.unpack(">I", png[at - 4 : at])
    lines = zlib.decompress(png[at + 4 : at + 4 + size])
    wide = (side + 7) // 8
    above, rows = bytes(wide), []
    for begin in range(0, len(lines), wide + 1):
        line = lines[begin + 1 : begin + 1 + wide]
        if lines[begin] == 2:
            line = bytes((a + b) % 256 for a, b in zip(above, line, strict=True))
        above = line
        rows.append("".join(f"{each:08b}" for each in line)[:side])
    assert len(rows) == side
    return ["".join("10"[int(dot)] for dot in row[::pixels]) for row in rows[::pixels]]


def _path(side: int, version: int) -> list[tuple[int, int]]:
    fixed = _fixed(side, version)
    found = []
    up, col = True, side - 1
    while col > 0:
        if col == 6:
            col -= 1
        for step in range(side):
            row = side - 1 - step if up else step
            found += [(row, each) for each in (col, col - 1) if (row, each) not in fixed]
        up, col = not up, col - 2
    return found


def _fixed(side: int, version: int) -> set[tuple[int, int]]:
    """Modules that show no data: finders with format, timing, alignment, version."""
    spots = {(r, c) for r in range(9) for c in range(9)}
    spots |= {(r, c) for r in range(9) for c in range(side - 8, side)}
    spots |= {(c, r) for r, c in spots}
    spots |= {(6, c) for c in range(side)} | {(r, 6) for r in range(side)}
    middles = _ALIGNED[version]
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    for middle in {(r, c) for r in middles for c in middles} - corners:
        spots |= {(middle[0] + r, middle[1] + c) for r in range(-2, 3) for c in range(-2, 3)}
    if version >= 7:
        block = {(r, c) for r in range(6) for c in range(side - 11, side - 8)}
        spots |= block | {(c, r) for r, c in block}
    return spots


def _in_order(words: list[int], version: int) -> list[int]:
    sizes = [size for number, size in _BLOCKS[version] for _ in range(number)]
    blocks: list[list[int]] = [[] for _ in sizes]
    rest = iter(words)
    for place in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if place < size:
                block.append(next(rest))
    return [each for block in blocks for each in block]
