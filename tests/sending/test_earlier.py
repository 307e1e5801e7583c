"""Texts speak only of messages that left, whatever became of cases, clients and channels."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Stage
from incasso.services.sending.dispatch import dispatch
from incasso.store.tables import ledger, recovery, sending
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import ON, Office

FOLLOW_UP = Stage(key="sollecito", channels=(Medium.EMAIL,), template="secondo_sollecito")
BEFORE = ON - timedelta(days=10)


def told(office: Office, step: int, key: str = "", on: date = BEFORE, **facts: Any) -> int:
    """An older step of the first case of a step, with a delivery; gives its number."""
    case = office.cases(step)[0]
    with office.store.write() as connection:
        row = {
            "source_id": office.source,
            "client_id": facts.pop("client", case.client_id),
            "iter_version_id": office.version,
            "stage": "primo",
            "action": facts.pop("action", Action.SEND),
            "mode": "auto",
            "status": "counted",
            "medium": "email",
            "due_on": on,
        }
        insert = sa.insert(recovery.steps).values(**row).returning(recovery.steps.c.id)
        older = int(connection.execute(insert).scalar_one())
        connection.execute(
            sa.insert(recovery.step_cases),
            {
                "step_id": older,
                "case_id": facts.pop("case", case.id),
                "stage": f"primo{older}",
                "residual": 1,
            },
        )
        delivery = {
            "id": key or f"d{older}",
            "step_id": older,
            "source_id": office.source,
            "client_id": row["client_id"],
            "medium": "email",
            "status": "accepted",
            "on_date": on,
            "accepted_on": on,
            **facts,
        }
        connection.execute(sa.insert(sending.deliveries), delivery)
    return older


def words(office: Office, mail: FakeChannel) -> str:
    """The words of the one message that leaves."""
    dispatch(office.hub, CLOCK, ON)
    (sent,) = mail.sent
    return sent.message.subject + "\n" + sent.message.text


def claims(text: str) -> bool:
    """Whether it is the second reminder or its version for a first contact."""
    assert ("Secondo sollecito" in text) != ("Sollecito di pagamento" in text)
    return "Secondo sollecito" in text


def test_without_an_earlier_message_it_claims_none(office: Office, mail: FakeChannel) -> None:
    office.step(stage=FOLLOW_UP)
    assert not claims(words(office, mail))


def test_with_one_it_follows_up(office: Office, mail: FakeChannel) -> None:
    told(office, office.step(stage=FOLLOW_UP))
    assert claims(words(office, mail))


@pytest.mark.parametrize("status", ["failed", "bounced", "uncertain", "queued", "cancelled"])
def test_what_did_not_leave_is_not_spoken_of(
    office: Office, mail: FakeChannel, status: str
) -> None:
    told(office, office.step(stage=FOLLOW_UP), status=status)
    assert not claims(words(office, mail))


def test_all_installments_must_have_been_in_one(office: Office, mail: FakeChannel) -> None:
    told(office, office.step(stage=FOLLOW_UP, amounts=(10_000, 5_000)))
    assert not claims(words(office, mail))


def test_messages_about_parts_are_named_together(office: Office, mail: FakeChannel) -> None:
    """Each was asked for on a day of its own: the text must not name the last one alone."""
    step = office.step(stage=FOLLOW_UP, amounts=(10_000, 5_000))
    first, second = office.cases(step)
    told(office, step, on=BEFORE - timedelta(days=1), case=first.id)
    told(office, step, on=BEFORE, case=second.id)
    said = " ".join(words(office, mail).split())
    assert "alle nostre comunicazioni del 12 novembre 2026 e del 13 novembre 2026." in said


def test_one_about_a_part_is_not_named_after_one_about_all(
    office: Office, mail: FakeChannel
) -> None:
    step = office.step(stage=FOLLOW_UP, amounts=(10_000, 5_000))
    first, second = office.cases(step)
    both = told(office, step, on=BEFORE - timedelta(days=1), case=first.id)
    about = {"step_id": both, "case_id": second.id, "stage": f"primo{both}", "residual": 1}
    with office.store.write() as connection:
        connection.execute(sa.insert(recovery.step_cases), about)
    told(office, step, on=BEFORE, case=second.id)
    assert "alla nostra comunicazione del 12 novembre 2026." in " ".join(
        words(office, mail).split()
    )


def test_a_case_that_began_again_remembers_the_closed_one(
    office: Office, mail: FakeChannel
) -> None:
    step = office.step(stage=FOLLOW_UP)
    case = office.cases(step)[0]
    with office.store.write() as connection:
        older = {
            "source_id": office.source,
            "client_id": case.client_id,
            "installment_id": case.installment_id,
            "iter_version_id": office.version,
            "state": "closed",
            "opened_on": BEFORE,
        }
        insert = sa.insert(recovery.cases).values(**older).returning(recovery.cases.c.id)
        closed = int(connection.execute(insert).scalar_one())
    told(office, step, case=closed)
    assert claims(words(office, mail))


def test_a_notice_to_our_own_people_told_the_client_nothing(
    office: Office, mail: FakeChannel
) -> None:
    told(office, office.step(stage=FOLLOW_UP), action=Action.NOTIFY)
    assert not claims(words(office, mail))


def test_what_another_client_was_told_does_not_count(office: Office, mail: FakeChannel) -> None:
    other = office.client()
    told(office, office.step(stage=FOLLOW_UP), client=other)
    assert not claims(words(office, mail))


@pytest.mark.parametrize(("reminded", "expected"), [(date(2026, 11, 2), True), (None, False)])
def test_the_erps_own_reminder_counts(
    office: Office, mail: FakeChannel, reminded: date | None, expected: bool
) -> None:
    office.step(stage=FOLLOW_UP)
    with office.store.write() as connection:
        connection.execute(sa.update(ledger.installments).values(reminded_on=reminded))
    assert claims(words(office, mail)) is expected
