"""The results of a run in a page of documentation: when, on what machine, and the table."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import time
from pathlib import Path
from typing import Final

_BEGIN: Final = "<!-- results: written by `python -m bench --write` -->\n"
_END: Final = "<!-- end of results -->\n"


def write_results(page: Path, table: str) -> None:
    """Put table and machine between the page's two marks; raises ValueError if it has none."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for results: {_BEGIN.strip()} … {_END.strip()}")
    results = f"\n{described()}\n\n{table}\n"
    page.write_text(before + begin + results + end + after, encoding="utf-8")


def described() -> str:
    """Day, processor, memory and versions, in a sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, "
        f"{platform.system()} {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"load {load:.1f} at the end."
    )


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return found[1] if found else platform.machine()
