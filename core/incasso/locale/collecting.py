"""Collect the English words of a package from its source, for the catalogues.

Collected are the first arguments of `text`, `counted`, `template` and `term`, the `help=`, `unit=`
and `metavar=` of options, settings and kinds, what filters of lists narrow, and the docstrings of
commands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Final

_SOURCES: Final = ("incasso.api", "incasso.contract.text")
_MARKS: Final = {"text": 1, "template": 1, "counted": 2, "term": 2}
"""The marking functions, and how many literals each takes."""
_HELP: Final = ("help", "unit", "metavar", "epilog", "summary")


@dataclass(frozen=True, order=True)
class Word:
    """One key of a catalogue: English words, their plural, and the context of a lone word."""

    english: str
    plural: str = ""
    context: str = ""


@dataclass
class Collected:
    """The words of a package, and the calls that cannot be translated, with their place."""

    words: set[Word] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def collect(folder: Path) -> Collected:
    """Everything in the Python files below this folder."""
    found = Collected()
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        marks = _imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                _call(node, marks, file, found)
            elif isinstance(node, ast.FunctionDef) and _is_command(node):
                found.words |= {Word(words) for words in [ast.get_docstring(node)] if words}
    return found


def placeholders(sentence: str) -> set[str]:
    """The names in braces, each with its conversion."""
    return {
        f"{name}!{conversion}" if conversion else name
        for _, name, _, conversion in Formatter().parse(sentence)
        if name is not None
    }


def _imported(tree: ast.Module) -> dict[str, str]:
    """The marking functions by the names they have in this file: other modules have a `text`."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in _SOURCES
        for alias in node.names
        if alias.name in _MARKS
    }


def _call(call: ast.Call, marks: dict[str, str], file: Path, found: Collected) -> None:
    name = marks.get(call.func.id, "") if isinstance(call.func, ast.Name) else ""
    if wanted := _MARKS.get(name, 0):
        given = [_literal(argument) for argument in call.args[:wanted]]
        if len(given) < wanted or not all(given):
            found.problems.append(f"{file}:{call.lineno}: {name}() needs literal sentences")
            return
        found.words.add(_word(name, given))
        if name in ("text", "counted"):
            found.problems += _mismatched(call, given, f"{file}:{call.lineno}")
    helping = [keyword.value for keyword in call.keywords if keyword.arg in _HELP]
    if isinstance(call.func, ast.Name) and call.func.id == "Filter":
        helping += call.args[2:3]
    found.words |= {Word(words) for words in map(_literal, helping) if words}


def _word(name: str, given: list[str]) -> Word:
    match name:
        case "counted":
            return Word(given[0], plural=given[1])
        case "term":
            return Word(given[1], context=given[0])
    return Word(given[0])


def _mismatched(call: ast.Call, given: list[str], place: str) -> Iterator[str]:
    """A placeholder without a value, or a value that the sentence does not show."""
    if any(keyword.arg is None for keyword in call.keywords):
        return
    values = {str(keyword.arg) for keyword in call.keywords}
    asked = {name.partition("!")[0] for sentence in given for name in placeholders(sentence)}
    if len(given) == 2:
        asked |= {"n"}
    if asked != values:
        yield f"{place}: {sorted(asked ^ values)} differ between sentence and values"


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_command(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(mark, ast.Call)
        and isinstance(mark.func, ast.Attribute)
        and mark.func.attr in ("command", "callback")
        for mark in function.decorator_list
    )
