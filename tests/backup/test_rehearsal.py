"""Backup while the hub sends, destroy, restore, run: nobody gets the same message twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from incasso.services.backup.checking import check_backup
from incasso.store.tables import metadata
from tests.backup.copies import office_on
from tests.cli.command import DAY, inside, plain_environment, well
from tests.started import started

CLIENTS = 25


def many_clients(folder: Path) -> None:
    """A ledger in which everybody is late."""
    clients = ["code,name,email", *(f"C{n},Rossi {n},c{n}@example.it" for n in range(CLIENTS))]
    rows = [
        f"A-{n},C{n},2026-11-10,2026-10-10,A-{n},100.00,100.00,transfer" for n in range(CLIENTS)
    ]
    head = "key,client,due_date,document_date,document_number,amount,residual,payment_method"
    (folder / "ledger" / "clients.csv").write_text("\n".join(clients) + "\n", encoding="utf-8")
    (folder / "ledger" / "installments.csv").write_text(
        "\n".join([head, *rows]) + "\n", encoding="utf-8"
    )


def sent(folder: Path) -> Counter[str]:
    """How many messages each client got, by the notes in the print room."""
    notes = (folder / "outbox").rglob("*.json")
    return Counter(json.loads(note.read_text(encoding="utf-8"))["client"] for note in notes)


def destroy(folder: Path, url: str) -> None:
    """The database is gone; the archive is on another disk."""
    if url.startswith("sqlite"):
        for each in folder.parent.glob("incasso.db*"):
            each.unlink()
        return
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{table.name}" CASCADE')
        connection.exec_driver_sql("DROP TABLE alembic_version")
    engine.dispose()


@pytest.mark.slow
def test_nothing_is_sent_twice(tmp_path: Path, database_url: str) -> None:
    folder, safe = tmp_path / "office", tmp_path / "safe"
    office_on(folder, database_url)
    many_clients(folder)
    well(folder, "init")
    well(folder, "iters", "import", "iters.toml")
    command = [sys.executable, "-m", "incasso.cli.main", "run", "--on", DAY, "--really-send"]
    made: list[Path] = []
    with started(
        command, cwd=folder, env=plain_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        while running.poll() is None or not made:
            told = well(folder, "backup", str(safe), "--format", "json").rows()
            made.append(Path(told[0]["folder"]))
        _, said = running.communicate()
    assert running.returncode == 0, said
    assert all(check_backup(each).good for each in made)
    assert sent(folder) == {f"C{n}": 1 for n in range(CLIENTS)}

    destroy(folder, database_url)
    well(folder, "restore", str(made[0]))
    refused = inside(folder, "run", "--on", DAY, "--really-send")
    assert refused.code == 1 and "incasso recover" in refused.err
    recovered = inside(folder, "recover", "--on", DAY)
    assert "Unexpected" not in recovered.err, recovered
    again = inside(folder, "run", "--on", DAY, "--really-send")
    assert "Unexpected" not in again.err, again
    assert max(sent(folder).values()) == 1, "twice to the same client"
    verified = inside(folder, "verify")
    assert verified.code == 0, (recovered, again, verified)
