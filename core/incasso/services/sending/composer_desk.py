"""The process that writes messages ahead, see `composer_process`: it sends and changes nothing."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from incasso.services.documents.fetch import DocumentFetcher
from incasso.services.hub.hub import Hub, hub_of
from incasso.services.sending.caps import postponed
from incasso.services.sending.compose import Composer
from incasso.services.sending.composed import Leaving
from incasso.services.sending.contact_hours import outside_hours, rests
from incasso.services.sending.enclosures import Enclosures
from incasso.services.sending.page_facts import PageFacts
from incasso.services.sending.published import iters
from incasso.services.sending.written_ahead import Opening, Order, Written
from incasso.store.proof import archive
from incasso.store.sending.outbox_queue import ReadyStep

_MOST_BYTES: Final = 10_000_000
"""Of the messages of one page: three pages may be in memory, in both processes."""


class Desk:
    """Writes what it is asked for."""

    def __init__(self, hub: Hub, opening: Opening) -> None:
        self._hub = hub
        self._opening = opening
        self._iter_of = iters(hub)
        self._enclosures = Enclosures(DocumentFetcher(hub, opening.on, trial=True))

    def written(self, order: Order) -> list[Written]:
        """The messages of these steps that can leave, in the order given."""
        facts, steps = self._may_leave(order.steps)
        opening = self._opening
        composer = Composer(
            *(self._hub, opening.on, facts, opening.templates, order.stopped, self._enclosures),
            envelope_key=opening.envelope_key,
        )
        leaving: list[Leaving] = []
        entries = archive.keep_all(self._hub.store, self._bytes(composer, steps, leaving))
        return [_travelling(*each) for each in zip(leaving, entries, strict=True)]

    def _may_leave(self, steps: Sequence[ReadyStep]) -> tuple[PageFacts, list[ReadyStep]]:
        """Those about which the dispatcher has nothing to write down, and that carry no documents,
        for which an ERP would be asked."""
        hub, on = self._hub, self._opening.on
        with hub.store.read() as connection:
            facts = PageFacts(hub, connection, steps, self._iter_of, on)
            late = {each.step.id for each in postponed(hub, connection, steps, facts, on)}
            late |= outside_hours(hub, connection, steps, on).keys()
        return facts, [
            step
            for step in steps
            if step.id not in late
            and facts.lines(step)
            and not facts.stage(step).attach
            and not rests(hub, step.source, facts.stage(step), on)
        ]

    def _bytes(
        self, composer: Composer, steps: Sequence[ReadyStep], leaving: list[Leaving]
    ) -> Iterator[tuple[bytes, str, str]]:
        weight = 0
        for step in steps:
            made = composer.compose(step)
            if isinstance(made, Leaving):
                leaving.append(made)
                weight += len(made.prepared.content)
                yield made.prepared.content, made.prepared.media_type, made.prepared.filename
            if weight > _MOST_BYTES:
                return


def _travelling(made: Leaving, entry: archive.Entry) -> Written:
    return Written(
        step=made.step.id,
        channel=made.channel.id,
        delivery=made.delivery,
        address=made.address,
        message=made.message,
        prepared=made.prepared,
        stage=made.stage,
        lines=made.lines,
        credits=made.credits,
        copies=made.copies,
        entry=entry,
    )


def main() -> None:
    """Serve the connection whose number is the last argument, until the dispatcher is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the dispatcher, which ends us
    logging.disable(logging.CRITICAL)  # what fails here is tried again where it is logged
    line: Connection[Any, Any] = Connection(int(sys.argv[-1]))
    with suppress(EOFError, OSError):
        opening = line.recv()
        desk = Desk(hub_of(opening.config), opening)
        line.send(True)
        answers: SimpleQueue[list[Written]] = SimpleQueue()
        Thread(target=_speak, args=(line, answers), daemon=True).start()
        while True:
            answers.put(_answer(desk, line.recv()))
    os._exit(0)


def _answer(desk: Desk, order: Order) -> list[Written]:
    try:
        return desk.written(order)
    except Exception:  # the dispatcher writes them itself, and says what is wrong
        return []


def _speak(line: Connection[Any, Any], answers: SimpleQueue[list[Written]]) -> None:
    """A page is more than the line holds: nobody may wait until the dispatcher takes it."""
    with suppress(OSError):
        while True:
            line.send(answers.get())
    os._exit(0)


if __name__ == "__main__":
    main()
