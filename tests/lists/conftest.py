"""An office with two companies, for lists to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from incasso.store.engine import Store
from incasso.store.tables import ledger
from tests.acts import office
from tests.acts.office import MONDAY


@pytest.fixture
def full(store: Store) -> Iterator[Store]:
    """Two companies, two clients, five installments, a case in a step with a delivery."""
    with store.write() as connection:
        acme, beta = (office.source(connection, name) for name in ("acme", "beta"))
        anna = office.user(connection, "anna")
        rossi = office.client(
            connection, acme, "C2", "Rossi Srl", area="nord", operator_id=anna, credit_limit=500000
        )
        bianchi = office.client(connection, acme, "C1", "Bianchi Spa", seasonal=True, agent="A1")
        office.client(connection, beta, "C1", "Verdi Snc")
        late = office.installment(connection, rossi, "F2/1", 10000, date(2026, 11, 3))
        later = office.installment(connection, rossi, "F1/1", 25050, date(2026, 9, 30))
        office.installment(
            connection,
            bianchi,
            "B1/1",
            9900,
            date(2026, 11, 20),
            payment_method="riba",
            presented_on=date(2026, 11, 1),
        )
        office.installment(connection, bianchi, "f9/1", 777, date(2026, 12, 31), currency="JPY")
        office.installment(connection, bianchi, "N1/1", -500, date(2026, 1, 1))
        version = office.iter_version(connection)
        cases = [office.case(connection, one, version) for one in (late, later)]
        step = office.step(connection, cases, total=35050, operator_id=anna)
        office.delivery(connection, step, "D-1")
        run = office.insert(
            connection, ledger.sync_runs, source_id=acme, on_date=MONDAY, started_at=office.NOON
        )
        for row, resolved in ((7, None), (8, run)):
            office.insert(
                connection,
                ledger.quarantine,
                source_id=acme,
                run_id=run,
                file="f.csv",
                row=row,
                field="due_date",
                problem="not a date",
                hint="write 2026-11-23",
                resolved_run_id=resolved,
            )
    yield store
