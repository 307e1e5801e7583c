"""Killed while it hands over, takes back and tells: no lot twice, none lost, every euro there."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ProviderCapability
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.placement import accounts
from incasso.store.tables import exchange, placement, recovery
from tests.killing import Victim, victim
from tests.placement.office import Placing

pytestmark = [pytest.mark.kill, pytest.mark.slow]

AFTER = date(2027, 1, 23)
"""The day after the mandates' last."""

EVERYTHING = frozenset(ProviderCapability)
BLIND = EVERYTHING - {ProviderCapability.FIND, ProviderCapability.IDEMPOTENT}
SENDING = ("made", "kept", "written", "marked", "submitted", "concluding", "concluded")


class Killing:
    """An office whose lots are handed over by processes that are killed."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.placing = Placing(store, folder, "alfa")
        self.agency = folder / "agency"
        self.agency.mkdir()
        self.lots = 0

    def lot(self) -> str:
        """One more lot, of one client with two credits, ready to leave."""
        self.lots += 1
        self.placing.client(f"C{self.lots}", 10_000, 5_000, cased=True)
        return self.placing.ready().code

    def arrived(self) -> Counter[str]:
        """How often each lot lies at the agency."""
        return Counter(
            line["lot"]
            for path in self.agency.glob("*.jsonl")
            for line in map(json.loads, path.read_text("utf-8").splitlines())
            if "totals" in line
        )

    def notices(self) -> Counter[str]:
        """How often the agency was told each thing."""
        return Counter(
            line["id"]
            for path in self.agency.glob("*.jsonl")
            for line in map(json.loads, path.read_text("utf-8").splitlines())
            if "reason" in line and "kind" in line
        )

    def states(self, table: sa.Table) -> set[str]:
        return {row.state for row in self.placing.rows(table, "state")}


@pytest.fixture
def killing(store: Store, tmp_path: Path) -> Killing:
    return Killing(store, tmp_path)


def started(killing: Killing, folder: Path, able: frozenset[ProviderCapability]) -> tuple[str, ...]:
    url = killing.placing.store.engine.url.render_as_string(hide_password=False)
    return (url, str(folder), json.dumps(sorted(able)))


def send_until_done(process: Victim, lot: str, *where: object) -> None:
    killed, _ = process.run("send", lot, *where)
    assert killed == bool(where), where
    process.run("send", lot)


def test_a_lot_is_handed_over_once_wherever_it_is_killed(killing: Killing, tmp_path: Path) -> None:
    with victim("tests.placement.kill_worker", *started(killing, tmp_path, EVERYTHING)) as process:
        process.run("send", killing.lot())  # the first one works in the victim itself
        for point in SENDING:
            send_until_done(process, killing.lot(), 1, point)
    assert killing.arrived() == Counter(f"L-2026-{n:04}" for n in range(1, 9))
    assert killing.states(placement.lots) == {"handed_over"}
    assert killing.states(placement.placement_rows) == {"placed"}
    assert killing.states(recovery.cases) == {"placed"}
    assert killing.states(exchange.exchange_batches) == {"sent", "cancelled"}
    assert verify_store(killing.placing.store).problems == ()


def test_an_agency_that_cannot_be_asked_gets_none_twice(killing: Killing, tmp_path: Path) -> None:
    with victim("tests.placement.kill_worker", *started(killing, tmp_path, BLIND)) as process:
        process.run("send", killing.lot())
        for point in ("marked", "submitted", "concluding"):
            send_until_done(process, killing.lot(), 1, point)
    assert max(killing.arrived().values()) == 1
    doubtful = [row.state for row in killing.placing.rows(exchange.exchange_batches, "state")]
    assert doubtful == ["sent", "uncertain", "uncertain", "uncertain"], "a person decides"
    assert killing.states(recovery.cases) == {"placed"}, "nothing of ours leaves meanwhile"
    assert verify_store(killing.placing.store).problems == ()


def test_mandates_end_once_wherever_it_is_killed(killing: Killing, tmp_path: Path) -> None:
    with victim("tests.placement.kill_worker", *started(killing, tmp_path, EVERYTHING)) as process:
        for _ in range(3):
            process.run("send", killing.lot())
        for number, point in ((1, "taking"), (2, "taking"), (1, "returned"), (1, "made")):
            killed, _ = process.run("out", AFTER, number, point)
            assert killed, point
        for point in ("written", "submitted"):
            killed, _ = process.run("out", AFTER, 1, point)
        process.run("out", AFTER)
    assert killing.states(placement.placements) == {"returned"}
    assert killing.states(placement.placement_rows) == {"over"}
    assert killing.states(recovery.cases) == {"open"}
    assert set(killing.notices().values()) == {1} and len(killing.notices()) == 3
    with killing.placing.store.read() as connection:
        for lot in (1, 2, 3):
            [account] = accounts.of_lot(connection, lot)
            assert (account.placed, account.withdrawn, account.open) == (15_000, 15_000, 0)
    assert verify_store(killing.placing.store).problems == ()
