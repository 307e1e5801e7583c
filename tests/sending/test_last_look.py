"""Just before a message leaves the ERP is asked once more, and only who answers is written to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.connector import WriteBackKind
from incasso.contract.errors import TemporaryError
from incasso.contract.ledger import DocumentKind, Gone, GoneReason, InstallmentRecord
from incasso.domain.office.actor import CLOCK
from incasso.services.sending.dispatch import dispatch
from incasso.store.tables import ledger, recovery
from incasso.testing.fakes.channel import FakeChannel
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.script import gives
from tests.sending.conftest import MakeOffice
from tests.sending.office import NOW, ON

REFRESH = (ConnectorCapability.REFRESH,)


def as_the_erp_has_it(key: str, residual: str, **more: Any) -> InstallmentRecord:
    given: dict[str, Any] = {"amount": Decimal(100), **more}
    return InstallmentRecord(
        key=key, client="C1", due_date=date(2026, 10, 1), residual=Decimal(residual), **given
    )


def test_what_the_erp_knows_as_paid_is_not_asked_for(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    erp = FakeConnector(capabilities=REFRESH)
    office = make_office(acme=erp, mail=mail)
    paid, part, open_ = office.step(), office.step(), office.step()
    erp.put(
        as_the_erp_has_it(f"{paid}/1", "0"),
        as_the_erp_has_it(f"{part}/1", "30"),
        as_the_erp_has_it(f"{open_}/1", "100"),
    )
    report = dispatch(office.hub, CLOCK, ON)
    assert report.left_out == 1
    assert office.step_row(paid).status == "cancelled"
    asked = {sent.message.about.step: str(sent.message.about.total) for sent in mail.sent}
    assert asked == {str(part): "30.00", str(open_): "100.00"}
    with office.store.read() as connection:
        row = connection.execute(
            sa.select(ledger.installments).where(ledger.installments.c.key == f"{paid}/1")
        ).one()
    assert (row.status, row.residual, row.closed_on) == ("paid", 0, ON)


def test_what_the_erp_no_longer_has_is_not_asked_for(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    erp = FakeConnector(capabilities=REFRESH)
    office = make_office(acme=erp, mail=mail)
    step = office.step()
    erp.remove(f"{step}/1")
    dispatch(office.hub, CLOCK, ON)
    assert mail.sent == []
    assert office.step_row(step).status == "cancelled"


@pytest.mark.parametrize(
    ("now", "credits", "total"),
    [("0", [], "100.00"), ("-20", ["NC"], "80.00"), ("-30", ["NC"], "70.00")],
)
def test_a_credit_that_was_used_since_is_not_taken_off_again(
    make_office: MakeOffice, mail: FakeChannel, now: str, credits: list[str], total: str
) -> None:
    erp = FakeConnector(capabilities=REFRESH)
    office = make_office(acme=erp, mail=mail)
    step = office.step()
    note = {"document_kind": DocumentKind.CREDIT_NOTE, "amount": Decimal(-30)}
    with office.store.write() as connection:
        connection.execute(
            sa.insert(ledger.installments),
            {
                "source_id": office.source,
                "client_id": office.cases(step)[0].client_id,
                "key": "NC",
                "document_kind": "credit_note",
                "due_date": date(2026, 10, 1),
                "amount": -3_000,
                "residual": -3_000,
            },
        )
    erp.put(as_the_erp_has_it(f"{step}/1", "100"), as_the_erp_has_it("NC", now, **note))
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    assert [each.key for each in sent.message.about.credits] == credits
    assert str(sent.message.about.total) == total


def test_what_went_to_the_lawyers_in_the_erp_since_is_not_asked_for(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    erp = FakeConnector(capabilities=REFRESH)
    office = make_office(acme=erp, mail=mail)
    step = office.step()
    erp.put(as_the_erp_has_it(f"{step}/1", "100", erp_hold="legal"))
    assert dispatch(office.hub, CLOCK, ON).left_out == 1
    assert mail.sent == []
    assert office.step_row(step).reason == "trattenuta nel gestionale"


def test_a_bill_that_came_back_since_is_not_asked_for_as_a_missed_payment(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    erp = FakeConnector(capabilities=REFRESH)
    office = make_office(acme=erp, mail=mail)
    step = office.step()
    this = ledger.installments.c.key == f"{step}/1"
    with office.store.write() as connection:
        presented = sa.update(ledger.installments).values(presented_on=date(2026, 9, 20))
        connection.execute(presented.where(this))
    erp.put(as_the_erp_has_it(f"{step}/1", "100"))
    assert dispatch(office.hub, CLOCK, ON).left_out == 1
    with office.store.read() as connection:
        row = connection.execute(sa.select(ledger.installments).where(this)).one()
    assert (row.unpaid_on, row.presented_on) == (ON, None)


@pytest.mark.parametrize("amount", ["100.005", "200"])
def test_for_what_does_not_add_up_nothing_leaves(
    make_office: MakeOffice, mail: FakeChannel, amount: str
) -> None:
    erp = FakeConnector(capabilities=REFRESH)
    office = make_office(acme=erp, mail=mail)
    step = office.step()
    erp.put(as_the_erp_has_it(f"{step}/1", amount))
    assert dispatch(office.hub, CLOCK, ON).left_out == 1
    assert mail.sent == []


def test_for_what_has_another_key_since_nothing_leaves_and_nothing_closes(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    gone = Gone(external_id="1/1", why=GoneReason.MERGED, merged_into="N-1")
    erp = FakeConnector(capabilities=REFRESH, script={"erp_refresh_installments": [gives((gone,))]})
    office = make_office(acme=erp, mail=mail)
    key = f"{office.step()}/1"
    assert key == gone.external_id
    assert dispatch(office.hub, CLOCK, ON).left_out == 1
    this = ledger.installments.c.key == key
    with office.store.read() as connection:
        row = connection.execute(sa.select(ledger.installments).where(this)).one()
    assert (row.status, row.absences) == ("open", 1)


def test_an_erp_that_does_not_answer_holds_its_messages_back(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    script = {"erp_refresh_installments": [TemporaryError("the server is restarting")]}
    erp = FakeConnector(capabilities=REFRESH, script=script)
    office = make_office(acme=erp, mail=mail)
    step = office.step()
    erp.put(as_the_erp_has_it(f"{step}/1", "100"))
    dispatch(office.hub, CLOCK, ON)
    assert mail.sent == []
    row = office.step_row(step)
    assert (row.status, "restarting" in row.reason) == ("ready", True)
    dispatch(office.hub, CLOCK, ON)
    assert len(mail.sent) == 1
    assert office.step_row(step).reason == ""


def test_a_held_client_is_left_out(make_office: MakeOffice, mail: FakeChannel) -> None:
    office = make_office(mail=mail)
    client = office.client()
    held, free = office.step(client), office.step()
    with office.store.write() as connection:
        connection.execute(
            sa.insert(recovery.agreements).values(
                kind="hold",
                source_id=office.source,
                client_id=client,
                from_on=ON,
                until_on=ON + timedelta(days=5),
                made_on=ON,
                reason="il titolare ha chiamato",
            )
        )
    assert dispatch(office.hub, CLOCK, ON).left_out == 1
    assert [sent.message.about.step for sent in mail.sent] == [str(free)]
    assert office.step_row(held).status == "cancelled"
    assert mail.sent[0].message.about.installments


def test_orders_are_blocked_in_the_erp_once(make_office: MakeOffice) -> None:
    erp = FakeConnector(capabilities=(ConnectorCapability.WRITE_BACK,))
    office = make_office(acme=erp)
    step = office.step(action="block_orders", medium="")
    assert dispatch(office.hub, CLOCK, ON).carried_out == {"block_orders": 1}
    assert dispatch(office.hub, CLOCK, ON).carried_out == {}
    (written,) = erp.written.values()
    assert (written.kind, written.client) == (WriteBackKind.BLOCK_ORDERS, "C1")
    assert office.step_row(step).status == "counted"


def test_a_paid_client_is_not_parked(make_office: MakeOffice) -> None:
    office = make_office()
    step = office.step(action="park", medium="")
    office.pay(f"{step}/1")
    assert dispatch(office.hub, CLOCK, ON).carried_out == {}
    assert office.step_row(step).status == "cancelled"


@pytest.mark.parametrize("action", ["send", "park"])
def test_what_is_for_working_days_does_not_leave_on_a_saturday(
    make_office: MakeOffice, mail: FakeChannel, action: str
) -> None:
    """Planned on Friday, when nothing could leave."""
    office = make_office(mail=mail)
    office.step(action=action, due_on=ON + timedelta(days=4))
    stage = {"key": "sollecito", "channels": ["email"], "template": "primo_sollecito"}
    with office.store.write() as connection:
        own = [{**stage, "working_days": True}]
        connection.execute(sa.update(recovery.cases).values(private_stages=own))

    def dispatched(days: int) -> tuple[list[str], int]:
        day = ON + timedelta(days=days)
        office.clock.at = NOW + timedelta(days=days)
        with office.store.write() as connection:
            read = {"last_good_sync_on": day, "last_good_sync_at": office.clock.at}
            connection.execute(sa.update(ledger.sources).values(**read))
        report = dispatch(office.hub, CLOCK, day)
        return list(report.waiting), sum(report.carried_out.values()) + len(mail.sent)

    waits = ["its stage leaves on working days only"] if action == "send" else []
    assert dispatched(5) == (waits, 0)
    assert dispatched(7) == ([], 1)


def test_what_the_erp_put_off_since_does_not_leave(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    erp = FakeConnector(capabilities=REFRESH)
    office = make_office(acme=erp, mail=mail)
    put_off, open_ = office.step(), office.step()
    later = ON + timedelta(days=1)
    record = as_the_erp_has_it(f"{put_off}/1", "100")
    erp.put(msgspec.structs.replace(record, due_date=later), as_the_erp_has_it(f"{open_}/1", "100"))
    assert dispatch(office.hub, CLOCK, ON).left_out == 1
    assert [sent.message.about.step for sent in mail.sent] == [str(open_)]
    assert office.step_row(put_off).status == "cancelled"


def test_text_messages_keep_the_hours_of_the_contact_policy(make_office: MakeOffice) -> None:
    sms = FakeChannel(("sms",), capabilities=())
    office = make_office(sms=sms)
    office.step(office.client(mobile="+39 333 1234567"), medium="sms")
    office.clock.forward(hours=13)  # 23:00 in Rome
    report = dispatch(office.hub, CLOCK, ON)
    again = "2026-11-24 08:30"
    assert list(report.waiting) == [f"outside the hours of the contact policy until {again}"]
    office.clock.at -= timedelta(hours=10)
    assert dispatch(office.hub, CLOCK, ON).accepted == {"sms": 1}


def test_an_internal_notice_goes_to_our_own_people(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    office = make_office(mail=mail)
    office.step(action="notify", template="comunicazione_interna")
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    assert sent.message.to.address == "capo@acme.example.it"
    assert sent.message.cc == ()


def test_an_internal_notice_about_a_foreign_client_speaks_our_language(
    make_office: MakeOffice, mail: FakeChannel
) -> None:
    office = make_office(mail=mail)
    abroad = office.client(language="en", country="DE", email="billing@kunde.example")
    office.step(abroad, action="notify", template="comunicazione_interna", language="en")
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    assert sent.message.language == "it"
