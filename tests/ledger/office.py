"""One company whose export a test writes row by row, and what the ledger holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.connector import ControlTotals, Known
from incasso.contract.hooks import hookimpl
from incasso.contract.ledger import (
    ClientItem,
    ClientRecord,
    DocumentKind,
    Gone,
    InstallmentItem,
    InstallmentRecord,
    PersonRecord,
    Unreadable,
)
from incasso.contract.values import Cursor, Page, Problem
from incasso.domain.office.actor import CLOCK
from incasso.plugins.settings.config import Company
from incasso.services.hub.hub import Hub
from incasso.services.ledger.sync import SyncReport, sync
from incasso.store.engine import Store
from incasso.store.tables.ledger import clients, installments, quarantine, sync_runs
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.registry import config_of, registry_of
from tests.agenda import first_looks, set_look

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LEDGER = ("sources", "clients", "agents", "depots", "installments", "quarantine")


def client(code: str = "C1", name: str = "Rossi srl", **fields: Any) -> ClientRecord:
    """A client as the ERP sends it."""
    return ClientRecord(code=code, name=name, **fields)


def item(key: str, residual: str = "100.00", client: str = "C1", **fields: Any) -> Any:
    """An installment as the ERP sends it."""
    usual: dict[str, Any] = {"due_date": date(2026, 10, 31)}
    return InstallmentRecord(
        key=key, client=client, residual=Decimal(residual), **{**usual, **fields}
    )


def items(count: int, **fields: Any) -> list[Any]:
    """Some installments of one client."""
    return [item(f"A-{number:04d}", **fields) for number in range(count)]


def credit(key: str, residual: str, client: str = "C1") -> Any:
    """A credit note."""
    return item(key, residual, client, document_kind=DocumentKind.CREDIT_NOTE)


def bad_row(row: int, key: str = "", field: str = "due_date") -> Unreadable:
    """A row that the connector cannot read."""
    problem = Problem(code="date", field=field, message="31/02/2026 is no date", hint="look at it")
    return Unreadable(
        external_id=key, file="scadenzario.csv", row=row, problems=(problem,), raw=f"row {row}"
    )


class Export(FakeConnector):
    """An export whose rows are exactly what the test says, doubled ones included."""

    def __init__(self, capabilities: Iterable[ConnectorCapability] = ()) -> None:
        super().__init__(capabilities=capabilities)
        self.clients: list[ClientItem] = [client()]
        self.rows: list[InstallmentItem] = []
        self.told = ControlTotals()
        self.invented: tuple[str, ...] = ()
        self.fails_after: int | None = None
        self.failure: Exception = RuntimeError("the export broke off")
        self.page = 3

    @hookimpl
    def erp_pull_clients(self, since: Cursor | None) -> Iterator[Page[ClientItem]]:
        """All clients."""
        yield Page(items=tuple(self.clients), complete=self.complete)

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known
    ) -> Iterator[Page[InstallmentItem]]:
        """All rows, a few per page."""
        for start in range(0, len(self.rows), self.page):
            if self.fails_after is not None and start >= self.fails_after:
                raise self.failure
            part = self.rows[start : start + self.page]
            rows = tuple(range(start + 2, start + 2 + len(part)))
            yield Page(items=tuple(part), file="scadenzario.csv", rows=rows)
        yield Page(unchanged=self.invented, complete=self.complete)

    @hookimpl
    def erp_totals(self) -> ControlTotals:
        """What the ERP says of itself."""
        return self.told


class Books:
    """A hub with one source, and short ways to look into its ledger."""

    def __init__(
        self, store: Store, folder: Path, export: FakeConnector | None = None, **company: Any
    ) -> None:
        self.store = store
        self.export = export or Export()
        config = config_of(
            {"acme": self.export},
            path=folder / "plugins.toml",
            companies={"acme": Company(name="ACME", **company)},
        )
        registry = registry_of({"acme": self.export}, now=lambda: NOW, config=config)
        self.hub = Hub(config=config, store=store, registry=registry, now=lambda: NOW)

    def sync(self, *, on: date = ON, confirm: bool = False) -> SyncReport:
        """Read the export."""
        return sync(self.hub, CLOCK, "acme", on, confirm)

    def forget_looks(self) -> None:
        """As after a plan that expects nothing until something changes."""
        with self.store.write() as connection:
            set_look(connection, None)

    def look(self, key: str) -> date | None:
        """The next day on which planning looks at an installment."""
        with self.store.read() as connection:
            return first_looks(connection)[self.installment(key).id]

    def read(self, *rows: InstallmentItem, on: date = ON, confirm: bool = False) -> SyncReport:
        """Read these rows."""
        assert isinstance(self.export, Export)
        self.export.rows = list(rows)
        return self.sync(on=on, confirm=confirm)

    def all(self, table: sa.Table) -> list[sa.Row[Any]]:
        """Every row of a table, by id."""
        with self.store.read() as connection:
            return list(connection.execute(sa.select(table).order_by(sa.text("1"))))

    def installment(self, key: str) -> Any:
        """One installment."""
        return next(row for row in self.all(installments) if row.key == key)

    def statuses(self) -> dict[str, str]:
        """Status of every installment by key."""
        return {row.key: row.status for row in self.all(installments)}

    def client(self, code: str = "C1") -> Any:
        """One client."""
        return next(row for row in self.all(clients) if row.code == code)

    def waiting(self) -> list[sa.Row[Any]]:
        """What is in quarantine now."""
        return [row for row in self.all(quarantine) if row.resolved_run_id is None]

    def runs(self) -> list[sa.Row[Any]]:
        """Every run."""
        return self.all(sync_runs)

    def contents(self) -> dict[str, list[Any]]:
        """The whole ledger, without its runs: to compare before and after."""
        with self.store.read() as connection:
            return {
                name: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {name}")))
                for name in LEDGER
            }


def codes(entries: Sequence[Any]) -> list[str]:
    """Why rows were refused."""
    return sorted(entry.code for entry in entries)


__all__ = [
    "ON",
    "Books",
    "Export",
    "Gone",
    "PersonRecord",
    "bad_row",
    "client",
    "codes",
    "credit",
    "item",
    "items",
]
