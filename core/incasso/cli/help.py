"""Help in the reader's language: the words of commands and options, and the frame around them."""

from __future__ import annotations

import re
from typing import Any, Final

from incasso.contract.text import term
from incasso.locale import ENGLISH, localize
from incasso.locale.sentences import translated

_FRAME: Final = (
    # Typer's own words, where they stand in a page of help
    (r"^Usage(?=: )", term("help", "Usage")),
    (r"^Arguments(?=:$)", term("help", "Arguments")),
    (r"^Options(?=:$)", term("help", "Options")),
    (r"^Commands(?=:$)", term("help", "Commands")),
    (r"(?<=\[)OPTIONS(?=\])", term("help", "OPTIONS")),
    (r"\bCOMMAND(?= \[ARGS\])", term("help", "COMMAND")),
    (r"(?<=\[)ARGS(?=\])", term("help", "ARGS")),
    (r"(?<=[\[; ])required(?=[\];])", term("help", "required")),
    (r"(?<=[\[; ])default(?=: )", term("help", "default")),
    (r"(?<=[\[; ])env var(?=:)", term("help", "env var")),
    (r"Show this message and exit\.", term("help", "Show this message and exit.")),
)


def translate(command: Any, language: str) -> None:
    """Put a command, its options and the commands below it into this language."""
    if language == ENGLISH:
        return
    for name in ("help", "short_help", "epilog"):
        _replace(command, name, language)
    for parameter in command.params:
        _replace(parameter, "help", language)
        _replace(parameter, "metavar", language)
    for below in getattr(command, "commands", {}).values():
        translate(below, language)


def framed(page: str, language: str) -> str:
    """A page of help whose headings are in this language too."""
    if language == ENGLISH:
        return page
    for pattern, word in _FRAME:
        page = re.sub(pattern, localize(word, language), page, flags=re.M)
    return page


def _replace(owner: Any, name: str, language: str) -> None:
    if words := getattr(owner, name, None):
        setattr(owner, name, translated(words, language))
