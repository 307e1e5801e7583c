"""A process that dispatches, made to be killed.

Importing everything takes most of a second, so one process imports and then forks a worker per
line it reads; each worker is a process of its own with its own database connection. The line
says after how many seconds of work to kill it; the answer, whether it was killed, and how many
seconds it worked.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from incasso.domain.office.actor import CLOCK
from incasso.messages import builtin_templates
from incasso.services.running.hub import build_hub
from incasso.services.sending.dispatch import dispatch

FOR_EVER = 1e6
"""Seconds that mean: do not kill it."""


def work(config: Path, on: date, began: int) -> None:
    """One dispatch from beginning to end, unless somebody kills it."""
    with build_hub(config) as hub:
        os.write(began, b".")
        dispatch(hub, CLOCK, on, patience=timedelta(0))


def main(config: Path, on: date) -> None:
    """Fork a worker for every line."""
    builtin_templates()
    gc.freeze()
    for line in sys.stdin:
        began, working = os.pipe()
        if (worker := os.fork()) == 0:
            code = 1
            try:
                work(config, on, working)
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        os.close(working)
        os.read(began, 1)
        os.close(began)
        sys.stdout.write(_end(worker, float(line)))
        sys.stdout.flush()


def _end(worker: int, seconds: float) -> str:
    """Let it work so long, kill it, and tell how it ended."""
    start = time.monotonic()
    if seconds < FOR_EVER:
        time.sleep(seconds)
        os.kill(worker, signal.SIGKILL)  # not reaped before we wait, so the number is still its own
    _, status = os.waitpid(worker, 0)
    how = "killed" if os.WIFSIGNALED(status) else f"exit-{os.waitstatus_to_exitcode(status)}"
    return f"{how} {time.monotonic() - start}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
