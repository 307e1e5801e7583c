"""Recalled, extended, over by the mandate's end, closed: the cases run on, the provider is told."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from incasso.contract.capabilities import ProviderCapability
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.placement.close import close
from incasso.services.placement.cycle import WentOut, exchange_out
from incasso.services.placement.errors import LotError
from incasso.services.placement.give_back import What, extend, recall
from incasso.services.placement.send import send
from incasso.services.placement.told_by_hand import told_by_hand
from incasso.services.proof.verify import verify_store
from incasso.services.recovery.explain import explain
from incasso.store.engine import Store
from incasso.store.placement import accounts
from incasso.store.tables import exchange, placement, recovery
from incasso.testing.fakes.provider import FakeProvider
from tests.placement.office import ANNA, ON, Placing

LOT = "L-2026-0001"
LAST = date(2027, 1, 22)
"""Of the mandate: sixty days after the hand-over."""


def out(store: Store, folder: Path, **kind: Any) -> Placing:
    """A lot of two clients that the agency has."""
    placing = Placing(store, folder, alfa=FakeProvider(**kind))
    placing.client("C1", 10_000, 5_000, cased=True)
    placing.client("C2", 20_000, cased=True)
    placing.ready()
    send(placing.hub, ANNA, LOT, ON)
    return placing


@pytest.fixture
def placing(store: Store, tmp_path: Path) -> Placing:
    return out(store, tmp_path)


def told(placing: Placing) -> list[tuple[str, str, str]]:
    """What the agency was told after the lot: kind, placement and row of each notice."""
    lines = [
        json.loads(line)
        for name, batch in placing.fakes["alfa"].taken.items()
        if name != "alfa-000001"
        for line in batch.splitlines()
    ]
    return [(each["kind"], each["placement"]["ours"], each["row"]) for each in lines]


def cases(placing: Placing) -> list[str]:
    return [row.state for row in placing.rows(recovery.cases, "state")]


def states(placing: Placing) -> list[str]:
    return [row.state for row in placing.rows(placement.placements, "state")]


def go_out(placing: Placing, on: date = ON) -> WentOut:
    return exchange_out(placing.hub, CLOCK, on)


def withdrawn(placing: Placing) -> int:
    with placing.store.read() as connection:
        [account] = accounts.of_lot(connection, 1)
    assert account.placed == account.withdrawn + account.open
    return account.withdrawn


def test_a_client_recalled_runs_on_and_the_agency_hears_of_it(placing: Placing) -> None:
    back = recall(placing.hub, ANNA, LOT, What(client="C1"), ON, why="paga a rate")
    assert (back.placements, back.rows) == (1, 2)
    assert states(placing) == ["recalled", "handed_over"]
    assert cases(placing) == ["open", "open", "placed"]
    assert withdrawn(placing) == 15_000
    assert go_out(placing).sent == 1 and go_out(placing).sent == 0
    assert told(placing) == [("recall", "P-0000001", "")]
    with pytest.raises(LotError, match="nothing of that"):
        recall(placing.hub, ANNA, LOT, What(client="C1"), ON, why="ancora")
    assert verify_store(placing.store).problems == ()


def test_one_installment(placing: Placing) -> None:
    recall(placing.hub, ANNA, LOT, What(installment="C1/2"), ON, why="errore")
    assert states(placing) == ["handed_over", "handed_over"], "its other credit stays there"
    assert cases(placing) == ["placed", "open", "placed"]
    go_out(placing)
    assert told(placing) == [("recall", "P-0000001", "R-0000002")]


def test_the_whole_lot_and_then_it_is_closed(placing: Placing) -> None:
    with pytest.raises(LotError, match="still has 2 clients"):
        close(placing.hub, ANNA, LOT, ON)
    recall(placing.hub, ANNA, LOT, What(), ON, why="fine incarico")
    assert cases(placing) == ["open"] * 3 and withdrawn(placing) == 35_000
    assert close(placing.hub, ANNA, LOT, ON).state == "closed"
    go_out(placing)
    assert told(placing) == [("recall", "", ""), ("closing", "", "")]
    with pytest.raises(LotError, match="not with a provider"):
        recall(placing.hub, ANNA, LOT, What(), ON, why="x")


def test_the_mandate_ends_by_itself_the_day_after_its_last(placing: Placing) -> None:
    week = go_out(placing, LAST - timedelta(days=7))
    assert [str(each) for each in week.problems] and not week.returned and not week.failed
    assert go_out(placing, LAST).returned == ()
    done = go_out(placing, LAST + timedelta(days=1))
    assert len(done.returned) == 1 and done.sent == 1
    assert states(placing) == ["returned", "returned"] and cases(placing) == ["open"] * 3
    assert go_out(placing, LAST + timedelta(days=1)).returned == ()
    assert told(placing) == [("recall", "", "")]


def test_extended_it_stays_longer(placing: Placing) -> None:
    later = LAST + timedelta(days=30)
    extend(placing.hub, ANNA, LOT, later, ON, client="C2", why="trattativa")
    go_out(placing, LAST + timedelta(days=1))
    assert states(placing) == ["returned", "handed_over"]
    assert ("extension", "P-0000002", "") in told(placing)
    with pytest.raises(LotError, match="has passed"):
        extend(placing.hub, ANNA, LOT, ON - timedelta(days=1), ON, why="x")


def test_what_the_plugin_cannot_carry_a_person_tells(sqlite_store: Store, tmp_path: Path) -> None:
    able = frozenset(ProviderCapability) - {ProviderCapability.PARTIAL_RECALL}
    placing = out(sqlite_store, tmp_path, capabilities=sorted(able))
    recall(placing.hub, ANNA, LOT, What(client="C1"), ON, why="paga a rate")
    done = go_out(placing)
    assert (done.sent, done.by_hand) == (0, 1) and told(placing) == []
    [notice] = placing.rows(exchange.exchange_notices, "name", "state")
    assert notice.state == "by_hand"
    told_by_hand(placing.hub, ANNA, notice.name, ON)
    with pytest.raises(LotError, match="Nobody has to tell"):
        told_by_hand(placing.hub, ANNA, notice.name, ON)


def test_explain_says_with_whom_and_until_when(placing: Placing) -> None:
    [one] = explain(placing.hub, Scope.everything(), "C2", ON)
    [placed] = [each for each in one.conditions if each.name == "placed"]
    assert (placed.value, placed.until, placed.blocks) == ("alfa L-2026-0001", LAST, True)
    recall(placing.hub, ANNA, LOT, What(client="C2"), ON, why="paga")
    [one] = explain(placing.hub, Scope.everything(), "C2", ON)
    [placed] = [each for each in one.conditions if each.name == "placed"]
    assert not placed.blocks
