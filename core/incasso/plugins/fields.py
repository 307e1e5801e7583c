"""Whether what a plugin gives is what its annotation says, to the letter.

msgspec does not check what Python code puts into a Struct. A float in place of a Decimal, a
timestamp in place of a day or a text with a NUL would be noticed much later, by a database.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, reduce
from typing import (
    Annotated,
    Any,
    Final,
    NamedTuple,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from incasso.contract.text import Text, template, text

Misfit: TypeAlias = str
"""In words for people: `float 10.5, not Decimal`."""

WHOLE: Final = 2**31 - 1
"""Databases keep whole numbers in four bytes."""

YEARS: Final = range(1980, 2200)
"""Of an instant; others overflow when they are taken to another time zone."""


class WrongField(NamedTuple):
    """One field of one record that holds what it must not."""

    record: str
    field: str
    """Inside a record in a record with its path: `evidence.content`."""
    words: Misfit


def wrong_fields(record: msgspec.Struct) -> list[WrongField]:
    """Every field of a record that does not hold what its annotation says."""
    kind = type(record)
    return [
        WrongField(kind.__name__, name + path, words)
        for name, wanted in hints(kind).items()
        for path, words in misfits(getattr(record, name), wanted)
    ]


def misfits(value: Any, wanted: Any) -> Iterator[tuple[str, Misfit]]:
    """Where inside a value something is not of the annotated type, and what is there instead.

    Money is finite, instants are aware, text is storable. `("", …)` is the value itself.
    """
    limits = None
    if get_origin(wanted) is Annotated:
        wanted, *notes = get_args(wanted)
        limits = next((note for note in notes if isinstance(note, msgspec.Meta)), None)
    origin, arguments = get_origin(wanted), get_args(wanted)
    if wanted is Any or isinstance(wanted, TypeVar):
        return
    if origin in (Union, types.UnionType):
        yield from _in_union(value, wanted, arguments)
    elif origin is tuple:
        yield from _in_tuple(value, arguments)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _in_mapping(value, arguments)
    elif wanted is None or wanted is types.NoneType:
        if value is not None:
            yield "", _not(value, "None")
    elif (origin or wanted) is Callable:
        if not callable(value):
            yield "", _not(value, "a function")
    else:
        yield from _plain(value, origin or wanted, limits)


@cache
def hints(kind: type) -> Mapping[str, Any]:
    """The annotations of a record's fields, with their limits."""
    found = get_type_hints(kind, include_extras=True)
    return {name: found[name] for name in kind.__struct_fields__}  # type: ignore[attr-defined]


def shown(value: object) -> str:
    """The type of a value and its beginning; works for values whose `repr` fails."""
    try:
        words = repr(value)[:60]
    except BaseException:
        words = ""
    kind = type(value).__name__
    return storable(words if words.startswith(kind) else f"{kind} {words}".rstrip())


def storable(words: str) -> str:
    """The same words without what a database does not keep: NUL, halves of surrogate pairs."""
    kept = words.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return words if kept == words else kept  # a Text that is storable stays one


def is_storable(words: str) -> bool:
    """Whether every database keeps a text as it is."""
    if "\0" in words:
        return False
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def _in_union(value: Any, wanted: Any, members: Sequence[Any]) -> Iterator[tuple[str, Misfit]]:
    found = [list(misfits(value, each)) for each in members]
    if [] in found:
        return
    # Of the right class, but with a wrong field, too large or too long: say that.
    inside = [each for each in found if any(path for path, _ in each)]
    inside += [
        each for each, kind in zip(found, members, strict=True) if type(value) is _plain_type(kind)
    ]
    yield from inside[0] if inside else [("", _not(value, type_name(wanted)))]


def _plain_type(wanted: Any) -> Any:
    return get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted


def _in_tuple(value: Any, arguments: Sequence[Any]) -> Iterator[tuple[str, Misfit]]:
    if type(value) is not tuple:
        yield "", _not(value, "tuple")
        return
    wanted = [arguments[0]] * len(value) if arguments[-1:] == (...,) else arguments
    if len(wanted) != len(value):
        yield "", _not(value, text("a tuple of {n}", n=len(wanted)))
        return
    for number, (each, kind) in enumerate(zip(value, wanted, strict=True)):
        yield from ((f"[{number}]{path}", words) for path, words in misfits(each, kind))


def _in_mapping(value: Any, arguments: Sequence[Any]) -> Iterator[tuple[str, Misfit]]:
    if not isinstance(value, Mapping):
        yield "", _not(value, "Mapping")
        return
    for key, each in value.items():
        yield from ((f"[{shown(key)}]", words) for _, words in misfits(key, arguments[0]))
        yield from ((f"[{shown(key)}]{path}", words) for path, words in misfits(each, arguments[1]))


def _plain(value: Any, wanted: type, limits: msgspec.Meta | None) -> Iterator[tuple[str, Misfit]]:
    if (check := _CHECKS.get(wanted)) is not None:
        if words := check(value, limits):
            yield "", words
    elif not isinstance(value, wanted):
        yield "", _not(value, type_name(wanted))
    elif isinstance(value, msgspec.Struct):
        yield from ((f".{field}", words) for _, field, words in wrong_fields(value))


def _text(value: Any, limits: msgspec.Meta | None) -> Misfit | None:
    if not isinstance(value, str):
        return _not(value, "str")
    if not is_storable(value):
        return text("a text with characters that cannot be stored")
    return _too_long(len(value), limits, _CHARACTERS)


def _bytes(value: Any, limits: msgspec.Meta | None) -> Misfit | None:
    if type(value) is not bytes:
        return _not(value, "bytes")
    return _too_long(len(value), limits, _BYTES)


_CHARACTERS: Final = template("a text of {n} characters, where at most {most} are allowed")
_BYTES: Final = template("{n} bytes, where at most {most} are allowed")


def _too_long(length: int, limits: msgspec.Meta | None, words: str) -> Misfit | None:
    if limits is None:
        return None
    if limits.max_length is not None and length > limits.max_length:
        return Text(words, {"n": length, "most": limits.max_length})
    if limits.min_length is not None and length < limits.min_length:
        return text("an empty value")
    return None


def _whole(value: Any, _limits: msgspec.Meta | None) -> Misfit | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return _not(value, "int")
    return None if -WHOLE <= value <= WHOLE else text("a number that is too large")


def _decimal(value: Any, _limits: msgspec.Meta | None) -> Misfit | None:
    if not isinstance(value, Decimal):
        return _not(value, "Decimal")
    return None if value.is_finite() else _not(value, text("a finite Decimal"))


def _day(value: Any, _limits: msgspec.Meta | None) -> Misfit | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return None
    return _not(value, "date")


def _instant(value: Any, _limits: msgspec.Meta | None) -> Misfit | None:
    if not isinstance(value, datetime):
        return _not(value, "datetime")
    if value.utcoffset() is None:
        return _not(value, text("an instant with its time zone"))
    return None if value.year in YEARS else text("an impossible instant: {at}", at=str(value))


_CHECKS: Final[Mapping[type, Callable[[Any, msgspec.Meta | None], Misfit | None]]] = {
    str: _text,
    bytes: _bytes,
    int: _whole,
    Decimal: _decimal,
    date: _day,
    datetime: _instant,
}


def _not(value: object, wanted: str) -> Text:
    return text("{given}, not {wanted}", given=shown(value), wanted=wanted)


def either(names: Iterable[str]) -> str:
    """`date or None`, to be said in the reader's language."""
    return reduce(lambda one, other: text("{one} or {other}", one=one, other=other), names)


def type_name(wanted: Any) -> str:
    """A type as its author writes it: `Decimal`, `date or None`."""
    if get_origin(wanted) is Annotated:
        return type_name(get_args(wanted)[0])
    if get_origin(wanted) in (Union, types.UnionType):
        return either(map(type_name, get_args(wanted)))
    if wanted is types.NoneType:
        return "None"
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted.__name__
    return getattr(wanted, "__name__", str(wanted))
