"""An office: configuration, database and clock. What people do and look at needs no plugin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from incasso.plugins.settings.config import HubConfig, load_config
from incasso.services.office.opening import store_of
from incasso.store.engine import Store


def utc_now() -> datetime:
    """The system clock: the one place that reads it."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Office:
    """What acts, lists, reports and settings need; it works with every plugin broken or missing.

    Business dates are passed in; instants come from here.
    """

    config: HubConfig
    store: Store
    now: Callable[[], datetime] = utc_now

    def today(self) -> date:
        """The business day in the office's time zone; only the command line asks for it."""
        return self.now().astimezone(self.config.timezone).date()

    def close(self) -> None:
        """Close the database. Harmless twice."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_office(path: Path, *, now: Callable[[], datetime] = utc_now) -> Office:
    """Open the office that a plugins.toml describes, without its plugins.

    Raises ConfigurationError for mistakes in the hub's own tables.
    """
    config = load_config(path)
    return Office(config=config, store=store_of(config), now=now)
