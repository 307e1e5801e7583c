"""What a hook must return, taken from the return annotation of its declaration."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from incasso.contract.context import CallbackAnswer
from incasso.contract.values import Page, Receipt


@dataclass(frozen=True, kw_only=True)
class Result:
    """The declared result of a hook: whether a value fits it, and how an error names it."""

    wanted: str
    fits: Callable[[Any], bool]
    pages_of: frozenset[type] = field(default_factory=frozenset)
    """Of a pull: the types of the items in its pages. `fits` then checks one page."""


def result_of(hook: Callable[..., Any]) -> Result:
    """What a declared hook returns. Raises TypeError for an annotation that cannot be checked."""
    wanted = get_type_hints(hook)["return"]
    origin, inside = get_origin(wanted), get_args(wanted)
    if origin is Iterator and get_origin(inside[0]) is Page:
        return _pages(_members(get_args(inside[0])[0]))
    if origin in (tuple, Iterable):
        return _several(_members(inside[0]))
    if origin in (Union, types.UnionType) and get_origin(inside[-1]) is CallbackAnswer:
        return _callback(_several(_members(get_args(inside[-1])[0])))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Result(wanted=Mapping.__name__, fits=lambda value: isinstance(value, Mapping))
    return _one(_members(wanted))


def _members(wanted: Any) -> tuple[type, ...]:
    """The classes of a union, or the one class there is."""
    members = get_args(wanted) if get_origin(wanted) in (Union, types.UnionType) else (wanted,)
    if not all(isinstance(each, type) for each in members):
        raise TypeError(f"{wanted!r} is no type that the guard can check")
    return members


def _pages(kinds: tuple[type, ...]) -> Result:
    wanted = f"pages of {_names(kinds)}"
    return Result(
        wanted=wanted, fits=lambda value: isinstance(value, Page), pages_of=frozenset(kinds)
    )


def _several(kinds: tuple[type, ...]) -> Result:
    def fits(value: Any) -> bool:
        return isinstance(value, tuple) and all(isinstance(each, kinds) for each in value)

    return Result(wanted=f"a tuple of {_names(kinds)}", fits=fits)


def _callback(updates: Result) -> Result:
    """Updates alone, or in a CallbackAnswer that a web server can give."""

    def fits(value: Any) -> bool:
        if isinstance(value, CallbackAnswer):
            return updates.fits(value.updates) and _answerable(value)
        return updates.fits(value)

    return Result(wanted=f"{updates.wanted}, or a CallbackAnswer with them", fits=fits)


def _answerable(answer: CallbackAnswer[Any]) -> bool:
    return (
        isinstance(answer.status, int)
        and (200 <= answer.status < 300 or 400 <= answer.status < 500)
        and isinstance(answer.body, bytes)
        and len(answer.body) <= _LONGEST_BODY
        and isinstance(answer.media_type, str)
        and answer.media_type.isascii()
        and answer.media_type.isprintable()
    )


def _one(kinds: tuple[type, ...]) -> Result:
    if kinds == (Receipt,):
        return Result(
            wanted="Receipt with a ref of 1-128 characters and an aware instant", fits=_receipt
        )
    return Result(wanted=_names(kinds), fits=lambda value: isinstance(value, kinds))


def _receipt(value: Any) -> bool:
    """Whether a receipt has a reference and an aware instant; others would fail later."""
    return (
        isinstance(value, Receipt)
        and isinstance(value.ref, str)
        and 0 < len(value.ref) <= _LONGEST_REF
        and getattr(value.at, "tzinfo", None) is not None
    )


_LONGEST_REF: Final = 128
_LONGEST_BODY: Final = 64 * 1024


def _names(kinds: tuple[type, ...]) -> str:
    return " or ".join("None" if kind is type(None) else kind.__name__ for kind in kinds)
