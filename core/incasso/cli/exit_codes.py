"""The exit codes of commands."""

from __future__ import annotations

from typing import Final

FINE: Final = 0
PROBLEM: Final = 1
"""Error in data or operation."""
MISUSE: Final = 2
"""Wrong usage or configuration."""
READER_GONE: Final = 141
"""The reader of the output closed the pipe, as `head` does: the shell's code for such programs."""
