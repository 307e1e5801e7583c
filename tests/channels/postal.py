"""What the tests of the postal channel share: a service, the channel on it, a letter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

import incasso_postal
from incasso.api import Medium, OutboundMessage, Prepared, Receipt, Recipient
from incasso.contract.capabilities import Family
from incasso.plugins.discovery import inspect_packages
from incasso.plugins.handles import ChannelHandle
from incasso.plugins.registry import build_registry
from incasso.plugins.settings.config import HubConfig
from incasso.plugins.state import MemoryRows
from incasso.testing import samples
from incasso.testing.postal import PostalService

ON: Final = date(2026, 3, 2)
SENDER: Final = {
    "sender_name": "Acme Forniture S.r.l.",
    "sender_address": "Via Roma 1",
    "sender_zip": "10121",
    "sender_city": "Torino",
    "sender_province": "TO",
    "sender_email": "crediti@acme.example",
}


class Time:
    """An instant that tests move by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)


class Post:
    """A channel on a simulated service. `again` is what a fresh process sees."""

    def __init__(self, service: PostalService, folder: Path, time: Time, table: Any) -> None:
        self.service = service
        self.time = time
        self._rows = MemoryRows()
        whole = {
            "plugin": "postal",
            "url": service.url,
            "login_url": f"{service.url}/token",
            "allow_private_addresses": True,
            "token": {"file": "token"},
            **SENDER,
            **table,
        }
        self._table = {key: value for key, value in whole.items() if value is not None}
        token = folder / "token"
        token.touch(0o600)
        token.write_text(service.token, "utf-8")
        self._config = HubConfig(
            path=folder / "plugins.toml", tables={Family.CHANNEL: {"post": self._table}}
        )
        self._opened: list[Any] = []
        self.handle = self.again()

    def again(self) -> ChannelHandle:
        """The channel in a new process: what it remembers is there, nothing else."""
        registry = build_registry(
            self._config,
            now=self.time,
            discovery=inspect_packages({"postal": incasso_postal}),
            state=self._rows,
        )
        self._opened.append(registry)
        self.handle = registry.channel("post")
        return self.handle

    def send(self, message: OutboundMessage, attempt: int = 1) -> tuple[Prepared, Receipt]:
        """Prepare and send."""
        prepared = self.handle.prepare(message, ON)
        return prepared, self.handle.send(message, prepared, attempt=attempt, dry_run=False, on=ON)

    def close(self) -> None:
        for registry in self._opened:
            registry.close()


@contextmanager
def post(folder: Path, **table: Any) -> Iterator[Post]:
    """The channel, with keys of its table changed."""
    time = Time()
    with PostalService(now=time) as service:
        made = Post(service, folder, time, table)
        try:
            yield made
        finally:
            made.close()


def letter(
    delivery: str = "d-0001", medium: Medium = Medium.REGISTERED, **to: Any
) -> OutboundMessage:
    """A registered letter to Anna Bianchi."""
    message = samples.message(medium, delivery)
    return msgspec.structs.replace(message, to=msgspec.structs.replace(message.to, **to))


def to(*lines: str, country: str = "IT") -> Recipient:
    """A recipient with these lines."""
    return Recipient(name=lines[0], postal=lines, country=country)
