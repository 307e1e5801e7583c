"""Rows of a workbook as msgpack: texts, numbers, and the dates that msgpack does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

import msgspec

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta
_Ext: Final = msgspec.msgpack.Ext

_PLAIN: Final = frozenset({str, int, float, bool})
_WRITTEN: Final[Mapping[type, tuple[int, Callable[[Any], str]]]] = {
    date: (1, date.isoformat),
    datetime: (2, datetime.isoformat),
    time: (3, time.isoformat),
    timedelta: (4, lambda span: f"{span.days} {span.seconds} {span.microseconds}"),
}
_READ: Final[Mapping[int, Callable[[str], Cell]]] = {
    1: date.fromisoformat,
    2: datetime.fromisoformat,
    3: time.fromisoformat,
    4: lambda text: _span(*map(int, text.split())),
}
_encode: Final = msgspec.msgpack.Encoder().encode


def packed_rows(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows for the way from the child to the parent."""
    return _encode(
        [[each if type(each) in _PLAIN else _packed(each) for each in row] for row in rows]
    )


def unpacked_rows(packed: bytes) -> list[list[Cell]]:
    """The rows again. Raises msgspec.MsgspecError or ValueError for anything else."""
    return _decoder.decode(packed)


def _packed(cell: Cell) -> msgspec.msgpack.Ext:
    code, write = _WRITTEN[type(cell)]
    return _Ext(code, write(cell).encode())


def _unpacked(code: int, content: memoryview) -> Cell:
    return _READ[code](str(content, "ascii"))


def _span(days: int, seconds: int, microseconds: int) -> timedelta:
    return timedelta(days, seconds, microseconds)


_decoder: Final = msgspec.msgpack.Decoder(list[list[Any]], ext_hook=_unpacked)
