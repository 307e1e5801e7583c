"""How installments stand: one word each, in the list, in its table and as its filter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from incasso.domain.acts.agreements import Dispute, Hold, Promise
from incasso.domain.ledger.situation import Situation
from incasso.domain.office.actor import Scope
from incasso.locale.labels import SITUATIONS
from incasso.services.hub.hub import Hub
from incasso.store.engine import Store
from incasso.store.lists.ledger import INSTALLMENTS
from incasso.store.lists.reading import read_list
from incasso.store.tables.ledger import installments
from tests.acts.conftest import hub, small  # noqa: F401
from tests.acts.office import MONDAY, Small
from tests.doing import do


def situations(store: Store, on: date = MONDAY, **wanted: Any) -> dict[str, str]:
    with store.read() as connection:
        rows = read_list(connection, INSTALLMENTS, Scope.everything(), on=on, **wanted)
        return {row["key"]: row["situation"] for row in rows}


def change(store: Store, key: str, **values: Any) -> None:
    with store.write() as connection:
        connection.execute(sa.update(installments).where(installments.c.key == key).values(values))


def test_every_word_has_a_label() -> None:
    assert set(SITUATIONS) == {each.value for each in Situation}


def test_what_the_ledger_alone_says(full: Store) -> None:
    assert situations(full) == {
        "F2/1": "overdue",
        "F1/1": "overdue",
        "B1/1": "at_bank",
        "f9/1": "not_due",
        "N1/1": "credit",
    }
    assert situations(full, situation=("at_bank", "credit")) == {
        "B1/1": "at_bank",
        "N1/1": "credit",
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"unpaid_on": date(2026, 11, 20)}, "unpaid"),
        ({"erp_hold": "legal"}, "held"),
        ({"erp_hold": "at_bank"}, "at_bank"),
        ({"status": "paid", "residual": 0}, "paid"),
        ({"status": "vanished"}, "vanished"),
        ({"status": "gone"}, "gone"),
        ({"due_date": MONDAY}, "not_due"),
        ({"residual": -1, "erp_hold": "legal"}, "credit"),
    ],
)
def test_the_first_that_applies_counts(full: Store, values: dict[str, Any], expected: str) -> None:
    change(full, "F2/1", **values)
    assert situations(full)["F2/1"] == expected


def test_a_bill_whose_days_at_the_bank_are_over_is_overdue(full: Store) -> None:
    assert situations(full, date(2026, 12, 15))["B1/1"] == "overdue"


def test_what_was_agreed(hub: Hub, small: Small) -> None:  # noqa: F811
    before = situations(hub.store)
    do(hub, Promise(subject="F1/1", until=date(2026, 11, 27)))
    assert situations(hub.store) == {**before, "F1/1": "promised"}
    do(hub, Dispute(subject="F1/1", why="prezzo", code="price"))
    assert situations(hub.store)["F1/1"] == "disputed"
    do(hub, Hold(subject="C1", why="verifica"))
    held = situations(hub.store)
    assert held["F1/1"] == "disputed"
    assert held["F2/1"] == "held", "the whole client is held back"
