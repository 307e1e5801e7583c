"""A process that hands lots over and tells providers, made to kill itself at a chosen point."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import msgspec

from incasso.contract.capabilities import Capability, ProviderCapability
from incasso.contract.context import CallContext
from incasso.contract.exchange import Batch, Submitted
from incasso.contract.hooks import hookimpl
from incasso.domain.office.actor import CLOCK
from incasso.services.placement import cycle, deliver, give_back
from incasso.services.placement.cycle import exchange_out
from incasso.services.placement.errors import LotError
from incasso.services.placement.send import send
from incasso.store.engine import open_store
from incasso.store.placement import batches
from incasso.store.proof import archive
from incasso.testing.fakes.provider import FakeProvider
from tests.killing import Begin, fork_workers
from tests.placement.office import ANNA, hub_with

POINTS: dict[str, tuple[ModuleType | type, str, bool]] = {
    "made": (batches, "make", True),
    "kept": (archive.Incoming, "keep", True),
    "written": (batches, "written", True),
    "marked": (deliver, "_submit", False),
    "submitted": (deliver, "_submit", True),
    "concluding": (deliver, "_write", True),
    "concluded": (deliver, "conclude", True),
    "taking": (give_back, "_take_back", True),
    "returned": (cycle, "return_ended", True),
}
"""Where a worker can kill itself: before or after so many calls of a function."""


class FolderAgency(FakeProvider):
    """An agency that outlives the processes which hand it lots: what it took lies in a folder."""

    def __init__(self, folder: Path, capabilities: Iterable[Capability]) -> None:
        super().__init__(capabilities=capabilities)
        self._folder = folder

    @hookimpl
    def provider_submit(self, batch: Batch, source: BinaryIO, ctx: CallContext) -> Submitted:
        """Once per key; a second time of another content would be a second lot."""
        path = self._folder / f"{ctx.idempotency_key}.jsonl"
        with path.open("ab") as file:
            file.write(source.read())
        return Submitted(ref=batch.id, at=ctx.now())

    @hookimpl
    def provider_find(self, batch: Batch, ctx: CallContext) -> Submitted | None:
        """Whether it lies there."""
        there = (self._folder / f"{batch.id}.jsonl").exists()
        return Submitted(ref=batch.id, at=ctx.now()) if there else None


def kill_at(point: str, number: int) -> None:
    """Let this process end at the so-manieth pass of a point."""
    owner, name, afterwards = POINTS[point]
    real: Callable[..., object] = getattr(owner, name)
    passes = count(1)

    def counted(*given: object, **named: object) -> object:
        is_it = next(passes) == number
        if is_it and not afterwards:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*given, **named)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(owner, name, counted)


def work(
    url: str, folder: Path, able: frozenset[Capability], what: list[str], begin: Begin
) -> None:
    """`send LOT` or `out DAY`, then perhaps a number and a point."""
    verb, about, *where = what
    if where:
        kill_at(where[1], int(where[0]))
    store = open_store(url, folder / "archive")
    alfa = FolderAgency(folder / "agency", able)
    hub = hub_with(store, folder, {"alfa": alfa})
    begin()
    try:
        if verb == "send":
            send(hub, ANNA, about, date(2026, 11, 23), patience=timedelta(0))
        else:
            exchange_out(hub, CLOCK, date.fromisoformat(about), patience=timedelta(0))
    except LotError:
        pass  # in doubt, or there already
    finally:
        hub.close()


def main(url: str, folder: Path, able: str) -> None:
    """A worker for every line."""
    found = msgspec.json.decode(able, type=frozenset[ProviderCapability])
    fork_workers(partial(work, url, folder, found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
