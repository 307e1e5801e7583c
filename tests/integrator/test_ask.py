"""`acceptance --ask` at a real terminal: the accountant's language, and answers that stay empty."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from incasso.domain.ledger.acceptance import Expected, read_expected
from incasso.domain.ledger.installment_status import Standing
from tests.cli.command import plain_environment, well
from tests.started import started

TABLE = '[hub]\nlanguage = "{}"\n[connectors.acme]\nplugin = "csv"\ninstallments = "l.csv"\n'
LEDGER = "key,client,due_date,residual\n1,C1,2026-10-31,100.00\n"
CASES = 13


def asked(folder: Path, language: str, answers: Sequence[str]) -> str:
    """What the command printed; the answers are typed at a terminal, one line each."""
    (folder / "plugins.toml").write_text(TABLE.format(language), encoding="utf-8")
    (folder / "l.csv").write_text(LEDGER, encoding="utf-8")
    told = {**plain_environment(), "INCASSO_LANGUAGE": language}
    here = [sys.executable, "-m", "incasso.cli.main"]
    well(folder, "init")
    terminal, keyboard = pty.openpty()
    try:
        command = [*here, "acceptance", "acme", "--ask"]
        with started(
            command,
            cwd=folder,
            env=told,
            stdin=keyboard,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            os.write(terminal, "".join(f"{answer}\n" for answer in answers).encode())
            out, _ = process.communicate(timeout=60)
    finally:
        os.close(terminal)
        os.close(keyboard)
    told_back: bytes = out
    return told_back.decode()


def rest(done: int) -> list[str]:
    """Empty answers to the cases that are left."""
    return [""] * (CASES - done)


def test_in_italian_with_a_standing_by_label_code_or_number(tmp_path: Path) -> None:
    answers = [
        answer
        for standing in ("scaduta", "overdue", "7")
        for answer in ("C1", "F1", "2", "610.00", standing)
    ]
    out = asked(tmp_path, "it", [*answers, *rest(0)])
    assert "codice cliente (vuoto: caso successivo)" in out and "scaduta" in out
    assert "client code" not in out and "Traceback" not in out
    cases, wrong = read_expected((tmp_path / "acceptance-acme.toml").read_text(encoding="utf-8"))
    one = Expected(
        case="three_installments",
        client="C1",
        document="F1",
        installment=2,
        residual=Decimal("610.00"),
        standing=Standing.OVERDUE,
    )
    assert not wrong and cases == (one, one, one)


def test_answers_may_stay_empty_and_wrong_ones_are_asked_again(tmp_path: Path) -> None:
    first = ["C1", "", "", "", "", ""]
    second = ["C2", "F2", "", "much", "", "late", "", ""]
    out = asked(tmp_path, "en", [*first, *second, *rest(2)])
    assert "client code (empty: next case)" in out
    cases, _ = read_expected((tmp_path / "acceptance-acme.toml").read_text(encoding="utf-8"))
    assert cases == (
        Expected(case="three_installments", client="C1"),
        Expected(case="part_paid", client="C2", document="F2"),
    )
