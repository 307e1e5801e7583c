"""What a sync makes of new, changed, paid, absent, gone and returned installments."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.errors import ConfigurationError
from incasso.contract.ledger import PaymentMethod
from incasso.domain.office.actor import CLOCK, Scope
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import sync
from incasso.store.engine import Store
from incasso.store.lists.ledger import INSTALLMENTS
from incasso.store.lists.reading import read_list
from incasso.store.tables.ledger import agents, clients, installments, sources
from incasso.store.tables.proof import journal
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.registry import config_of, registry_of
from tests.agenda import set_look
from tests.ledger.office import (
    NOW,
    ON,
    Books,
    Export,
    Gone,
    PersonRecord,
    client,
    credit,
    item,
    items,
)

TOMORROW = ON + timedelta(days=1)


def told(books: Books, kind: str) -> list[Any]:
    """Journal entries of one kind."""
    return [row for row in books.all(journal) if row.kind == kind]


def test_everything_arrives_with_its_values(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    export.clients = [client(email="rossi@example.it", credit_limit=Decimal("1500.50"))]
    row = item(
        "A-1",
        "80.10",
        amount=Decimal("100"),
        document_number="FT 1",
        document_date=date(2026, 9, 1),
        unpaid_on=date(2026, 11, 2),
        agent="10",
        area="NORD",
        notes="città: perché no",
    )
    report = books.read(row)
    assert report.good and (report.counts.new, report.counts.clients_new) == (1, 1)
    kept = books.installment("A-1")
    assert (kept.amount, kept.residual, kept.currency, kept.status) == (10000, 8010, "EUR", "open")
    assert (kept.due_date, kept.document_date) == (date(2026, 10, 31), date(2026, 9, 1))
    assert (kept.unpaid_on, kept.notes) == (date(2026, 11, 2), "città: perché no")
    assert (kept.first_seen_on, books.look("A-1"), kept.closed_on) == (ON, ON, None)
    assert books.client().credit_limit == 150050
    assert report.after["EUR"].residual == 8010


@pytest.mark.parametrize("capabilities", [(), (ConnectorCapability.FINGERPRINTS,)])
def test_a_second_identical_sync_changes_no_row(
    store: Store, tmp_path: Path, capabilities: tuple[ConnectorCapability, ...]
) -> None:
    export = FakeConnector(
        [client(), client("C2")],
        [*items(30), item("B-1", client="C2")],
        agents=[PersonRecord(code="10", name="Bianchi")],
        capabilities=(*capabilities, ConnectorCapability.PEOPLE),
    )
    books = Books(store, tmp_path, export)
    assert books.sync().counts.new == 31
    watch(store)
    report = books.sync(on=TOMORROW)
    assert report.good and report.counts.unchanged == 31
    with store.read() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM written")) == 0
    books.hub.registry.close()


def watch(store: Store) -> None:
    """From now on every write to a row of the ledger is counted, by the database itself."""
    tables = ("clients", "agents", "depots", "installments", "quarantine")
    with store.write() as connection:
        run = connection.exec_driver_sql
        run("CREATE TABLE written (what TEXT)")
        if not store.is_sqlite:
            run(
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN INSERT INTO written VALUES (TG_TABLE_NAME); RETURN NULL; END $$"
            )
        for table in tables:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                head = f"CREATE TRIGGER t_{table}_{verb} AFTER {verb} ON {table} FOR EACH ROW"
                if store.is_sqlite:
                    run(f"{head} BEGIN INSERT INTO written VALUES ('{table}'); END")
                else:
                    run(f"{head} EXECUTE FUNCTION note()")


def test_only_what_changed_is_written(books: Books) -> None:
    books.read(*items(20))
    rows = items(20)
    rows[4] = item("A-0004", "90.00")
    books.forget_looks()
    watch(books.store)
    report = books.read(*rows, on=TOMORROW)
    assert (report.counts.changed, report.counts.unchanged) == (1, 19)
    with books.store.read() as connection:
        assert connection.scalars(sa.text("SELECT what FROM written")).all() == ["installments"]
    assert books.look("A-0004") == TOMORROW
    assert books.look("A-0005") is None


def test_a_residual_of_zero_is_paid(books: Books) -> None:
    books.read(*items(20))
    books.forget_looks()
    report = books.read(*items(20)[:19], item("A-0019", "0"), on=TOMORROW)
    assert report.counts.paid == 1
    kept = books.installment("A-0019")
    assert (kept.status, kept.closed_on, books.look("A-0019")) == ("paid", TOMORROW, TOMORROW)
    assert kept.amount == 10000


def test_an_absent_item_is_kept_open_once_and_then_vanishes(books: Books) -> None:
    books.read(*items(10))
    books.forget_looks()
    first = books.read(*items(9), on=TOMORROW)
    assert (first.counts.absent, first.counts.vanished) == (1, 0)
    kept = books.installment("A-0009")
    assert (kept.status, kept.absences, books.look("A-0009")) == ("open", 1, TOMORROW)
    second = books.read(*items(9), on=TOMORROW)
    assert second.counts.vanished == 1
    kept = books.installment("A-0009")
    assert (kept.status, kept.closed_on, kept.residual) == ("vanished", TOMORROW, 10000)
    assert [row.subject for row in told(books, "installment.vanished")] == ["installment A-0009"]


def test_two_absences_count_only_in_a_row(books: Books) -> None:
    books.read(*items(10))
    for _ in range(3):
        books.read(*items(9))
        books.read(*items(10))
    assert set(books.statuses().values()) == {"open"}


def test_one_absence_is_enough_where_the_company_says_so(store: Store, tmp_path: Path) -> None:
    books = Books(store, tmp_path, absences=1)
    books.read(*items(10))
    assert books.read(*items(9)).counts.vanished == 1
    books.hub.registry.close()


def test_an_item_that_comes_back_is_open_again_with_its_history(books: Books) -> None:
    books.read(*items(10))
    for _ in range(2):
        books.read(*items(9))
    report = books.read(*items(10), on=TOMORROW)
    kept = books.installment("A-0009")
    assert report.counts.reopened == 1
    assert (kept.status, kept.closed_on, kept.absences) == ("open", None, 0)
    assert kept.first_seen_on == ON
    assert len(told(books, "installment.reopened")) == 1


def test_a_returned_bill_opens_its_installment_as_unpaid(books: Books) -> None:
    books.read(*items(20))
    books.read(*items(20)[1:], item("A-0000", "0"))
    back = item("A-0000", "100.00", unpaid_on=TOMORROW)
    report = books.read(*items(20)[1:], back, on=TOMORROW)
    kept = books.installment("A-0000")
    assert (report.counts.unpaid, report.counts.reopened) == (1, 1)
    assert (kept.status, kept.unpaid_on, kept.closed_on) == ("open", TOMORROW, None)
    assert told(books, "installment.unpaid")[0].client == "C1"


@pytest.mark.parametrize("complete", [True, False])
def test_what_the_erp_declares_gone_is_closed(books: Books, complete: bool) -> None:
    books.read(*items(10))
    books.export.complete = complete
    report = books.read(*items(9), Gone(external_id="A-0009"), Gone(external_id="never"))
    assert report.counts.gone == 1
    assert books.installment("A-0009").status == "gone"


def test_an_incomplete_read_concludes_no_absence(books: Books) -> None:
    books.read(*items(10))
    books.export.complete = False
    for _ in range(3):
        assert books.read(*items(2)).good
    assert {row.absences for row in books.all(installments)} == {0}


def test_a_source_without_amounts_keeps_the_largest_residual(books: Books) -> None:
    books.read(item("A-1", "100.00"))
    books.read(item("A-1", "60.00"))
    assert books.installment("A-1").amount == 10000
    books.read(item("A-1", "130.00"))
    assert books.installment("A-1").amount == 13000


def test_changed_facts_of_a_client_make_planning_look(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    export.clients = [client(), client("C2")]
    books.read(item("A-1"), item("B-1", client="C2"))
    with books.store.write() as connection:
        set_look(connection, None)
        connection.execute(sa.update(clients).values(office_excluded=True))
    export.clients = [client(email="nuova@example.it"), client("C2")]
    report = books.sync(on=TOMORROW)
    assert report.counts.clients_changed == 1
    assert books.look("A-1") == TOMORROW
    assert books.look("B-1") is None
    assert books.client().office_excluded is True


def test_a_read_of_a_later_day_puts_no_look_off(books: Books) -> None:
    """What was to be looked at before is, even if the read came between."""
    books.read(*items(10))
    books.read(*items(8), item("A-0008", "50"), on=TOMORROW)
    assert [books.look(f"A-{n:04}") for n in (7, 8, 9)] == [ON, ON, ON]


def test_credits_make_planning_look_at_the_whole_client(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    export.clients = [client(), client("C2")]
    others = [*items(8), item("B-1", client="C2")]
    books.read(*others)
    export.complete = False
    for change in (credit("NC-1", "-40"), credit("NC-1", "-10"), Gone(external_id="NC-1")):
        books.forget_looks()
        assert books.read(*others, change, on=TOMORROW).good
        assert books.look("A-0001") == TOMORROW
        assert books.look("B-1") is None


def test_without_credits_planning_looks_at_what_changed_only(books: Books) -> None:
    books.read(*items(8))
    books.forget_looks()
    books.read(*items(7), item("A-0007", "50"), on=TOMORROW)
    assert books.look("A-0007") == TOMORROW
    assert books.look("A-0006") is None


def test_an_item_given_to_another_client_goes_there(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    books.read(*items(9))
    export.clients = [client(), client("C2")]
    report = books.read(*items(9)[:8], item("A-0008", client="C2"))
    assert (report.counts.changed, report.counts.clients_new) == (1, 1)
    assert books.installment("A-0008").client_id == books.client("C2").id
    assert books.installment("A-0007").client_id == books.client("C1").id


def test_an_absent_client_is_marked_and_comes_back(books: Books) -> None:
    export = books.export
    assert isinstance(export, Export)
    export.clients = [client(), client("C2")]
    books.read(item("A-1"))
    export.clients = [client()]
    books.sync()
    assert books.client("C2").gone_on == ON
    export.clients = [client(), client("C2")]
    books.sync()
    assert books.client("C2").gone_on is None


def test_agents_are_kept_and_corrected(store: Store, tmp_path: Path) -> None:
    export = Export([ConnectorCapability.PEOPLE])
    books = Books(store, tmp_path, export)
    export.agents = (PersonRecord(code="10", name="Bianchi"),)
    assert books.sync().counts.people_changed == 1
    export.agents = (PersonRecord(code="10", name="Bianchi", email="b@example.it"),)
    assert books.sync().counts.people_changed == 1
    assert books.sync().counts.people_changed == 0
    assert [row.email for row in books.all(agents)] == ["b@example.it"]
    books.hub.registry.close()


def test_deletions_are_read_as_changes_and_everything_once_a_week(
    store: Store, tmp_path: Path
) -> None:
    export = FakeConnector([client()], items(10))
    books = Books(store, tmp_path, export)
    assert books.sync().counts.complete
    export.remove("A-0009")
    changes = books.sync(on=TOMORROW)
    assert (changes.counts.read, changes.counts.gone, changes.counts.complete) == (0, 1, False)
    assert books.sync(on=ON + timedelta(days=7)).counts.complete
    books.hub.registry.close()


def test_two_sources_keep_apart(store: Store, tmp_path: Path) -> None:
    exports = {"acme": Export(), "beta": Export()}
    config = config_of(exports, path=tmp_path / "plugins.toml")
    registry = registry_of(exports, now=lambda: NOW, config=config)
    hub = Hub(config=config, store=store, registry=registry, now=lambda: NOW)
    exports["acme"].rows = exports["beta"].rows = list(items(6))
    assert [sync(hub, CLOCK, name, ON).counts.new for name in exports] == [6, 6]
    exports["beta"].rows = [item("A-0000", "1.00"), *items(6)[1:]]
    assert [sync(hub, CLOCK, name, ON).counts.changed for name in exports] == [0, 1]
    registry.close()


def test_an_unknown_source_is_a_mistake_of_the_caller(books: Books) -> None:
    with pytest.raises(ConfigurationError, match="there is no such source"):
        sync(books.hub, CLOCK, "acmee", ON)


def test_amounts_in_the_company_s_own_currency_keep_its_decimals(
    store: Store, tmp_path: Path
) -> None:
    books = Books(store, tmp_path, currency="JPY")
    assert isinstance(books.export, Export)
    books.export.clients = [client(credit_limit=Decimal(5000))]
    books.read(item("A-1", "100.00", currency="EUR", base_residual=Decimal(16000)))
    assert (books.installment("A-1").base_residual, books.client().credit_limit) == (16000, 5000)
    with books.store.read() as connection:
        (shown,) = read_list(connection, INSTALLMENTS, Scope.everything(), on=ON)
    assert (shown["base_residual"], shown["residual"]) == (Decimal(16000), Decimal("100.00"))
    report = books.read(item("A-1", "100.00", base_residual=Decimal("0.5")))
    assert [entry.field for entry in books.waiting()] == ["base_residual"]
    assert report.counts.quarantined == 1
    books.hub.registry.close()


def test_what_the_erp_holds_back_is_listed(books: Books) -> None:
    books.read(item("A-1", erp_hold="legal"), item("A-2", bill_number="B-1"))
    with books.store.read() as connection:
        held = list(read_list(connection, INSTALLMENTS, Scope.everything(), on=ON, held=True))
        free = list(read_list(connection, INSTALLMENTS, Scope.everything(), on=ON, held=False))
    assert [(one["key"], one["erp_hold"]) for one in held] == [("A-1", "legal")]
    assert [(one["key"], one["bill_number"]) for one in free] == [("A-2", "B-1")]


def test_days_of_grace_of_the_company_are_kept_and_its_bills_looked_at(
    store: Store, tmp_path: Path
) -> None:
    books = Books(store, tmp_path)
    bill = item("B-1", due_date=TOMORROW, presented_on=ON, payment_method=PaymentMethod.RIBA)
    books.read(bill, item("A-1"))
    books.forget_looks()
    books.sync(on=TOMORROW)
    assert books.look("B-1") is None
    books = Books(store, tmp_path, books.export, bank_grace_days=20)
    books.sync(on=TOMORROW)
    assert [row.bank_grace_days for row in books.all(sources)] == [20]
    assert books.look("B-1") == TOMORROW
    assert books.look("A-1") is None
