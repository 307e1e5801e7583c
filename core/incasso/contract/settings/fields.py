"""The declared settings of a dataclass or msgspec Struct, in their order."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from incasso.contract.settings.declaring import Key


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """One declared setting: what the file may say and what help is printed."""

    name: str
    key: str
    """Its name in the file."""
    type: Any
    required: bool
    default: Any
    help: str = ""
    unit: str = ""


def is_table(kind: Any) -> bool:
    """Whether a type is written as a table of its own."""
    return isinstance(kind, type) and (
        dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct)
    )


@lru_cache(maxsize=256)
def declared(settings: type) -> tuple[Field, ...]:
    """The settings of a kind, in their order, from a dataclass or a msgspec Struct."""
    hints = get_type_hints(settings, include_extras=True)
    if dataclasses.is_dataclass(settings):
        return tuple(_of_dataclass(field, hints) for field in dataclasses.fields(settings))
    if issubclass(settings, msgspec.Struct):
        return tuple(_of_struct(field, hints) for field in msgspec.structs.fields(settings))
    raise TypeError(f"{settings.__name__} is neither a dataclass nor a msgspec Struct")


def _of_dataclass(field: dataclasses.Field[Any], hints: Mapping[str, Any]) -> Field:
    required = field.default is field.default_factory is dataclasses.MISSING
    default = None if field.default is dataclasses.MISSING else field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return Field(
        name=field.name,
        key=_key(field.name, hints[field.name]),
        type=hints[field.name],
        required=required,
        default=default,
        help=field.metadata.get("help", ""),
        unit=field.metadata.get("unit", ""),
    )


def _of_struct(field: msgspec.structs.FieldInfo, hints: Mapping[str, Any]) -> Field:
    default = None if field.default is msgspec.NODEFAULT else field.default
    if field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return Field(
        name=field.name,
        key=_key(field.name, hints[field.name]),
        type=hints[field.name],
        required=field.required,
        default=default,
    )


def _key(name: str, wanted: Any) -> str:
    if get_origin(wanted) is Annotated:
        return next((mark.name for mark in get_args(wanted) if isinstance(mark, Key)), name)
    return name
