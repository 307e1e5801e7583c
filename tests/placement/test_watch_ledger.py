"""What the ERP says of placed credits, and what of it the provider hears."""

from __future__ import annotations

from datetime import date

from incasso.services.placement.watch_ledger import watch_ledger
from incasso.store.tables import exchange, ledger
from tests.placement.handed import TODAY, Handed


def notices(handed: Handed) -> list[tuple[int, str, int]]:
    return [(row.row_id, row.kind, row.amount) for row in handed.rows(exchange.exchange_notices)]


def test_a_direct_payment_is_told(handed: Handed) -> None:
    handed.erp_says(1, 7_000)
    assert watch_ledger(handed.hub, TODAY).direct == 1
    assert handed.entries() == [(1, "direct", 3_000)]
    assert notices(handed) == [(1, "direct_payment", 3_000)]
    assert watch_ledger(handed.hub, TODAY).rows == 0, "twice for the same ledger is once"
    handed.erp_says(1, 10_000)
    watch_ledger(handed.hub, TODAY)
    assert handed.entries()[1:] == [(1, "direct_reversed", 3_000)]
    assert notices(handed)[1:] == [(1, "payment_reversed", 3_000)]


def test_money_that_the_provider_told_of_meets(handed: Handed) -> None:
    handed.take(handed.pays("60.00", day=date(2026, 7, 1)), handed.pays("40.00"))
    assert (handed.placed_row(1).unmet, handed.placed_row(1).unmet_since) == (
        10_000,
        date(2026, 7, 1),
    )
    handed.erp_says(1, 4_000)
    watch_ledger(handed.hub, TODAY)
    assert handed.placed_row(1).unmet == 4_000
    assert notices(handed) == []
    handed.erp_says(1, 0)
    watch_ledger(handed.hub, TODAY)
    assert (handed.placed_row(1).unmet, handed.placed_row(1).unmet_since) == (0, None)
    assert [kind for _, kind, _ in handed.entries()] == ["collected", "collected"]


def test_what_the_erp_lost_is_no_payment(handed: Handed) -> None:
    handed.erp_says(1, 10_000)
    with handed.store.write() as connection:
        connection.execute(ledger.installments.update().values(status="vanished"))
    watch_ledger(handed.hub, TODAY)
    assert handed.entries() == [(1, "reduced", 10_000), (2, "reduced", 5_000)]
    assert notices(handed) == [(1, "correction", 0), (2, "correction", 0)]


def test_a_payment_told_after_the_erp_showed_it_waits_for_a_person(handed: Handed) -> None:
    handed.erp_says(1, 0)
    handed.erp_says(2, 0)
    watch_ledger(handed.hub, TODAY)
    handed.take(handed.pays("100.00", id="pay-1", row=1))
    assert handed.standing()["pay-1"] == ("waiting", "seen_as_direct")
