"""Events that are made one at a time, when the journal writes them: a sync may tell of fifty
thousand payments, and all of them together would take half a kilobyte each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from incasso.store.proof.journal import Event

T = TypeVar("T")


class ToldEvents:
    """In the order in which they were added; what `journal.record` takes."""

    def __init__(self) -> None:
        self._parts: list[tuple[int, Callable[[], Iterator[Event]]]] = []

    def __len__(self) -> int:
        return sum(size for size, _ in self._parts)

    def __iter__(self) -> Iterator[Event]:
        for _, part in self._parts:
            yield from part()

    def add(self, *events: Event) -> None:
        """Events that are there."""
        self._parts.append((len(events), lambda: iter(events)))

    def tell(self, rows: Sequence[T], event_of: Callable[[T], Event]) -> None:
        """One event for each row."""
        self._parts.append((len(rows), lambda: map(event_of, rows)))
