"""A company database and a connector on it, through the hub's real door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import incasso_mago4
from incasso.contract.capabilities import Family
from incasso.contract.ledger import (
    ClientRecord,
    DocumentRecord,
    Gone,
    InstallmentRecord,
    PaymentRecord,
    Unreadable,
)
from incasso.contract.values import Page
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.handles import ConnectorHandle
from incasso.plugins.registry import Registry, build_registry
from incasso.plugins.settings.config import HubConfig
from incasso.testing.connector import Remembered
from incasso_fake_mago4 import MagoCompany

ON = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)


class Office:
    """What an integrator has: one table of plugins.toml, and the ledger that comes out of it."""

    def __init__(self, folder: Path, **tables: Mapping[str, Any]) -> None:
        package = incasso_mago4
        self.registry: Registry = build_registry(
            HubConfig(path=folder / "plugins.toml", tables={Family.CONNECTOR: tables}),
            now=lambda: NOW,
            discovery=inspect_packages({"mago4": package}),
        )
        assert not self.registry.problems, self.registry.problems

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.registry.close()

    def handle(self, name: str = "acme") -> ConnectorHandle:
        return self.registry.connector(name)

    def pull(
        self, since: str | None = None, known: Remembered | None = None, on: date = ON
    ) -> list[Page[Any]]:
        return list(self.handle().pull_installments(since, known or Remembered(), on))

    def installments(self, on: date = ON, name: str = "acme") -> dict[str, InstallmentRecord]:
        pages = self.handle(name).pull_installments(None, Remembered(), on)
        found = [item for page in pages for item in page.items]
        assert not [item for item in found if isinstance(item, (Unreadable, Gone))], found
        return {item.key: item for item in found if isinstance(item, InstallmentRecord)}

    def unreadable(self, on: date = ON) -> list[Unreadable]:
        found = [item for page in self.pull(on=on) for item in page.items]
        return [item for item in found if isinstance(item, Unreadable)]

    def one(self, item: int, number: int = 1, on: date = ON) -> InstallmentRecord:
        return self.installments(on)[f"{item}|{number}"]

    def clients(self, on: date = ON, name: str = "acme") -> dict[str, ClientRecord]:
        pages = self.handle(name).pull_clients(None, on)
        found = [item for page in pages for item in page.items]
        return {item.code: item for item in found if isinstance(item, ClientRecord)}

    def documents(self, since: str | None = None) -> dict[str, DocumentRecord]:
        pages = self.handle().pull_documents(since, ON)
        found = [item for page in pages for item in page.items]
        return {item.key: item for item in found if isinstance(item, DocumentRecord)}

    def payments(self, since: str | None = None) -> list[PaymentRecord]:
        pages = self.handle().pull_payments(since, ON)
        found = [item for page in pages for item in page.items]
        return [item for item in found if isinstance(item, PaymentRecord)]


@contextmanager
def opened(company: MagoCompany, folder: Path, **settings: Any) -> Iterator[Office]:
    """An office on one company."""
    with Office(folder, acme=table(company, folder, **settings)) as office:
        yield office


def table(company: MagoCompany, folder: Path, **settings: Any) -> dict[str, Any]:
    """The company's table of plugins.toml; a password goes into a file of its own."""
    url = company.engine.url
    given: dict[str, Any] = {"plugin": "mago4", **settings}
    if url.password:
        (folder / "secret").write_text(str(url.password), encoding="utf-8")
        given["password"] = {"file": "secret"}
        url = url._replace(password=None)
    return {**given, "url": url.render_as_string(hide_password=False)}
