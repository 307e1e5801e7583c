"""Writes providers and price lists as TOML: reading the file gives the same back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
import tomli_w

from incasso.contract.settings import declared
from incasso.domain.placement.prices import PriceList
from incasso.domain.placement.providers import Provider


def write_provider_file(providers: Iterable[Provider], price_lists: Iterable[PriceList]) -> str:
    """One file with these, in the order given; the same bytes for the same ones."""
    tables = {
        "provider": [as_table(one) for one in providers],
        "price_list": [as_table(one) for one in price_lists],
    }
    return tomli_w.dumps({name: found for name, found in tables.items() if found})


def as_table(value: Provider | PriceList, *, whole: bool = False) -> dict[str, Any]:
    """One of them under the keys of the file; `whole`: with what is its default anyway."""
    table: dict[str, Any] = _written(value, whole)
    return table


def _written(value: Any, whole: bool) -> Any:
    """A value as TOML has it: amounts as texts."""
    if isinstance(value, msgspec.Struct):
        return {
            field.key: _written(given, whole)
            for field in declared(type(value))
            for given in [getattr(value, field.name)]
            if whole or field.required or given not in (None, field.default)
        }
    if isinstance(value, Mapping):
        return {name: _written(each, whole) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_written(each, whole) for each in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal) else value
