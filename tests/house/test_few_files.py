"""A usual change touches as few files as the onboarding page says: each is made on a scratch copy.

The copy of the source gets a column, an act, a medium, a stage action and a table, in exactly the
files that the page names; then an office works with them through the real command.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.cli.command import DAY, ROOT, Ended, incasso, make_office

PACKAGE = "core/incasso"

Edits: TypeAlias = dict[str, list[tuple[str, str | None]]]
"""By file: an anchor, and what is put behind it."""

COLUMN: Edits = {
    f"{PACKAGE}/store/lists/recovery.py": [
        ('    table="cases",', None),
        ('        Column("container"),\n', '        Column("client_vat", sql="client.vat"),\n'),
    ],
    f"{PACKAGE}/locale/headings.py": [
        ("HEADINGS: Final[Labels] = {\n", '    "client_vat": term("heading", "VAT of client"),\n'),
    ],
}
ACT: Edits = {
    f"{PACKAGE}/domain/acts/agreements.py": [
        (
            "",
            "\n\nclass Thank(Act, frozen=True, kw_only=True, tag='thank'):\n"
            '    """Note that somebody thanked the client."""\n\n    for_what: str = ""\n',
        ),
    ],
    f"{PACKAGE}/services/acts/agreements.py": [
        ("    Promise,\n", "    Thank,\n"),
        (
            "",
            "\n\n@carry_out.register\ndef _thank(act: Thank, doing: Doing) -> Text:\n"
            '    doing.touch(doing.targets(), "thanked", leave_steps=False)\n'
            '    return text("Thanked for {what}.", what=act.for_what)\n',
        ),
    ],
    f"{PACKAGE}/locale/acts.py": [
        (
            "ACTS: Final[Mapping[str, ActWords]] = {\n",
            '    "thank": ActWords(infinitive=text("thank"), help="Thank the client.",\n'
            '        options={"for_what": OptionWords(help="For what.")}),\n',
        ),
    ],
}
MEDIUM: Edits = {
    f"{PACKAGE}/contract/media.py": [
        ('    TELEGRAM = "telegram"\n', '    COURIER = "courier"\n'),
        (
            "TRAITS: Final[Mapping[Medium, MediumTraits]] = MappingProxyType(\n    {\n",
            '        Medium.COURIER: MediumTraits(form=AddressForm.NUMBER, address="phone"),\n',
        ),
    ],
    f"{PACKAGE}/locale/labels.py": [
        ("MEDIA: Labels = {\n", '    "courier": term("medium", "courier"),\n'),
    ],
    "channels/incasso_folder/__init__.py": [('    media=("email",', ' "courier",')],
}
ACTION: Edits = {
    f"{PACKAGE}/domain/recovery/actions.py": [
        ('    CLOSE = "close"\n', '    ESCALATE = "escalate"\n'),
        (
            "TRAITS: Final[Mapping[Action, ActionTraits]] = MappingProxyType(\n    {\n",
            "        Action.ESCALATE: ActionTraits(carrier=Carrier.HOUSE),\n",
        ),
    ],
    f"{PACKAGE}/locale/labels.py": [
        ("ACTIONS: Labels = {\n", '    "escalate": term("action", "escalation"),\n'),
    ],
    f"{PACKAGE}/services/sending/in_house.py": [
        (
            "    count_steps(connection, [step.step_id], on)\n",
            "    if step.action == Action.ESCALATE:\n"
            '        return [_event(step, "case.escalated", on, facts)]\n',
        ),
    ],
}
TABLE: Edits = {
    f"{PACKAGE}/store/tables/gifts.py": [
        (
            "",
            '"""Presents to clients."""\n\nfrom sqlalchemy import Table\n\n'
            "from incasso.store.tables.columns import key_column, metadata, text\n\n"
            'gifts = Table("gifts", metadata, key_column(), text("what"))\n',
        ),
    ],
    f"{PACKAGE}/store/tables/__init__.py": [("import (\n", "    gifts,\n")],
}
CHANGES: dict[str, Edits] = {
    "column": COLUMN,
    "act": ACT,
    "medium": MEDIUM,
    "stage action": ACTION,
    "table": TABLE,
}

ITER = """
[[iter]]
key = "try"
label = "Try"
priority = 1

[[iter.stage]]
key = "escalate"
label = "Escalate"
anchor = "due_date"
days = 1
action = "escalate"

[[iter.stage]]
key = "courier"
label = "Courier"
anchor = "previous"
days = 1
action = "send"
channels = ["courier"]
template = "primo_sollecito"
"""


@pytest.mark.parametrize("what", CHANGES)
def test_the_page_names_as_many_files(what: str) -> None:
    page = (ROOT / "docs/explanation/onboarding.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if re.match(rf"\| an? {what}\b", line))
    # A table has one file more, its migration, which a command writes.
    assert int(row.split("|")[2]) == len(CHANGES[what]) + (what == "table"), row


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with all changes made."""
    copy = tmp_path_factory.mktemp("source")
    for root in ("core", "connectors", "channels"):
        shutil.copytree(ROOT / root, copy / root, ignore=shutil.ignore_patterns("__pycache__"))
    for change in CHANGES.values():
        for file, edits in change.items():
            _edit(copy / file, edits)
    return copy


def _edit(file: Path, edits: list[tuple[str, str | None]]) -> None:
    """Put each text behind its anchor, at the end without one; None proves the anchor is there."""
    source = file.read_text(encoding="utf-8") if file.exists() else ""
    for anchor, added in edits:
        assert anchor in source, (file, anchor)
        if added is not None and anchor:
            source = source.replace(anchor, anchor + added, 1)
        elif added is not None:
            source += added
    file.write_text(source, encoding="utf-8")


def _paths(scratch: Path) -> Mapping[str, str]:
    folders = [str(scratch / root) for root in ("core", "connectors", "channels")]
    return {"PYTHONPATH": os.pathsep.join(folders)}


@pytest.mark.slow
def test_a_usual_change_works_in_the_files_that_the_page_names(
    scratch: Path, tmp_path: Path
) -> None:
    environment = _paths(scratch)
    migrated = subprocess.run(
        [sys.executable, "-m", "incasso.store.migrate_write", "presents"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert migrated.returncode == 0, migrated.stderr
    office = make_office(tmp_path / "acme")
    config = (office / "plugins.toml").read_text("utf-8").replace('"letter"]', '"courier"]')
    (office / "plugins.toml").write_text(config, encoding="utf-8")
    (office / "try.toml").write_text(ITER, encoding="utf-8")

    def run(*words: str) -> Ended:
        ended = incasso(office, *words, **environment, INCASSO_USER="admin")
        assert (ended.code, ended.has_traceback) == (0, False), (words, ended)
        return ended

    run("init")
    run("iters", "import", "try.toml", "--on", DAY)
    run("sync", "--on", DAY)
    for day in (DAY, "2026-11-24"):
        run("plan", "--on", day)
        run("dispatch", "--on", day, "--really-send")
    assert "case.escalated" in run("journal", "--format", "jsonl").out
    sent = run("deliveries", "--format", "json").rows()
    assert {(each["medium"], each["to"]) for each in sent} >= {("courier", "+39025550101")}
    case = run("cases", "--client", "1001", "--format", "json").rows()[0]
    assert case["client_vat"] == "01234560017"
    assert "VAT of client" in run("cases", "--columns", "id,client_vat").out
    assert run("act", "thank", "1001", "--for-what", "paying").out == "Thanked for paying.\n"
    with sqlite3.connect(office / "incasso.db") as connection:
        assert connection.execute("SELECT count(*) FROM gifts").fetchone() == (0,)
    connection.close()
