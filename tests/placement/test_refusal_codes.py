"""The page of refusal codes names every code with its sentence; run this module to write it."""

from __future__ import annotations

from incasso.domain.placement.problems import ReturnProblem
from incasso.locale import localize
from incasso.locale.returns import CODES, refusal_template
from tests.cli.command import ROOT

PAGE = ROOT / "docs/reference/refusal-codes.md"

HEAD = """# Refusal codes

Why a row or a file of an agency was not simply taken. `incasso exchange check` prints the same
codes, and the answer to the agency carries them with a sentence in its language. The list is
closed: a program may rely on it.

"""


def page() -> str:
    """The whole page."""
    lines = [HEAD]
    for title, of_files in (("Of a row", False), ("Of a whole file", True)):
        lines.append(f"## {title}\n\n| code | kept | what the agency reads |\n|---|---|---|\n")
        for code in CODES:
            if code.is_of_file is of_files:
                told = localize(refusal_template(code), "en")
                lines.append(f"| `{code}` | {'✓' if code.kept else ''} | {told} |\n")
        lines.append("\n")
    lines.append(
        "`kept`: the row waits at the hub, or was noted; it must not be sent again. All others may "
        "come again,\nput right, under the same id.\n"
    )
    return "".join(lines)


def test_the_page_is_what_the_hub_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_code_has_a_sentence_in_each_language() -> None:
    assert set(CODES) == set(ReturnProblem)
    for code in CODES:
        english = localize(refusal_template(code), "en")
        assert localize(refusal_template(code), "it") != english, code


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
