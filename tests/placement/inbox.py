"""An agency whose files lie in a folder, so that one process can go on where another died."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from incasso.contract.context import CallContext
from incasso.contract.exchange import Arrival, PlacementUpdate, Settled, UpdateItem
from incasso.contract.hooks import hookimpl
from incasso.contract.values import Page
from incasso.testing.fakes.provider import FakeProvider

PAGE = 2
"""Rows of a page: files of a few rows have several."""


class InboxAgency(FakeProvider):
    """The fake, with its files on disk and in short pages."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._inbox, self._done = folder / "inbox", folder / "done"
        for each in (self._inbox, self._done):
            each.mkdir(exist_ok=True)
        self.between: Callable[[int], None] = lambda number: None
        """Called before each page."""

    @hookimpl
    def provider_arrivals(self, ctx: CallContext) -> Iterator[Page[Arrival]]:
        """What lies there."""
        files = sorted(self._inbox.iterdir())
        items = (Arrival(name=p.name, identity=p.name, size=1, at=ctx.now()) for p in files)
        return iter((Page(items=tuple(items)),))

    @hookimpl
    def provider_open(self, arrival: Arrival, sink: BinaryIO) -> None:
        """The bytes."""
        sink.write((self._inbox / arrival.identity).read_bytes())

    @hookimpl
    def provider_read(
        self, name: str, source: BinaryIO, ctx: CallContext
    ) -> Iterator[Page[UpdateItem]]:
        """A few lines a page."""
        lines = source.read().splitlines()[1:]
        numbered = list(enumerate(lines, 2))
        for number, first in enumerate(range(0, len(numbered), PAGE)):
            self.between(number)
            some = numbered[first : first + PAGE]
            items: tuple[UpdateItem, ...] = tuple(
                msgspec.json.decode(line, type=PlacementUpdate) for _, line in some
            )
            yield Page(items=items, file=name, rows=tuple(row for row, _ in some))

    @hookimpl
    def provider_settle(self, arrival: Arrival, settled: Settled) -> None:
        """Put it away."""
        file = self._inbox / arrival.identity
        if file.exists():
            file.rename(self._done / f"{settled}-{arrival.identity}")
