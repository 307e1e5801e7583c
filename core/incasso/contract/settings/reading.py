"""Walk a table by the declared types, collecting everything that is wrong in it."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin

from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import leaves
from incasso.contract.settings.fields import Field, declared, is_table
from incasso.contract.settings.spelling import nearest
from incasso.contract.settings.wrong import UnfitError, Wrong, joined
from incasso.contract.text import Text, text

T = TypeVar("T")

Table = Mapping[str, Any]
_UNFIT: Final = object()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How tables of one kind of file become objects; the rest derives from the types.

    A field that is wrong gets its default, so that `checks` can still say what else is wrong; an
    object with a mistake is never returned.
    """

    resolve: Callable[[Any], Any] = lambda value: value
    """Turns `{ env = … }` into the value it refers to. Raises UnfitError."""
    special: Mapping[Any, Callable[[Any], Any]] = field(default_factory=dict)
    """Readers for types that TOML does not have. They raise UnfitError."""
    completed: Mapping[type, Callable[[Table], Table]] = field(default_factory=dict)
    """By type: completes a table with defaults that depend on its other values."""
    checks: Mapping[type, Callable[[Any], Iterable[Wrong]]] = field(default_factory=dict)
    """By type: checks that need more than one field."""
    decisive: Mapping[type, str] = field(default_factory=dict)
    """By type: the key on which its checks turn; they are left out if its value is wrong."""
    texts: bool = True
    """Whether a number may be written as a text, as it is where values come from references."""

    def read(self, kind: type[T], table: Any) -> tuple[T | None, tuple[Wrong, ...]]:
        """The object a table describes, or everything that is wrong in it."""
        walk = _Walk(self)
        found = walk.table(kind, table, "")
        return (None if walk.wrong else cast(T, found)), tuple(walk.wrong)


class _Walk:
    """One reading of one table."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.wrong: list[Wrong] = []

    def table(self, kind: type, table: Any, key: str) -> Any:
        """An object, with defaults where the table is wrong; unfit if it cannot be made."""
        if not isinstance(table, Mapping):
            hint = text("write [{key}] with its keys below", key=key) if key else ""
            return self._note(key, text("must be a table"), hint)
        before = len(self.wrong)
        if kind in self.reader.completed:
            table = self.reader.completed[kind](table)
        fields = {each.key: each for each in declared(kind)}
        self._unknown(table, fields, key)
        values = {each.name: self._field(each, table, key) for each in fields.values()}
        if any(value is _UNFIT for value in values.values()):
            return _UNFIT
        return self._made(kind, values, key, before)

    def _unknown(self, table: Table, fields: Iterable[str], key: str) -> None:
        """Reports unknown keys: a misspelt key must never be silently ignored."""
        for name in table:
            if name not in fields:
                self._note(
                    joined(key, str(name)),
                    text("unknown key"),
                    nearest(str(name), fields),
                    code="unknown_key",
                )

    def _field(self, field: Field, table: Table, key: str) -> Any:
        where = joined(key, field.key)
        if field.key not in table:
            if not field.required:
                return field.default
            hint = text("add it: {help}", help=_in_words(field.help)) if field.help else ""
            return self._note(where, text("missing"), hint, code="missing")
        value = self._value(table[field.key], field.type, where)
        return field.default if value is _UNFIT and not field.required else value

    def _made(self, kind: type, values: Table, key: str, before: int) -> Any:
        """The object, if its own checks and those of the reader find nothing more."""
        wrong_keys = {each.key for each in self.wrong[before:]}
        try:
            made = kind(**values)
        except ConfigurationError as error:
            found: Iterable[Wrong] = [
                Wrong(key=each.field, code=each.code, message=each.message, hint=each.hint)
                for each in error.problems
            ]
            made = _UNFIT
        except (ValueError, TypeError) as error:
            found, made = [Wrong(key="", message=str(error))], _UNFIT
        else:
            decisive = joined(key, self.reader.decisive.get(kind, ""))
            blind = kind in self.reader.decisive and decisive in wrong_keys
            found = () if blind else self.reader.checks.get(kind, lambda _: ())(made)
        nested = [each.below(key) for each in found]
        self.wrong += [each for each in nested if not _covered(each.key, wrong_keys)]
        return made

    def _value(self, value: Any, wanted: Any, key: str) -> Any:
        if get_origin(wanted) is Annotated:
            return self._marked(value, wanted, key)
        try:
            if wanted in self.reader.special:
                return self.reader.special[wanted](value)
            if get_origin(wanted) in (Union, types.UnionType):
                return self._one_of(value, get_args(wanted), key)
            return self._plain(self.reader.resolve(value), wanted, key)
        except UnfitError as error:
            self.wrong.append(error.wrong.below(key))
            return _UNFIT

    def _plain(self, value: Any, wanted: Any, key: str) -> Any:
        origin, inside = get_origin(wanted), get_args(wanted)
        if is_table(wanted):
            return self.table(wanted, value, key)
        if origin is tuple:
            return self._list(value, inside[0], key)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            found = self._names(value, inside[1], key)
            return found if origin is dict or found is _UNFIT else types.MappingProxyType(found)
        return leaves.convert(value, wanted, texts=self.reader.texts)

    def _marked(self, value: Any, wanted: Any, key: str) -> Any:
        """A value whose type has marks: each may refuse it."""
        plain, *marks = get_args(wanted)
        found = self._value(value, plain, key)
        if found is _UNFIT:
            return found
        try:
            for mark in marks:
                if (check := getattr(mark, "check", None)) is not None:
                    check(found)
        except UnfitError as error:
            self.wrong.append(error.wrong.below(key))
            return _UNFIT
        return found

    def _one_of(self, value: Any, choices: Sequence[Any], key: str) -> Any:
        """The value as the first type that fits; else reports the problem of the first type, of a
        list or of a single value as it is one."""
        first: list[Wrong] = []
        for choice in sorted(
            choices, key=lambda each: _is_list(each) is not isinstance(value, list)
        ):
            if choice is type(None):
                continue
            walk = _Walk(self.reader)
            found = walk._value(value, choice, key)
            if not walk.wrong:
                return found
            first = first or walk.wrong
        self.wrong += first
        return _UNFIT

    def _list(self, value: Any, item: Any, key: str) -> Any:
        if not isinstance(value, list):
            if is_table(item):
                return self._note(key, text("must be tables"), text("write [[{key}]]", key=key))
            return self._note(key, text("must be a list"), text('write ["…", "…"]'))
        found = [self._value(each, item, f"{key}[{place}]") for place, each in enumerate(value, 1)]
        return _UNFIT if _UNFIT in found else tuple(found)

    def _names(self, value: Any, item: Any, key: str) -> Any:
        if not isinstance(value, Mapping):
            return self._note(key, text("must be a table"), text('write {{ name = "…" }}'))
        found = {name: self._value(each, item, joined(key, name)) for name, each in value.items()}
        return _UNFIT if any(each is _UNFIT for each in found.values()) else found

    def _note(self, key: str, message: str, hint: str = "", *, code: str = "unfit") -> Any:
        self.wrong.append(Wrong(key=key, code=code, message=message, hint=hint))
        return _UNFIT


def _covered(key: str, wrong: Iterable[str]) -> bool:
    """Whether a problem at this key, or inside it, was reported already."""
    return any(other == key or other.startswith((f"{key}.", f"{key}[")) for other in wrong if key)


def _is_list(wanted: Any) -> bool:
    return get_origin(wanted) is tuple


def _in_words(help: str) -> str:
    """Help is a plain string in the catalogues; one with braces is an example, and stays."""
    return help if "{" in help else Text(help)
