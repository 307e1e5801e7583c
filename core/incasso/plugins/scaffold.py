"""Writes a new plugin project for a partner; its failing tests show what is left to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Final

from incasso.contract.capabilities import Family
from incasso.contract.errors import ConfigurationError
from incasso.contract.text import text as sentence

NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SUFFIX: Final = ".tmpl"


def create(family: Family, name: str, into: Path) -> tuple[Path, ...]:
    """Writes the project into a new or empty folder and returns its files, sorted.

    Raises ConfigurationError for an invalid name or folder; nothing is written then.
    """
    if not NAME.fullmatch(name) or len(name) > 30:
        raise ConfigurationError(
            sentence(
                "{name!r} cannot name a plugin: use a-z, 0-9 and _, a letter first, at most 30",
                name=name,
            )
        )
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise ConfigurationError(sentence("{into} is not empty: name a new folder", into=into))
    words = _words(family, name)
    return tuple(sorted(_written(family, words, into)))


def _words(family: Family, name: str) -> dict[str, str]:
    return {
        "name": name,
        "package": f"incasso_{name}",
        "distribution": f"incasso-{name.replace('_', '-')}",
        "title": "".join(part.capitalize() for part in name.split("_")),
        "upper": name.upper(),
        "family": family,
        "word": family.removesuffix("s"),
    }


def _written(family: Family, words: Mapping[str, str], into: Path) -> Iterator[Path]:
    templates = files("incasso.plugins") / "templates"
    for part in ("common", str(family)):
        for steps, template in _walk(templates / part):
            target = into.joinpath(*(_named(step, words) for step in steps))
            target.parent.mkdir(parents=True, exist_ok=True)
            text = Template(template.read_text(encoding="utf-8")).substitute(words)
            target.write_text(text, encoding="utf-8", newline="\n")
            yield target


def _walk(folder: Traversable, *steps: str) -> Iterator[tuple[tuple[str, ...], Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, *steps, entry.name)
        elif entry.name.endswith(_SUFFIX):
            yield (*steps, entry.name.removesuffix(_SUFFIX)), entry


def _named(step: str, words: Mapping[str, str]) -> str:
    """Folders of the templates are named `package`, and `dot_…` where a dot would hide them."""
    if step == "package":
        return words["package"]
    return step.replace("dot_", ".", 1) if step.startswith("dot_") else step
