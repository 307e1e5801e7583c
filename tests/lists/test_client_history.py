"""One history for each client: everything, in order, with amounts, within the reader's scope."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.channel import DeliveryState
from incasso.domain.acts.agreements import Dispute, Hold, Promise
from incasso.domain.acts.assignment import Exclude
from incasso.domain.acts.steps import Approve, Edit
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.orders.write_back import WriteBackStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.locale import localize
from incasso.locale.history import has_words
from incasso.services.office.subjects import SubjectError
from incasso.services.proof.client_history import HistoryEntry, history
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.store.lists.client_history import client_history
from incasso.store.tables import history as erp
from incasso.store.tables import ledger, office, proof, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.doing import do, people
from tests.sending.conftest import mail, make_office, pec  # noqa: F401
from tests.sending.office import NOW, ON, PROVEN, Office

EVERYBODY = Scope.everything()
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def lived(make_office: Any, mail: FakeChannel, pec: FakeChannel) -> Office:  # noqa: F811
    """Rossi's autumn: a payment, a mail, a certified mail that is delivered, acts of Anna."""
    made: Office = make_office(mail=mail, pec=pec)
    people(made.store)
    client = made.client(name="Rossi Srl", agent="A1")
    paid, asked = (
        made.step(client, amounts=(10_000,)),
        made.step(client, PROVEN, amounts=(122_000,)),
    )
    with made.store.write() as connection:
        connection.execute(sa.update(office.users).values(name="Anna"))
        seen = sa.update(ledger.installments).values(first_seen_on=date(2026, 9, 2))
        connection.execute(seen)
        closed = {"status": "paid", "residual": 0, "closed_on": date(2026, 11, 20)}
        table = ledger.installments
        connection.execute(sa.update(table).where(table.c.key == f"{paid}/1").values(closed))
        case = {"state": "closed", "closed_on": date(2026, 11, 20), "close_reason": "paid"}
        of_paid = sa.select(table.c.id).where(table.c.key == f"{paid}/1").scalar_subquery()
        cases = recovery.cases
        connection.execute(
            sa.update(cases)
            .where(cases.c.installment_id == of_paid)
            .values({**case, "opened_on": date(2026, 10, 6), "step_id": None})
        )
        payment = {
            "source_id": made.source, "client_id": client, "key": "P1", "amount": 10_000,
            "paid_on": date(2026, 11, 19), "document_number": "FT 1",
        }  # fmt: skip
        connection.execute(sa.insert(erp.payments).values(payment))
        gone = {**payment, "key": "P2", "gone_on": date(2026, 11, 20)}
        connection.execute(sa.insert(erp.payments).values(gone))
    made.set_step(asked, status="proposed", mode="approve")
    do(made.hub, Edit(subject=str(asked), title="Ultimo invito"), on=ON)
    do(made.hub, Approve(subject=str(asked), why="letto"), on=ON)
    dispatch(made.hub, CLOCK, ON)
    (sent,) = pec.sent
    made.clock.forward(hours=2)
    pec.report(sent.delivery, DeliveryState.DELIVERED, NOW)
    collect(made.hub, CLOCK, ON)
    promise = Promise(subject="C1", until=date(2026, 11, 30), why="paga dopo le feste")
    do(made.hub, promise, on=TUESDAY)
    return made


def told(entries: list[HistoryEntry], language: str = "it") -> list[str]:
    return [f"{each.on:%d/%m/%Y} {localize(each.text, language)}" for each in entries]


def test_the_whole_story_of_a_client(lived: Office) -> None:
    found = history(lived.hub, EVERYBODY, "C1", TUESDAY)
    assert told(found) == [
        "02/09/2026 nuovo documento: fattura FT 1/1, 100,00 EUR in scadenza il 01/10/2026",
        "02/09/2026 nuovo documento: fattura FT 2/1, 1.220,00 EUR in scadenza il 01/10/2026",
        "06/10/2026 pratica aperta per la rata 1/1",
        "19/11/2026 incasso di 100,00 EUR sul documento FT 1",
        "20/11/2026 saldo: fattura FT 1/1, 100,00 EUR",
        "20/11/2026 pratica chiusa per la rata 1/1: pagata",
        "23/11/2026 pratica aperta per la rata 2/1",
        "23/11/2026 testo modificato (Anna)",
        "23/11/2026 approvazione: diffida (Anna): letto",
        "23/11/2026 invio: diffida via PEC a c1@pec.example.it, 1.220,00 EUR",
        "23/11/2026 consegna: diffida via PEC a c1@pec.example.it",
        "24/11/2026 promessa di 1.220,00 EUR entro il 30/11/2026, fattura FT 2/1 (Anna): "
        "paga dopo le feste",
    ]
    assert told(found, "en")[-1] == (
        "24/11/2026 promise of 1,220.00 EUR by 30 Nov 2026, invoice FT 2/1 (Anna): "
        "paga dopo le feste"
    )
    promise = found[-1]
    assert (promise.kind, promise.who, str(promise.amount), promise.currency) == (
        "agreement.made", "anna", "1220.00", "EUR",
    )  # fmt: skip
    assert {each.client for each in found} == {"C1"}
    assert {each.source for each in found} == {"acme"}
    assert [str(each.amount) for each in found if each.kind == "payment.money"] == ["100.00"]


def test_between_two_days(lived: Office) -> None:
    both = history(
        lived.hub, EVERYBODY, "C1", TUESDAY, since=date(2026, 11, 19), until=date(2026, 11, 20)
    )
    assert [each.kind for each in both] == ["payment.money", "installment.paid", "case.closed"]


def test_what_names_something_of_the_client_means_the_client(lived: Office) -> None:
    whole = told(history(lived.hub, EVERYBODY, "acme/C1", TUESDAY))
    for name in ("step:1", "2/1", "case:1"):
        assert told(history(lived.hub, EVERYBODY, name, TUESDAY)) == whole
    with pytest.raises(SubjectError):
        history(lived.hub, EVERYBODY, "nessuno", TUESDAY)


def test_only_within_the_scope(lived: Office) -> None:
    theirs, others = Scope(agents=frozenset({"A1"})), Scope(agents=frozenset({"A2"}))
    assert len(history(lived.hub, theirs, "C1", TUESDAY)) == 12
    with pytest.raises(SubjectError):
        history(lived.hub, others, "C1", TUESDAY)
    with lived.store.read() as connection:
        assert client_history(connection, others, 1, on=TUESDAY) == []


def test_a_client_brings_the_past_of_its_earlier_codes(lived: Office) -> None:
    new = lived.client(code="C9", name="Rossi Srl")
    with lived.store.write() as connection:
        table = ledger.clients
        connection.execute(sa.update(table).where(table.c.code == "C1").values(successor_id=new))
    do(lived.hub, Exclude(subject="C9", why="liquidazione"), on=TUESDAY)
    found = history(lived.hub, EVERYBODY, "C9", TUESDAY)
    assert len(found) == 13
    assert told(found)[-1] == "24/11/2026 escluso dai solleciti (Anna): liquidazione"
    assert [each.client for each in found[-2:]] == ["C1", "C9"]


def test_what_ends_by_itself_and_what_the_hub_took_back(lived: Office) -> None:
    do(lived.hub, Hold(subject="C1", why="verifica", until=date(2026, 11, 26)), on=TUESDAY)
    dispute = Dispute(subject="2/1", why="merce rotta", until=date(2026, 11, 25))
    do(lived.hub, dispute, on=TUESDAY)
    early = told(history(lived.hub, EVERYBODY, "C1", TUESDAY, since=TUESDAY))
    assert "24/11/2026 sospensione fino al 26/11/2026 (Anna): verifica" in early
    assert not any("termine raggiunto" in each for each in early)
    late = told(history(lived.hub, EVERYBODY, "C1", date(2026, 11, 27), since=TUESDAY))
    assert late[-2:] == [
        "25/11/2026 contestazione: termine raggiunto: merce rotta",
        "26/11/2026 sospensione: termine raggiunto: verifica",
    ]


def test_a_returned_bill_is_told_once(lived: Office) -> None:
    """By the sync that noticed it; by its installment where it was known unpaid from the start."""
    with lived.store.write() as connection:
        table = ledger.installments
        came = sa.update(table).where(table.c.key == "2/1").values(unpaid_on=date(2026, 11, 21))
        connection.execute(came)
    once = [each.kind for each in history(lived.hub, EVERYBODY, "C1", TUESDAY)]
    assert once.count("installment.unpaid") == 1
    from incasso.store.proof import journal

    with lived.store.write() as connection:
        event = journal.Event(
            kind="installment.unpaid",
            actor="sync",
            on=date(2026, 11, 22),
            source="acme",
            client="C1",
            subject="installment 2/1",
            facts={"residual": "1220.00", "currency": "EUR"},
        )
        journal.record(connection, [event], at=NOW)
    found = history(lived.hub, EVERYBODY, "C1", TUESDAY)
    (back,) = [each for each in told(found) if "insoluto" in each]
    assert back == "22/11/2026 insoluto: fattura FT 2/1, 1.220,00 EUR"


def test_the_list_reads_a_few_times_whatever_its_length(lived: Office) -> None:
    with lived.store.write() as connection:
        payment = {"source_id": lived.source, "client_id": 1, "amount": 100, "paid_on": ON}
        connection.execute(
            sa.insert(erp.payments), [{**payment, "key": f"X{n}"} for n in range(3000)]
        )
    asked: list[str] = []
    with lived.store.read() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
        found = client_history(connection, EVERYBODY, 1, on=TUESDAY)
    assert len(found) == 3012
    assert len(asked) == 12  # the client, its codes, the people, the documents, eight kinds of rows


CORE = Path(__file__).parents[2] / "core/incasso"
NOT_ABOUT_A_CLIENT = {
    "assignment.loaded", "clients.assigned", "instance.forgotten", "instance.started",
    "iters.published", "lot.composed", "lot.handed_over", "notice.told", "outcomes.published",
    "providers.published", "steps.planned", "sync.beside", "text.published", "texts.installed",
    "user.added",
}  # fmt: skip


def kinds_in_source() -> Iterator[str]:
    """Every kind of event that the code writes down in plain letters."""
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                given = [each.value for each in node.keywords if each.arg == "kind"]
                if name in ("tell", "_event", "event"):
                    given += node.args
                if name in ("tell", "_event", "event", "Event"):
                    for each in given:
                        if isinstance(each, ast.Constant) and "." in str(each.value):
                            yield str(each.value)


def test_every_kind_of_event_about_a_client_has_words() -> None:
    kinds = set(kinds_in_source()) - NOT_ABOUT_A_CLIENT
    assert {"agreement.made", "delivery.accepted", "step.done", "client.merged"} <= kinds
    kinds |= {f"delivery.{each}" for each in DeliveryStatus}
    kinds |= {f"write_back.{each}" for each in WriteBackStatus if each != "sending"}
    kinds |= {"agreement.kept", "agreement.broken", "client.excluded", "client.included"}
    assert [each for each in sorted(kinds) if not has_words(each)] == []


def test_an_event_without_words_is_told_by_its_name(lived: Office) -> None:
    from incasso.store.proof import journal

    with lived.store.write() as connection:
        event = journal.Event(
            kind="moon.landed", actor="anna", on=TUESDAY, source="acme", client="C1"
        )
        journal.record(connection, [event], at=NOW)
        assert connection.scalar(sa.select(sa.func.count()).select_from(proof.journal))
    assert told(history(lived.hub, EVERYBODY, "C1", TUESDAY, since=TUESDAY))[0] == (
        "24/11/2026 moon.landed (Anna)"
    )
