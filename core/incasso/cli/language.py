"""The language of this command's output, known once the command line is parsed.

Help and errors are shown before a hub is opened, or because it cannot be: the language is then read
from the configuration file alone, and Italian is assumed where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from incasso.locale import localize
from incasso.locale.language import ITALIAN, reading_language

DEFAULT_CONFIG: Final = "plugins.toml"
_LARGEST: Final = 1_000_000  # bytes; a bigger file is no configuration file

_named = DEFAULT_CONFIG


def listen(arguments: Sequence[str]) -> None:
    """Note which configuration file the command line names."""
    global _named
    _named = DEFAULT_CONFIG
    for number, word in enumerate(arguments):
        if word == "--config" and number + 1 < len(arguments):
            _named = arguments[number + 1]
        elif word.startswith("--config="):
            _named = word.partition("=")[2]
    _hub_language.cache_clear()


def language() -> str:
    """The language of the person at this command line."""
    return reading_language(hub_language())


def here(sentence: str) -> str:
    """A sentence as this reader reads it, to stand inside a line."""
    return localize(sentence, language())


def hub_language() -> str:
    """The language of the hub itself, for output that is not only for this reader."""
    return _hub_language(_named)


@lru_cache(maxsize=1)
def _hub_language(config: str) -> str:
    import tomllib

    try:
        path = Path(config)
        if path.stat().st_size > _LARGEST:
            return ITALIAN
        hub = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("hub", {})
        return str(hub.get("language", ITALIAN))
    except (OSError, ValueError, AttributeError):
        return ITALIAN
