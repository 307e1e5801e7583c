"""A database that was put back learns what it had written into the ERP; nothing is doubled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incasso.contract.connector import WriteBackKind
from incasso.contract.errors import OutcomeUnknownError, TemporaryError
from incasso.domain.office.actor import CLOCK
from incasso.domain.proof.left import Fate
from incasso.domain.proof.written import (
    NotWritten,
    WriteAccount,
    Writing,
    Written,
    account_writes,
)
from incasso.services.proof.verify import verify_store
from incasso.services.running.recover import RecoverReport, recover
from incasso.store.engine import Store
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.script import behaves
from tests.orders.conftest import MakeOrders
from tests.orders.office import ON, Orders, erp, flag, kinds_written, owes
from tests.proof.copies import Copy, copy_of, put_back

BLOCK, RELEASE = WriteBackKind.BLOCK_ORDERS, WriteBackKind.RELEASE_ORDERS


def recovered(office: Orders, store: Store, copy: Copy, days: int = 0) -> RecoverReport:
    put_back(store, copy)
    report = recover(office.hub, CLOCK, ON + timedelta(days=days))
    assert (report.unknown, report.problems) == (False, ())
    assert recover(office.hub, CLOCK, ON + timedelta(days=days)).written == 0
    return report


def pays_and_is_free(office: Orders, ledger: FakeConnector, days: int) -> None:
    """The value that was there before our block comes back."""
    ledger.put(owes(residual="0.00"))
    office.day(days)
    assert not flag(ledger)
    assert kinds_written(ledger) == [BLOCK, RELEASE]
    assert verify_store(office.store).problems == ()


def test_a_block_made_after_the_copy_is_known_again(make_orders: MakeOrders) -> None:
    ledger = erp()
    office = make_orders(acme=ledger)
    copy = copy_of(office.store)
    office.day()
    (written,) = office.write_ids()
    was = office.block()
    report = recovered(office, office.store, copy)
    assert report.written == 1
    assert office.write_ids() == [written]
    block = office.block()
    assert (block.reason, block.made_on, block.erp) == (was.reason, was.made_on, "written")
    office.day(1)
    assert kinds_written(ledger) == [BLOCK]
    pays_and_is_free(office, ledger, 2)


def test_a_block_queued_in_the_copy_is_not_written_again(make_orders: MakeOrders) -> None:
    ledger = erp()
    ledger.then("erp_write_back", behaves, TemporaryError("busy"))
    office = make_orders(acme=ledger)
    office.day()
    copy = copy_of(office.store)
    office.day(0, hours=1)
    assert recovered(office, office.store, copy).written == 1
    assert office.writes() == [("block_orders", "done")]
    pays_and_is_free(office, ledger, 1)


def test_a_release_that_was_lost_is_known_again(make_orders: MakeOrders) -> None:
    ledger = erp()
    office = make_orders(acme=ledger)
    office.day()
    copy = copy_of(office.store)
    ledger.put(owes(residual="0.00"))
    office.day(1)
    assert not flag(ledger)
    assert recovered(office, office.store, copy, 1).written == 1
    assert office.writes() == [("block_orders", "done"), ("release_orders", "done")]
    assert office.block().status == "released"
    office.day(2)
    assert kinds_written(ledger) == [BLOCK, RELEASE]


def test_what_is_in_doubt_is_repeated_under_its_key_with_the_first_old_value(
    make_orders: MakeOrders,
) -> None:
    ledger = erp()
    office = make_orders(acme=ledger)
    copy = copy_of(office.store)
    ledger.then("erp_write_back", behaves, OutcomeUnknownError("the line was cut"))
    office.day()
    (key,) = office.write_ids()
    recovered(office, office.store, copy)
    assert office.writes() == [("block_orders", "uncertain")]
    office.day(0, hours=1)
    assert list(ledger.written) == [f"writeback-{key}"]
    pays_and_is_free(office, ledger, 1)


WRITING = Writing(
    write_back="a",
    kind=BLOCK.value,
    source="acme",
    client="C1",
    made_by="",
    block="a",
    reason="prova",
    made_on=ON,
    release_when="paid",
    before={"blocked": "0"},
    on=ON,
    at=datetime(2026, 11, 23, tzinfo=UTC),
)
WRITTEN = Written("a", "ref", {"blocked": "0"}, WRITING.at)


@pytest.mark.parametrize(
    ("lines", "fate"),
    [
        ([WRITING], Fate.IN_DOUBT),
        ([WRITING, WRITTEN], Fate.LEFT),
        ([WRITING, NotWritten("a")], Fate.NOT_LEFT),
        ([WRITING, NotWritten("a"), WRITING], Fate.IN_DOUBT),
        ([WRITING, WRITING, NotWritten("a")], Fate.IN_DOUBT),
        ([WRITING, WRITTEN, WRITING, NotWritten("a")], Fate.LEFT),
    ],
)
def test_what_the_lines_say(lines: list[Writing | Written | NotWritten], fate: Fate) -> None:
    found: dict[str, WriteAccount] = {}
    account_writes(found, lines)
    assert found["a"].fate is fate
