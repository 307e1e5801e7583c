"""An office of one or more companies whose ERPs are fakes that really block and release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Row

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.connector import WriteBackKind
from incasso.contract.ledger import ClientRecord, InstallmentRecord
from incasso.domain.office.actor import CLOCK, Scope
from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Iter, Stage
from incasso.plugins.settings.config import Company
from incasso.services.hub.hub import Hub
from incasso.services.running.cycle import CycleReport, run
from incasso.services.sending.report import DispatchReport
from incasso.store.engine import Store
from incasso.store.lists.ledger import CLIENTS
from incasso.store.lists.reading import read_list
from incasso.store.recovery import iters
from incasso.store.tables.office import users
from incasso.store.tables.orders import order_blocks, write_backs
from incasso.store.tables.proof import journal
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.registry import config_of, registry_of

ON = date(2026, 11, 23)
BLOCK = Stage(key="blocco", label="Blocco ordini", days=10, action=Action.BLOCK_ORDERS)
PEOPLE = (("admin", "administrator"), ("anna", "credit_manager"), ("luca", "credit_manager"))
ITER = Iter(key="tutti", stages=(BLOCK,))
# Without its own totals: this fake counts paid items as open, and the sync's guard would object.
ABLE = tuple(
    set(ConnectorCapability) - {ConnectorCapability.RETURNED_BILLS, ConnectorCapability.TOTALS}
)
NOT_ABLE = tuple(set(ABLE) - {ConnectorCapability.WRITE_BACK})


def owes(key: str = "A1", client: str = "C1", residual: str = "100.00", **fields: Any) -> Any:
    """An installment a month past due, as the ERP sends it."""
    usual: dict[str, Any] = {"due_date": date(2026, 10, 20), "amount": Decimal("100.00")}
    return InstallmentRecord(
        key=key, client=client, residual=Decimal(residual), **{**usual, **fields}
    )


def erp(*items: Any, able: bool = True, **fields: Any) -> FakeConnector:
    """An ERP with client C1, who owes A1 unless told otherwise."""
    client = ClientRecord(code="C1", name="Rossi srl", vat="01234567897", **fields)
    capabilities = ABLE if able else NOT_ABLE
    return FakeConnector([client], items or [owes()], capabilities=capabilities)


class Orders:
    """The hub of a test, its days, and what it holds about blocks."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        erps: Mapping[str, FakeConnector],
        companies: Mapping[str, Company] | None = None,
        feeds: tuple[Path, ...] = (),
    ) -> None:
        self.store, self.erps = store, dict(erps)
        self.at = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
        config = config_of(self.erps, path=folder / "plugins.toml", companies=companies)
        config = _with_feeds(config, feeds)
        registry = registry_of(self.erps, now=self.now, config=config, patience=0.2)
        self.hub = Hub(config=config, store=store, registry=registry, now=self.now)
        with store.write() as connection:
            if connection.scalar(sa.select(sa.func.count()).select_from(order_blocks)) == 0:
                iters.publish(connection, ITER, at=self.at, by="test")
                for login, role in PEOPLE:
                    connection.execute(sa.insert(users).values(login=login, role=role))

    def now(self) -> datetime:
        """A second passes at every look."""
        self.at += timedelta(seconds=1)
        return self.at

    def day(self, days: int = 0, **later: float) -> CycleReport:
        """One whole cycle, so many days after the first."""
        wanted = datetime(2026, 11, 23, 7, 0, tzinfo=UTC) + timedelta(days=days)
        self.at = max(self.at, wanted) + timedelta(**later)
        report = run(self.hub, CLOCK, ON + timedelta(days=days))
        assert report.failures == []
        assert all(each.good for each in report.syncs), report.syncs
        return report

    def blocks(self) -> list[Row[Any]]:
        """Every block, oldest first."""
        return self._rows(sa.select(order_blocks).order_by(order_blocks.c.id))

    def block(self) -> Row[Any]:
        """The only block."""
        (row,) = self.blocks()
        return row

    def writes(self) -> list[tuple[str, str]]:
        """Kind and status of every write-back, in turn."""
        query = sa.select(write_backs).order_by(write_backs.c.block_id, write_backs.c.kind)
        return [(row.kind, row.status) for row in self._rows(query)]

    def write_ids(self) -> list[str]:
        """Ids of every write-back, in turn."""
        query = sa.select(write_backs).order_by(write_backs.c.block_id, write_backs.c.kind)
        return [row.id for row in self._rows(query)]

    def told(self, kind: str) -> list[Row[Any]]:
        """Events of the journal of that kind."""
        return self._rows(sa.select(journal).where(journal.c.kind == kind).order_by(journal.c.id))

    def client(self, code: str = "C1", source: str = "acme") -> dict[str, Any]:
        """The client as the list shows it."""
        with self.store.read() as connection:
            (row,) = read_list(
                connection, CLIENTS, Scope.everything(), on=ON, source=source, client=code
            )
        return row

    def _rows(self, query: sa.Select[Any]) -> list[Row[Any]]:
        with self.store.read() as connection:
            return list(connection.execute(query))


def dispatched(report: CycleReport) -> DispatchReport:
    """What the cycle's dispatch said."""
    assert report.dispatched is not None
    return report.dispatched


def flag(erp: FakeConnector, code: str = "C1") -> bool:
    """Whether the ERP shows the client as blocked."""
    record = client_of(erp, code)
    return record.blocked


def set_flag(erp: FakeConnector, blocked: bool, code: str = "C1") -> None:
    """Somebody in the ERP sets the flag by hand."""
    erp.put(msgspec.structs.replace(client_of(erp, code), blocked=blocked))


def client_of(erp: FakeConnector, code: str = "C1") -> ClientRecord:
    """The client as the ERP holds it."""
    return next(one for one in erp.all_clients() if one.code == code)


def kinds_written(erp: FakeConnector) -> list[WriteBackKind]:
    """What the hub really changed in the ERP, in turn."""
    return [change.kind for change in erp.written.values()]


def _with_feeds(config: Any, feeds: tuple[Path, ...]) -> Any:
    import dataclasses

    return dataclasses.replace(config, blocks_feed=feeds)
