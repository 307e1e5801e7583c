"""Which keys of a table are the hub's depends on the family, not on what was asked before."""

from __future__ import annotations

from incasso.contract.capabilities import Family
from incasso.plugins.settings.hub_keys import hub_key_names


def test_the_keys_of_a_family_are_the_same_whatever_was_asked_before() -> None:
    before = {family: hub_key_names(family) for family in Family}
    for family in (*reversed(Family), *Family):
        assert hub_key_names(family) == before[family]
    assert "check_balances" in before[Family.CONNECTOR]
    assert "budget" in before[Family.CHANNEL]
    assert "budget" not in before[Family.PROVIDER]
    assert "sources" not in before[Family.CONNECTOR]
