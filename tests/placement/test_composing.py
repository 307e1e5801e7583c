"""Lots composed, looked at again, frozen, approved and dropped, on both databases."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from incasso.domain.office.actor import Role, Scope, person
from incasso.domain.placement.choosing import LeftOut
from incasso.domain.placement.splitting import Way
from incasso.services.office.actors import ActorError
from incasso.services.placement import in_hand
from incasso.services.placement.errors import LotError
from incasso.services.placement.showing import show_lot
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.lists.index import LOTS, PLACED, PLACEMENTS
from incasso.store.lists.reading import read_list
from tests.agreeing import agreed
from tests.doing import people
from tests.placement.office import ANNA, LATE, ON, Placing

EVERYTHING = Scope.everything()


@pytest.fixture
def placing(store: Store, tmp_path: Path) -> Placing:
    return Placing(store, tmp_path)


def test_what_fits_goes_in_and_the_rest_says_why(placing: Placing) -> None:
    placing.client("C1", 10_000, 5_000)
    placing.client("C2", 20_000, phone="", email="")
    placing.client("C3", 30_000, due=date(2026, 12, 1))
    placing.client("C4", 40_000, office_excluded=True)
    made = placing.compose()
    [lot] = made.lots
    assert (lot.lot, lot.provider, lot.placements, lot.rows) == ("L-2026-0001", "alfa", 1, 2)
    assert lot.sums == {"EUR": 15_000}
    assert placing.inside(lot.lot) == {"C1/1": 10_000, "C1/2": 5_000}
    assert made.left_out == {
        LeftOut.NO_ADDRESS: 1,
        LeftOut.CLIENT_EXCLUDED: 1,
        LeftOut.NOT_OVERDUE: 1,
    }
    shown = show_lot(placing.hub, EVERYTHING, "l-2026-0001")
    assert shown.left_out[LeftOut.NO_ADDRESS] == (1, {"EUR": 20_000})
    assert shown.left_out[LeftOut.NOT_OVERDUE] == (1, {})


def test_one_credit_is_in_one_lot(placing: Placing) -> None:
    placing.client("C1", 10_000)
    placing.compose()
    again = placing.compose("beta")
    assert again.lots == () and again.left_out == {LeftOut.IN_A_LOT: 1}
    in_hand.drop(placing.hub, ANNA, "L-2026-0001", ON, why="errore")
    assert [lot.lot for lot in placing.compose("beta").lots] == ["L-2026-0002"]


def test_promised_and_disputed_stay_out(placing: Placing) -> None:
    placing.client("C1", 10_000)
    placing.client("C2", 20_000)
    with placing.store.write() as connection:
        same = {"source_id": placing.source, "from_on": LATE, "made_on": LATE, "until_on": ON}
        agreed(connection, kind="promise", client_id=1, **same)
        agreed(connection, kind="dispute", client_id=2, **same)
    assert placing.compose().left_out == {LeftOut.DISPUTED: 1, LeftOut.PROMISED: 1}


def test_shared_out_by_chance_and_the_same_way_again(placing: Placing) -> None:
    for n in range(1, 9):
        placing.client(f"C{n}", 1_000 * n, 500)
    made = placing.compose("alfa", "beta", way=Way.RANDOM, seed=7)
    alfa, beta = (placing.inside(lot.lot) for lot in made.lots)
    assert {key.partition("/")[0] for key in alfa}.isdisjoint(key.partition("/")[0] for key in beta)
    assert len(alfa) == len(beta) == 8
    for code in ("L-2026-0001", "L-2026-0002"):
        in_hand.drop(placing.hub, ANNA, code, ON, why="prova")
    again = placing.compose("alfa", "beta", way=Way.RANDOM, seed=7)
    assert [placing.inside(lot.lot) for lot in again.lots] == [alfa, beta]


def test_least_of_a_client(placing: Placing) -> None:
    placing.client("C1", 4_000, 4_000)
    placing.client("C2", 9_999)
    made = placing.compose(least=8_000, most=9_000)
    assert placing.inside("L-2026-0001") == {"C1/1": 4_000, "C1/2": 4_000}
    assert made.left_out == {LeftOut.ABOVE_MAXIMUM: 1}


def test_freezing_looks_again_and_fixes_what_is_there(placing: Placing) -> None:
    placing.client("C1", 10_000, 5_000)
    placing.client("C2", 20_000)
    placing.compose()
    placing.pay("C1/1")
    placing.pay("C2/1", residual=7_500)
    frozen = placing.freeze("L-2026-0001")
    assert frozen.left_out == {LeftOut.NOT_OWED: 1}
    assert frozen.lot.sums == {"EUR": 12_500} and frozen.lot.rows == 2
    # The digest by hand: one JSON line for each row, by placement and row.
    lines = [
        ["P-0000001", "R-0000002", "acme", "C1", "C1/2", "2026-09-01", "EUR", 5_000],
        ["P-0000002", "R-0000003", "acme", "C2", "C2/1", "2026-09-01", "EUR", 7_500],
    ]
    content = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    assert frozen.lot.digest == hashlib.sha256(content).hexdigest()
    with pytest.raises(LotError, match="approve"):
        placing.freeze("L-2026-0001")
    assert verify_store(placing.store).problems == ()


def test_a_lot_in_which_nothing_is_left_is_not_frozen(placing: Placing) -> None:
    placing.client("C1", 10_000)
    placing.compose()
    placing.pay("C1/1")
    with pytest.raises(LotError, match="empty"):
        placing.freeze("L-2026-0001")
    assert placing.inside("L-2026-0001") == {"C1/1": 10_000}, "nothing was changed"


def test_a_second_person_approves_where_the_office_says_so(store: Store, tmp_path: Path) -> None:
    placing = Placing(store, tmp_path, "alfa", lots_second_person=True)
    people(store, Role.ADMINISTRATOR, "berta")
    placing.client("C1", 10_000)
    placing.compose()
    placing.freeze("L-2026-0001")
    with pytest.raises(LotError, match="second person"):
        placing.approve("L-2026-0001")
    approved = placing.approve("L-2026-0001", person("berta", Role.ADMINISTRATOR))
    assert (approved.state, approved.approved_by) == ("approved", "berta")


def test_who_may_not(placing: Placing) -> None:
    people(placing.store, Role.OPERATOR, "luca")
    placing.client("C1", 10_000)
    with pytest.raises(ActorError, match="may not compose"):
        placing.compose(by=person("luca", Role.OPERATOR))


def test_a_provider_sees_its_own_lots_and_no_client(placing: Placing) -> None:
    placing.client("C1", 10_000, area="nord")
    placing.client("C2", 20_000)
    placing.compose("alfa", "beta", way=Way.COUNT)
    own = Scope(providers=frozenset({"beta"}))
    with placing.store.read() as connection:
        for listing in (LOTS, PLACEMENTS, PLACED):
            rows = list(read_list(connection, listing, own))
            assert {row["provider"] for row in rows} == {"beta"}, listing.name
    with pytest.raises(LotError, match="no lot"):
        show_lot(placing.hub, own, "L-2026-0001")
    assert show_lot(placing.hub, own, "L-2026-0002").lot.provider == "beta"
    agent = Scope(agents=frozenset({"A1"}))
    with pytest.raises(LotError, match="no lot"):
        show_lot(placing.hub, agent, "L-2026-0002")
