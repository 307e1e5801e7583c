"""Words of the house: every one translated, and none in the domain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from incasso.locale.update import problems

ROOT = Path(__file__).parents[2]
DOMAIN = ROOT / "core/incasso/domain"
PACKAGES = [
    ROOT / "core/incasso",
    *(
        file.parent
        for root in ("connectors", "channels", "providers")
        for file in sorted((ROOT / root).glob("*/__init__.py"))
    ),
]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_word_is_translated(package: Path) -> None:
    """If this fails: `make words`, translate what it tells, run it again."""
    assert list(problems(package)) == []


NO_SENTENCES = {
    # lists that are split into codes, and words of another language than English
    "documents/numbers.py",
    "documents/matching.py",
    "ledger/plausible.py",
    "ledger/search_numbers.py",
    "ledger/search_words.py",
    "ledger/tax_numbers.py",
    "money.py",
    "plain_cell.py",
    # where a figure or a rule was published, as one cites it
    "law/commercial_rates.py",
    "law/legal_rates.py",
    "law/limitation.py",
}
CODES = {
    "iter chosen",
    "charges set",
    "own stages",
    "not reached",
    "no_address {}",
    "lot {}",
    "iter file",
    "by hand",
    "there already",
    "never written",
    "left alone",
}
"""Codes with a blank in them, as databases and journals of today keep them."""


def test_the_domain_has_no_words_for_people() -> None:
    guilty = [
        f"{file.relative_to(ROOT)}:{line}: {words!r}"
        for file in sorted(DOMAIN.rglob("*.py"))
        if file.relative_to(DOMAIN).as_posix() not in NO_SENTENCES
        for line, words in _sentences(ast.parse(file.read_text(encoding="utf-8")))
        if words not in CODES and not words.endswith(" = {}")  # a line of TOML
    ]
    assert guilty == []


def _sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Strings with a blank between letters, docstrings and programmers' errors left out."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        for inner in ast.walk(node)
    }
    within = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if id(node) in silent | within:
            continue
        words = _words(node)
        if " " in words.strip() and any(letter.isalpha() for letter in words):
            yield getattr(node, "lineno", 0), words


def _words(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return ""
