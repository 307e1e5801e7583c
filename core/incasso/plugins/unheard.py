"""Which packages could not be heard in which of their own hooks, for the end of the command."""

from __future__ import annotations

from typing import Final

unheard: Final[dict[tuple[str, str], str]] = {}
"""The first failure in this process, in words for people, by package and hook."""
