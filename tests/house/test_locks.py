"""Versions, bounds and hashes say the same, and no file names a server."""

from __future__ import annotations

import os
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("development", "office", "tools")

BY_DATE = {
    "tzdata",
    "types-paramiko",
    "types-pymysql",
    "types-requests",
    "types-openpyxl",
    "lxml-stubs",
}
"""Counted by date, or stubs for the type checker: no release of theirs breaks an office."""


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Of each package its version and how many of its files have a hash."""
    found: dict[str, tuple[str, int]] = {}
    text = (ROOT / f"locks/{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        requirement, *hashes = re.split(r"\s+--hash=sha256:", line)
        assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes), line[:80]
        parsed = Requirement(requirement)
        [pin] = parsed.specifier
        assert pin.operator == "=="
        found[canonicalize_name(parsed.name)] = (pin.version, len(hashes))
    return found


def constrained() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def asked() -> list[Requirement]:
    """Everything that pyproject.toml asks for."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    every = chain(project["dependencies"], *project["optional-dependencies"].values())
    return [Requirement(each) for each in every if not each.startswith("incasso")]


@pytest.mark.parametrize("name", LOCKS)
def test_every_file_of_every_package_has_its_hash_and_no_address(name: str) -> None:
    assert all(hashes for _, hashes in locked(name).values())
    text = (ROOT / f"locks/{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--find-links|--trusted|^-", text, re.MULTILINE)


def test_the_locks_are_of_the_versions_in_constraints() -> None:
    """If this fails: `scripts/lock`, and commit what it wrote."""
    pins = constrained()
    for name in ("development", "office"):
        for package, (version, _) in locked(name).items():
            assert pins.get(package, version) == version, package
    assert pins.keys() <= locked("development").keys()
    assert locked("office").keys() <= locked("development").keys()


def test_every_library_has_a_lower_and_an_upper_bound_that_the_lock_is_within() -> None:
    versions = locked("development")
    for each in asked():
        name = canonicalize_name(each.name)
        assert each.specifier.contains(versions[name][0]), f"{each}: `make lock`"
        operators = {bound.operator for bound in each.specifier}
        assert name in BY_DATE or operators == {">=", "<"}, f"{each} needs >= and <"


def test_the_licence_lies_beside_what_names_it() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:200]
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])


def test_scripts_can_be_run() -> None:
    for script in (ROOT / "scripts").iterdir():
        assert os.access(script, os.X_OK), script.name
