"""The measured job of `volume`: `python -m bench.volume_jobs quick_channel FOLDER SERVER …`."""

from __future__ import annotations

import sys
from pathlib import Path

from bench import office
from bench.jobs import publish_iters
from bench.measure import Stopwatch, report, run_named
from incasso.domain.office.actor import CLOCK
from incasso.services.ledger.sync import sync
from incasso.services.recovery.plan import plan
from incasso.services.running import setup
from incasso.services.sending.dispatch import dispatch


class EnoughError(Exception):
    """The channel that is measured has sent everything."""


def quick_channel(folder: Path, server: str, channel: str, messages: str) -> None:
    """Send until the channel has dealt with so many messages; 0: until everything has left."""
    so_far: dict[str, int] = {}

    def seen(what: str, count: int) -> None:
        so_far[what] = count
        if what == channel and count >= int(messages) > 0:
            raise EnoughError

    with office.hub(folder, office.database_url(folder, server)) as hub:
        setup.init(hub)
        for connector in hub.registry.connectors():
            sync(hub, CLOCK, connector.id, office.START)
        publish_iters(folder, hub)
        plan(hub, CLOCK, office.START)
        watch, accepted = Stopwatch(), 0
        with watch.running():
            try:
                done = dispatch(hub, CLOCK, office.START, progress=seen)
                accepted = sum(done.accepted.values())
            except EnoughError:
                accepted = so_far[channel]
        others = {
            name: count for name, count in so_far.items() if name not in ("messages", channel)
        }
        report(watch, accepted=accepted, others=others)


if __name__ == "__main__":
    run_named({"quick_channel": quick_channel}, sys.argv[1:])
