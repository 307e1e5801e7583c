"""Our own change comes back from the ERP, and its people change their mind: no loops, no fight."""

from __future__ import annotations

from incasso.contract.connector import WriteBackKind
from incasso.contract.ledger import ClientRecord, Gone, GoneReason
from incasso.domain.acts.orders import BlockOrders, ReleaseOrders
from incasso.testing.fakes.connector import FakeConnector
from tests.doing import do
from tests.orders.conftest import MakeOrders
from tests.orders.office import ON, dispatched, erp, flag, kinds_written, owes, set_flag

BLOCK, RELEASE = WriteBackKind.BLOCK_ORDERS, WriteBackKind.RELEASE_ORDERS


def test_our_own_flag_is_not_the_erps_decision(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    office.day(1)
    shown = office.client()
    assert (shown["blocked"], shown["orders_blocked_by"]) == (True, "hub")
    assert office.block().erp == "seen"
    assert kinds_written(ledger) == [BLOCK]


def test_released_but_not_read_yet_it_is_still_ours(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    office.day(1)
    ledger.put(owes(residual="0.00"))
    office.day(2)  # the sync saw the flag, the dispatch after it took it away
    shown = office.client()
    assert (shown["blocked"], shown["orders_blocked_by"]) == (True, None)
    office.day(3)
    shown = office.client()
    assert (shown["blocked"], shown["orders_blocked_by"]) == (False, None)


def test_freed_by_hand_in_the_erp(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    office.day(1)
    set_flag(ledger, False)
    report = dispatched(office.day(2))
    block = office.block()
    assert (block.status, block.released_by) == ("released", "erp")
    assert any("acme/C1" in notice and "a mano" in notice for notice in report.notices)
    assert len(office.told("client.orders_freed_in_erp")) == 1
    office.day(2, hours=1)
    assert kinds_written(ledger) == [BLOCK], "nothing is written over what they decided"
    assert not flag(ledger)


def test_freed_by_hand_the_hub_does_not_block_again_the_same_day(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    office.day(1)
    set_flag(ledger, False)
    ledger.put(owes("A2"))  # a second installment comes to its block on the very day
    report = dispatched(office.day(2))
    assert report.carried_out == {"block_orders": 1}
    assert [each.status for each in office.blocks()] == ["released"]
    (proposed,) = office.told("step.proposed")
    assert "gestionale" in proposed.facts["why"]
    ledger.put(owes("A3"))
    office.day(3)
    assert [each.status for each in office.blocks()] == ["released", "active"]
    assert flag(ledger)


def test_blocked_by_the_erp_before_us_is_never_touched(on_sqlite: MakeOrders) -> None:
    ledger = erp(blocked=True)
    office = on_sqlite(acme=ledger)
    office.day()
    assert office.block().erp == "theirs"
    assert office.client()["orders_blocked_by"] == "both"
    ledger.put(owes(residual="0.00"))
    office.day(1)
    assert office.block().status == "released"
    assert office.client()["orders_blocked_by"] == "erp"
    assert flag(ledger)
    assert ledger.written == {}


def test_the_erp_ends_its_own_block_and_ours_stays(on_sqlite: MakeOrders) -> None:
    ledger = erp(blocked=True)
    office = on_sqlite(acme=ledger)
    office.day()
    set_flag(ledger, False)
    report = dispatched(office.day(1))
    assert office.block().status == "active"
    assert len(report.notices) == 1
    assert office.client()["orders_blocked_by"] == "hub"
    assert dispatched(office.day(2)).notices == (), "told once"
    assert ledger.written == {}, "they have just let the client order: no fight"


def test_a_block_that_never_shows_is_told_once(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    set_flag(ledger, False)  # before any read showed it
    assert dispatched(office.day(0, hours=1)).notices == (), "the day's reads may lag"
    report = dispatched(office.day(1))
    assert any("non vi compare" in notice for notice in report.notices)
    assert office.block().status == "active"
    assert dispatched(office.day(2)).notices == ()
    assert kinds_written(ledger) == [BLOCK]


def test_blocked_again_by_the_erp_after_our_release(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    ledger.put(owes(residual="0.00"))
    office.day(1)
    set_flag(ledger, True)
    office.day(2)
    assert office.client()["orders_blocked_by"] == "erp"


def test_blocked_again_before_the_release_left(on_sqlite: MakeOrders) -> None:
    """The old value of the ERP must survive: it is what the last release gives back."""
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    office.day(1)
    do(office.hub, ReleaseOrders(subject="C1", why="errore"))
    do(office.hub, BlockOrders(subject="C1", why="errore dell'errore"))
    office.day(2)
    assert kinds_written(ledger) == [BLOCK]
    assert office.client()["orders_blocked_by"] == "hub"
    ledger.put(owes(residual="0.00"))
    office.day(3)
    assert kinds_written(ledger) == [BLOCK, RELEASE]
    assert not flag(ledger)


def test_a_renumbered_client_stays_blocked(on_sqlite: MakeOrders) -> None:
    """Renumbered with its flag: what we wrote, and what stood there before, goes over."""
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    office.day(1)
    renumber(ledger, blocked=True)
    office.day(2)
    assert office.client("C9")["orders_blocked_by"] == "hub"
    assert office.block().made_on == ON
    ledger.put(owes(client="C9", residual="0.00"))
    office.day(3)
    assert kinds_written(ledger) == [BLOCK, RELEASE]
    assert not flag(ledger, "C9")


def test_debts_moved_before_the_old_code_is_gone(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    ledger.put(ClientRecord(code="C9", name="Rossi srl", formerly="C1"), owes(client="C9"))
    assert dispatched(office.day(1)).orders_released == 0
    ledger.put(owes(client="C9", residual="0.00"))
    assert dispatched(office.day(2)).orders_released == 1


def test_merged_into_a_client_that_was_free(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    office.day(1)
    renumber(ledger, blocked=False)
    office.day(2)
    assert [block.status for block in office.blocks()] == ["released", "active"]
    assert office.blocks()[1].made_on == ON, "people see since when"
    assert flag(ledger, "C9")
    assert office.client("C9")["orders_blocked_by"] == "hub"


def renumber(ledger: FakeConnector, *, blocked: bool) -> None:
    """C1 goes on as C9, with its open items."""
    new = ClientRecord(code="C9", name="Rossi srl", formerly="C1", blocked=blocked)
    ledger.put(new, owes(client="C9"))
    merged = Gone(external_id="C1", why=GoneReason.MERGED, merged_into="C9")
    ledger._clients["C1"] = (ledger._version, merged)
