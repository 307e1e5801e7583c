"""Every example of the author guide is right by mypy's strict rules, all checked by one run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "plugins"
SETTINGS = """[mypy]
strict = True
"""


def examples() -> dict[str, str]:
    """The Python blocks of every page, each named after its page and line."""
    found: dict[str, str] = {}
    for page in sorted(GUIDE.glob("*.md")):
        words = page.read_text(encoding="utf-8")
        for block in re.finditer(r"```python\n(.*?)```", words, re.S):
            line = words.count("\n", 0, block.start()) + 1
            found[f"{page.stem}_{line}"] = block[1]
    return found


def test_examples_are_right_by_strict_types(tmp_path: Path) -> None:
    names = examples()
    assert len(names) >= 10
    first = next(code for code in names.values() if "hub_kinds" in code)
    (tmp_path / "incasso_notes.py").write_text(first)  # what the next example imports
    for name, code in names.items():
        (tmp_path / f"{name}.py").write_text(code)
    (tmp_path / "mypy.ini").write_text(SETTINGS)
    cache = Path(__file__).parents[2] / ".mypy_cache" / "examples"
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", str(cache)]
    done = subprocess.run(
        [*command, *(f"{name}.py" for name in names)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
