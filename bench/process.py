"""Measure a whole process: `python -m bench.process FOLDER WORDS…` runs Python with these words.

A process of its own, and a small one, because Linux counts the memory of whoever starts a process
into its peak.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main(folder: str, *words: str) -> None:
    """Print wall time, CPU and peak memory from the first instruction to the last."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(said.decode(errors="replace"))
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }
    print(json.dumps({**figures, "facts": {}, "slow": []}))


if __name__ == "__main__":
    main(*sys.argv[1:])
