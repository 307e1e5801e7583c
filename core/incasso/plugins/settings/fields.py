"""Turn the values of a TOML table into the declared types of a dataclass, all problems at once."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from incasso.contract.errors import ConfigurationError
from incasso.contract.values import Secret
from incasso.plugins.settings.problems import TableProblem, nearest
from incasso.plugins.settings.references import DanglingError, resolve, resolve_secret

_MOST_DIGITS = 30


class UnfitError(Exception):
    """A value does not fit its type; `args` are message and hint."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """One declared setting: what the file may say and what help is printed."""

    name: str
    type: Any
    required: bool
    default: Any
    help: str = ""
    unit: str = ""


def declared(settings: type) -> tuple[Field, ...]:
    """The settings of a kind, in their order, from a dataclass or a msgspec Struct."""
    hints = get_type_hints(settings, include_extras=False)
    if dataclasses.is_dataclass(settings):
        return tuple(_of_dataclass(field, hints) for field in dataclasses.fields(settings))
    if issubclass(settings, msgspec.Struct):
        return tuple(_of_struct(field, hints) for field in msgspec.structs.fields(settings))
    raise TypeError(f"{settings.__name__} is neither a dataclass nor a msgspec Struct")


def build(settings: type, table: Mapping[str, Any], *, where: str, base: Path) -> Any:
    """The settings object of one table. Raises TableError with every mistake of the table."""
    fields = {field.name: field for field in declared(settings)}
    problems = [
        TableProblem(table=where, key=key, message="unknown key", hint=nearest(key, fields))
        for key in table
        if key not in fields
    ]
    values: dict[str, Any] = {}
    for field in fields.values():
        try:
            if field.name in table:
                values[field.name] = convert(table[field.name], field.type, base)
            elif field.required:
                raise UnfitError("missing", f"add it: {field.help}" if field.help else "")
        except (UnfitError, DanglingError) as problem:
            message, hint = (*problem.args, "")[:2]
            problems.append(TableProblem(table=where, key=field.name, message=message, hint=hint))
    if problems:
        raise TableError(problems)
    return _construct(settings, values, where)


class TableError(Exception):
    """All mistakes of one table."""

    def __init__(self, problems: Sequence[TableProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, problems)))


def convert(value: Any, wanted: Any, base: Path) -> Any:
    """One TOML value as the declared type. Raises UnfitError or DanglingError."""
    if wanted is Secret:
        return resolve_secret(value, base)
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return _convert_optional(value, arguments, base)
    value = resolve(value, base)
    if wanted is Any:
        return value
    if origin is Literal:
        return _one_of(value, arguments)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return wanted(_one_of(value, [member.value for member in wanted]))
    if origin is tuple:
        return _convert_list(value, arguments[0], base)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _convert_table(value, arguments[1], base)
    return _convert_plain(value, wanted, base)


def _convert_optional(value: Any, choices: Sequence[Any], base: Path) -> Any:
    problem: Exception | None = None
    for choice in choices:
        if choice is type(None):
            continue
        try:
            return convert(value, choice, base)
        except (UnfitError, DanglingError) as error:
            problem = problem or error
    raise problem or UnfitError("cannot be given")


def _one_of(value: Any, choices: Sequence[Any]) -> Any:
    if value in choices and type(value) in {type(choice) for choice in choices}:
        return value
    raise UnfitError(f"{value!r} is not possible", nearest(str(value), map(str, choices)))


def _convert_list(value: Any, item: Any, base: Path) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise UnfitError("must be a list", 'write ["…", "…"]')
    return tuple(convert(each, item, base) for each in value)


def _convert_table(value: Any, item: Any, base: Path) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnfitError("must be a table", 'write { name = "…" }')
    return types.MappingProxyType({key: convert(each, item, base) for key, each in value.items()})


def _convert_plain(value: Any, wanted: Any, base: Path) -> Any:
    """A single value. From a reference every value is text, so text is read as a number too."""
    match wanted:
        case _ if wanted is bool:
            return _boolean(value)
        case _ if wanted is int:
            return _number(value, int)
        case _ if wanted is Decimal:
            return _number(value, Decimal)
        case _ if wanted is str and isinstance(value, str):
            return value
        case _ if wanted is Path and isinstance(value, str) and value:
            return base / value
        case _ if wanted is date:
            return _date(value)
    name = {str: "a text", Path: "a path"}.get(wanted, f"a {getattr(wanted, '__name__', wanted)}")
    raise UnfitError(f"must be {name}, not {_as_written(value)}", 'write "…"')


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise UnfitError(f"must be true or false, not {_as_written(value)}")


def _number(value: Any, kind: type[int] | type[Decimal]) -> int | Decimal:
    """An exact number; 1.5 is no whole number and true is no number at all."""
    word = "a whole number" if kind is int else "a number"
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise UnfitError(f"must be {word}, not {_as_written(value)}")
    try:
        number = Decimal(value)
        # 1e999999999 is short to write and takes a day to turn into a whole number.
        fits = number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS
        if not fits or (kind is int and number != int(number)):
            raise UnfitError(f"must be {word}, not {_as_written(value)}")
    except InvalidOperation:
        raise UnfitError(f"must be {word}, not {_as_written(value)}") from None
    return int(number) if kind is int else number


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UnfitError(f"must be a date, not {_as_written(value)}", "write 2026-11-23") from None


def _as_written(value: Any) -> str:
    """A value as a person wrote it, cut short: nobody wants a page of it back."""
    text = (
        {True: "true", False: "false"}.get(value, repr(value)) if value in (0, 1) else repr(value)
    )
    return text if len(text) <= 40 else text[:37] + "…"


def _construct(settings: type, values: Mapping[str, Any], where: str) -> Any:
    """Build it; what the plugin's own `__post_init__` refuses becomes problems too."""
    try:
        return settings(**values)
    except ConfigurationError as error:
        raise TableError(
            [
                TableProblem(table=where, key=p.field, message=p.message, hint=p.hint)
                for p in error.problems
            ]
        ) from None
    except (ValueError, TypeError) as error:
        raise TableError([TableProblem(table=where, key="", message=str(error))]) from None


def _of_dataclass(field: dataclasses.Field[Any], hints: Mapping[str, Any]) -> Field:
    required = field.default is field.default_factory is dataclasses.MISSING
    default = None if field.default is dataclasses.MISSING else field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return Field(
        name=field.name,
        type=hints[field.name],
        required=required,
        default=default,
        help=field.metadata.get("help", ""),
        unit=field.metadata.get("unit", ""),
    )


def _of_struct(field: msgspec.structs.FieldInfo, hints: Mapping[str, Any]) -> Field:
    default = None if field.default is msgspec.NODEFAULT else field.default
    return Field(name=field.name, type=hints[field.name], required=field.required, default=default)
