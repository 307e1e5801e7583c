"""What is installed with the hub is used by it, and what it uses is installed with it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("core", "connectors", "channels", "providers", "fakes")
TESTS = ("tests", "bench", "scripts")

EXTRAS = ("testing", "mexal", "mago4", "s3", "signin", "sms", "folders", "excel")

LOADED_BY_NAME = {
    "psycopg": "SQLAlchemy's driver for PostgreSQL, named in the URL",
    "pymap": "the IMAP server of incasso.testing.pec, a process of its own",
    "pymssql": "SQLAlchemy's driver for SQL Server, named in the URL",
    "pymysql": "SQLAlchemy's driver for MySQL, named in the URL",
    "tomli-w": "msgspec writes TOML with it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
"""Needed without an import of ours."""

THE_INTEGRATORS_CHOICE = {"pyodbc"}
"""Imported only where an URL names it: it needs Microsoft's drivers."""

TOOLS = set(
    "build editables hatchling import-linter lxml-stubs mypy pymap pytest-timeout pytest-xdist "
    "ruff types-openpyxl types-paramiko types-pymysql types-requests".split()
)
"""Run from outside, or read by the type checker."""

COMES_WITH = {
    "botocore": "boto3",
    "h11": "uvicorn",
    "markupsafe": "jinja2",
    "pydantic": "fastapi",
    "starlette": "fastapi",
    "urllib3": "requests",
}
"""What a dependency shows of another as its own."""


def test_every_dependency_is_used_by_the_sources() -> None:
    used = _imported(SOURCES)
    project = _project()
    extras = (name for each in EXTRAS for name in _extra(each))
    for name in (*project["dependencies"], *extras):
        assert name in used or name in LOADED_BY_NAME, f"{name} is imported by nobody"


def test_what_only_tests_use_is_for_development() -> None:
    used = _imported(TESTS) | _imported(SOURCES)
    for name in _extra("dev"):
        assert name in used | TOOLS, f"{name} is imported by nobody"


def test_whatever_the_sources_import_is_installed_with_them() -> None:
    project = _project()
    extras = {name for each in EXTRAS for name in _extra(each)}
    given = {*project["dependencies"], *extras, *THE_INTEGRATORS_CHOICE}
    for name in _imported(SOURCES):
        assert COMES_WITH.get(name, name) in given, f"{name} is not in pyproject.toml"


def test_every_reason_given_here_is_still_needed() -> None:
    project = _project()
    given = {*project["dependencies"], *_extra("mexal"), *_extra("mago4"), *_extra("dev")}
    assert LOADED_BY_NAME.keys() | TOOLS <= given


@cache
def _project() -> dict[str, list[str]]:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = found["optional-dependencies"]
    return {"dependencies": _names(found["dependencies"])} | {
        name: _names(each) for name, each in extras.items()
    }


def _extra(name: str) -> list[str]:
    return [each for each in _project()[name] if each != "incasso"]


def _names(requirements: Iterable[str]) -> list[str]:
    """`psycopg[binary]>=3.2` is psycopg."""
    return [_normal(re.split(r"[\[<>=!~;]", each)[0]) for each in requirements]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _imported(roots: tuple[str, ...]) -> frozenset[str]:
    """The distributions behind every import below these folders; our own and Python's left out."""
    modules = {
        name.partition(".")[0]
        for root in roots
        for path in (ROOT / root).rglob("*.py")
        for name in _modules(ast.parse(path.read_text(encoding="utf-8")))
    }
    ours = {path.parent.name for root in SOURCES for path in (ROOT / root).glob("*/__init__.py")}
    known = packages_distributions()
    others = modules - sys.stdlib_module_names - ours - {*TESTS}
    return frozenset(_normal(each) for module in others for each in known.get(module, [module]))


def _modules(tree: ast.Module) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
