"""What texts may say of payments and promises, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.contract.media import Medium
from incasso.domain.office.actor import CLOCK
from incasso.domain.recovery.iters import Stage
from incasso.services.sending.dispatch import dispatch
from incasso.store.sending import templates
from incasso.store.tables import history, recovery
from incasso.testing.fakes.channel import FakeChannel
from tests.sending.office import NOW, ON, Office

SAYING = Stage(key="sollecito", channels=(Medium.EMAIL,), template="dice")
WORDS = (
    "{% if last_payment %}pagato {{ last_payment.amount }} il"
    " {{ last_payment.date | date('short') }}{% endif %};"
    "{% if broken_promise %}promesso entro il {{ broken_promise.date | date('short') }}"
    "{% if broken_promise.amount %}: {{ broken_promise.amount }}{% endif %}{% endif %};"
)


def said(office: Office, mail: FakeChannel, *steps: int) -> list[str]:
    """What the messages of these steps say."""
    with office.store.write() as connection:
        templates.install(connection, [("dice", "it", {"subject": "Prova", "text": WORDS})], at=NOW)
    dispatch(office.hub, CLOCK, ON)
    found = {sent.message.about.step: sent.message.text.strip() for sent in mail.sent}
    return [" ".join(found[str(step)].split()) for step in steps]


def paid(office: Office, client: int, key: str, on: date, cents: int, **more: Any) -> None:
    """The ERP told of a payment."""
    row = {"source_id": office.source, "client_id": client, "key": key, "paid_on": on}
    with office.store.write() as connection:
        connection.execute(sa.insert(history.payments), row | {"amount": cents, **more})


def test_the_last_day_on_which_money_came_in(office: Office, mail: FakeChannel) -> None:
    first, second = office.client(), office.client()
    steps = office.step(first, SAYING), office.step(second, SAYING)
    day = date(2026, 11, 3)
    paid(office, first, "a", date(2026, 10, 1), 90_000)
    # One transfer for two invoices, and a discount that was no money.
    paid(office, first, "b", day, 20_000)
    paid(office, first, "c", day, 5_050)
    paid(office, first, "d", day, 300, kind="allowance")
    # Later, and not to be spoken of: no money, another currency, taken back, deleted, to come.
    paid(office, first, "e", date(2026, 11, 5), 1_000, kind="set_off")
    paid(office, first, "f", date(2026, 11, 6), 1_000, currency="USD")
    paid(office, first, "g", date(2026, 11, 7), 1_000)
    paid(office, first, "h", date(2026, 11, 7), -1_000)
    paid(office, first, "i", date(2026, 11, 8), 1_000, gone_on=ON)
    paid(office, first, "j", date(2026, 12, 1), 1_000)
    assert said(office, mail, *steps) == ["pagato 250,50 € il 03/11/2026;;", ";;"]


@pytest.mark.parametrize(
    ("status", "kind", "amount", "expected"),
    [
        ("broken", "promise", None, ";promesso entro il 10/11/2026;"),
        ("broken", "promise", 4_000, ";promesso entro il 10/11/2026: 40,00 €;"),
        ("kept", "promise", None, ";;"),
        ("released", "promise", None, ";;"),
        ("broken", "plan", None, ";;"),
    ],
)
def test_a_promise_about_its_installments_that_was_broken(
    office: Office, mail: FakeChannel, status: str, kind: str, amount: int | None, expected: str
) -> None:
    about, other = office.step(stage=SAYING), office.step(stage=SAYING)
    case = office.cases(about)[0]
    with office.store.write() as connection:
        row = {
            "kind": kind,
            "status": status,
            "source_id": office.source,
            "client_id": case.client_id,
            "from_on": date(2026, 11, 1),
            "until_on": date(2026, 11, 10),
            "amount": amount,
            "made_on": date(2026, 11, 1),
        }
        made = sa.insert(recovery.agreements).values(**row).returning(recovery.agreements.c.id)
        agreement = connection.execute(made).scalar_one()
        covered = {
            "agreement_id": agreement,
            "installment_id": case.installment_id,
            "residual_then": 10_000,
        }
        connection.execute(sa.insert(recovery.agreement_installments), covered)
    assert said(office, mail, about, other) == [expected, ";;"]
