"""Rows of the database stay in the store: what leaves it is a struct whose fields mypy knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "core/incasso"
LISTS = {CORE / "store/lists/rows.py", CORE / "store/lists/reading.py"}
"""A list is declared as data: here its rows become the fields that it names."""


def test_no_row_outside_the_store() -> None:
    outside = [path for path in CORE.rglob("*.py") if CORE / "store" not in path.parents]
    guilty = [path for path in outside if any(_rows(_tree(path)))]
    assert guilty == []


def test_in_the_store_only_private_functions_see_rows() -> None:
    guilty = [
        f"{path.relative_to(CORE)}: {function}"
        for path in (CORE / "store").rglob("*.py")
        if path not in LISTS
        for function in _public_with_rows(_tree(path))
    ]
    assert guilty == []


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _rows(tree: ast.AST) -> Iterator[ast.AST]:
    """Where SQLAlchemy's rows are named."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name in ("Row", "RowMapping")
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in names:
                yield node
            case ast.Attribute(value=ast.Name(id="sa" | "sqlalchemy"), attr="Row" | "RowMapping"):
                yield node


def _public_with_rows(tree: ast.Module) -> Iterator[str]:
    rows = set(map(id, _rows(tree)))
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        arguments = [each for each in ast.walk(node.args) if isinstance(each, ast.arg)]
        written = [each.annotation for each in arguments]
        for annotation in filter(None, [*written, node.returns]):
            if any(id(each) in rows for each in ast.walk(annotation)) or _is_anything(annotation):
                yield node.name


def _is_anything(annotation: ast.AST) -> bool:
    """A sequence of anything is a row, or rows, by another name."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Sequence" | "list"), slice=ast.Name(id="Any")):
            return True
    return False


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import Row\ndef found(connection) -> list[Row[Any]]: ...",
        "import sqlalchemy as sa\ndef found(row: sa.Row[Any]) -> int: ...",
        "from sqlalchemy.engine import RowMapping as R\ndef found(*, row: R) -> int: ...",
        "def found(rows: Sequence[Any]) -> int: ...",
    ],
)
def test_a_function_that_lets_rows_out_is_recognised(source: str) -> None:
    assert [*_public_with_rows(ast.parse(source))] == ["found"]


def test_a_private_one_is_not() -> None:
    source = "from sqlalchemy import Row\ndef _made(row: Row[Any]) -> int: ..."
    assert [*_public_with_rows(ast.parse(source))] == []
    assert len([*_rows(ast.parse(source))]) == 1
