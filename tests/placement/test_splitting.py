"""Portfolios are shared out whole clients at a time, and the same way again."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incasso.domain.placement.splitting import SplitError, Unit, Way, shares_of, split

BOTH = frozenset({"alfa", "beta"})


def units(*amounts: int) -> list[Unit]:
    return [Unit(f"acme/C{n}", amount, BOTH) for n, amount in enumerate(amounts)]


MADE = st.lists(
    st.builds(
        Unit,
        client=st.integers(0, 10**6).map(lambda n: f"acme/C{n}"),
        amount=st.integers(1, 10**9),
        may=st.sets(st.sampled_from(["alfa", "beta", "gamma"])).map(frozenset),
        value=st.sampled_from(["TO", "MI", ""]),
    ),
    unique_by=lambda unit: unit.client,
    max_size=60,
)


@given(
    MADE,
    st.sampled_from([Way.AMOUNT, Way.COUNT, Way.RANDOM]),
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(),
    st.randoms(use_true_random=False),
)
def test_each_client_goes_to_one_who_may_have_it(
    made: list[Unit], way: Way, alfa: int, beta: int, seed: int, chance: object
) -> None:
    shares = {"alfa": alfa, "beta": beta}
    found = split(made, shares, way, seed=seed)
    may = {unit.client: unit.may & shares.keys() for unit in made}
    assert found.keys() == {client for client, able in may.items() if able}
    assert all(provider in may[client] for client, provider in found.items())
    assert split(reversed(made), shares, way, seed=seed) == found, "in whatever order they come"


def test_by_money_nobody_is_further_off_than_one_client() -> None:
    made = units(*range(100, 4100, 100))
    found = split(made, {"alfa": 70, "beta": 30}, Way.AMOUNT)
    got: Counter[str] = Counter()
    for unit in made:
        got[found[unit.client]] += unit.amount
    assert abs(got["alfa"] - 0.7 * sum(unit.amount for unit in made)) <= 4000


def test_by_number() -> None:
    found = split(units(*[5] * 40), {"alfa": 3, "beta": 1}, Way.COUNT)
    assert Counter(found.values()) == {"alfa": 30, "beta": 10}


def test_by_chance_both_get_small_and_large_ones_alike() -> None:
    """Of every two clients of like amounts each gets one, so the sums differ by at most the sum of
    the differences inside the pairs: 50 of 100."""
    made = units(*(100 * n for n in range(1, 101)))
    found = split(made, {"alfa": 50, "beta": 50}, Way.RANDOM, seed=7)
    assert Counter(found.values()) == {"alfa": 50, "beta": 50}
    got: Counter[str] = Counter()
    for unit in made:
        got[found[unit.client]] += unit.amount
    assert abs(got["alfa"] - got["beta"]) <= 50 * 100
    other = split(made, {"alfa": 50, "beta": 50}, Way.RANDOM, seed=8)
    assert other != found


def test_a_seed_shares_the_same_way_in_every_release() -> None:
    """Written down once: a comparison of providers is repeated years later."""
    found = split(units(1, 2, 3, 4, 5, 6), {"alfa": 1, "beta": 1}, Way.RANDOM, seed=2026)
    assert "".join(found[f"acme/C{n}"][0] for n in range(6)) == "abbaab"


def test_by_rule_the_first_that_fits() -> None:
    made = [
        Unit("acme/C1", 1, BOTH, "TO"),
        Unit("acme/C2", 1, BOTH, "MI"),
        Unit("acme/C3", 1, frozenset({"beta"}), "TO"),
        Unit("acme/C4", 1, frozenset({"alfa"}), "RM"),
    ]
    rules = [("TO", "alfa"), ("*", "beta")]
    found = split(made, {"alfa": 1, "beta": 1}, Way.RULE, rules=rules)
    assert found == {"acme/C1": "alfa", "acme/C2": "beta", "acme/C3": "beta"}


@pytest.mark.parametrize("shares", [(1,), (0, 1), (1, 2, 3)])
def test_shares_that_cannot_be_meant(shares: tuple[int, ...]) -> None:
    with pytest.raises(SplitError):
        shares_of(["alfa", "beta"], shares)
