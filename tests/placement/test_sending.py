"""A lot leaves once: its bytes first, then the call; whatever the provider answers, or does not."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from incasso.contract.capabilities import ProviderCapability
from incasso.contract.errors import (
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    TemporaryError,
)
from incasso.contract.exchange import (
    PlacementRef,
    PlacementUpdate,
    RefusalReason,
    UpdateKind,
    Written,
)
from incasso.services.placement.deliver import Fate
from incasso.services.placement.errors import LotError
from incasso.services.placement.send import send
from incasso.services.placement.settle import settle
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.placement.providers import publish_provider
from incasso.store.proof import archive, journal
from incasso.store.tables import exchange, placement, proof, recovery
from incasso.testing.fakes.provider import FakeProvider
from incasso.testing.script import Reaction, after, gives
from tests.acts import office
from tests.placement.office import ANNA, NOW, ON, Placing, agency


@pytest.fixture
def placing(store: Store, tmp_path: Path) -> Placing:
    return Placing(store, tmp_path, "alfa")


def leave(placing: Placing, code: str = "L-2026-0001") -> Any:
    return send(placing.hub, ANNA, code, ON)


def taken(placing: Placing) -> list[list[Any]]:
    """What the agency got: each batch as its lines."""
    kept = placing.fakes["alfa"].taken.values()
    return [[json.loads(line) for line in batch.splitlines()] for batch in kept]


def states(placing: Placing) -> dict[str, set[str]]:
    return {
        "lot": {row.state for row in placing.rows(placement.lots, "state")},
        "placements": {row.state for row in placing.rows(placement.placements, "state")},
        "rows": {row.state for row in placing.rows(placement.placement_rows, "state")},
        "cases": {row.state for row in placing.rows(recovery.cases, "state")},
        "batches": {row.state for row in placing.rows(exchange.exchange_batches, "state")},
    }


BEFORE = {
    "lot": {"approved"},
    "placements": {"composed"},
    "rows": {"composed"},
    "cases": {"open"},
    "batches": {"failed"},
}
OUT = {
    "lot": {"handed_over"},
    "placements": {"handed_over"},
    "rows": {"placed"},
    "cases": {"placed"},
    "batches": {"sent"},
}


def test_handed_over_with_all_that_is_known_and_may_be_told(placing: Placing) -> None:
    placing.client("C1", 10_000, 5_000, cased=True, email="c1@example.it", pec="c1@pec.example.it")
    placing.client("C2", 20_000, cased=True)
    placing.ready()
    done = leave(placing)
    assert (done.became, done.fell_out) == (Fate.SENT, 0)
    assert states(placing) == OUT
    [[sheet, one, two]] = taken(placing)
    assert sheet["totals"] == {
        "placements": 2,
        "rows": 3,
        "sums": [{"amount": "350.00", "currency": "EUR"}],
    }
    assert sheet["digest"] == done.lot.digest and sheet["until"] == "2027-01-22"
    assert [each["row"] for each in one["credits"]] == ["R-0000001", "R-0000002"]
    assert one["total"] == {"amount": "150.00", "currency": "EUR"}
    assert one["debtor"]["phone"] == "011 555"
    kept = [one["debtor"][name] for name in ("email", "pec", "address")]
    assert kept == ["", "", ""], "who only phones needs no more"
    assert (two["placement"], two["until"]) == ("P-0000002", "2027-01-22")
    [batch] = placing.rows(exchange.exchange_batches, "name", "sequence", "sha256", "filename")
    assert (batch.name, batch.sequence) == ("alfa-000001", 1)
    assert archive.get(placing.store, batch.sha256) == placing.fakes["alfa"].taken["alfa-000001"]
    told = [row.kind for row in placing.rows(proof.journal, "kind")]
    assert told.count("placement.handed_over") == 2 and told.count("batch.sent") == 1
    assert verify_store(placing.store).problems == ()
    with pytest.raises(LotError, match="done already"):
        leave(placing)


def test_what_was_paid_since_it_was_frozen_falls_out(placing: Placing) -> None:
    placing.client("C1", 10_000, 5_000)
    placing.client("C2", 20_000)
    frozen = placing.ready()
    placing.pay("C1/1")
    placing.pay("C2/1", residual=30_000)
    done = leave(placing)
    assert done.fell_out == 1 and done.lot.sums == {"EUR": 25_000}, "never more than was approved"
    assert done.lot.digest != frozen.digest
    [[sheet, one, two]] = taken(placing)
    assert [each["key"] for each in one["credits"]] == ["C1/2"]
    assert sheet["totals"]["rows"] == 2 and two["total"]["amount"] == "200.00"


def test_nothing_leaves_without_licence_or_while_the_provider_is_broken(placing: Placing) -> None:
    placing.client("C1", 10_000)
    placing.ready()
    with placing.store.write() as connection:
        publish_provider(connection, agency("alfa", licences=()), at=NOW, by="test")
        event = journal.Event(kind="providers.published", actor="test", on=ON)
        journal.record(connection, [event], at=NOW)
    with pytest.raises(LotError, match="may not leave"):
        leave(placing)
    assert taken(placing) == []


def test_in_house_steps_stop_and_the_proposing_one_counts(placing: Placing) -> None:
    placing.client("C1", 10_000, cased=True)
    placing.client("C2", 20_000, cased=True)
    with placing.store.write() as connection:
        sending = office.step(connection, [1])
        proposing = office.step(connection, [2], action="place", mode="manual", stage="sollecito")
    placing.ready()
    leave(placing)
    found = {row.id: row.status for row in placing.rows(recovery.steps, "id", "status")}
    assert found == {sending: "cancelled", proposing: "counted"}
    stages = [(row.stage, row.step_id) for row in placing.rows(recovery.cases, "stage", "step_id")]
    assert stages == [("", None), ("sollecito", None)]


def answering(
    store: Store, folder: Path, *script: Reaction | BaseException | None, **kind: Any
) -> Placing:
    """An office with one lot that may leave, to an agency that behaves like this."""
    placing = Placing(store, folder, alfa=FakeProvider(script, **kind))
    placing.client("C1", 10_000, cased=True)
    placing.ready()
    return placing


def test_refused_for_good_the_cases_run_on(store: Store, tmp_path: Path) -> None:
    placing = answering(store, tmp_path, RejectedError("too large"))
    assert leave(placing).became is Fate.REFUSED
    assert states(placing) == BEFORE
    assert leave(placing).became is Fate.SENT, "with a batch of its own"
    assert list(placing.fakes["alfa"].taken) == ["alfa-000002"]


@pytest.mark.parametrize("error", [TemporaryError("busy"), RateLimitedError("slowly")])
def test_certainly_not_sent_it_waits_as_it_is(
    sqlite_store: Store, tmp_path: Path, error: Exception
) -> None:
    placing = answering(sqlite_store, tmp_path, error)
    assert leave(placing).became is Fate.LATER
    assert states(placing)["batches"] == {"prepared"}
    assert states(placing)["cases"] == {"placed"}, "it is on its way"
    placing.at += timedelta(minutes=10)
    assert leave(placing).became is Fate.SENT
    assert list(placing.fakes["alfa"].taken) == ["alfa-000001"], "the very same bytes"
    assert states(placing) == OUT


def test_a_lost_answer_is_looked_up(sqlite_store: Store, tmp_path: Path) -> None:
    placing = answering(sqlite_store, tmp_path, after(OutcomeUnknownError("gone")))
    assert leave(placing).became is Fate.SENT
    assert states(placing) == OUT and len(taken(placing)) == 1


WITHOUT_FIND = frozenset(ProviderCapability) - {
    ProviderCapability.FIND,
    ProviderCapability.IDEMPOTENT,
}


@pytest.mark.parametrize("arrived", [True, False])
def test_nobody_knows_so_a_person_says_it(store: Store, tmp_path: Path, arrived: bool) -> None:
    crash = after(OutcomeUnknownError("gone"))
    placing = answering(store, tmp_path, crash, capabilities=sorted(WITHOUT_FIND))
    assert leave(placing).became is Fate.UNCERTAIN
    assert states(placing)["batches"] == {"uncertain"}
    assert states(placing)["cases"] == {"placed"}, "the agency may have it"
    with pytest.raises(LotError, match="Nobody knows"):
        leave(placing)
    assert len(taken(placing)) == 1, "never sent again blindly"
    settle(placing.hub, ANNA, "L-2026-0001", ON, arrived=arrived, why="asked by phone")
    assert states(placing) == (OUT if arrived else BEFORE)
    with pytest.raises(LotError, match="not in doubt"):
        settle(placing.hub, ANNA, "L-2026-0001", ON, arrived=True, why="x")


def test_a_plugin_that_writes_another_lot_is_found_out(sqlite_store: Store, tmp_path: Path) -> None:
    wrong = Written(filename="x", media_type="text/plain", items=1, rows=2)
    alfa = FakeProvider({"provider_prepare_lot": [gives(wrong)]})
    placing = Placing(sqlite_store, tmp_path, alfa=alfa)
    placing.client("C1", 10_000, cased=True)
    placing.ready()
    with pytest.raises(LotError, match="the plugin wrote 1 clients and 2 credits"):
        leave(placing)
    assert states(placing) == BEFORE | {"batches": {"cancelled"}}
    assert leave(placing).became is Fate.SENT


def test_what_the_agency_refuses_at_once_comes_back(placing: Placing) -> None:
    """A web service answers of each placement while it takes the lot."""
    placing.client("C1", 10_000)
    placing.client("C2", 20_000)
    placing.ready()

    def at_once(honest: Any) -> Any:
        told = [
            PlacementUpdate(
                placement=PlacementRef(ours=ours, theirs=theirs),
                update_id=f"alfa-000001-{ours}",
                at=NOW,
                kind=kind,
                refused=refused,
            )
            for ours, theirs, kind, refused in (
                ("P-0000001", "C-1", UpdateKind.ACKNOWLEDGED, None),
                ("P-0000002", "", UpdateKind.REFUSED, RefusalReason.TERRITORY),
            )
        ]
        return msgspec.structs.replace(honest(), updates=tuple(told))

    placing.fakes["alfa"].then("provider_submit", at_once)
    assert leave(placing).became is Fate.SENT
    found = placing.rows(placement.placements, "state", "theirs")
    assert [tuple(each) for each in found] == [
        ("working", "C-1"),
        ("refused", ""),
    ]
    assert verify_store(placing.store).problems == ()
