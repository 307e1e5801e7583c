"""A hub with one connector `magolink`, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import incasso_mago4
from incasso.contract.capabilities import Family
from incasso.contract.connector import WriteBack, WriteBackKind
from incasso.contract.ledger import ClientRecord, InstallmentRecord, Unreadable
from incasso.contract.values import Page
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.handles import ConnectorHandle
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig
from incasso.testing.connector import Remembered
from incasso_fake_mago4 import MagoCompany
from incasso_fake_mago4.soap import MagoServer

ON = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NAME = "acme"
Table = dict[str, Any]

FULL_PROFILE = "AllUsers/Incasso"
"""The profile with the customer's options, which an integrator copies in."""


def table_of(server: MagoServer, password: Path, **more: Any) -> Table:
    """The table of a hub at a customer."""
    password.write_text("secret")
    return {
        "plugin": "magolink",
        "url": server.url,
        "user": "hub",
        "password": {"file": str(password)},
        "company": "ACME",
        "customers_profile": FULL_PROFILE,
        "allow_private_addresses": True,
        **more,
    }


@contextmanager
def hub(
    table: Mapping[str, Any],
    base: Path,
    *,
    now: Callable[[], datetime] = lambda: NOW,
    patience: float = 1.0,
) -> Iterator[Registry]:
    """A hub with that one instance."""
    registry = build_registry(
        HubConfig(path=base / "plugins.toml", tables={Family.CONNECTOR: {NAME: table}}),
        now=now,
        patience=patience,
        discovery=inspect_packages({"mago4": incasso_mago4}),
    )
    try:
        yield registry
    finally:
        registry.close()


class Office:
    """What the hub would get from the connector."""

    def __init__(self, handle: ConnectorHandle, on: date = ON) -> None:
        self.handle = handle
        self.on = on

    def clients(self) -> dict[str, ClientRecord]:
        """A full pull of clients, by code."""
        items = _items(self.handle.pull_clients(None, self.on))
        return {each.code: each for each in items if isinstance(each, ClientRecord)}

    def installments(self) -> dict[str, InstallmentRecord]:
        """A full pull of installments, by key."""
        found = [each for each in self.items() if isinstance(each, InstallmentRecord)]
        keys = [each.key for each in found]
        assert len(keys) == len(set(keys)), "a key comes twice"
        return dict(zip(keys, found, strict=True))

    def items(self) -> list[Any]:
        """Everything in a full pull of installments."""
        return _items(self.pages())

    def unreadable(self) -> list[Unreadable]:
        """What a full pull of installments could not read."""
        return [each for each in self.items() if isinstance(each, Unreadable)]

    def pages(self, known: Iterable[InstallmentRecord] = ()) -> list[Page[Any]]:
        """The pages of a full pull."""
        return list(self.handle.pull_installments(None, Remembered(known), self.on))

    def write(
        self,
        kind: WriteBackKind,
        client: str = "C001",
        *,
        before: Mapping[str, str] | None = None,
        key: str = "writeback-1",
        attempt: int = 1,
        dry_run: bool = False,
    ) -> Any:
        """One change in the ERP."""
        change = WriteBack(
            kind=kind, client=client, on=self.on, text="insoluto", before=before or {}
        )
        return self.handle.write_back(change, key, self.on, attempt=attempt, dry_run=dry_run)


@contextmanager
def office(table: Mapping[str, Any], base: Path, on: date = ON) -> Iterator[Office]:
    """A hub with that one instance, ready."""
    with hub(table, base) as registry:
        yield Office(registry.connector(NAME), on)


def small_company(path: Path) -> MagoCompany:
    """Three customers with an invoice each, one of them in two installments."""
    company = MagoCompany.create(f"sqlite:///{path}")
    for number in (1, 2, 3):
        code = company.customer(f"C00{number}", f"Cliente {number}")
        due = [(date(2026, 2, 28), "100.00"), (date(2026, 3, 31), "50.00")]
        company.invoice(code, f"26/{number}", on=date(2026, 1, 10), due=due[: 1 + number // 3])
    return company


def _items(pages: Iterable[Page[Any]]) -> list[Any]:
    return [item for page in pages for item in page.items]
