"""A process that writes order blocks into an ERP, made to be killed.

The ERP is a folder with a file per client. It remembers no keys, as real ones do not: what it tells
as replaced on a second try is what the first try left.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incasso.contract.capabilities import ConnectorCapability
from incasso.contract.connector import WriteBack, WriteBackKind
from incasso.contract.context import CallContext
from incasso.contract.hooks import hookimpl
from incasso.contract.values import Receipt
from incasso.domain.office.actor import CLOCK
from incasso.services.hub.hub import Hub
from incasso.services.running.recover import recover
from incasso.services.sending.dispatch import dispatch
from incasso.store.engine import Store, open_store
from incasso.testing.fakes.connector import FakeConnector
from incasso.testing.fakes.registry import config_of, registry_of
from tests.killing import Begin, fork_workers
from tests.orders.office import ON


class FolderErp(FakeConnector):
    """Flags of clients as files, each replaced at once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(capabilities=(ConnectorCapability.WRITE_BACK,))
        self.folder = folder

    @hookimpl
    def erp_write_back(self, change: WriteBack, ctx: CallContext) -> Receipt:
        """Set the flag, or restore what `before` says."""
        replaced = self.flag(change.client)
        if not ctx.dry_run:
            blocks = change.kind is WriteBackKind.BLOCK_ORDERS
            self._set(change.client, "1" if blocks else change.before["blocked"])
        return Receipt(ref=change.client, at=ctx.now(), before={"blocked": replaced})

    def flag(self, client: str) -> str:
        """`1` or `0`."""
        path = self.folder / client
        return path.read_text() if path.exists() else "0"

    def _set(self, client: str, flag: str) -> None:
        temporary = self.folder / f".{client}.{os.getpid()}"
        temporary.write_text(flag)
        temporary.replace(self.folder / client)


def hub_on(store: Store, erp: FolderErp, folder: Path) -> Hub:
    """A hub for which a second is an hour, so that nothing waits long for its next try."""

    def now() -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=time.monotonic())

    config = config_of({"acme": erp}, path=folder / "plugins.toml")
    registry = registry_of({"acme": erp}, now=now, config=config)
    return Hub(config=config, store=store, registry=registry, now=now)


def main(url: str, folder: Path, flags: Path) -> None:
    """Dispatch or recover, again and again."""

    def work(what: list[str], begin: Begin) -> None:
        store = open_store(url, folder / "archive")
        hub = hub_on(store, FolderErp(flags), folder)
        begin()
        if what == ["recover"]:
            recover(hub, CLOCK, ON)
        else:
            dispatch(hub, CLOCK, ON, patience=timedelta(0))
        hub.registry.close()
        store.close()

    fork_workers(work)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
