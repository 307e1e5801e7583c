"""A generated plugin installs, type-checks, says what is left to write, and passes once written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from incasso.contract.capabilities import Family
from incasso.contract.errors import ConfigurationError
from incasso.plugins.scaffold import create
from tests.scaffold.bodies import BODIES, IMPORTS

NAMES = {Family.CONNECTOR: "zeus", Family.CHANNEL: "hermes_sms", Family.PROVIDER: "ade"}
FILES = """
.github/workflows/check.yml
README.md
pyproject.toml
quality.toml
src/{package}/__init__.py
src/{package}/client.py
src/{package}/mapping.py
src/{package}/py.typed
tests/configs/first.toml
tests/stub.py
tests/test_contract.py
tests/test_mapping.py
""".split()

_DISCOVERED = """
from incasso.plugins.discovery import discover
print([f"{family} {name}" for family, name in discover().kinds])
"""


@pytest.fixture(params=Family)
def family(request: pytest.FixtureRequest) -> Family:
    family: Family = request.param
    return family


def test_the_files_of_a_project(family: Family, tmp_path: Path) -> None:
    name = NAMES[family]
    written = create(family, name, tmp_path / "project")
    told = [str(path.relative_to(tmp_path / "project")) for path in written]
    assert told == [file.format(package=f"incasso_{name}") for file in FILES]
    assert all(path.is_file() for path in written)
    project = tomllib.loads((tmp_path / "project" / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["incasso.plugins"] == {name: f"incasso_{name}"}


def test_nothing_is_left_of_the_templates(family: Family, tmp_path: Path) -> None:
    for path in create(family, NAMES[family], tmp_path):
        assert not re.search(r"\$\{?[a-z]+\}?", path.read_text()), path


@pytest.mark.parametrize("name", ["", "Zeus", "7up", "zeus-erp", "zeus__erp", "a" * 31, "../x"])
def test_a_bad_name_writes_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot name a plugin"):
        create(Family.CONNECTOR, name, tmp_path / "project")
    assert not (tmp_path / "project").exists()


def test_a_full_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match="not empty"):
        create(Family.CHANNEL, "hermes", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_it_installs_and_is_discovered(family: Family, tmp_path: Path) -> None:
    name = NAMES[family]
    create(family, name, tmp_path / "project")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    target = tmp_path / "installed"
    _run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(target), "."],
        tmp_path / "project",
    )
    told = _run([sys.executable, "-c", _DISCOVERED], tmp_path, path=[target]).stdout
    assert f"'{family} {name}'" in told


@pytest.mark.slow
def test_it_says_what_is_left_to_write(family: Family, tmp_path: Path, cache: Path) -> None:
    create(family, NAMES[family], tmp_path)
    _typed(tmp_path, cache)
    failures = _failures(tmp_path)
    assert failures, "an empty plugin cannot keep the contract"
    for name, text in failures.items():
        assert "write me" in text, f"{name} fails for another reason:\n{text}"


@pytest.mark.slow
def test_once_written_it_keeps_the_contract(family: Family, tmp_path: Path, cache: Path) -> None:
    create(family, NAMES[family], tmp_path)
    _write(family, tmp_path / "src" / f"incasso_{NAMES[family]}")
    _typed(tmp_path, cache)
    assert _failures(tmp_path) == {}


def _write(family: Family, package: Path) -> None:
    """Fill in every "write me", as an author would."""
    bodies = dict(BODIES[family])
    for path in (package / "__init__.py", package / "mapping.py"):
        text = path.read_text()
        for name, body in list(bodies.items()):
            marker = re.compile(rf'^( *)raise NotImplementedError\("write me: {name}"\)', re.M)
            if found := marker.search(text):
                written = textwrap.indent(textwrap.dedent(body).strip(), found[1])
                text = text[: found.start()] + written + text[found.end() :]
                del bodies[name]
        imports = IMPORTS[family][path.name].format(name=NAMES[family])
        future = "from __future__ import annotations\n"
        path.write_text(text.replace(future, f"{future}\n{imports}\n", 1))
        assert "write me" not in path.read_text()
    assert not bodies, f"nobody asked for {list(bodies)}"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all projects: reading the hub's own types takes the longest."""
    return tmp_path_factory.mktemp("mypy")


def _typed(project: Path, cache: Path) -> None:
    _run([sys.executable, "-m", "mypy", "--cache-dir", str(cache)], project)


def _failures(project: Path) -> dict[str, str]:
    """The failed checks of the project's own suite, with what they say."""
    report = project / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    _run([*command, f"--junitxml={report}"], project, path=[project / "src"], codes=(0, 1))
    cases = ElementTree.parse(report).getroot().iter("testcase")
    failed: dict[str, str] = {}
    count = 0
    for case in cases:
        count += 1
        for kind in ("failure", "error"):
            if (told := case.find(kind)) is not None:
                failed[case.attrib["name"]] = f"{told.attrib.get('message')}\n{told.text}"
    assert count > 30, "the inherited checks were not collected"
    return failed


def _run(
    command: list[str],
    folder: Path,
    path: list[Path] | None = None,
    codes: tuple[int, ...] = (0,),
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path or []))}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in codes, done.stdout[-4000:] + done.stderr[-4000:]
    return done
