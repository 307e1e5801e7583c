"""What leaves, to whom, with which words, and what is written down about it."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import sqlalchemy as sa

from incasso.contract.channel import OutboundMessage
from incasso.domain.office.actor import CLOCK
from incasso.services.proof.verify import verify
from incasso.services.sending.dispatch import dispatch
from incasso.store.proof import archive
from incasso.store.tables import ledger, proof, recovery, sending
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.fakes.connector import FakeConnector
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON, PARKING, PROVEN, Office


def test_a_ready_step_leaves_once_and_counts(office: Office, mail: FakeChannel) -> None:
    step = office.step(amounts=(10_000, 2_550))
    report = dispatch(office.hub, CLOCK, ON)
    assert report.accepted == {"email": 1}
    (sent,) = mail.sent
    assert sent.message.to.address == "c1@example.it"
    assert "125,50" in sent.message.text
    assert [str(each.residual) for each in sent.message.about.installments] == ["100.00", "25.50"]
    assert office.step_row(step).status == "counted"
    assert [case.stage for case in office.cases(step)] == ["sollecito", "sollecito"]
    row = office.delivery(step)
    assert (row.status, row.channel, row.to, row.attempts) == (
        "accepted",
        "mail",
        "c1@example.it",
        1,
    )
    assert dispatch(office.hub, CLOCK, ON).accepted == {}
    assert len(mail.sent) == 1


def test_the_exact_bytes_are_archived_and_everything_verifies(
    office: Office, mail: FakeChannel
) -> None:
    for _ in range(3):
        office.step()
    dispatch(office.hub, CLOCK, ON)
    for sent in mail.sent:
        row = next(row for row in office.deliveries() if row.id == sent.delivery)
        assert archive.get(office.store, row.sha256) == sent.content
    report = verify(office.hub)
    assert report.problems == ()
    assert (report.files, report.deliveries) == (3, 3)


def test_what_was_paid_meanwhile_drops_out(office: Office, mail: FakeChannel) -> None:
    some = office.step(amounts=(10_000, 5_000))
    nothing_left = office.step(amounts=(7_000,))
    office.pay(f"{some}/1")
    office.pay(f"{nothing_left}/1")
    report = dispatch(office.hub, CLOCK, ON)
    assert report.left_out == 2
    (sent,) = mail.sent
    assert [each.key for each in sent.message.about.installments] == [f"{some}/2"]
    assert office.step_row(some).total == 5_000
    assert office.step_row(nothing_left).status == "cancelled"


def test_a_part_payment_changes_what_is_asked(office: Office, mail: FakeChannel) -> None:
    step = office.step(amounts=(10_000,))
    office.pay(f"{step}/1", residual=4_000)
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    assert str(sent.message.about.total) == "40.00"
    assert office.step_row(step).total == 4_000


def test_steps_that_need_a_person_or_another_day_stay(office: Office, mail: FakeChannel) -> None:
    office.step(mode="manual")
    office.step(mode="approve", status="proposed")
    office.step(due_on=ON + timedelta(days=1))
    approved = office.step(mode="approve")
    dispatch(office.hub, CLOCK, ON)
    assert [sent.message.about.step for sent in mail.sent] == [str(approved)]


def test_without_a_channel_the_step_waits_and_says_why(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    office = make_office(mail=mail)
    step = office.step(stage=PROVEN)
    report = dispatch(office.hub, CLOCK, ON)
    assert list(report.waiting.values()) == [1]
    row = office.step_row(step)
    assert row.status == "ready"
    assert "pec" in row.reason
    assert office.deliveries() == []


def test_without_a_template_the_step_waits_and_says_why(office: Office) -> None:
    step = office.step(template="mai_scritto")
    dispatch(office.hub, CLOCK, ON)
    row = office.step_row(step)
    assert row.status == "ready"
    assert "mai_scritto" in row.reason


def test_an_old_ledger_sends_nothing(office: Office, mail: FakeChannel) -> None:
    step = office.step()
    office.clock.forward(hours=25)
    report = dispatch(office.hub, CLOCK, ON)
    assert mail.sent == []
    assert "older than 24 h" in office.step_row(step).reason
    assert sum(report.waiting.values()) == 1


def test_the_channel_of_the_source_serves(make_office: MakeOffice) -> None:
    other = FakeChannel(("email",), sources=("beta",), capabilities=())
    ours = FakeChannel(("email",), sources=("acme",), capabilities=())
    erps = {name: FakeConnector(capabilities=()) for name in ("acme", "beta")}
    office = make_office(other=other, ours=ours, **erps)
    office.step()
    dispatch(office.hub, CLOCK, ON)
    assert (len(other.sent), len(ours.sent)) == (0, 1)


def test_a_known_bad_address_is_not_written_to_again(office: Office, mail: FakeChannel) -> None:
    two = office.client(email="old@example.it; new@example.it")
    one = office.client(email="old@example.it")
    with office.store.write() as connection:
        for client in (one, two):
            connection.execute(
                sa.insert(sending.bad_addresses).values(
                    source_id=office.source,
                    client_id=client,
                    medium="email",
                    address="old@example.it",
                    since=NOW,
                )
            )
    reached, lost = office.step(two), office.step(one)
    dispatch(office.hub, CLOCK, ON)
    assert [sent.message.to.address for sent in mail.sent] == ["new@example.it"]
    assert office.step_row(reached).status == "counted"
    assert office.step_row(lost).status == "failed"


def test_a_persons_own_words_stand_around_the_table(office: Office, mail: FakeChannel) -> None:
    office.step(subject_override="Come d'accordo", text_override="Grazie della telefonata.")
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    assert sent.message.subject == "Come d'accordo"
    for words in ("Grazie della telefonata.", "100,00 €", "Totale da pagare"):
        assert words in sent.message.text


def test_a_formal_notice_without_an_amount_waits(office: Office, pec: FakeChannel) -> None:
    """Whoever wrote such words into the database, they do not leave."""
    silent = office.step(stage=PROVEN, text_override="Pagate subito.", bare=True)
    told = office.step(stage=PROVEN, text_override="Pagate subito 100,00 euro.", bare=True)
    dispatch(office.hub, CLOCK, ON)
    assert [sent.message.about.step for sent in pec.sent] == [str(told)]
    assert "a formal notice must name what is owed" in office.step_row(silent).reason


def test_who_reads_along_is_found_by_their_part(make_office: MakeOffice, mail: FakeChannel) -> None:
    office = make_office(mail=mail)
    stage = msgspec.structs.replace(PROVEN, key="con_copia", cc=("responsabile", "agente"))
    step = office.step(office.client(agent="A1"), template="primo_sollecito")
    with office.store.write() as connection:
        agent = {"source_id": office.source, "code": "A1", "name": "Neri", "email": "a1@acme.it"}
        connection.execute(sa.insert(ledger.agents), agent)
        connection.execute(
            sa.update(recovery.cases).values(
                private_stages=[
                    msgspec.to_builtins(msgspec.structs.replace(stage, key="sollecito"))
                ]
            )
        )
    dispatch(office.hub, CLOCK, ON)
    assert [each.message.to.address for each in mail.sent] == [
        "c1@example.it",
        "capo@acme.example.it",
        "a1@acme.it",
    ]
    assert not any(each.message.cc for each in mail.sent)
    assert office.delivery(step).to == "c1@example.it"


def test_a_stage_that_needs_proof_waits_for_it(office: Office, pec: FakeChannel) -> None:
    step = office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    row = office.step_row(step)
    assert (row.status, row.proof_until) == ("done", ON + timedelta(days=3))
    assert [case.stage for case in office.cases(step)] == [""]


def test_later_messages_cite_earlier_ones(office: Office, mail: FakeChannel) -> None:
    first = office.step()
    dispatch(office.hub, CLOCK, ON)
    with office.store.write() as connection:
        again = connection.execute(
            sa.insert(recovery.steps)
            .from_select(
                [c.name for c in recovery.steps.c if c.name != "id"],
                sa.select(*[c for c in recovery.steps.c if c.name != "id"]),
            )
            .returning(recovery.steps.c.id)
        ).scalar_one()
        connection.execute(
            sa.update(recovery.steps)
            .where(recovery.steps.c.id == again)
            .values(status="ready", stage="diffida")
        )
        (case,) = connection.scalars(sa.select(recovery.cases.c.id))
        connection.execute(sa.update(recovery.cases).values(step_id=again))
        row = {"step_id": again, "case_id": case, "stage": "diffida", "residual": 10_000}
        connection.execute(sa.insert(recovery.step_cases), row)
    dispatch(office.hub, CLOCK, ON)
    assert mail.sent[-1].message.thread == (office.delivery(first).id,)


def test_a_trial_run_tells_and_changes_nothing(office: Office, mail: FakeChannel) -> None:
    step = office.step()
    waiting = office.step(template="mai_scritto")
    before = _everything(office)
    report = dispatch(office.hub, CLOCK, ON, really_send=False)
    assert report.accepted == {"email": 1}
    assert sum(report.waiting.values()) == 1
    assert not report.really_sent
    assert mail.sent == []
    assert _everything(office) == before
    assert {office.step_row(step).status, office.step_row(waiting).status} == {"ready"}


def test_a_stage_in_the_house_is_carried_out(office: Office) -> None:
    step = office.step(stage=PARKING)
    report = dispatch(office.hub, CLOCK, ON)
    assert report.carried_out == {"park": 1}
    (case,) = office.cases(step)
    assert (case.state, case.container, case.stage) == ("parked", "legal", "legale")
    assert office.step_row(step).status == "counted"
    assert dispatch(office.hub, CLOCK, ON).carried_out == {}


def test_a_step_to_place_is_a_persons(office: Office) -> None:
    step = office.step(action="place", medium="")
    dispatch(office.hub, CLOCK, ON)
    row = office.step_row(step)
    assert (row.status, row.mode) == ("ready", "manual")


def test_each_delivery_is_in_the_journal(office: Office) -> None:
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    with office.store.read() as connection:
        (row,) = connection.execute(
            sa.select(proof.journal).where(proof.journal.c.kind == "delivery.accepted")
        )
    assert row.subject == f"delivery {office.delivery(step).id}"
    assert row.facts["total"] == "100.00"
    assert row.client == "C1"


def test_more_steps_than_a_page(office: Office, mail: FakeChannel) -> None:
    with_many = office.many_steps(230)
    told: list[tuple[str, int]] = []
    report = dispatch(
        office.hub, CLOCK, ON, progress=lambda what, count: told.append((what, count))
    )
    assert report.accepted == {"email": 230}
    assert told == [("messages", 200), ("messages", 230)]
    assert sorted(int(each.message.about.step) for each in mail.sent) == sorted(with_many)


def test_a_message_is_what_its_archived_form_says(office: Office, mail: FakeChannel) -> None:
    office.step()
    dispatch(office.hub, CLOCK, ON)
    content = archive.get(office.store, office.deliveries()[0].sha256)
    assert msgspec.json.decode(content, type=OutboundMessage).about.currency == "EUR"


def _everything(office: Office) -> list[object]:
    tables = (recovery.steps, recovery.cases, sending.deliveries, proof.archive, proof.journal)
    with office.store.read() as connection:
        return [connection.execute(sa.select(table)).all() for table in tables]
