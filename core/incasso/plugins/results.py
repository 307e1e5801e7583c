"""What a hook must return, taken from the return annotation of its declaration."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from incasso.contract.context import CallbackAnswer
from incasso.contract.text import Text, in_a_row, text
from incasso.contract.values import Page
from incasso.plugins.fields import either, misfits, type_name
from incasso.plugins.sieve import Sieve


class NotWantedError(Exception):
    """A hook gave something else than it declares; the text says what."""


class Form(Enum):
    """How a hook gives its answer."""

    ONE = auto()
    TABLE = auto()
    SEVERAL = auto()
    """A tuple, checked item by item: one bad item does not spoil the others."""
    CALLBACK = auto()
    """Such a tuple, alone or in a CallbackAnswer."""
    PAGES = auto()
    """A stream, checked page by page and item by item, see `pages`."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """The declared result of a hook, and how errors and the reference name it."""

    wanted: str
    form: Form
    annotation: Any
    kinds: tuple[type, ...] = ()
    """The classes of the answer, or of the items in it."""
    pages_of: frozenset[type] = field(default_factory=frozenset)
    """Of a pull: the classes of the items in its pages."""

    def fits(self, value: Any) -> bool:
        """Whether the whole answer is right; of a pull, whether this is a page."""
        if self.form is Form.PAGES:
            return isinstance(value, Page)
        if self.form is Form.CALLBACK and isinstance(value, CallbackAnswer):
            return _is_answerable(value) and not list(misfits(value.updates, self.annotation))
        return not list(misfits(value, self.annotation))

    def taken(self, value: Any, sieve: Sieve) -> Any:
        """The answer with bad items of a tuple replaced by Unreadable.

        A pull is taken page by page instead. Raises NotWantedError for any other wrong answer.
        """
        if self.form is Form.PAGES:
            return value
        if self.form in (Form.SEVERAL, Form.CALLBACK) and type(value) is tuple:
            return sieve.sift(value, self.kinds)
        if self.form is Form.CALLBACK and _is_answerable(value):
            return msgspec.structs.replace(value, updates=sieve.sift(value.updates, self.kinds))
        if self.form is Form.TABLE and isinstance(value, Mapping):
            value = dict(value)  # now, so that a lazy one fails here
        if wrong := list(misfits(value, self.annotation)):
            raise NotWantedError(self._complaint(value, wrong))
        return value

    def _complaint(self, value: Any, wrong: list[tuple[str, str]]) -> Text:
        given = type(value).__name__
        if not wrong[0][0]:
            return text("gave {given}, not {wanted}", given=given, wanted=self.wanted)
        fields = in_a_row(
            text("{field}: {problem}", field=f"{given}{path}", problem=words)
            for path, words in wrong[:3]
        )
        return text("gave a wrong answer: {fields}", fields=fields)


_LONGEST_BODY: Final = 64 * 1024


def _is_answerable(answer: Any) -> bool:
    """Whether a web server can give this answer."""
    return (
        type(answer) is CallbackAnswer
        and type(answer.updates) is tuple
        and type(answer.status) is int
        and (200 <= answer.status < 300 or 400 <= answer.status < 500)
        and type(answer.body) is bytes
        and len(answer.body) <= _LONGEST_BODY
        and isinstance(answer.media_type, str)
        and answer.media_type.isascii()
        and answer.media_type.isprintable()
    )


def result_of(hook: Callable[..., Any]) -> Result:
    """What a declared hook returns. Raises TypeError for an annotation that cannot be checked."""
    wanted = get_type_hints(hook, include_extras=True)["return"]
    origin, inside = get_origin(wanted), get_args(wanted)
    if origin is Iterator and get_origin(inside[0]) is Page:
        kinds = _members(get_args(inside[0])[0])
        named = text("pages of {kinds}", kinds=_names(kinds))
        return Result(
            wanted=named, form=Form.PAGES, annotation=wanted, kinds=kinds, pages_of=frozenset(kinds)
        )
    if origin in (tuple, Iterable):
        kinds = _members(inside[0])
        annotation = tuple[inside[0], ...]  # type: ignore[valid-type]
        named = text("a tuple of {kinds}", kinds=_names(kinds))
        return Result(wanted=named, form=Form.SEVERAL, annotation=annotation, kinds=kinds)
    if origin in (Union, types.UnionType) and get_origin(inside[-1]) is CallbackAnswer:
        kinds = _members(get_args(inside[-1])[0])
        named = text("a tuple of {kinds}, or a CallbackAnswer with them", kinds=_names(kinds))
        return Result(wanted=named, form=Form.CALLBACK, annotation=inside[0], kinds=kinds)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Result(wanted=_MAPPING, form=Form.TABLE, annotation=wanted)
    kinds = _members(wanted)
    return Result(wanted=_names(kinds), form=Form.ONE, annotation=wanted, kinds=kinds)


_MAPPING: Final = Mapping.__name__


def _members(wanted: Any) -> tuple[type, ...]:
    """The classes of a union, or the one class there is."""
    if get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    members = get_args(wanted) if get_origin(wanted) in (Union, types.UnionType) else (wanted,)
    if not all(isinstance(each, type) for each in members):
        raise TypeError(f"{wanted!r} is no type that the guard can check")
    return members


def _names(kinds: tuple[type, ...]) -> str:
    return either(map(type_name, kinds))
