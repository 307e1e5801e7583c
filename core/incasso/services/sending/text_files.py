"""Texts as files: one TOML file per occasion and language, `it/primo_sollecito.toml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import msgspec

from incasso.contract.errors import IncassoError
from incasso.contract.settings import Filled, problem_line, read_toml
from incasso.contract.text import lines, text
from incasso.locale.system_words import system_words
from incasso.messages import Template
from incasso.messages.render import PARTS, Assumption

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class TextFileError(IncassoError):
    """The file is no text of ours."""


class _First(msgspec.Struct, frozen=True, kw_only=True):
    """The parts in other words for a first contact."""

    subject: str = ""
    text: str = ""
    html: str = ""
    letter: str = ""
    short: str = ""


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file."""

    title: str = ""
    """For whoever reads the file."""
    assumes: tuple[Assumption, ...] = ()
    subject: Annotated[str, Filled()]
    text: Annotated[str, Filled()]
    html: str = ""
    letter: str = ""
    short: str = ""
    first: _First = _First()


def read_text(path: Path, *, key: str | None = None, language: str | None = None) -> Template:
    """Read a text; its key is the file's name and its language the folder's, unless given.

    Raises TextFileError with every problem and its cure.
    """
    key, language = key or path.stem, language or path.parent.name
    if not _KEY.fullmatch(key):
        problem = text("“{key}” is no key: small letters, digits, _ and - only", key=key)
        raise _refused(path, problem)
    if not _LANGUAGE.fullmatch(language):
        problem = text("which language? Put it in a folder `it/` or say --language")
        raise _refused(path, problem)
    try:
        given = path.read_text("utf-8-sig")
    except OSError as error:
        raise _refused(path, system_words(error)) from None
    except UnicodeDecodeError:
        raise _refused(path, text("is not UTF-8"), text("save it as UTF-8")) from None
    parts, wrong = read_toml(_Parts, given)
    if parts is None:
        found = (problem_line(str(path), each.key, each.message, each.hint) for each in wrong)
        raise TextFileError(lines(found))
    return Template(
        key=key,
        language=language,
        **_words(parts),
        asks_interest=None,
        adds_interest=False,
        adds_statement=False,
        assumes=parts.assumes,
        first={name: words for name, words in _words(parts.first).items() if words},
    )


def _words(parts: _Parts | _First) -> dict[str, str]:
    return {name: getattr(parts, name).strip("\n") for name in PARTS}


def _refused(path: Path, message: str, hint: str = "") -> TextFileError:
    return TextFileError(problem_line(str(path), "", message, hint))


def write_text(template: Template) -> str:
    """The text as a file; reading it gives the same text."""
    assumed = ", ".join(f'"{each.value}"' for each in template.assumes)
    header = [f"assumes = [{assumed}]"] if assumed else []
    words = [_line(name, getattr(template, name)) for name in PARTS if getattr(template, name)]
    first = [_line(name, template.first[name]) for name in PARTS if template.first.get(name)]
    return "\n".join([*header, *words, *(["", "[first]", *first] if first else [])]) + "\n"


def _line(name: str, words: str) -> str:
    return f"{name} = {_quoted(words)}"


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    kept = "".join(c if c >= " " or c in "\n\t" else f"\\u{ord(c):04X}" for c in escaped)
    if "\n" in kept:
        # Quotes need no backslash inside a triple-quoted text, unless three are adjacent.
        return '"""\n' + kept.replace('\\"', '"').replace('"""', '""\\"') + '\n"""'
    return f'"{kept}"'
