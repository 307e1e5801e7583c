"""The provider file: TOML as providers and price lists, every problem reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any, Final

import msgspec

from incasso.contract.settings import Key, Reader, Wrong, toml_tables
from incasso.domain.placement.prices import PriceList, PriceVersion
from incasso.domain.placement.provider_rules import (
    check_price_list,
    check_provider,
    check_tables,
    check_version,
)
from incasso.domain.placement.providers import Provider
from incasso.domain.recovery.iter_rules import check_match
from incasso.domain.recovery.matching import Match


class ProviderProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong in a provider file, at a key of this table, or of the whole file."""

    file: str
    table: str = ""
    """`provider` or `price_list`; empty: the file."""
    name: str = ""
    """The table's key, or its number where it has none."""
    wrong: Wrong


class ProviderTables(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of a file."""

    providers: Annotated[tuple[Provider, ...], Key("provider")] = ()
    price_lists: Annotated[tuple[PriceList, ...], Key("price_list")] = ()


class ProviderFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of one file; if there are problems, none of it may be used."""

    tables: ProviderTables = ProviderTables()
    problems: tuple[ProviderProblem, ...] = ()


def read_provider_file(
    given: str, file: str = "", *, price_lists: Iterable[str] = ()
) -> ProviderFile:
    """Reads a whole file; returns all its problems at once, raises nothing.

    `price_lists`: the keys of those the office has already.
    """
    tables, wrong = toml_tables(given)
    found = None
    if not wrong:
        reader = Reader(
            completed={Provider: _labelled, PriceList: _labelled},
            checks={
                Provider: check_provider,
                PriceVersion: check_version,
                PriceList: check_price_list,
                Match: check_match,
                ProviderTables: partial(check_tables, frozenset(price_lists)),
            },
            texts=False,
        )
        found, wrong = reader.read(ProviderTables, tables)
    if found is None:
        return ProviderFile(problems=tuple(_placed(file, tables, each) for each in wrong))
    return ProviderFile(tables=found)


def _labelled(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """The label, by default the key."""
    return {**table, "label": table.get("label") or table.get("key", "")}


_PLACE: Final = re.compile(r"(provider|price_list)\[(\d+)\](?:\.|$)")


def _placed(file: str, tables: Mapping[str, Any], wrong: Wrong) -> ProviderProblem:
    """A problem with the key of its table, or its number where it has none."""
    if (found := _PLACE.match(wrong.key)) is None:
        return ProviderProblem(file=file, wrong=wrong)
    table, number = found.groups()
    key = tables[table][int(number) - 1].get("key")
    return ProviderProblem(
        file=file,
        table=table,
        name=key if isinstance(key, str) and key else number,
        wrong=msgspec.structs.replace(wrong, key=wrong.key[found.end() :]),
    )
