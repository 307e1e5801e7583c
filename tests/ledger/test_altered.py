"""What somebody changed in the database by hand heals at the next sync, and is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.ledger import PaymentMethod
from incasso.domain.office.actor import CLOCK
from incasso.services.ledger import sync as syncing
from incasso.services.ledger.sync import sync
from incasso.services.office.altered_ledger import altered_ledger
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.tables.ledger import clients, installments, sources
from incasso.store.tables.proof import journal
from tests.ledger.office import ON, Books, Export, client, item

LATER = ON + timedelta(days=1)
ROWS = (
    item("A"),
    item("B", "250.00", client="C2", document_number="12", payment_method=PaymentMethod.RIBA),
    item("C", "-40.00"),
)


@pytest.fixture
def books(store: Store, tmp_path: Path) -> Iterator[Books]:
    """A ledger that was read well."""
    books = Books(store, tmp_path, Export())
    export(books).clients = [client(), client("C2", "Bianchi spa")]
    assert not books.read(*ROWS).warnings
    yield books
    books.hub.registry.close()


def export(books: Books) -> Export:
    assert isinstance(books.export, Export)
    return books.export


def change(books: Books, key: str, **values: Any) -> None:
    """As with a tool for databases."""
    with books.store.write() as connection:
        done = connection.execute(
            sa.update(installments).where(installments.c.key == key).values(values)
        )
        assert done.rowcount == 1


def ledger(books: Books) -> dict[str, tuple[Any, ...]]:
    """The ledger as it stands."""
    return {row.key: tuple(row) for row in books.all(installments)}


def told(books: Books) -> list[str]:
    """What `check` and `verify` say."""
    with books.store.read() as connection:
        found = altered_ledger(connection)
    assert set(found) <= set(verify_store(books.store).problems)
    return found


def test_a_residual_heals_at_once_and_no_payment_is_told(books: Books) -> None:
    before = ledger(books)
    change(books, "A", residual=150)
    assert "1 installment was changed in the database outside the hub, such as A" in told(books)[0]
    report = books.sync()  # of the same day: the open items no longer sum up
    assert report.good and ledger(books) == before
    assert (report.counts.healed, report.counts.altered, report.counts.paid) == (1, 0, 0)
    sums, healed = report.warnings
    assert "the last sync left 310.00 EUR in 3 open items" in sums
    assert "the database held 211.50 in 3" in sums
    assert "such as A of client C1: residual: 1.50 → 100.00" in healed
    kinds = [row.kind for row in books.all(journal)]
    assert "installment.healed" in kinds and "ledger.altered" in kinds
    assert not {"installment.part_paid", "installment.paid"} & set(kinds)
    (event,) = [row for row in books.all(journal) if row.kind == "installment.healed"]
    assert event.facts == {"residual": {"held": "1.50", "source": "100.00"}}
    assert not told(books)
    assert not books.sync().warnings


@pytest.mark.parametrize(
    "values",
    [
        {"due_date": date(2030, 1, 1)},
        {"payment_method": "cash"},
        {"document_number": "99"},
        {"erp_hold": "legal"},
        {"amount": 1},
        {"notes": "paid, trust me"},
        {"reminders": 7},
        {"document_date": date(2026, 1, 1)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_every_field_of_the_erp_heals_on_the_next_day(books: Books, values: dict[str, Any]) -> None:
    before = ledger(books)
    change(books, "B", **values)
    assert "such as B of client C2" in told(books)[0]
    report = books.sync(on=LATER)
    assert report.counts.healed == 1
    after = ledger(books)
    assert after == before
    assert not told(books)


def test_a_debt_marked_as_paid_is_open_again(books: Books) -> None:
    before = ledger(books)
    change(books, "A", status="paid", closed_on=ON)
    report = books.sync()
    assert ledger(books) == before
    assert (report.counts.healed, report.counts.reopened) == (1, 0)


def test_an_installment_given_to_another_client_comes_back(books: Books) -> None:
    before = ledger(books)
    other = next(row.id for row in books.all(clients) if row.code == "C2")
    change(books, "A", client_id=other)
    report = books.sync(on=LATER)
    assert ledger(books) == before
    assert "client: C2 → C1" in report.warnings[0]


def test_two_changes_that_cancel_out_are_found_on_the_next_day(books: Books) -> None:
    before = ledger(books)
    change(books, "A", residual=15000)
    change(books, "B", residual=20000)
    assert not books.sync().warnings, "the sums fit, and today was compared"
    assert told(books)
    assert books.sync(on=LATER).counts.healed == 2
    assert ledger(books) == before


def test_asked_to_read_in_full_a_sync_compares_at_once(books: Books) -> None:
    change(books, "A", due_date=date(2030, 1, 1))
    assert sync(books.hub, CLOCK, "acme", ON, full=True).counts.healed == 1


def test_what_was_changed_here_and_paid_there_is_paid(books: Books) -> None:
    change(books, "A", residual=1)
    report = books.read(item("A", "0"), *ROWS[1:], confirm=True)
    assert report.good and books.statuses()["A"] == "paid"
    assert not told(books)


def test_a_deleted_row_comes_back_and_a_row_that_nobody_wrote_is_told(books: Books) -> None:
    with books.store.write() as connection:
        row = connection.execute(sa.select(installments).where(installments.c.key == "A")).one()
        connection.execute(sa.delete(installments).where(installments.c.key == "A"))
    report = books.sync()
    assert "changed outside the hub" in report.warnings[0]
    assert books.installment("A").residual == 10000
    added = {**row._mapping, "id": 999, "key": "X", "residual": 77, "seal": None}
    with books.store.write() as connection:
        connection.execute(sa.insert(installments), added)
    report = books.sync(on=LATER)
    assert report.counts.altered == 1
    assert "left 3 rows in the table installments, and it holds 4" in report.warnings[1]
    assert "look at X of client C1" in report.warnings[2]
    books.sync(on=LATER + timedelta(days=1), confirm=True)
    assert books.statuses()["X"] == "vanished", "the source does not know it"


def test_a_big_change_by_hand_does_not_stop_the_read_that_heals_it(
    store: Store, tmp_path: Path
) -> None:
    books = Books(store, tmp_path, Export())
    rows = [item(f"A-{number}") for number in range(20)]
    books.read(*rows)
    with store.write() as connection:
        connection.execute(sa.update(installments).values(residual=installments.c.residual * 10))
    report = books.sync()
    assert report.good and report.counts.healed == 20
    assert {row.residual for row in books.all(installments)} == {10000}
    books.hub.registry.close()


def test_a_closed_row_that_the_source_no_longer_brings_is_told_once(books: Books) -> None:
    books.read(item("A", "0"), *ROWS[1:], confirm=True)
    books.read(*ROWS[1:], on=LATER)
    change(books, "A", document_number="other")
    assert told(books)
    third = LATER + timedelta(days=1)
    assert books.read(*ROWS[1:], on=third).counts.altered == 1
    assert not told(books)
    assert any(row.kind == "installment.altered" for row in books.all(journal))


def test_a_sync_that_breaks_off_changes_nothing_and_the_next_one_heals(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(books, "A", residual=1)
    before, events = ledger(books), len(books.all(journal))

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(syncing, "settle", killed)
        books.sync()
    assert ledger(books) == before and len(books.all(journal)) == events
    assert told(books)
    assert books.sync().counts.healed == 1


def test_rows_of_an_older_release_are_sealed_as_they_stand(books: Books) -> None:
    with books.store.write() as connection:
        connection.execute(sa.update(installments).values(seal=None))
        connection.execute(sa.update(sources).values(compared_on=None, open_totals=None))
    assert not told(books)
    report = books.sync()
    assert not report.warnings and report.counts.unchanged == 3
    assert all(row.seal for row in books.all(installments))
