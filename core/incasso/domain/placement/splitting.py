"""Shares a portfolio out among providers: never one client to two, the same seed the same result.

Chance comes from a digest of seed and client, not from Python's generator, whose order may change
with a release: a comparison of providers must be repeatable years later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from math import gcd
from typing import Final, TypeAlias

import msgspec

MOST_SLOTS: Final = 20
"""Clients of like amounts among whom chance decides: 70 and 30 per cent are 7 and 3 of 10."""


class Way(StrEnum):
    """How a portfolio is shared out."""

    AMOUNT = "amount"
    """By shares of the money."""
    COUNT = "count"
    """By shares of the clients."""
    RANDOM = "random"
    """By chance, with shares of like clients: for a fair comparison."""
    RULE = "rule"
    """By what a client is."""


class Unit(msgspec.Struct, frozen=True):
    """One client with all it would place."""

    client: str
    """Source and code: the same in every process."""
    amount: int
    """In minor units, all currencies together: only to compare sizes."""
    may: frozenset[str]
    """The providers that may get it; none: it stays out."""
    value: str = ""
    """What a rule looks at."""


_Size: TypeAlias = Callable[[Unit], int]


class SplitError(ValueError):
    """Shares that cannot be meant."""


def shares_of(among: Sequence[str], shares: Sequence[int]) -> dict[str, int]:
    """The share of each provider, equal ones if none are given. Raises SplitError."""
    given = list(shares) or [1] * len(among)
    if len(given) != len(among) or len(set(among)) != len(among) or min(given, default=0) < 1:
        raise SplitError
    return dict(zip(among, given, strict=True))


def split(
    units: Iterable[Unit],
    shares: Mapping[str, int],
    way: Way,
    *,
    seed: int = 0,
    rules: Sequence[tuple[str, str]] = (),
) -> dict[str, str]:
    """The provider of each client; a client that none may get has none.

    `rules`: value and provider, the first that fits; `*` fits every value.
    """
    units = [unit for unit in units if unit.may & shares.keys()]
    match way:
        case Way.RULE:
            return _by_rule(units, rules)
        case Way.RANDOM:
            return _by_chance(units, shares, seed)
        case Way.COUNT:
            return _by_need(units, shares, lambda unit: 1)
        case Way.AMOUNT:
            return _by_need(units, shares, lambda unit: unit.amount)


def _by_rule(units: Iterable[Unit], rules: Sequence[tuple[str, str]]) -> dict[str, str]:
    found = {}
    for unit in units:
        for value, provider in rules:
            if value in ("*", unit.value) and provider in unit.may:
                found[unit.client] = provider
                break
    return found


def _by_need(units: Iterable[Unit], shares: Mapping[str, int], size: _Size) -> dict[str, str]:
    """Largest first, each to who is furthest behind its share."""
    has = dict.fromkeys(shares, 0)
    found = {}
    for unit in sorted(units, key=_largest_first):
        able = [each for each in shares if each in unit.may]
        best = min(able, key=lambda each: ((has[each] + size(unit)) / shares[each], each))
        has[best] += size(unit)
        found[unit.client] = best
    return found


def _by_chance(units: Iterable[Unit], shares: Mapping[str, int], seed: int) -> dict[str, str]:
    """Clients of like amounts side by side; among each few of them chance decides."""
    slots = _slots(shares)
    in_order = sorted(units, key=_largest_first)
    found: dict[str, str] = {}
    for start in range(0, len(in_order), len(slots)):
        few = sorted(in_order[start : start + len(slots)], key=lambda unit: _lot(seed, unit.client))
        # A last few that do not fill the slots draw them by lot too, else the first has them.
        drawn = sorted(range(len(slots)), key=lambda slot: _lot(seed, f"{start} {slot}"))
        free = [slots[slot] for slot in drawn[: len(few)]]
        for unit in few:
            able = [each for each in free if each in unit.may]
            if able:
                free.remove(able[0])
                found[unit.client] = able[0]
            else:
                found[unit.client] = min(
                    unit.may & shares.keys(), key=lambda each: _lot(seed, f"{unit.client} {each}")
                )
    return found


def _slots(shares: Mapping[str, int]) -> list[str]:
    """The providers as often as their shares say, in few places."""
    least = gcd(*shares.values())
    counts = {each: share // least for each, share in shares.items()}
    if (whole := sum(counts.values())) > MOST_SLOTS:
        counts = {each: max(1, round(n * MOST_SLOTS / whole)) for each, n in counts.items()}
    return [each for each, count in counts.items() for _ in range(count)]


def _largest_first(unit: Unit) -> tuple[int, str]:
    return (-unit.amount, unit.client)


def _lot(seed: int, name: str) -> bytes:
    return sha256(f"{seed}\n{name}".encode()).digest()
