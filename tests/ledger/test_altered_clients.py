"""A client that somebody changed in the database by hand heals at the next full read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.contacts import Correct
from incasso.domain.acts.undoing import Undo
from incasso.domain.office.actor import Role
from incasso.services.office.altered_ledger import altered_ledger
from incasso.services.proof.verify import verify_store
from incasso.store.engine import Store
from incasso.store.tables.ledger import clients, sources
from incasso.store.tables.proof import journal
from tests.doing import do, people
from tests.ledger.office import ON, Books, Export, client, item

LATER = ON + timedelta(days=1)
THIRD = ON + timedelta(days=2)
KNOWN: dict[str, Any] = {
    "email": "amm@rossi.it",
    "address": "Via Po 2",
    "is_person": True,
    "credit_limit": Decimal("1500.00"),
    "unpaid_count": 2,
}
TWO = (client(**KNOWN), client("C2", "Bianchi spa"))


@pytest.fixture
def books(store: Store, tmp_path: Path) -> Iterator[Books]:
    """A ledger of two clients that was read well, and somebody who works there."""
    books = Books(store, tmp_path, Export())
    brings(books, *TWO)
    assert not books.read(item("A")).warnings
    people(store, Role.CREDIT_MANAGER)
    yield books
    books.hub.registry.close()


def brings(books: Books, *records: Any) -> None:
    """The clients of the next reads."""
    assert isinstance(books.export, Export)
    books.export.clients = list(records)


def change(books: Books, code: str = "C1", **values: Any) -> None:
    """As with a tool for databases."""
    with books.store.write() as connection:
        done = connection.execute(sa.update(clients).where(clients.c.code == code).values(values))
        assert done.rowcount == 1


def told(books: Books) -> list[str]:
    """What `check` and `verify` say."""
    with books.store.read() as connection:
        found = altered_ledger(connection)
    assert set(found) <= set(verify_store(books.store).problems)
    return found


def kinds(books: Books) -> list[str]:
    """What the journal says happened to clients."""
    return [row.kind for row in books.all(journal) if row.kind.startswith("client.")]


@pytest.mark.parametrize(
    "values",
    [
        {"email": "eve@example.it"},
        {"address": "Via Altrove 1"},
        {"blocked": True},
        {"excluded": True},
        {"is_person": False},
        {"credit_limit": 1},
        {"unpaid_count": None},
        {"public_body": True},
        {"notes": "leave them alone"},
        {"gone_on": ON},
    ],
    ids=lambda values: next(iter(values)),
)
def test_every_field_of_the_erp_heals_on_the_next_day(books: Books, values: dict[str, Any]) -> None:
    before = books.all(clients)
    change(books, **values)
    assert "1 client was changed in the database outside the hub, such as C1" in told(books)[0]
    report = books.sync(on=LATER)
    assert (report.counts.healed, report.counts.altered) == (1, 0)
    (warning,) = report.warnings
    assert "is again as the source says, such as C1: " + next(iter(values)) in warning
    assert books.all(clients) == before
    assert kinds(books) == ["client.healed"]
    assert not told(books)
    assert not books.sync(on=THIRD).warnings


def test_the_journal_keeps_what_was_there_and_what_the_source_says(books: Books) -> None:
    change(books, email="eve@example.it", credit_limit=5)
    (warning,) = books.sync(on=LATER).warnings
    assert "credit_limit: 0.05 → 1500.00; email: eve@example.it → amm@rossi.it" in warning
    (event,) = [row for row in books.all(journal) if row.kind == "client.healed"]
    assert (event.client, event.facts) == (
        "C1",
        {
            "credit_limit": {"held": "0.05", "source": "1500.00"},
            "email": {"held": "eve@example.it", "source": "amm@rossi.it"},
        },
    )


def test_it_is_found_once_a_day_and_whenever_somebody_asks_for_a_full_read(books: Books) -> None:
    change(books, blocked=True)
    assert not books.sync().warnings, "today was compared, and no sum moved"
    assert books.client().blocked
    from incasso.domain.office.actor import CLOCK
    from incasso.services.ledger.sync import sync

    assert sync(books.hub, CLOCK, "acme", ON, full=True).counts.healed == 1
    assert not books.client().blocked


def test_an_address_in_force_by_a_correction_stays_in_force(books: Books) -> None:
    do(books.hub, Correct(subject="C1", email="new@rossi.it", from_="telefonata"))
    assert not told(books), "an act of the hub"
    assert not books.sync(on=LATER).warnings
    change(books, email="eve@example.it", fax="0111")
    (warning,) = books.sync(on=THIRD).warnings
    assert "email: eve@example.it → new@rossi.it; fax: 0111 → nothing" in warning
    assert books.client().email == "new@rossi.it"
    assert "client.correction_ended" not in kinds(books)
    assert not told(books)


def test_a_correction_taken_back_is_no_change_by_strangers(books: Books) -> None:
    before = books.client()
    do(books.hub, Correct(subject="C1", email="new@rossi.it", from_="telefonata"))
    do(books.hub, Undo(subject="last"))
    assert books.client() == before
    assert not told(books)


def test_an_act_does_not_cover_up_what_somebody_changed_before(books: Books) -> None:
    change(books, excluded=True)
    do(books.hub, Correct(subject="C1", email="new@rossi.it", from_="telefonata"))
    assert told(books)
    assert books.sync(on=LATER).counts.healed == 1
    assert (books.client().excluded, books.client().email) == (False, "new@rossi.it")


def test_a_deleted_client_comes_back_and_one_that_nobody_wrote_is_told(books: Books) -> None:
    row = books.client("C2")
    with books.store.write() as connection:
        connection.execute(sa.delete(clients).where(clients.c.code == "C2"))
    assert "2 rows in the table clients, and it holds 1" in told(books)[0]
    books.sync(on=LATER)
    assert books.client("C2").name == "Bianchi spa" and not told(books)
    added = {**row._mapping, "id": 999, "code": "X", "seal": None}
    with books.store.write() as connection:
        connection.execute(sa.insert(clients), added)
    assert "such as X" in told(books)[0]
    report = books.sync(on=THIRD)
    assert "look at X" in report.warnings[-1] and report.counts.altered == 1
    assert books.client("X").gone_on == THIRD, "the source does not know it"
    assert not told(books)


def test_one_that_a_partial_read_does_not_bring_is_told_until_it_comes(books: Books) -> None:
    assert isinstance(books.export, Export)
    books.export.complete = False
    brings(books, TWO[1])
    change(books, email="eve@example.it")
    for day in (LATER, THIRD):
        assert "this read does not bring it: look at C1" in books.sync(on=day).warnings[0]
        assert told(books)
    brings(books, *TWO)
    assert books.sync(on=THIRD + timedelta(days=1)).counts.healed == 1
    assert not told(books)


def test_clients_of_an_older_release_are_sealed_as_they_stand(books: Books) -> None:
    with books.store.write() as connection:
        connection.execute(sa.update(clients).values(seal=None))
        connection.execute(sa.update(sources).values(clients_compared_on=None, rows_held=None))
    assert not told(books)
    report = books.sync(on=LATER)
    assert not report.warnings and report.counts.clients_changed == 0
    assert all(row.seal for row in books.all(clients))
    assert isinstance(books.all(sources)[0].clients_compared_on, date)
