"""Catalogues: collected from the source, checked, compiled, and found beside a plugin too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from incasso.api import counted, text
from incasso.locale import catalogues, localize
from incasso.locale.update import main, problems, update

SOURCE = '''"""A plugin."""
from incasso.api import counted, setting, term, text

text("On {day} {amount} was paid by {who}.", day=1, amount=2, who=3)
counted("{n} row", "{n} rows", n=4)
term("step", "ready")
setting(help="The folder")
'''
ENTRIES = (
    ('msgid "On {day} {amount} was paid by {who}."', "Il {day} {who} ha pagato {amount}."),
    ('msgid "The folder"', "La cartella"),
    ('msgid "ready"', "pronta"),
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "incasso_scratch"
    folder.mkdir()
    (folder / "__init__.py").write_text(SOURCE, encoding="utf-8")
    return folder


@pytest.fixture
def po(package: Path) -> Path:
    return package / "locale" / "it" / "LC_MESSAGES" / "incasso_scratch.po"


def translate(po: Path) -> None:
    words = po.read_text(encoding="utf-8")
    for key, italian in ENTRIES:
        words = words.replace(f'{key}\nmsgstr ""', f'{key}\nmsgstr "{italian}"')
    words = words.replace('msgstr[0] ""', 'msgstr[0] "una riga"')
    po.write_text(words.replace('msgstr[1] ""', 'msgstr[1] "{n} righe"'), encoding="utf-8")


def test_new_words_come_in_empty_and_are_told(
    package: Path, po: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(package)]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 4
    translate(po)
    assert main(["--check", str(package)]) == 1, "the .mo is older"
    assert main([str(package)]) == 0
    assert main(["--check", str(package)]) == 0


def test_words_out_of_use_are_dropped(package: Path, po: Path) -> None:
    update(package)
    translate(po)
    (package / "__init__.py").write_text("from incasso.api import text\n", encoding="utf-8")
    assert any("unused: 'ready'" in line for line in problems(package))
    update(package)
    assert "ready" not in po.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("{who} ha", "{chi} ha", "other placeholders"),
        ('msgid "ready"', '#, fuzzy\nmsgid "ready"', "fuzzy"),
        ("La cartella", "", "not translated: 'The folder'"),
        ('msgstr[1] "{n} righe"', 'msgstr[1] "{x} righe"', "other placeholders"),
    ],
)
def test_a_bad_translation_is_told(
    package: Path, po: Path, right: str, wrong: str, told: str
) -> None:
    update(package)
    translate(po)
    update(package)
    assert list(problems(package)) == []
    words = po.read_text(encoding="utf-8")
    if "fuzzy" in wrong:
        right, wrong = 'msgctxt "step"\nmsgid', '#, fuzzy\nmsgctxt "step"\nmsgid'
    assert right in words
    po.write_text(words.replace(right, wrong), encoding="utf-8")
    assert any(told in line for line in problems(package))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ('text(f"{x}")', "literal"),
        ('text("a" + x)', "literal"),
        ('text("{a}", b=1)', "['a', 'b'] differ"),
        ('counted("{n} of {all}", "{n} of {all}", n=1)', "['all'] differ"),
    ],
)
def test_a_call_nobody_can_translate_is_told(package: Path, call: str, told: str) -> None:
    source = f"from incasso.api import counted, text\n{call}"
    (package / "__init__.py").write_text(source, encoding="utf-8")
    assert any(told in line for line in problems(package))


@pytest.fixture
def installed(package: Path, po: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package as a plugin that is installed, but never imported."""
    update(package)
    translate(po)
    update(package)
    (package / "__init__.py").write_text("raise RuntimeError('broken')", encoding="utf-8")
    monkeypatch.syspath_prepend(package.parent)
    point = EntryPoint(name="scratch", value="incasso_scratch", group="incasso.plugins")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point])
    catalogues._of_plugins.cache_clear()
    yield
    catalogues._of_plugins.cache_clear()


@pytest.mark.usefixtures("installed")
def test_words_of_a_plugin_are_found_beside_it() -> None:
    who = counted("{n} row", "{n} rows", n=1)
    paid = text(
        "On {day} {amount} was paid by {who}.",
        day=date(2026, 10, 15),
        amount=Decimal("1234.50"),
        who=who,
    )
    assert localize(paid, "it") == "Il 15/10/2026 una riga ha pagato 1.234,50."
    assert localize(paid, "en") == "On 15 Oct 2026 1,234.50 was paid by 1 row."
    assert localize(counted("{n} row", "{n} rows", n=3), "it") == "3 righe"
    assert type(localize(paid, "it")) is str


@pytest.mark.usefixtures("installed")
def test_words_nobody_knows_stay_english_as_a_whole() -> None:
    unknown = text("Never heard on {day}.", day=date(2026, 10, 15))
    assert localize(unknown, "it") == "Never heard on 2026-10-15."
    assert localize("as it is", "it") == "as it is"
