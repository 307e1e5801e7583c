"""Messages written ahead without a second process: the same desk, asked in this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.reduction import ForkingPickler
from pickle import loads
from typing import Any

from incasso.services.sending import pages
from incasso.services.sending.composer_desk import Desk
from incasso.services.sending.run import Run
from incasso.services.sending.written_ahead import Opening, Order, Written


class Here:
    """A `ComposerProcess` that is always ready; what it takes and gives travels all the same."""

    def __init__(self, run: Run) -> None:
        opening = Opening(run.hub.config, run.on, run.templates, run.envelope_key)
        self._desk = Desk(run.hub, opening)
        self._written: deque[list[Written]] = deque()
        self.ready = True
        self.ordered: list[int] = []
        self.given: list[Written] = []

    def order(self, order: Order) -> None:
        self.ordered += [step.id for step in order.steps]
        self._written.append(travelled(self._desk.written(travelled(order))))

    def taken(self) -> Sequence[Written]:
        written = self._written.popleft()
        self.given += written
        return written

    def drop(self) -> None:
        self._written.clear()

    def close(self) -> None:
        self.ready = False


def travelled(what: Any) -> Any:
    return loads(ForkingPickler.dumps(what))


def write_ahead(change: Callable[[object, str, object], None], page: int) -> list[Here]:
    """From now on every dispatch writes ahead, in pages of that size; the composers that it made.

    `change` is `monkeypatch.setattr`, or `setattr` in a process of its own.
    """
    made: list[Here] = []

    def composer(run: Run) -> Here:
        made.append(Here(run))
        return made[-1]

    change(pages, "_composer", composer)
    change(pages, "PAGE", page)
    return made
