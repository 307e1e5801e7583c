"""Whether the fields of a border type hold what their annotations say, to the letter."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec


def wrong_fields(record: msgspec.Struct) -> list[str]:
    """Every field whose value is not of its declared type: a float for money, a datetime for a day.

    msgspec does not check what Python code puts into a Struct; the hub would notice much later.
    """
    hints = _hints(type(record))
    return [
        f"{type(record).__name__}.{name} is {_shown(value)}, not {_name(hints[name])}"
        for name in record.__struct_fields__
        if not fits(value := getattr(record, name), hints[name])
    ]


def fits(value: Any, wanted: Any) -> bool:
    """Whether a value is of a type as annotated. Money is finite, instants are aware."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if wanted is Any or isinstance(wanted, TypeVar):
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, each) for each in arguments)
    if origin is tuple:
        return isinstance(value, tuple) and all(fits(each, arguments[0]) for each in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(
            fits(key, arguments[0]) and fits(each, arguments[1]) for key, each in value.items()
        )
    if wanted is None or wanted is type(None):
        return value is None
    return _plain(value, origin or wanted)


def _plain(value: Any, wanted: type) -> bool:
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    if wanted is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    if wanted is Decimal:
        return isinstance(value, Decimal) and value.is_finite()
    if isinstance(value, msgspec.Struct):
        return isinstance(value, wanted) and not wrong_fields(value)
    return isinstance(value, wanted)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {repr(value)[:60]}"


def _name(wanted: Any) -> str:
    return getattr(wanted, "__name__", str(wanted)) if get_origin(wanted) is None else str(wanted)
