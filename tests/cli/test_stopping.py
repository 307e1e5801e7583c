"""A signal that comes at the worst moment stops a worker all the same."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_while_the_wait_holds_the_events_lock_hangs_nothing(name: str) -> None:
    """`Event.wait` holds this lock for a moment when it begins and when it ends."""
    worst = f"""
        import signal
        from incasso.cli.stopping import set_by_signals

        stop = set_by_signals()
        with stop._cond:
            signal.raise_signal(signal.{name})
        assert stop.wait(20)
        print("stopped")
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(worst)], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("stopped\n", "")
