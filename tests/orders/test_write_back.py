"""The write-back outbox: refusals, silence, doubt, other people's work, and old values kept."""

from __future__ import annotations

import pytest

from incasso.contract.connector import WriteBackKind
from incasso.contract.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    RejectedError,
    TemporaryError,
    UnsupportedError,
)
from incasso.domain.acts.orders import ReleaseOrders, SettleWriteBack
from incasso.domain.office.actor import CLOCK
from incasso.plugins.settings.config import Company
from incasso.services.acts import ActError
from incasso.services.office.subjects import SubjectError
from incasso.services.sending.dispatch import dispatch
from incasso.testing.script import after, behaves
from tests.doing import do
from tests.orders.conftest import MakeOrders
from tests.orders.office import ON, dispatched, erp, flag, kinds_written, owes

BLOCK, RELEASE = WriteBackKind.BLOCK_ORDERS, WriteBackKind.RELEASE_ORDERS
DRY = behaves
"""The trial run that learns the old value comes first."""


def test_with_a_trial_nothing_leaves(on_sqlite: MakeOrders) -> None:
    ledger = erp(owes())
    office = on_sqlite(acme=ledger)
    office.day()
    do(office.hub, ReleaseOrders(subject="C1", why="prova"))
    dispatch(office.hub, CLOCK, ON, really_send=False)
    assert kinds_written(ledger) == [BLOCK]
    assert office.writes() == [("block_orders", "done"), ("release_orders", "queued")]


def test_for_now_not_is_tried_again_under_the_same_key(make_orders: MakeOrders) -> None:
    ledger = erp()
    ledger.then("erp_write_back", DRY, TemporaryError("busy"), TemporaryError("busy"))
    office = make_orders(acme=ledger)
    assert dispatched(office.day()).written_back == {"queued": 1}
    office.day(0, seconds=10)
    assert office.writes() == [("block_orders", "queued")], "too early"
    office.day(0, minutes=5)
    office.day(0, minutes=30)
    assert office.writes() == [("block_orders", "done")]
    assert list(ledger.written) == [f"writeback-{office.write_ids()[0]}"]


def test_what_the_erp_refuses_has_failed_with_its_words(make_orders: MakeOrders) -> None:
    ledger = erp()
    ledger.then("erp_write_back", DRY, RejectedError("the client is being edited by Luca"))
    office = make_orders(acme=ledger)
    report = dispatched(office.day())
    assert report.written_back == {"failed": 1}
    assert any("blocks writes" in notice for notice in report.notices)
    (failed,) = office.told("write_back.failed")
    assert "Luca" in failed.facts["why"]
    assert office.block().status == "active", "the hub's own block holds"
    (write,) = office.write_ids()
    do(office.hub, SettleWriteBack(subject=write, found="again"))
    office.day(0, hours=1)
    assert flag(ledger)


def test_a_conflict_at_the_release_is_told_and_not_forced(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    ledger.put(owes(residual="0.00"))
    ledger.then("erp_write_back", RejectedError("the credit limit is no longer what we wrote"))
    report = dispatched(office.day(1))
    assert report.written_back == {"failed": 1}
    assert office.writes() == [("block_orders", "done"), ("release_orders", "failed")]
    assert office.block().status == "released"
    office.day(2)
    assert kinds_written(ledger) == [BLOCK], "not tried again by itself"
    _, write = office.write_ids()
    do(office.hub, SettleWriteBack(subject=write, found="not_done", why="resta bloccato"))
    assert office.client()["orders_blocked_by"] == "erp", "a person wants it so over there"


def test_what_the_connector_does_not_do_is_for_a_person(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    ledger.always("erp_write_back", _unsupported)
    office = on_sqlite(acme=ledger)
    assert dispatched(office.day()).written_back == {"manual": 1}
    (write,) = office.write_ids()
    said = do(office.hub, SettleWriteBack(subject=write, found="done"))
    assert "acme/C1" in said
    ledger.put(owes(residual="0.00"))
    office.day(1)
    assert office.writes() == [("block_orders", "done"), ("release_orders", "manual")]


def test_a_block_nobody_made_by_hand_need_not_be_undone(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    ledger.always("erp_write_back", _unsupported)
    office = on_sqlite(acme=ledger)
    office.day()
    ledger.put(owes(residual="0.00"))
    office.day(1)
    assert office.writes() == [("block_orders", "cancelled")]


def test_a_company_may_write_by_hand_or_not_at_all(on_sqlite: MakeOrders) -> None:
    by_hand, never = erp(), erp()
    companies = {
        "acme": Company(name="Acme", erp_blocks="by_hand"),
        "beta": Company(name="Beta", erp_blocks="no"),
    }
    office = on_sqlite(companies, acme=by_hand, beta=never)
    office.day()
    assert office.writes() == [("block_orders", "manual")]
    assert by_hand.written == never.written == {}
    assert [block.status for block in office.blocks()] == ["active", "active"]


def test_what_people_blocked_by_hand_need_not_show(on_sqlite: MakeOrders) -> None:
    """Many an export has no column for it: no daily complaint about that."""
    companies = {"acme": Company(name="Acme", erp_blocks="by_hand")}
    office = on_sqlite(companies, acme=erp(able=False))
    office.day()
    do(office.hub, SettleWriteBack(subject=office.write_ids()[0], found="done"))
    assert dispatched(office.day(1)).notices == ()
    assert office.client()["orders_blocked_by"] == "hub"


def test_released_before_it_left_nothing_is_written(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    ledger.then("erp_write_back", TemporaryError("busy"))
    office = on_sqlite(acme=ledger)
    office.day()
    do(office.hub, ReleaseOrders(subject="C1", why="errore"))
    office.day(0, hours=1)
    assert office.writes() == [("block_orders", "cancelled")]
    assert ledger.written == {}


def test_silence_after_the_effect_leaves_one_trace(make_orders: MakeOrders) -> None:
    ledger = erp()
    ledger.then("erp_write_back", DRY, after(OutcomeUnknownError("no answer")))
    office = make_orders(acme=ledger)
    assert dispatched(office.day()).written_back == {"uncertain": 1}
    office.day(0, minutes=5)
    assert office.writes() == [("block_orders", "done")]
    assert kinds_written(ledger) == [BLOCK]


def test_the_old_value_survives_a_try_of_which_nobody_heard(on_sqlite: MakeOrders) -> None:
    """A connector that keeps no keys sees our own block on the second try."""
    ledger = erp()
    ledger.then("erp_write_back", DRY, after(OutcomeUnknownError("no answer")))
    office = on_sqlite(acme=ledger)
    office.day()
    ledger._receipts.clear()
    office.day(0, minutes=5)
    ledger.put(owes(residual="0.00"))
    office.day(1)
    assert not flag(ledger), "what was there before our first try was given back"


def test_released_while_in_doubt_it_is_undone(make_orders: MakeOrders) -> None:
    ledger = erp()
    ledger.then("erp_write_back", DRY, after(OutcomeUnknownError("no answer")))
    office = make_orders(acme=ledger)
    office.day()
    assert flag(ledger)
    do(office.hub, ReleaseOrders(subject="C1", why="errore"))
    office.day(0, minutes=5)
    assert not flag(ledger)
    assert office.writes() == [("block_orders", "cancelled"), ("release_orders", "done")]


def test_what_stays_in_doubt_waits_for_a_person(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    ledger.then("erp_write_back", DRY, *[OutcomeUnknownError("no answer")] * 3)
    for hour in range(5):
        office.day(0, hours=hour)
    assert office.writes() == [("block_orders", "uncertain")]
    assert ledger.written == {}
    (write,) = office.write_ids()
    with pytest.raises(SubjectError, match="no write-back"):
        do(office.hub, SettleWriteBack(subject="nonsense", found="done"))
    do(office.hub, SettleWriteBack(subject=write, found="not_done", why="guardato"))
    assert office.writes() == [("block_orders", "cancelled")]
    with pytest.raises(ActError, match="cancelled"):
        do(office.hub, SettleWriteBack(subject=write, found="done"))


def test_a_refused_login_stops_that_company_only(on_sqlite: MakeOrders) -> None:
    acme = erp(owes("A1"), owes("A2", client="C1"))
    beta = erp()
    acme.then("erp_write_back", AuthenticationError("the password is wrong"))
    office = on_sqlite(acme=acme, beta=beta)
    report = dispatched(office.day())
    assert report.written_back == {"done": 1, "queued": 1}
    assert not flag(acme)
    assert flag(beta)
    office.hub.registry.check("acme", ON)
    office.day(0, hours=1)
    assert flag(acme), "no attempt was burned"


def test_a_connector_that_breaks_after_its_work_is_asked_again(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    ledger.then("erp_write_back", DRY, after(ValueError("a bug")))
    office = on_sqlite(acme=ledger)
    assert dispatched(office.day()).written_back == {"uncertain": 1}
    assert dispatched(office.day(0, minutes=5)).written_back == {"done": 1}
    assert kinds_written(ledger) == [BLOCK], "the same key twice leaves one trace"


def test_a_release_never_overtakes_its_block(on_sqlite: MakeOrders) -> None:
    """Both wait because the ERP is away; when it is back they leave in turn, or not at all."""
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    ledger.then("erp_write_back", TemporaryError("away"))
    do(office.hub, ReleaseOrders(subject="C1", why="pagato"))
    office.day(0, seconds=5)
    assert office.writes()[-1] == ("release_orders", "queued")
    office.day(0, minutes=5)
    assert kinds_written(ledger) == [BLOCK, RELEASE]


def _unsupported(_honest: object) -> None:
    raise UnsupportedError("write_back is not switched on for this company")
