"""Case `dispatch`: messages to a local SMTP server, against a bare smtplib loop."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import office
from bench.trial import Row, Trial


def messages(trial: Trial) -> Iterator[Row]:
    """As many messages as the size; the plain loop sends the same bytes once more."""
    with sink() as port:
        office.make(trial.home, trial.size * office.PER_CLIENT, due="past", port=port)
        trial.run("hub_sync", "installments.csv")
        trial.run("hub_plan", office.START.isoformat())
        hub = trial.run("hub_dispatch", office.START.isoformat())
        plain = trial.run("plain_dispatch", str(port))
    yield Row(name="dispatch", hub=hub, plain=plain, items=hub.count("accepted"))


@contextmanager
def sink(thinks_ms: int = 0) -> Iterator[int]:
    """An SMTP server in a process of its own that takes everything and keeps nothing."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", str(thinks_ms)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
