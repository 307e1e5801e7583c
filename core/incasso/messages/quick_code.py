"""QR codes of bytes with error correction M and one fixed mask, as segno draws them.

segno takes 1.5 ms for a code, five times as long as everything else that a mail takes. What it
draws for a version is kept: which module shows which bit. So a code is its bits, put into their
places. `tests/messages/test_quick_code.py` holds both equal, module by module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, zip_longest
from operator import itemgetter
from typing import Any, Final, NamedTuple

from segno import consts, make_qr

MASK: Final = 2
"""Of the eight masks any can be read. It turns over every third column."""

QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004)."""

_MOST_VERSIONS: Final = 13
_FILLING: Final = b"\xec\x11" * 200
_LIGHT, _DARK = "0", "1"
_TURNED: Final = str.maketrans("01", "10")
_IN_TURN: Final = (consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT)


class _Frame(NamedTuple):
    """What all codes of one version share."""

    side: int
    """Modules, the margin included."""
    capacity: int
    """Bytes of data with their header."""
    pick: Callable[[str], Sequence[str]]
    """The modules row by row, out of: all bits, all bits turned over, a light and a dark one."""
    bits: int
    """How many modules show data."""


def modules(data: bytes) -> list[str]:
    """The rows with their margin, a dark module as "1". Raises ValueError above 331 bytes."""
    version = _version(len(data))
    frame = _frame(version)
    bits = _bits(data, version, frame)
    drawn = "".join(frame.pick(bits + bits.translate(_TURNED) + _LIGHT + _DARK))
    return [drawn[at : at + frame.side] for at in range(0, len(drawn), frame.side)]


@lru_cache(maxsize=512)
def _version(size: int) -> int:
    for version in range(1, _MOST_VERSIONS + 1):
        if _header_bits(version) + 8 * size <= _capacity(version):
            return version
    raise ValueError(size)


def _capacity(version: int) -> int:
    known: Any = consts.SYMBOL_CAPACITY[version]
    return int(known[consts.ERROR_LEVEL_M])


def _header_bits(version: int) -> int:
    """The mode, and how many bytes follow."""
    return 4 + (8 if version < 10 else 16)


def _bits(data: bytes, version: int, frame: _Frame) -> str:
    """Data and error correction in the order in which the modules show them."""
    header = _header_bits(version)
    head = (0b0100 << (header - 4)) | len(data)
    # Behind the data: four bits that end it (with the header's they are whole bytes), and as segno
    # does it one byte of zeros. Readers stop before it.
    number = ((head << 8 * len(data)) | int.from_bytes(data, "big")) << 4
    filled = number.to_bytes(header // 8 + 1 + len(data), "big") + b"\0" + _FILLING
    filled = filled[: frame.capacity]
    words = _words(filled, version)
    return f"{int.from_bytes(words, 'big'):0{8 * len(words)}b}".ljust(frame.bits, _LIGHT)


def _words(filled: bytes, version: int) -> bytes:
    """The blocks with their error correction, one byte of each in turn."""
    blocks, corrections, at = [], [], 0
    known: Any = consts.ECC[version]
    for kind in known[consts.ERROR_LEVEL_M]:
        for _ in range(kind.num_blocks):
            block = filled[at : at + kind.num_data]
            at += kind.num_data
            blocks.append(block)
            corrections.append(_correction(block, kind.num_total - kind.num_data))
    return bytes([*_in_turn(blocks), *_in_turn(corrections)])


def _in_turn(blocks: Sequence[bytes]) -> Iterator[int]:
    return (each for each in chain.from_iterable(zip_longest(*blocks)) if each is not None)


def _correction(block: bytes, size: int) -> bytes:
    """The remainder of the Reed-Solomon division."""
    table, top, whole = _multiples(size), 8 * (size - 1), (1 << 8 * size) - 1
    rest = 0
    for byte in block:
        rest = ((rest << 8) & whole) ^ table[(rest >> top) ^ byte]
    return rest.to_bytes(size, "big")


@lru_cache(maxsize=8)
def _multiples(size: int) -> tuple[int, ...]:
    """The generator polynomial, times each byte."""
    generator = consts.GEN_POLY[size]
    logarithms = [consts.GALIOS_LOG[byte] for byte in range(1, 256)]
    exponents = consts.GALIOS_EXP
    return 0, *(
        int.from_bytes(bytes([exponents[each + logarithm] for each in generator]), "big")
        for logarithm in logarithms
    )


@lru_cache(maxsize=_MOST_VERSIONS)
def _frame(version: int) -> _Frame:
    code = make_qr("x", version=version, error="m", mask=MASK, boost_error=False, mode="byte")
    kinds = [list(row) for row in code.matrix_iter(border=QUIET, verbose=True)]
    side = len(kinds)
    places = {place: bit for bit, place in enumerate(_places(kinds))}
    bits = len(places)
    taken = []
    for row, col in ((row, col) for row in range(side) for col in range(side)):
        if (bit := places.get((row, col))) is None:
            taken.append(2 * bits + (kinds[row][col] >> 8 > 0))
        else:
            taken.append(bit + bits * ((col - QUIET) % 3 == 0))
    return _Frame(side, _capacity(version) // 8, itemgetter(*taken), bits)


def _places(kinds: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Row and column of each bit: two columns at a time from the right, up and down by turns."""
    last = len(kinds) - QUIET - 1
    timing = QUIET + 6
    # segno 1.6 counts this one to the format, whose second copy begins a module later.
    beside_format = (QUIET + 8, last - 8)
    upwards = True
    for right in [*range(last, timing, -2), *range(timing - 1, QUIET, -2)]:
        rows = range(QUIET, last + 1)
        for row in reversed(rows) if upwards else rows:
            for col in (right, right - 1):
                if kinds[row][col] in _IN_TURN or (row, col) == beside_format:
                    yield row, col
        upwards = not upwards
