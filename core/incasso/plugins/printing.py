"""What plugins print stays apart from what the hub prints, and is known by the plugin's name.

Calls of plugins run on threads of their own, which say whose they are. While `apart` holds,
whatever such a thread writes to standard output or standard error goes to the plugin's log.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from threading import local
from typing import Any, Final, TextIO

printed: Counter[str] = Counter()
"""How many characters each plugin printed in this process, by the name of its threads."""

_LONGEST: Final = 2000


class _Speaking(local):
    """Whose thread this is; empty: the hub's."""

    plugin = ""
    keeping = False
    """Its words are being logged; a log that a plugin set up must not print them after all."""


_speaking = _Speaking()


def speak_as(plugin: str) -> None:
    """From here on, what this thread prints is the plugin's."""
    _speaking.plugin = plugin


@contextmanager
def apart() -> Iterator[None]:
    """Keep what plugins print out of standard output and standard error."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Divided(out), _Divided(err)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


def hubs_own(stream: Any) -> TextIO:
    """The stream that the hub's own log writes to, whichever thread it is written on."""
    own: TextIO = stream.hubs if isinstance(stream, _Divided) else stream
    return own


class _Divided:
    """A standard stream for the hub, and a log for plugins."""

    def __init__(self, hubs: TextIO) -> None:
        self.hubs = hubs

    def __getattr__(self, name: str) -> Any:
        return getattr(self.hubs, name)

    @property
    def buffer(self) -> Any:
        """The bytes below; a plugin gets a heap that nobody reads, and is counted."""
        return _Bytes(_speaking.plugin) if _speaking.plugin else self.hubs.buffer

    def write(self, words: str) -> int:
        """Write to the stream, or keep what a plugin says."""
        if not _speaking.plugin:
            return self.hubs.write(words)
        return _kept(_speaking.plugin, words)

    def writelines(self, lines: Any) -> None:
        """The same, line by line."""
        for line in lines:
            self.write(line)


class _Bytes(BytesIO):
    def __init__(self, plugin: str) -> None:
        super().__init__()
        self._plugin = plugin

    def write(self, some: Any) -> int:
        """Keep it as text."""
        return _kept(self._plugin, bytes(some).decode(errors="replace"))


def take_handlers_away(before: Sequence[logging.Handler]) -> None:
    """Undo what a plugin did to the log of everybody: it would print beside machine formats."""
    for handler in [each for each in logging.root.handlers if each not in before]:
        if isinstance(getattr(handler, "stream", None), _Divided):
            logging.root.removeHandler(handler)


def _log(plugin: str, words: str) -> None:
    _speaking.keeping = True
    try:
        logger = logging.getLogger(f"incasso.plugin.{plugin.removeprefix('incasso-')}")
        logger.warning("printed: %s", words.strip()[:_LONGEST])
    finally:
        _speaking.keeping = False


def _kept(plugin: str, words: str) -> int:
    if words.strip():
        printed[plugin] += len(words)
        if not _speaking.keeping:
            _log(plugin, words)
    return len(words)
