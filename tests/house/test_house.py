"""The house rules that no other tool checks: source roots, wheel, lists that must agree."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = ("core", "connectors", "channels", "providers", "fakes")
PLUGIN_ROOTS = ("connectors", "channels", "providers")
FAKES = {"incasso_fake_mago4", "incasso_fake_mexal"}


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def plugin_packages() -> set[str]:
    return {p.parent.name for root in PLUGIN_ROOTS for p in (ROOT / root).glob("*/__init__.py")}


def begun(package: str) -> bool:
    """Whether its room holds more than the sentence that says what will live there."""
    folder = next(f for root in PLUGIN_ROOTS if (f := ROOT / root / package).is_dir())
    return any(
        re.search("^(from|import) ", p.read_text(), re.MULTILINE) for p in folder.glob("*.py")
    )


@pytest.mark.parametrize("root", SOURCE_ROOTS)
def test_a_source_root_is_not_a_package(root: str) -> None:
    assert not (ROOT / root / "__init__.py").exists()


def test_every_package_is_typed_for_partners() -> None:
    for package in ["core/incasso", *(f"{r}/{p}" for r in SOURCE_ROOTS[1:] for p in _packages(r))]:
        assert (ROOT / package / "py.typed").exists(), package


def _packages(root: str) -> list[str]:
    return [p.parent.name for p in (ROOT / root).glob("*/__init__.py")]


def test_every_plugin_is_an_entry_point_and_under_the_floors() -> None:
    entries = {e.value for e in importlib.metadata.entry_points(group="incasso.plugins")}
    assert set(filter(begun, plugin_packages())) <= entries
    linter = project()["tool"]["importlinter"]  # type: ignore[index]
    assert plugin_packages() == set(linter["root_packages"]) - {"incasso"} - FAKES
    assert set(_packages("fakes")) == FAKES
    for contract in linter["contracts"]:
        for key in ("source_modules", "modules"):
            names = set(contract.get(key, ()))
            if names & plugin_packages():
                assert plugin_packages() <= names, contract["name"]


def test_the_core_names_no_vendor() -> None:
    """But for the simulators, which are named after what they speak."""
    vendors = re.compile(r"mexal|passepartout|mago|zucchetti|aruba|twilio", re.IGNORECASE)
    guilty = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "core").rglob("*.py"))
        if "testing" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if vendors.search(line)
    ]
    assert guilty == []


STATES = ("status", "state")


def test_states_are_compared_with_members_of_enumerations() -> None:
    """A misspelt word would be found by nobody: it is true of no row."""
    guilty = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for floor in ("domain", "store", "services", "demo", "cli")
        for path in sorted((ROOT / "core/incasso" / floor).rglob("*.py"))
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _states_a_word(node)
    ]
    assert guilty == []


def _states_a_word(node: ast.AST) -> bool:
    """A state compared with, looked for among, or set to a word in quotation marks."""
    match node:
        case ast.Compare(left=left, comparators=[right]):
            return _called(left) in STATES and _is_word(right)
        case ast.Call(func=ast.Attribute(value=of, attr="in_" | "not_in"), args=[among]):
            return _called(of) in STATES and _is_word(among)
        case ast.keyword(arg=name, value=value):
            return name in STATES and _is_word(value)
    return False


def _called(node: ast.AST) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _is_word(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(word)):
            return word != ""
        case ast.Tuple(elts=each) | ast.List(elts=each) | ast.Set(elts=each):
            return any(map(_is_word, each))
    return False


@pytest.mark.parametrize(
    ("line", "states"),
    [
        ("row.status == 'open'", True),
        ("row['state'] in ('open', 'parked')", True),
        ("cases.c.state.in_(['open'])", True),
        ("update.values(status='open')", True),
        ("row.status == CaseState.OPEN", False),
        ("row.name == 'open'", False),
        ("update.values(status='')", False),
    ],
)
def test_a_word_for_a_state_is_recognised(line: str, states: bool) -> None:
    assert any(_states_a_word(node) for node in ast.walk(ast.parse(line))) is states


AGENDA = ("core/incasso/store/recovery/agenda.py", "core/incasso/store/tables/recovery.py")


def test_the_agenda_of_planning_has_one_writer() -> None:
    """A day to look that another module puts off hides a stage that is due."""
    guilty = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in sorted((ROOT / "core/incasso").rglob("*.py"))
        if str(path.relative_to(ROOT)) not in AGENDA and "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _names(node, "look_on")
    ]
    assert guilty == []


def _names(node: ast.AST, column: str) -> bool:
    """Whether this is the column: an attribute, a keyword, or a word in SQL or a dictionary."""
    match node:
        case ast.Attribute(attr=name) | ast.keyword(arg=name):
            return name == column
        case ast.Constant(value=str(text)):
            return re.search(rf"\b{column}\b", text) is not None
    return False


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for root in (*SOURCE_ROOTS, "bench")
        for path in sorted((ROOT / root).rglob("*.py"))
        if not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


def test_no_module_grows_past_four_hundred_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for root in (*SOURCE_ROOTS, "bench")
        for path in sorted((ROOT / root).rglob("*.py"))
        if "versions" not in path.parts  # migrations are written by a machine
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert long == []


def test_links_between_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
        for target in link.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []


@pytest.mark.slow
def test_the_wheel_brings_only_our_names(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(tmp_path),
    ]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.split("/")[0] for n in names if not n.startswith("incasso")} == set()
    assert "incasso/api.py" in names
    for package in plugin_packages() | FAKES:
        assert f"{package}/__init__.py" in names


def test_rows_of_the_database_stay_in_the_store() -> None:
    outside = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "core/incasso").rglob("*.py"))
        if "store" not in path.parts and re.search(r"\bRow\[", path.read_text(encoding="utf-8"))
    ]
    assert outside == []
