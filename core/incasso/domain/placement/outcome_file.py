"""The table of outcomes as TOML, in and out: equal tables give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated

import msgspec

from incasso.contract.settings import Key, Reader, Wrong, toml_tables
from incasso.domain.placement.outcomes import DEFAULTS, PlacementOutcome, Then


class OutcomeFault(StrEnum):
    """What these rules refuse; the words are in `incasso.locale.file_problems`."""

    NOT_NAMED = "outcome_not_named"
    NO_USE = "outcome_no_use"
    NO_KEY = "outcome_no_key"
    SAME_END = "outcome_same_end"


class _Tables(msgspec.Struct, frozen=True, kw_only=True):
    outcomes: Annotated[tuple[PlacementOutcome, ...], Key("outcome")] = ()


def read_outcomes(given: str) -> tuple[tuple[PlacementOutcome, ...], tuple[Wrong, ...]]:
    """The table out of a TOML file, or everything that is wrong in it."""
    tables, wrong = toml_tables(given)
    if wrong:
        return (), wrong
    reader = Reader(checks={PlacementOutcome: _check, _Tables: _check_tables}, texts=False)
    found, wrong = reader.read(_Tables, tables)
    return (found.outcomes if found else ()), wrong


def write_outcomes(rules: Iterable[PlacementOutcome]) -> str:
    """The whole table as TOML, the shipped rows included."""
    own = {each.end: each for each in (*DEFAULTS, *rules)}
    return "\n".join(line for each in own.values() for line in _lines(each))


def _lines(one: PlacementOutcome) -> Iterator[str]:
    yield "[[outcome]]"
    for name in ("end", "then", "stage", "container", "propose"):
        if value := getattr(one, name):
            quoted = f'"{value}"'
            yield f"{name} = {quoted}"
    if one.report:
        name, value = "report", "true"
        yield f"{name} = {value}"
    yield ""


def _check(one: PlacementOutcome) -> Iterator[Wrong]:
    for then, key in ((Then.STAGE, "stage"), (Then.PARK, "container")):
        value = getattr(one, key)
        if one.then is then and not value:
            yield Wrong(key=key, code=OutcomeFault.NOT_NAMED)
        elif one.then is not then and value:
            values = {"then": then.value, "name": key}
            yield Wrong(key=key, code=OutcomeFault.NO_USE, values=values)
        elif value and not value.replace("_", "").replace("-", "").isalnum():
            yield Wrong(key=key, code=OutcomeFault.NO_KEY)


def _check_tables(tables: _Tables) -> Iterator[Wrong]:
    ends = [each.end for each in tables.outcomes]
    for number, end in enumerate(ends, 1):
        if end in ends[: number - 1]:
            key = f"outcome[{number}].end"
            yield Wrong(key=key, code=OutcomeFault.SAME_END, values={"end": end.value})
