"""Texts as files: one TOML file per occasion and language, `it/primo_sollecito.toml`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from incasso.contract.errors import IncassoError
from incasso.messages import Template
from incasso.messages.render import PARTS

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class TextFileError(IncassoError):
    """The file is no text of ours."""


def read_text(path: Path, *, key: str | None = None, language: str | None = None) -> Template:
    """Read a text; its key is the file's name and its language the folder's, unless told.

    Raises TextFileError for what is not a text, with the cure.
    """
    key, language = key or path.stem, language or path.parent.name
    if not _KEY.fullmatch(key):
        raise TextFileError(f"{path}: “{key}” is no key: small letters, digits, _ and - only.")
    if not _LANGUAGE.fullmatch(language):
        raise TextFileError(f"{path}: which language? Put it in a folder `it/` or say --language.")
    try:
        parts = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise TextFileError(f"{path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise TextFileError(f"{path} is not UTF-8: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise TextFileError(f"{path} is no TOML file: {error}; check the quotes.") from None
    return Template(key=key, language=language, **_parts(path, parts))


def write_text(template: Template) -> str:
    """The text as a file; reading it gives the same text."""
    parts = ((name, str(getattr(template, name))) for name in PARTS)
    return "\n".join(f"{name} = {_quoted(words)}" for name, words in parts if words) + "\n"


def _parts(path: Path, found: dict[str, Any]) -> dict[str, str]:
    for name, words in found.items():
        if name not in PARTS:
            raise TextFileError(f"{path}: unknown part {name}: {', '.join(PARTS)} are known.")
        if not isinstance(words, str):
            raise TextFileError(f"{path}: {name} must be words in quotes.")
    for name in ("subject", "text"):
        if not found.get(name):
            raise TextFileError(f"{path}: {name} is missing.")
    return {name: found.get(name, "").strip("\n") for name in PARTS}


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    kept = "".join(c if c >= " " or c in "\n\t" else f"\\u{ord(c):04X}" for c in escaped)
    if "\n" in kept:
        # Quotes need no backslash inside three of them, as long as three never stand together.
        return '"""\n' + kept.replace('\\"', '"').replace('"""', '""\\"') + '\n"""'
    return f'"{kept}"'
