"""The one settings engine: everything that is wrong in a file, each with key, words and cure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import (
    Between,
    Filled,
    Form,
    Key,
    OneOf,
    Reader,
    UnfitError,
    Wrong,
    declared,
    nearest,
    read_toml,
    setting,
    toml_tables,
)
from incasso.contract.values import Problem


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, Form("[a-z]+", "north")]
    days: Annotated[int, Between(1, 30)] = 3
    colours: tuple[Colour, ...] = ()


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, Filled()]
    price: Annotated[Decimal, Between(0)] = Decimal(0)
    legs: Annotated[tuple[Leg, ...], Key("leg")] = ()
    rates: Mapping[str, Decimal] = {}
    first: Leg | None = None
    days: tuple[date, ...] | date = ()


GOOD = """
name = "Alps"
price = "10.50"
rates = { EUR = 1, USD = "1.10" }
days = 2026-03-02
[[leg]]
name = "north"
[[leg]]
name = "south"
days = 5
colours = ["red", "blue"]
"""


def wrong(text: str, kind: type = Trip) -> dict[str, Wrong]:
    found, problems = read_toml(kind, text)
    assert found is None
    return {each.key: each for each in problems}


def test_a_good_file_becomes_what_was_declared() -> None:
    trip, problems = read_toml(Trip, GOOD)
    assert problems == ()
    assert trip == Trip(
        name="Alps",
        price=Decimal("10.50"),
        legs=(Leg(name="north"), Leg(name="south", days=5, colours=(Colour.RED, Colour.BLUE))),
        rates={"EUR": Decimal(1), "USD": Decimal("1.10")},
        days=date(2026, 3, 2),
    )


def test_everything_wrong_is_told_at_once_with_its_place() -> None:
    found = wrong(
        """
        nmae = "Alps"
        price = "-1"
        rates = { EUR = "much" }
        days = ["tomorrow"]
        [[leg]]
        name = "North"
        days = 31
        [[leg]]
        name = "south"
        colours = ["red", "blu"]
        colour = "red"
        [first]
        """
    )
    assert {key: each.message for key, each in found.items()} == {
        "nmae": "unknown key",
        "name": "missing",
        "price": "-1 is out of range",
        "rates.EUR": "must be an exact number, not 'much'",
        "days[1]": "must be a date, not 'tomorrow'",
        "leg[1].name": "'North' is not written as it should be",
        "leg[1].days": "31 is out of range",
        "leg[2].colours[2]": "'blu' is not possible",
        "leg[2].colour": "unknown key",
        "first.name": "missing",
    }
    assert found["nmae"].hint == "did you mean 'name'?"
    assert found["price"].hint == "at least 0"
    assert found["leg[1].name"].hint == "write it like 'north'"
    assert found["leg[1].days"].hint == "from 1 to 30"
    assert found["leg[2].colours[2]"].hint == "did you mean 'blue'?"
    assert found["days[1]"].hint == "write 2026-11-23"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ('name = ""', "name", "must not be empty"),
        ("name = 3", "name", "must be a text, not 3"),
        ('name = "x"\nleg = 3', "leg", "must be tables"),
        ('name = "x"\nleg = [3]', "leg[1]", "must be a table"),
        ('name = "x"\nrates = 3', "rates", "must be a table"),
        ('name = "x"\nfirst = []', "first", "must be a table"),
        ('name = "x"\nleg = [{ name = "a", colours = "red" }]', "leg[1].colours", "must be a list"),
        (
            'name = "x"\nleg = [{ name = "a", days = true }]',
            "leg[1].days",
            "a whole number, not true",
        ),
        ("name = x", "", "is not TOML"),
    ],
)
def test_each_kind_of_mistake_has_its_words(text: str, key: str, message: str) -> None:
    [one] = wrong(text).values()
    assert one.key == key and message in one.message
    assert one.hint or "empty" in message


def test_a_float_is_an_amount_only_where_it_was_read_as_it_is_written() -> None:
    assert read_toml(Trip, 'name = "x"\nprice = 0.1')[0] == Trip(name="x", price=Decimal("0.1"))
    tables, _ = toml_tables('name = "x"\nprice = 0.1')
    found, [one] = Reader().read(Trip, tables)
    assert found is None and (one.key, one.hint) == ("price", one.hint) and "quotes" in one.hint


def check(trip: Trip) -> Iterator[Wrong]:
    if not trip.legs:
        yield Wrong(key="leg", code="no_legs")
    for place, leg in enumerate(trip.legs, 1):
        if leg.days > 10:
            yield Wrong(key=f"leg[{place}].days", code="long", values={"days": leg.days})


def codes(text: str) -> dict[str, str]:
    found, problems = Reader(checks={Trip: check}).read(Trip, toml_tables(text)[0])
    assert (found is None) == bool(problems)
    return {each.key: each.code for each in problems}


def test_rules_of_several_fields_are_told_with_the_others_and_never_twice() -> None:
    legs = '[[leg]]\nname = "a"\ndays = 20\n'
    assert codes('name = "x"\n' + legs) == {"leg[1].days": "long"}
    assert codes('name = "x"\nprice = "-1"\n' + legs) == {"price": "unfit", "leg[1].days": "long"}
    # What is wrong in itself is not also told to be too long, or absent.
    assert codes('name = "x"\n' + legs.replace("20", "40")) == {"leg[1].days": "unfit"}
    assert codes('name = "x"\n[[leg]]\ndays = 20\n') == {"leg[1].name": "missing"}
    assert codes('name = "x"') == {"leg": "no_legs"}


def test_what_follows_from_other_keys_is_completed_and_what_has_a_form_of_its_own_read() -> None:
    def window(given: Any) -> range:
        if not isinstance(given, str):
            raise UnfitError(code="no_window", given=given)
        first, last = map(int, given.split("-"))
        return range(first, last)

    class Shop(msgspec.Struct, frozen=True):
        name: str
        label: str
        hours: tuple[range, ...] = ()

    reader = Reader(
        special={range: window},
        completed={Shop: lambda table: {"label": table.get("name", ""), **table}},
    )
    assert reader.read(Shop, {"name": "A", "hours": ["8-12"]}) == (
        Shop(name="A", label="A", hours=(range(8, 12),)),
        (),
    )
    _, [one] = reader.read(Shop, {"name": "A", "hours": ["8-12", 3]})
    assert (one.key, one.code, one.values) == ("hours[2]", "no_window", {"given": 3})


@dataclass(frozen=True, kw_only=True)
class Declared:
    mode: Literal["full", "partial"] = setting(help="How much", default="full")
    size: int = setting(help="How many", unit="rows", default=1)
    kind: Annotated[str, OneOf(("a", "b"))] = setting(help="Which", default="a")

    def __post_init__(self) -> None:
        if self.mode == "partial" and self.size > 5:
            problem = Problem(code="size", field="size", message="too many", hint="write 5")
            raise ConfigurationError([problem])


def test_a_dataclass_says_itself_what_its_types_cannot() -> None:
    assert wrong('mode = "partial"\nsize = 6', Declared)["size"].message == "too many"
    found = wrong('mode = "partial"\nsize = 6\nkind = "c"', Declared)
    assert {key: each.message for key, each in found.items()} == {
        "kind": "'c' is not known",
        "size": "too many",
    }
    assert wrong('mode = "ful"', Declared)["mode"].hint == "did you mean 'full'?"


def test_help_and_unit_are_kept_for_whoever_prints_them() -> None:
    size = declared(Declared)[1]
    assert (size.name, size.help, size.unit, size.default, size.required) == (
        *("size", "How many", "rows", 1),
        False,
    )
    assert [each.key for each in declared(Trip)][2] == "leg"


def test_the_nearest_name_or_all_of_them() -> None:
    assert nearest("transfr", ["riba", "transfer"]) == "did you mean 'transfer'?"
    assert nearest("zzz", ["riba", "transfer"]) == "known: riba, transfer"
    assert nearest("zzz", []) == ""
    assert nearest("zzz", ["riba", "transfer"], otherwise="see the list") == "see the list"


TOML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["name", "price", "leg", "rates", "first", "days", "colours", "x"])


@given(st.dictionaries(KEYS, TOML | st.dictionaries(KEYS, TOML), max_size=6))
def test_any_table_is_answered(table: dict[str, Any]) -> None:
    found, problems = Reader().read(Trip, table)
    assert (found is None) == bool(problems)
    assert all(each.message for each in problems)
