"""Credits and clients that the ERP renumbered or merged (erp.md traps 11 and 12)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from incasso.contract.ledger import Gone, GoneReason, PaymentMethod
from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iters import Iter, Stage
from incasso.services.cases.progress import count_steps
from incasso.services.ledger.sync import SyncReport
from incasso.services.recovery.plan import plan
from incasso.store.engine import Store
from incasso.store.recovery import agenda
from incasso.store.recovery import iters as iter_store
from incasso.store.tables.history import documents
from incasso.store.tables.ledger import clients
from incasso.store.tables.office import users
from incasso.store.tables.proof import journal
from incasso.store.tables.recovery import (
    agreement_installments,
    agreements,
    cases,
    conversations,
    step_cases,
    steps,
)
from tests.agreeing import agreed
from tests.ledger.office import NOW, ON, Books, Export, client, item

LATER = ON + timedelta(days=1)
DOCUMENT: dict[str, Any] = {"document_number": "118/A", "document_date": date(2026, 9, 30)}
OTHERS = [item(f"Z-{number}") for number in range(9)]


def set_clients(books: Books, *records: Any) -> None:
    """The clients of the next read."""
    assert isinstance(books.export, Export)
    books.export.clients = list(records)


def reads(books: Books, *rows: Any, on: date = ON) -> SyncReport:
    """These items and some others."""
    return books.read(*rows, *OTHERS, on=on)


def plans(books: Books, on: date = ON) -> None:
    """An office that writes twice, and plans the day."""
    mails = [
        Stage(key=key, days=days, template=key, channels=(Medium.EMAIL,))
        for key, days in (("first", 5), ("second", 25))
    ]
    with books.store.write() as connection:
        if not connection.execute(sa.text("SELECT 1 FROM iters")).first():
            iter_store.publish(connection, Iter(key="all", stages=tuple(mails)), at=NOW, by="anna")
            agenda.review_uncased(connection, on)
    plan(books.hub, CLOCK, on)


def case_of(books: Books, key: str) -> Any:
    """The running case of an installment."""
    number = books.installment(key).id
    return next(
        row for row in books.all(cases) if row.installment_id == number and row.state != "closed"
    )


def test_a_credit_under_a_new_key_keeps_its_case_and_history(books: Books) -> None:
    reads(books, item("K|1", **DOCUMENT))
    plans(books)
    case = case_of(books, "K|1")
    with books.store.write() as connection:
        count_steps(connection, [case.step_id], ON)
    report = reads(books, item("K|2", **DOCUMENT), on=LATER)
    assert (report.counts.renumbered, report.counts.new, report.counts.absent) == (1, 0, 0)
    assert "K|1" not in books.statuses()
    row = books.installment("K|2")
    assert (row.status, row.first_seen_on) == ("open", ON)
    assert case_of(books, "K|2").stage == "first"
    (told,) = [entry for entry in books.all(journal) if entry.kind == "installment.renumbered"]
    assert (told.subject, told.facts) == ("installment K|2", {"was": "K|1"})
    assert reads(books, item("K|2", **DOCUMENT), on=LATER).counts.changed == 0


def test_only_what_agrees_in_everything_is_the_same_credit(books: Books) -> None:
    others: list[dict[str, Any]] = [
        {"due_date": date(2026, 10, 30)},
        {"document_number": "119/A"},
        {"document_date": date(2026, 9, 29)},
        {"currency": "USD"},
    ]
    for number, other in enumerate(others):
        old, new = f"OLD-{number}", f"NEW-{number}"
        reads(books, item(old, **DOCUMENT))
        report = reads(books, item(new, **{**DOCUMENT, **other}))
        assert (report.counts.renumbered, report.counts.new) == (0, 1), other
        assert {old, new} <= set(books.statuses())


def test_an_amount_that_changed_is_another_credit(books: Books) -> None:
    reads(books, item("OLD", "100.00", **DOCUMENT))
    assert reads(books, item("NEW", "99.00", **DOCUMENT)).counts.renumbered == 0


def test_items_without_a_document_are_never_taken_for_each_other(books: Books) -> None:
    reads(books, item("OLD"))
    assert reads(books, item("NEW")).counts.renumbered == 0


def test_two_that_could_be_the_same_are_two(books: Books) -> None:
    reads(books, item("A", **DOCUMENT), item("B", **DOCUMENT))
    report = reads(books, item("C", **DOCUMENT))
    assert (report.counts.renumbered, report.counts.new, report.counts.absent) == (0, 1, 2)


def test_the_guard_does_not_take_new_keys_for_a_loss(books: Books) -> None:
    rows = [item(f"A-{n}", document_number=f"{n}/A") for n in range(8)]
    books.read(*rows)
    report = books.read(*(item(f"B-{n}", document_number=f"{n}/A") for n in range(8)))
    assert report.good and report.counts.renumbered == 8
    assert set(books.statuses()) == {f"B-{n}" for n in range(8)}


def test_the_erp_may_say_itself_what_became_of_a_key(books: Books) -> None:
    reads(books, item("A"), item("B"))
    gone = Gone(external_id="A", why=GoneReason.MERGED, merged_into="C")
    report = reads(books, gone, item("B"), item("C", "90.00"))
    assert report.counts.renumbered == 1
    assert books.installment("C").first_seen_on == ON and "A" not in books.statuses()


def test_what_is_told_gone_twice_is_gone_once(books: Books) -> None:
    reads(books, item("A"), item("B"))
    report = reads(books, Gone(external_id="A"), item("B"), Gone(external_id="A"))
    assert report.good and report.counts.gone == 1
    assert books.installment("A").status == "gone"


def test_what_was_paid_goes_on_under_the_key_it_came_back_with(books: Books) -> None:
    reads(books, item("A", payment_method=PaymentMethod.RIBA, presented_on=ON - timedelta(days=60)))
    reads(books, item("A", "0.00", amount=Decimal("100.00"), payment_method=PaymentMethod.RIBA))
    assert books.installment("A").status == "paid"
    gone = Gone(external_id="A", why=GoneReason.MERGED, merged_into="C")
    reads(books, gone, item("C", unpaid_on=LATER), on=LATER)
    found = books.installment("C")
    assert (found.status, found.residual, found.unpaid_on) == ("open", 10000, LATER)
    assert found.first_seen_on == ON and "A" not in books.statuses()


def decided(books: Books) -> None:
    """What the office decided of client C1: operator, hold, promise, a talk, an iter."""
    number = books.client("C1").id
    source = books.client("C1").source_id
    with books.store.write() as connection:
        anna = connection.execute(
            sa.insert(users).values(login="anna").returning(users.c.id)
        ).scalar_one()
        connection.execute(
            sa.update(clients)
            .where(clients.c.id == number)
            .values(operator_id=anna, iter_override="all")
        )
        usual = {"source_id": source, "client_id": number, "from_on": ON, "made_on": ON}
        connection.execute(sa.insert(agreements).values(kind="dispute", reason="merce", **usual))
        agreed(connection, kind="promise", amount=5000, **usual)
        connection.execute(
            sa.insert(conversations).values(client_id=number, on_date=ON, medium="call")
        )
        connection.execute(
            sa.insert(documents).values(
                source_id=source, client_id=number, key="D1", number="1", date=ON
            )
        )


Z = client("Z", "Altri")
OF_Z = [item(f"Z-{number}", client="Z") for number in range(9)]


def test_a_renumbered_client_keeps_what_the_office_decided(books: Books) -> None:
    set_clients(books, client("C1"), Z)
    books.read(item("K|1", **DOCUMENT), *OF_Z)
    decided(books)
    set_clients(books, client("N1", formerly="C1"), Z)
    report = books.read(item("N|1", client="N1", **DOCUMENT), *OF_Z, on=LATER)
    assert (report.counts.merged, report.counts.renumbered) == (1, 1)
    new, old = books.client("N1"), books.client("C1")
    assert (new.operator_id, new.iter_override) == (old.operator_id, "all")
    assert (old.gone_on, old.successor_id) == (LATER, new.id)
    for table in (agreements, conversations, documents):
        assert {row.client_id for row in books.all(table)} == {new.id}, table.name
    assert books.installment("N|1").client_id == new.id
    assert "client.merged" in [entry.kind for entry in books.all(journal)]
    again = books.read(item("N|1", client="N1", **DOCUMENT), *OF_Z, on=LATER)
    assert again.counts.merged == 0


def test_merging_into_a_living_client_keeps_its_own_decisions_and_both_promises_true(
    books: Books,
) -> None:
    set_clients(books, client("C1"), client("N1"), Z)
    books.read(item("K|1", "100.00"), item("N|1", "30.00", client="N1"), *OF_Z)
    decided(books)
    with books.store.write() as connection:
        own = sa.update(clients).where(clients.c.code == "N1")
        connection.execute(own.values(iter_override="own"))
    set_clients(books, client("N1", formerly="C1"), Z)
    rows = [item("K|1", "100.00", client="N1"), item("N|1", "30.00", client="N1"), *OF_Z]
    assert books.read(*rows, on=LATER).counts.merged == 1
    assert books.client("N1").iter_override == "own"
    # It covers what C1 owed, and nothing of N1's own.
    (promise,) = [row for row in books.all(agreements) if row.kind == "promise"]
    assert promise.client_id == books.client("N1").id
    (covered,) = books.all(agreement_installments)
    assert (covered.agreement_id, covered.residual_then) == (promise.id, 10000)


def test_a_former_code_that_is_alive_is_another_client(books: Books) -> None:
    set_clients(books, client("C1"), Z)
    books.read(item("K|1"), *OF_Z)
    decided(books)
    set_clients(books, client("C1"), client("N1", formerly="C1"), Z)
    assert books.read(item("K|1"), *OF_Z, on=LATER).counts.merged == 0
    assert books.client("N1").operator_id is None
    assert books.all(agreements)[0].client_id == books.client("C1").id


def test_the_erp_may_say_itself_into_whom_a_client_was_merged(books: Books) -> None:
    set_clients(books, client("C1"), client("N1"), Z)
    books.read(item("K|1"), *OF_Z)
    decided(books)
    gone = Gone(external_id="C1", why=GoneReason.MERGED, merged_into="N1")
    set_clients(books, gone, client("N1"), Z)
    assert books.read(item("K|1", client="N1"), *OF_Z, on=LATER).counts.merged == 1
    assert books.client("N1").operator_id == books.client("C1").operator_id


def test_a_case_follows_its_credit_and_a_step_not_begun_is_made_anew(books: Books) -> None:
    both = [client("C1", email="a@example.it"), client("N1", email="b@example.it"), Z]
    set_clients(books, *both)
    books.read(item("K|1"), item("K|2"), *OF_Z)
    plans(books)
    before = case_of(books, "K|1")
    books.read(item("K|1", client="N1"), item("K|2"), *OF_Z, on=LATER)
    new = books.client("N1").id
    moved = case_of(books, "K|1")
    assert (moved.id, moved.client_id, moved.step_id) == (before.id, new, None)
    step = next(row for row in books.all(steps) if row.id == before.step_id)
    assert (step.status, step.total) == ("ready", 10000), "the other credit stays in it"
    plans(books, LATER)
    (fresh,) = [row for row in books.all(steps) if row.client_id == new]
    assert (fresh.stage, fresh.total, fresh.status) == ("first", 10000, "ready")
    owners = {row.case_id: row.step_id for row in books.all(step_cases)}
    assert owners[moved.id] == fresh.id


def test_what_was_sent_stays_with_whom_it_was_sent_to(store: Store, tmp_path: Path) -> None:
    books = Books(store, tmp_path)
    set_clients(books, client("C1"), client("N1"), Z)
    books.read(item("K|1"), *OF_Z)
    plans(books)
    step_id = case_of(books, "K|1").step_id
    with books.store.write() as connection:
        count_steps(connection, [step_id], ON)
    old = books.client("C1").id
    books.read(item("K|1", client="N1"), *OF_Z, on=LATER)
    assert next(row for row in books.all(steps) if row.id == step_id).client_id == old
    case = case_of(books, "K|1")
    assert (case.client_id, case.stage) == (books.client("N1").id, "first")
    books.hub.registry.close()
