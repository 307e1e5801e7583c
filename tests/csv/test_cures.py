"""What to do about a refused file is said by sync and by check, in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from incasso.contract.errors import ConfigurationError
from incasso.contract.values import Problem
from tests.cli.command import inside, well
from tests.csv.reading import sheet, text

TABLE = '[hub]\nlanguage = "en"\n[connectors.acme]\nplugin = "csv"\ninstallments = "{}"\n'


def _said(where: Path, *words: str) -> str:
    done = inside(where, *words)
    assert done.code
    return " ".join((done.out + done.err).split())


def test_sync_and_check_say_how_to_name_or_waive_a_column(tmp_path: Path) -> None:
    text(
        tmp_path / "l.csv",
        "Codice cliente;Cliente;Scadenza;Importo;Anticipi avuti\n1;Rossi;31/10/2026;9,00;1,00\n",
    )
    (tmp_path / "plugins.toml").write_text(TABLE.format("l.csv"), encoding="utf-8")
    well(tmp_path, "init")
    for words in (("sync",), ("check", "acme", "--format", "jsonl")):
        said = _said(tmp_path, *words).replace('\\"', '"')
        assert 'or waive it: ignore = ["Anticipi avuti"]' in said, said
        assert "see `incasso check" not in said


def test_a_workbooks_cure_is_not_the_table_of_the_settings(tmp_path: Path) -> None:
    sheet(tmp_path / "l.xlsx", [["Cliente", "Scadenza", "Importo"], ["Rossi", "31/10/2026", 9]])
    config = TABLE.format("l.xlsx") + 'sheet = "Other"\n'
    (tmp_path / "plugins.toml").write_text(config, encoding="utf-8")
    well(tmp_path, "init")
    for words in (("sync",), ("check", "acme", "--format", "jsonl")):
        assert "correct the file, or the sheet's name" in _said(tmp_path, *words)


def test_cures_are_said_once_each() -> None:
    several = [Problem(code="a", message="m", hint=hint) for hint in ("one", "two", "one", "")]
    assert ConfigurationError(several).hint == "one; two"
    assert ConfigurationError("m").hint == ""
    with pytest.raises(ConfigurationError, match="m; m; m; m"):
        raise ConfigurationError(several)
