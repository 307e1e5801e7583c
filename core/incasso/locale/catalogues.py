"""The catalogues of a language, read when the first word is asked for: the hub's, then plugins'.

A plugin package `incasso_x` keeps its own in `incasso_x/locale/it/LC_MESSAGES/incasso_x.mo`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

HUB: Final = "incasso"
_GROUP: Final = "incasso.plugins"
_FOLDER: Final = Path(__file__).parent


def file_of(folder: Path, package: str, language: str, ending: str = "mo") -> Path:
    """Where a package keeps its words of one language; `folder` is its `locale`."""
    return folder / language / "LC_MESSAGES" / f"{package}.{ending}"


def catalogues(language: str) -> Iterator[GNUTranslations]:
    """The hub's catalogue, then those of the plugin packages; none for English.

    Words that one does not hold are an empty text there.
    """
    yield from _read(_FOLDER, HUB, language)
    yield from _of_plugins(language)


@lru_cache
def _of_plugins(language: str) -> tuple[GNUTranslations, ...]:
    found: list[GNUTranslations] = []
    for package in sorted({point.module.partition(".")[0] for point in _plugins()}):
        for folder in _folders(package):
            found += _read(folder / "locale", package, language)
    return tuple(found)


def _plugins() -> Iterator[EntryPoint]:
    from importlib.metadata import entry_points

    yield from entry_points(group=_GROUP)


def _folders(package: str) -> list[Path]:
    """Where a package lies; it is not imported, so a broken plugin's words are found too."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    return [Path(place) for place in (spec and spec.submodule_search_locations) or ()]


@lru_cache
def _read(folder: Path, package: str, language: str) -> tuple[GNUTranslations, ...]:
    """The catalogue, if there is a readable one: a damaged file must not hide the English words."""
    try:
        with file_of(folder, package, language).open("rb") as file:
            found = GNUTranslations(file)
    except (OSError, ValueError, UnicodeError):
        return ()
    # Left to itself a catalogue gives the English back, and a translation may be equal to it.
    found.add_fallback(_Unknown())
    return (found,)


class _Unknown(NullTranslations):
    """What a catalogue says to words that it does not hold."""

    def gettext(self, message: str) -> str:
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""
