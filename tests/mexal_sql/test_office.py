"""A replica through the whole hub: the ledger after a night, a rebuild, a returned bill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.ledger.sync import SyncReport, sync
from incasso.services.running.setup import init
from incasso.store.tables.ledger import installments
from tests.mexal_sql.replica import CLIENTS_SQL, Replica, ledger_sql

MONDAY = date(2026, 3, 2)


@pytest.fixture
def office(replica: Replica, tmp_path: Path) -> Iterator[Hub]:
    """A hub whose queries stand in files, as an integrator keeps them."""
    for number in range(100, 120):
        replica.item("501.00001", number)
    (tmp_path / "clienti.sql").write_text(CLIENTS_SQL, encoding="utf-8")
    (tmp_path / "scadenze.sql").write_text(ledger_sql(replica.dialect), encoding="utf-8")
    (tmp_path / "plugins.toml").write_text(
        f"""
        [connectors.acme]
        plugin = "mexal_sql"
        url = "{replica.url}"
        clients_sql = {{ file = "clienti.sql" }}
        installments_sql = {{ file = "scadenze.sql" }}
        """,
        encoding="utf-8",
    )
    with build_hub(
        tmp_path / "plugins.toml", now=lambda: datetime(2026, 3, 2, 6, tzinfo=UTC)
    ) as hub:
        init(hub)
        yield hub


def read(hub: Hub, day: int = 0) -> SyncReport:
    return sync(hub, CLOCK, "acme", MONDAY + timedelta(days=day))


def status(hub: Hub) -> dict[str, str]:
    query = sa.select(installments.c.key, installments.c.status)
    with hub.store.read() as connection:
        return {row.key: row.status for row in connection.execute(query)}


def test_a_night_and_a_quiet_one(office: Hub) -> None:
    first = read(office)
    assert first.counts.new == 23 and first.counts.quarantined == 0
    assert set(status(office).values()) == {"open"}
    second = read(office, 1)
    assert second.counts.unchanged == 23 and second.counts.complete


def test_a_rebuild_that_dropped_everything_closes_nothing(office: Hub, replica: Replica) -> None:
    read(office)
    replica.do("DELETE FROM ABC_SCAD WHERE NPR_PN >= 100")
    report = read(office, 1)
    assert report.status == "stopped" and report.reasons
    assert set(status(office).values()) == {"open"}


def test_one_that_is_missing_is_closed_at_the_second_night(office: Hub, replica: Replica) -> None:
    read(office)
    replica.do("DELETE FROM ABC_SCAD WHERE NPR_PN = 3")
    read(office, 1)
    assert status(office)["501.00002|2026|3|1"] == "open"
    read(office, 2)
    assert status(office)["501.00002|2026|3|1"] == "vanished"


def test_a_bill_at_the_bank_that_is_open_again_came_back(office: Hub, replica: Replica) -> None:
    replica.do("UPDATE ABC_SCAD SET IST_STATO = 'E' WHERE NPR_PN = 3")
    read(office)
    replica.do("UPDATE ABC_SCAD SET IST_STATO = ' ' WHERE NPR_PN = 3")
    read(office, 1)
    query = sa.select(installments.c.unpaid_on).where(installments.c.key == "501.00002|2026|3|1")
    with office.store.read() as connection:
        assert connection.execute(query).scalar_one() == MONDAY + timedelta(days=1)
