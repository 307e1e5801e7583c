"""A block from its step to its release, with and without an ERP that can be written to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from incasso.contract.connector import WriteBackKind
from incasso.contract.ledger import DocumentKind
from incasso.domain.acts.orders import BlockOrders, ReleaseOrders
from incasso.domain.acts.steps import Done
from incasso.plugins.settings.config import Company
from incasso.services.acts import ActError
from incasso.services.proof.verify import verify_store
from tests.doing import do
from tests.orders.conftest import MakeOrders
from tests.orders.office import (
    ON,
    dispatched,
    erp,
    flag,
    kinds_written,
    owes,
    set_flag,
)

WHY = "assegno protestato"


def test_a_step_blocks_and_payment_releases(make_orders: MakeOrders) -> None:
    ledger = erp()
    office = make_orders(acme=ledger)
    report = dispatched(office.day())
    assert report.carried_out == {"block_orders": 1}
    assert report.written_back == {"done": 1}
    block = office.block()
    assert (block.status, block.reason, block.made_by) == ("active", "Blocco ordini", "")
    assert flag(ledger)
    assert office.client()["orders_blocked_by"] == "hub"

    ledger.put(owes(residual="0.00"))
    report = dispatched(office.day(1))
    assert report.orders_released == 1
    block = office.block()
    assert (block.status, block.released_by) == ("released", "hub")
    assert not flag(ledger)
    assert kinds_written(ledger) == [WriteBackKind.BLOCK_ORDERS, WriteBackKind.RELEASE_ORDERS]
    assert office.client()["orders_blocked_by"] is None

    office.day(2)
    assert kinds_written(ledger) == [WriteBackKind.BLOCK_ORDERS, WriteBackKind.RELEASE_ORDERS]
    assert office.block().erp == ""
    assert verify_store(office.store).problems == ()


def test_who_when_and_why_are_in_the_journal(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite(acme=ledger)
    office.day()
    (blocked,) = office.told("client.orders_blocked")
    assert (blocked.actor, blocked.client, blocked.on_date) == ("dispatch", "C1", ON)
    assert blocked.facts["why"] == "Blocco ordini"
    assert blocked.facts["step"] is not None
    (written,) = office.told("write_back.done")
    assert written.facts["kind"] == "block_orders"
    do(office.hub, ReleaseOrders(subject="C1", why="ha pagato in contanti"))
    (released,) = office.told("client.orders_released")
    assert (released.actor, released.facts["why"]) == ("anna", "ha pagato in contanti")


def test_without_write_back_the_block_holds_in_the_hub(on_sqlite: MakeOrders) -> None:
    ledger = erp(able=False)
    office = on_sqlite(acme=ledger)
    office.day()
    assert office.block().status == "active"
    assert office.writes() == []
    assert not flag(ledger)


def test_a_part_payment_does_not_release(on_sqlite: MakeOrders) -> None:
    ledger = erp(owes("A1"), owes("A2"))
    office = on_sqlite(acme=ledger)
    office.day()
    ledger.put(owes("A1", residual="0.00"), owes("A2", residual="1.00"))
    assert dispatched(office.day(1)).orders_released == 0
    ledger.put(owes("A2", residual="0.00"))
    assert dispatched(office.day(2)).orders_released == 1


def test_what_falls_due_later_does_not_keep_the_block(on_sqlite: MakeOrders) -> None:
    ledger = erp(owes("A1"), owes("A2", due_date=ON + timedelta(days=30)))
    office = on_sqlite(acme=ledger)
    office.day()
    ledger.put(owes("A1", residual="0.00"))
    assert dispatched(office.day(1)).orders_released == 1


def test_credits_that_cover_everything_release(make_orders: MakeOrders) -> None:
    ledger = erp()
    office = make_orders(acme=ledger)
    office.day()
    note = owes(
        "N1",
        residual="-100.00",
        amount=Decimal("-100.00"),
        document_kind=DocumentKind.CREDIT_NOTE,
    )
    ledger.put(note)
    assert dispatched(office.day(1)).orders_released == 1


def test_the_cases_behind_the_block_release_it_if_the_company_says_so(
    make_orders: MakeOrders,
) -> None:
    ledger = erp(owes("A1"), owes("A2", due_date=date(2026, 11, 20)))
    companies = {"acme": Company(name="Acme", release_orders="cases")}
    office = make_orders(companies, acme=ledger)
    office.day()  # A2 is only three days late: no case of it is behind the block
    ledger.put(owes("A1", residual="0.00"))
    assert dispatched(office.day(1)).orders_released == 1


def test_a_company_may_leave_every_release_to_people(on_sqlite: MakeOrders) -> None:
    ledger = erp()
    office = on_sqlite({"acme": Company(name="Acme", release_orders="manual")}, acme=ledger)
    office.day()
    ledger.put(owes(residual="0.00"))
    assert dispatched(office.day(1)).orders_released == 0
    assert office.block().status == "active"


def test_a_paid_step_blocks_nobody(on_sqlite: MakeOrders) -> None:
    ledger = erp(owes(residual="0.00"))
    office = on_sqlite(acme=ledger)
    assert dispatched(office.day()).carried_out == {}
    assert office.blocks() == []


def test_a_person_blocks_and_releases(on_sqlite: MakeOrders) -> None:
    ledger = erp(owes(due_date=ON + timedelta(days=30)))
    office = on_sqlite(acme=ledger)
    office.day()
    said = do(office.hub, BlockOrders(subject="C1", why=WHY))
    assert "released by hand" in said, "it owes nothing past due: no payment could release it"
    with pytest.raises(ActError, match="blocked already"):
        do(office.hub, BlockOrders(subject="C1", why=WHY))
    assert dispatched(office.day(1)).orders_released == 0
    assert flag(ledger)
    do(office.hub, ReleaseOrders(subject="C1", why="chiarito"), by="luca")
    office.day(1, hours=1)
    assert not flag(ledger)
    with pytest.raises(ActError, match="does not block"):
        do(office.hub, ReleaseOrders(subject="C1", why="chiarito"), by="luca")


def test_a_person_who_blocks_a_late_client_leaves_the_release_to_payment(
    on_sqlite: MakeOrders,
) -> None:
    office = on_sqlite(acme=erp(owes(due_date=date(2026, 11, 20))))
    office.day()
    assert "released on payment" in do(office.hub, BlockOrders(subject="C1", why=WHY))


def test_keep_means_until_a_person_says(on_sqlite: MakeOrders) -> None:
    ledger = erp(owes(due_date=date(2026, 11, 20)))
    office = on_sqlite(acme=ledger)
    office.day()
    do(office.hub, BlockOrders(subject="C1", why=WHY, keep=True))
    ledger.put(owes(residual="0.00"))
    assert dispatched(office.day(1)).orders_released == 0


@pytest.mark.parametrize("subject", ["installment A1", "case:1"])
def test_orders_are_blocked_for_clients_only(on_sqlite: MakeOrders, subject: str) -> None:
    office = on_sqlite(acme=erp())
    office.day()
    with pytest.raises(ActError, match="client acme/C1"):
        do(office.hub, BlockOrders(subject=subject, why=WHY))


def test_released_by_hand_in_the_morning_it_is_not_blocked_again_that_day(
    on_sqlite: MakeOrders,
) -> None:
    ledger = erp(owes(due_date=date(2026, 11, 20)))
    office = on_sqlite(acme=ledger)
    office.day()
    do(office.hub, BlockOrders(subject="C1", why=WHY))
    do(office.hub, ReleaseOrders(subject="C1", why="accordo"))
    ledger.put(owes("A2"))
    report = dispatched(office.day(0, hours=1))
    assert report.carried_out == {"block_orders": 1}
    assert [block.status for block in office.blocks()] == ["released"]
    (handed_over,) = office.told("step.proposed")
    assert "anna" in handed_over.facts["why"]


def test_what_people_carry_out_holds_in_the_hub_too(on_sqlite: MakeOrders) -> None:
    ledger = erp(owes(due_date=date(2026, 11, 20)))
    office = on_sqlite(acme=ledger)
    office.day()
    do(office.hub, BlockOrders(subject="C1", why=WHY))
    do(office.hub, ReleaseOrders(subject="C1", why="accordo"))
    ledger.put(owes("A2"))
    office.day(0, hours=1)
    do(office.hub, Done(subject="step:1", outcome="bloccato dopo telefonata"))
    assert [block.status for block in office.blocks()] == ["released", "active"]
    assert office.blocks()[1].made_by == "anna"


def test_two_companies_stay_apart(make_orders: MakeOrders) -> None:
    acme, beta = erp(), erp(owes(residual="0.00"))
    office = make_orders(acme=acme, beta=beta)
    office.day()
    assert flag(acme)
    assert not flag(beta)
    assert office.client("C1", "acme")["orders_blocked_by"] == "hub"
    assert office.client("C1", "beta")["orders_blocked_by"] is None
    set_flag(beta, True)
    office.day(0, hours=1)
    assert office.client("C1", "beta")["orders_blocked_by"] == "erp"
