"""What files refer to is in the repository: pages that exist, rules that the docs tell."""

from __future__ import annotations

import re
from pathlib import Path

from incasso.contract.media import Medium
from incasso.domain.recovery.actions import Action

ROOT = Path(__file__).parents[2]
FOLDERS = "bench channels connectors core docs fakes providers scripts tests".split()
_OUTSIDE = re.compile("DES" + r"IGN\b|\bfacts/\w+\.md")
_PAGE = re.compile(r"\bdocs/[\w/.-]+\.md\b")


def _texts() -> dict[str, str]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in [*files, *ROOT.glob("*")]
        if path.suffix in (".py", ".md", ".toml") and path.is_file()
    }


def test_no_file_refers_to_a_page_outside_the_repository() -> None:
    assert [name for name, text in _texts().items() if _OUTSIDE.search(text)] == []


def test_every_page_that_is_mentioned_exists() -> None:
    mentioned = {page for text in _texts().values() for page in _PAGE.findall(text)}
    assert [page for page in sorted(mentioned) if not (ROOT / page).exists()] == []


def test_the_decision_page_has_every_rule_that_is_quoted() -> None:
    page = (ROOT / "docs/explanation/decision.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^(\d+)\. \*\*", page, re.MULTILINE))
    quoted = {
        number
        for name, text in _texts().items()
        if "recovery" in name or "domain" in name
        for number in re.findall(r"\brules? (\d+)\b", text)
    }
    assert quoted
    assert quoted <= told


def test_the_page_of_the_iter_file_names_every_medium_and_action() -> None:
    page = (ROOT / "docs/reference/iter-file.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(action|channels)` \|(.*)$", page, re.MULTILINE))
    assert [each for each in Action if f"`{each}`" not in rows["action"]] == []
    assert [each for each in Medium if f"`{each}`" not in rows["channels"]] == []
