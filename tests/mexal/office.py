"""A hub that reads companies from the fake Mexal server, and looks into its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub, build_hub
from incasso.services.ledger.sync import SyncReport, sync
from incasso.services.running.setup import init
from incasso.store.ledger.overdue import is_overdue
from incasso.store.tables.ledger import clients, installments, quarantine, sources
from incasso_fake_mexal import Company, MexalServer

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
PASSWORD = "segreta"
USUAL = {"advance_reasons": ["AC"]}
"""What an integrator finds out about this company's accounting reasons."""


def days(count: int) -> date:
    """A day before (negative) or after the day of the tests."""
    return ON + timedelta(days=count)


def toml(value: Any) -> str:
    """A setting as it stands in plugins.toml."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{k}" = {toml(v)}' for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'


def table(name: str, server: MexalServer, **settings: Any) -> str:
    """The table of one source in plugins.toml."""
    keys = {
        "plugin": "mexal",
        "base_url": server.url,
        "user": "webapi",
        "company": "ACM",
        "allow_private_addresses": True,
        **USUAL,
        **settings,
    }
    lines = [f"{key} = {toml(value)}" for key, value in keys.items() if value is not None]
    lines.append('password = { env = "MEXAL_PASSWORD" }')
    return f"[connectors.{name}]\n" + "\n".join(lines) + "\n"


@dataclass
class Clock:
    """The hub's clock, moved by the test."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Office:
    """One hub, and short ways into what it knows."""

    hub: Hub
    server: MexalServer
    folder: Path
    clock: Clock = field(default_factory=Clock)

    def sync(self, source: str = "acme", *, on: date = ON, **options: Any) -> SyncReport:
        """Read one source."""
        return sync(self.hub, CLOCK, source, on, **options)

    def good(self, source: str = "acme", *, on: date = ON, **options: Any) -> SyncReport:
        """Read one source; it must end well."""
        report = self.sync(source, on=on, **options)
        assert report.good, (report.status, report.reasons)
        return report

    def rows(self, table: sa.Table, source: str = "acme") -> list[sa.Row[Any]]:
        """Rows of a source."""
        mine = sa.select(sources.c.id).where(sources.c.name == source).scalar_subquery()
        query = sa.select(table).where(table.c.source_id == mine).order_by(sa.text("1"))
        with self.hub.store.read() as connection:
            return list(connection.execute(query))

    def items(self, source: str = "acme") -> dict[str, Any]:
        """Every installment by key."""
        return {row.key: row for row in self.rows(installments, source)}

    def open(self, source: str = "acme") -> dict[str, Decimal]:
        """What is open, by key, in major units."""
        return {
            key: Decimal(row.residual).scaleb(-2)
            for key, row in self.items(source).items()
            if row.status == "open" and row.residual
        }

    def of(self, document: int | str, source: str = "acme") -> list[Any]:
        """Installments of a document, by number and then key."""
        return [
            row
            for key, row in sorted(self.items(source).items())
            if row.document_number == str(document)
        ]

    def owed(self, client: str, source: str = "acme") -> Decimal:
        """What a client owes in all, in the company's currency."""
        mine = {row.id for row in self.rows(clients, source) if row.code == client}
        found = [row for row in self.rows(installments, source) if row.client_id in mine]
        return sum(
            (
                Decimal(row.residual if row.base_residual is None else row.base_residual)
                for row in found
                if row.status == "open"
            ),
            Decimal(0),
        ).scaleb(-2)

    def client(self, code: str, source: str = "acme") -> Any:
        """One client."""
        return next(row for row in self.rows(clients, source) if row.code == code)

    def overdue(self, source: str = "acme", *, on: date = ON) -> set[str]:
        """Keys that lists and reports show as overdue on a day."""
        with self.hub.store.read() as connection:
            query = sa.select(installments.c.key).where(is_overdue(connection, on))
            found = set(connection.scalars(query))
        return found & set(self.items(source))

    def waiting(self, source: str = "acme") -> list[sa.Row[Any]]:
        """What is in quarantine now."""
        return [row for row in self.rows(quarantine, source) if row.resolved_run_id is None]

    def state(self, source: str = "acme") -> dict[str, tuple[Any, ...]]:
        """The ledger as it stands, without what only tells when it was read."""
        return {
            key: (
                row.status, row.residual, row.amount, row.currency, row.due_date, row.unpaid_on,
                row.presented_on, row.document_number, row.payment_method, row.erp_hold,
                row.reminded_on,
            )
            for key, row in self.items(source).items()
        }  # fmt: skip


@contextmanager
def office(folder: Path, server: MexalServer, *tables: str, **settings: Any) -> Iterator[Office]:
    """A hub whose plugins.toml has these tables; by default one source `acme`."""
    clock = Clock()
    text = "\n".join(tables or (table("acme", server, **settings),))
    (folder / "plugins.toml").write_text(text, encoding="utf-8")
    for name, content in _empty_office().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with build_hub(folder / "plugins.toml", now=clock) as hub:
        yield Office(hub, server, folder, clock)


@cache
def _empty_office() -> dict[str, bytes]:
    """The files that `incasso init` makes: once, because each test wants its own."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "plugins.toml").touch()
        with build_hub(folder / "plugins.toml", now=Clock()) as hub:
            init(hub)
        made = (path for path in folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in made
            if path.name != "plugins.toml"
        }


def standard(server: MexalServer, **options: Any) -> Company:
    """A company with two clients and nothing due yet."""
    company = server.company("ACM", "ACME Srl", **{"years": (2025, 2026), **options})
    company.add_client("501.00001", "ROSSI SRL", partita_iva="00743110157")
    company.add_client("501.00002", "BIANCHI SAS", email="info@example.it")
    return company
