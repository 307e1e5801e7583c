"""The exact bytes of a batch: written by the plugin into a file, then kept in the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import BinaryIO, TypeVar

from incasso.contract.exchange import Batch, Written
from incasso.services.hub.hub import Hub
from incasso.store.placement.batches import BatchRow
from incasso.store.proof import archive
from incasso.store.proof.archive import Entry

T = TypeVar("T")


class KeptBytes:
    """What a plugin wrote, whole on disk: the plugin's account of it and the archive's."""

    def __init__(self, written: Written, entry: Entry) -> None:
        self.written, self.entry = written, entry


def keep_written(hub: Hub, write: Callable[[BinaryIO], Written]) -> KeptBytes:
    """Let a plugin write into a file of the archive; memory stays flat whatever its size.

    Raises what the plugin raised; then nothing is kept.
    """
    with archive.incoming(hub.store) as file:
        written = write(file.sink)
        entry = file.keep(written.media_type, written.filename)
    return KeptBytes(written, entry)


@contextmanager
def opened(hub: Hub, batch: BatchRow) -> Iterator[BinaryIO]:
    """The bytes of a batch, for its provider. Raises FileNotFoundError if the archive lost them."""
    with archive.path_of(hub.store, batch.sha256).open("rb") as source:
        yield source


def contract_of(batch: BatchRow, at: datetime) -> Batch:
    """A batch as plugins know it: the same for each attempt."""
    return Batch(
        id=batch.name,
        kind=batch.kind,
        sequence=batch.sequence,
        at=batch.prepared_at or at,
        filename=batch.filename,
        media_type=batch.media_type,
    )
