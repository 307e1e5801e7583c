"""What is shown of a step is what dispatch then lets leave; showing it changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from incasso.contract.channel import DeliveryState
from incasso.contract.values import Attachment
from incasso.domain.acts.agreements import Hold, Promise
from incasso.domain.acts.steps import Approve, Edit
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.recovery.actions import Action
from incasso.services.office.subjects import SubjectError
from incasso.services.sending.collect import collect
from incasso.services.sending.dispatch import dispatch
from incasso.services.sending.show_delivery import show_delivery
from incasso.services.sending.show_step import NOT_YET, show_step
from incasso.services.sending.shown import StepView
from incasso.store.proof import archive
from incasso.store.tables import history, ledger, metadata, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.doing import do, people
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOTICE, NOW, ON, PROVEN, Office
from tests.sending.test_earlier import told

EVERYBODY = Scope.everything()


def look(office: Office, step: int, on: date = ON) -> StepView:
    """What is shown; nothing in the database may change by it."""
    before = everything(office)
    found = show_step(office.hub, EVERYBODY, str(step), on)
    assert everything(office) == before
    return found


def everything(office: Office) -> dict[str, list[Any]]:
    """Every row of every table."""
    with office.store.read() as connection:
        return {
            name: sorted(map(repr, connection.execute(sa.select(table))))
            for name, table in metadata.tables.items()
        }


def shown_bytes(found: StepView, delivery: str) -> bytes:
    """The bytes shown, as they are for the delivery that was made later."""
    assert found.message is not None
    assert found.message.file is not None
    return found.message.file.content.replace(NOT_YET.encode(), delivery.encode())


@pytest.mark.parametrize("stage", [NOTICE, PROVEN])
def test_what_is_shown_is_what_leaves(
    office: Office, mail: FakeChannel, pec: FakeChannel, stage: Any
) -> None:
    step = office.step(stage=stage, amounts=(10_000, 25_050))
    found = look(office, step)
    assert (found.leaves, found.why, found.status) == (True, (), "ready")
    assert str(found.total) == "350.50"
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent + pec.sent
    assert shown_bytes(found, sent.delivery) == sent.content
    message = found.message
    assert message is not None
    assert message.text == sent.message.text
    assert (message.subject, message.to) == (sent.message.subject, sent.message.to.address)
    assert message.channel == ("mail" if stage is NOTICE else "pec")


def test_a_retried_message_keeps_its_id(make_office: MakeOffice) -> None:
    from incasso.contract.errors import TemporaryError

    mail = FakeChannel(("email",), [TemporaryError("busy")])
    office = make_office(mail=mail)
    step = office.step()
    dispatch(office.hub, CLOCK, ON)
    found = look(office, step)
    assert not found.leaves
    assert "it is tried again at" in found.why[0]
    office.clock.forward(hours=3)
    later = look(office, step)
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    assert later.message is not None
    assert later.message.file is not None
    assert later.message.file.content == sent.content  # not even the id differs


def test_what_is_blocked_drops_out_as_it_would(office: Office, mail: FakeChannel) -> None:
    people(office.store)
    step = office.step(amounts=(10_000, 25_050))
    do(office.hub, Hold(subject=f"{step}/2", why="verifica"), on=ON)
    assert [each.installment for each in look(office, step).installments] == [f"{step}/1"]
    office.pay(f"{step}/1", residual=4_000)
    found = look(office, step)
    assert str(found.total) == "40.00"
    assert found.changed is not None  # it was planned about 100.00
    assert (found.changed.since, str(found.changed.total_was)) == ("planned", "100.00")
    assert found.message is not None
    assert "40,00 €" in found.message.text
    dispatch(office.hub, CLOCK, ON)
    assert shown_bytes(found, mail.sent[0].delivery) == mail.sent[0].content


def test_a_paid_installment_is_named_with_its_reason(office: Office, mail: FakeChannel) -> None:
    step = office.step(amounts=(10_000, 25_050))
    office.pay(f"{step}/1")
    found = look(office, step)
    assert [(each.installment, each.reason) for each in found.left_out] == [(f"{step}/1", "pagata")]
    assert (found.leaves, str(found.total)) == (True, "250.50")
    dispatch(office.hub, CLOCK, ON)
    assert shown_bytes(found, mail.sent[0].delivery) == mail.sent[0].content


def test_a_step_that_would_not_leave_says_why_and_shows_its_words(office: Office) -> None:
    step = office.step()
    office.pay(f"{step}/1")
    found = look(office, step)
    assert (found.leaves, found.why) == (False, ("pagata",))
    assert found.message is not None
    assert "Ferramenta Bianchi" in found.message.text
    dispatch(office.hub, CLOCK, ON)
    assert office.deliveries() == []
    gone = look(office, step)
    assert (gone.status, gone.message) == ("cancelled", None)
    assert gone.why == ("it is cancelled",)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "proposed", "mode": "approve"}, "it waits for approval"),
        ({"due_on": date(2026, 12, 1)}, "it is planned for 2026-12-01"),
        ({"action": "call", "medium": "", "mode": "manual"}, "it is a call, not a message"),
        ({"template": "fantasia"}, "template fantasia is not published in it"),
        ({"medium": "sms"}, "the client has no usable address for sms"),
        ({"medium": "fax"}, "the client has no usable address for fax"),
        ({"bare": True, "text_override": "Caro {{ x"}, "template primo_sollecito"),
    ],
)
def test_why_not(office: Office, fields: dict[str, Any], why: str) -> None:
    step = office.step(**fields)
    found = look(office, step)
    assert found.leaves is False
    assert any(why in str(each) for each in found.why), found.why
    dispatch(office.hub, CLOCK, ON)
    assert office.deliveries(step) == []


def test_an_old_ledger_is_told_and_the_words_are_shown(office: Office) -> None:
    found = look(office, office.step(), date(2026, 11, 30))
    assert any("2026-11-23" in str(each) for each in found.why)
    assert found.message is not None


def test_without_a_usable_channel_the_words_are_shown(make_office: MakeOffice) -> None:
    office = make_office(pec=FakeChannel(("pec",)))
    found = look(office, office.step())
    assert not found.leaves
    assert "no channel carries email for acme" in found.why[0]
    assert found.message is not None
    assert found.message.file is None
    assert "100,00 €" in found.message.text
    letter = look(office, office.step(medium="registered"))
    assert letter.message is not None
    assert letter.message.letter is not None
    assert (letter.message.letter.content[:5], letter.message.pages) == (b"%PDF-", 1)


def test_a_plugin_that_breaks_on_the_message_is_told(make_office: MakeOffice) -> None:
    mail = FakeChannel(("email",), {"channel_prepare": [RuntimeError("boom")] * 3})
    office = make_office(mail=mail)
    found = look(office, office.step())
    assert not found.leaves
    assert "boom" in found.why[0]
    assert found.message is not None
    assert "100,00 €" in found.message.text


def test_the_flags(office: Office, pec: FakeChannel) -> None:
    people(office.store)
    client = office.client()
    first = office.step(client, PROVEN)
    dispatch(office.hub, CLOCK, ON)
    (sent,) = pec.sent
    proof = Attachment(filename="consegna.eml", media_type="message/rfc822", content=b"consegnata")
    pec.report(sent.delivery, DeliveryState.DELIVERED, NOW, evidence=proof)
    collect(office.hub, CLOCK, ON)
    do(office.hub, Promise(subject=f"{first}/1", until=date(2026, 11, 30), why="paga"), on=ON)
    case = office.cases(first)[0]
    step = office.step(client, amounts=())
    with office.store.write() as connection:
        held = {"step_id": step, "case_id": case.id, "stage": "sollecito", "residual": 10_000}
        connection.execute(sa.insert(recovery.step_cases), held)
        connection.execute(sa.update(recovery.cases).values(step_id=step))
        credit = {
            "source_id": office.source, "client_id": client, "key": "NC/1", "amount": -3_000,
            "residual": -3_000, "due_date": ON, "document_kind": "credit_note",
        }  # fmt: skip
        connection.execute(sa.insert(ledger.installments).values(credit))
        for number, day in enumerate((date(2026, 10, 1), date(2026, 11, 2))):
            paid = {
                "source_id": office.source, "client_id": client, "key": f"P{number}",
                "paid_on": day, "amount": 5_000,
            }  # fmt: skip
            connection.execute(sa.insert(history.payments).values(paid))
    found = show_step(office.hub, EVERYBODY, str(step), ON)
    (promise,) = found.flags.agreements
    assert (promise.kind, promise.made_by, promise.reason) == ("promise", "anna", "paga")
    assert (str(promise.amount), promise.until) == ("100.00", date(2026, 11, 30))
    assert [(str(each.amount), each.currency) for each in found.flags.credits] == [("30.00", "EUR")]
    assert found.flags.last_payment is not None
    assert found.flags.last_payment.on == date(2026, 11, 2)
    (earlier,) = found.flags.earlier
    assert (earlier.delivery, earlier.status, earlier.medium) == (
        sent.delivery, "delivered", "pec",
    )  # fmt: skip
    assert (earlier.on, earlier.final_at) == (ON, NOW)


def test_earlier_messages_are_those_to_the_client_that_left_before(office: Office) -> None:
    """The first message was of a case that is closed now, as of a client moved to another iter."""
    step = office.step(status="done", done_on=ON)
    case = office.cases(step)[0]

    def day(number: int) -> date:
        return date(2026, 11, number)

    with office.store.write() as connection:
        moved = {
            "source_id": office.source, "client_id": case.client_id,
            "installment_id": case.installment_id, "iter_version_id": office.version,
            "state": "closed", "opened_on": day(1),
        }  # fmt: skip
        insert = sa.insert(recovery.cases).values(**moved).returning(recovery.cases.c.id)
        closed = int(connection.execute(insert).scalar_one())
    proof = {"status": "delivered", "final_at": NOW}
    told(office, step, "of another iter", day(2), case=closed, sending_at=NOW, **proof)
    told(office, step, "bounced", day(3), sending_at=NOW, status="bounced")
    told(office, step, "to management", day(4), sending_at=NOW, action=Action.NOTIFY)
    told(office, step, "never handed over", day(5))
    told(office, step, "of another client", day(6), client=office.client(), sending_at=NOW)
    told(office, step, "later", ON + timedelta(days=1), sending_at=NOW)
    found = [(each.delivery, each.status) for each in look(office, step).flags.earlier]
    assert found == [("bounced", "bounced"), ("of another iter", "delivered")]


def test_of_one_day_only_what_left_before_is_shown(office: Office, mail: FakeChannel) -> None:
    step = office.step()
    told(office, step, "before", ON, sending_at=NOW - timedelta(minutes=1), status="bounced")
    told(office, step, "after", ON, sending_at=NOW + timedelta(minutes=1), status="bounced")
    assert {each.delivery for each in look(office, step).flags.earlier} == {"before", "after"}
    dispatch(office.hub, CLOCK, ON)
    assert [each.delivery for each in look(office, step).flags.earlier] == ["before"]


def test_what_changed_since_a_person_edited_or_approved(office: Office) -> None:
    people(office.store)
    step = office.step(amounts=(10_000, 25_050), status="proposed", mode="approve")
    do(office.hub, Edit(subject=str(step), opening="Come al telefono"), on=ON)
    assert look(office, step).changed is None
    assert look(office, step).flags.own_words == ("opening",)
    office.pay(f"{step}/1", residual=4_000)
    edited = look(office, step).changed
    assert edited is not None
    assert (edited.since, edited.by, str(edited.total_was)) == ("edited", "anna", "350.50")
    do(office.hub, Approve(subject=str(step)), on=ON)
    assert look(office, step).changed is None  # it was approved as it is now


def test_a_delivery_is_its_archived_bytes_with_its_proof(office: Office, pec: FakeChannel) -> None:
    step = office.step(stage=PROVEN)
    dispatch(office.hub, CLOCK, ON)
    (sent,) = pec.sent
    proof = Attachment(filename="consegna.eml", media_type="message/rfc822", content=b"consegnata")
    pec.report(sent.delivery, DeliveryState.DELIVERED, NOW, evidence=proof)
    collect(office.hub, CLOCK, ON)
    with office.store.write() as connection:  # what the client is called by now is no matter
        connection.execute(sa.update(ledger.clients).values(name="Altri Srl"))
    found = show_delivery(office.hub, EVERYBODY, sent.delivery)
    assert (found.status, found.step, str(found.total)) == ("delivered", step, "100.00")
    assert found.message.file is not None
    assert found.message.file.content == sent.content
    (receipt,) = found.receipts
    assert receipt.file is not None
    assert (receipt.state, receipt.file.content) == ("delivered", b"consegnata")
    after = look(office, step)
    assert after.message is not None
    assert after.message.file is not None
    assert (after.message.file.content, after.deliveries) == (sent.content, (sent.delivery,))


def test_other_bytes_in_the_archive_are_not_passed_off(office: Office, mail: FakeChannel) -> None:
    office.step()
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    path = archive.path_of(office.store, office.deliveries()[0].sha256)
    path.write_bytes(b"forged")
    found = show_delivery(office.hub, EVERYBODY, sent.delivery)
    assert (found.message.file, "other bytes" in found.missing) == (None, True)
    path.unlink()
    assert "has lost it" in show_delivery(office.hub, EVERYBODY, sent.delivery).missing


def test_only_within_the_scope(office: Office, mail: FakeChannel) -> None:
    step = office.step(office.client(agent="A1"))
    dispatch(office.hub, CLOCK, ON)
    for agent, seen in (("A1", True), ("A2", False)):
        scope = Scope(agents=frozenset({agent}))
        for call in (
            lambda scope=scope: show_step(office.hub, scope, f"step:{step}", ON),
            lambda scope=scope: show_delivery(office.hub, scope, mail.sent[0].delivery),
        ):
            if seen:
                call()
            else:
                with pytest.raises(SubjectError):
                    call()


def test_the_weekly_cap_is_told(office: Office, mail: FakeChannel) -> None:
    """Two messages a week, whatever is ready: the third waits, and show says so beforehand."""
    client = office.client()
    office.step(client)
    office.step(client)
    dispatch(office.hub, CLOCK, ON)
    third = office.step(client)
    found = look(office, third)
    assert (found.leaves, len(found.why)) == (False, 1)
    assert found.message is not None
    dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == 2
    assert office.deliveries(third) == []


def test_a_stage_for_working_days_rests_on_a_sunday(office: Office, mail: FakeChannel) -> None:
    sunday = date(2026, 11, 29)
    step = office.step()
    own = [msgspec.to_builtins(msgspec.structs.replace(NOTICE, working_days=True))]
    with office.store.write() as connection:
        connection.execute(sa.update(recovery.cases).values(private_stages=own))
    office.clock.forward(days=6)
    office.trust_ledger(sunday)
    found = look(office, step, sunday)
    assert (found.leaves, len(found.why)) == (False, 1)
    dispatch(office.hub, CLOCK, sunday)
    assert mail.sent == []


def test_the_total_is_net_of_credits_where_the_message_takes_them_off(
    office: Office, mail: FakeChannel
) -> None:
    client = office.client()
    step = office.step(client, amounts=(100_000,))
    with office.store.write() as connection:
        credit = {
            "source_id": office.source, "client_id": client, "key": "NC/1", "amount": -30_000,
            "residual": -30_000, "due_date": ON, "document_kind": "credit_note",
        }  # fmt: skip
        connection.execute(sa.insert(ledger.installments).values(credit))
    found = look(office, step)
    # 1,000.00 less the credit note of 300.00
    assert (str(found.total), found.changed) == ("700.00", None)
    assert [str(each.residual) for each in found.installments] == ["1000.00"]
    dispatch(office.hub, CLOCK, ON)
    assert str(mail.sent[0].message.about.total) == "700.00"
    assert shown_bytes(found, mail.sent[0].delivery) == mail.sent[0].content
