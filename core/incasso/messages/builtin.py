"""The texts that ship with the hub: one TOML file per occasion and language, in `texts/`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from incasso.messages.render import PARTS, Assumption, Template


@lru_cache(maxsize=1)
def builtin_templates() -> tuple[Template, ...]:
    """Every built-in text, sorted by key and language; the file's name is the key."""
    found = []
    for folder in files("incasso.messages").joinpath("texts").iterdir():
        for file in folder.iterdir():
            if file.name.endswith(".toml"):
                words = tomllib.loads(file.read_text("utf-8"))
                parts = {part: words.get(part, "").strip("\n") for part in PARTS}
                key = file.name.removesuffix(".toml")
                found.append(
                    Template(
                        key=key,
                        language=folder.name,
                        **parts,
                        assumes=tuple(map(Assumption, words.get("assumes", ()))),
                        first={
                            part: own.strip("\n") for part, own in words.get("first", {}).items()
                        },
                    )
                )
    return tuple(sorted(found, key=lambda each: (each.key, each.language)))
