"""The exit codes of commands."""

from __future__ import annotations

from typing import Final

FINE: Final = 0
PROBLEM: Final = 1
"""In data or operation."""
MISUSE: Final = 2
"""Wrong usage or configuration."""
READER_GONE: Final = 141
"""Whoever read the output wanted no more of it, as `head` does: the code that a shell gives to
every program ended by a closed pipe."""
