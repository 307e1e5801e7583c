"""Every column of every table, changed by hand in an office that has lived: `verify` names it.

What is not named stands in `not_named` with the reason, and that list is exact: whatever is new
must be covered or written down. On SQLite alone, because what is compared does not depend on the
database; the seals, whose SQL does, are tried on both in `tests/ledger`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any, Final

import pytest
import sqlalchemy as sa

from incasso.demo.office import RESPONSIBLE
from incasso.demo.play_summary import Summary
from incasso.domain.acts.attachments import Attachment
from incasso.domain.acts.client_contacts import SetContact
from incasso.domain.acts.consents import Refuse
from incasso.domain.acts.contacts import Correct
from incasso.domain.placement.provider_file import read_provider_file
from incasso.services.hub.hub import build_hub
from incasso.services.office.actors import person_named
from incasso.services.placement.providers import publish
from incasso.services.proof.verify import verify_store
from incasso.store.tables import metadata
from incasso.store.tables.columns import Code, Instant
from tests.demo.not_named import COLUMNS, ELSEWHERE, PUT_IN, TABLES
from tests.doing import do

_LEFT: Final = "(SELECT step_id FROM deliveries WHERE accepted_at IS NOT NULL)"
_WHICH: Final = {
    "deliveries": "accepted_at IS NOT NULL",
    "steps": f"id IN {_LEFT} AND status = 'counted' AND mode = 'approve'",
    "step_cases": f"step_id IN {_LEFT}",
    "office_settings": "key IN ('contact_policy', 'exclusions')",
    "archive": "sha256 IN (SELECT sha256 FROM deliveries WHERE accepted_at IS NOT NULL)",
    "order_blocks": "status = 'active'",
}
"""Which row of a table is changed, where the hub does not answer for each."""

PARTIES: Final = read_provider_file(
    """
    [[provider]]
    key = "rossi"
    kind = "agency"
    services = ["phone"]
    price_list = "rossi"

    [[price_list]]
    key = "rossi"
    version = [{ from = 2026-01-01 }]
    """
).tables


class Tampered:
    """A copy of an office, into whose database somebody writes with a tool."""

    def __init__(self, summary: Summary, folder: Path) -> None:
        copytree(summary.folder, folder)
        self._open = ExitStack()
        hub = self._open.enter_context(build_hub(folder / "plugins.toml"))
        self.store = hub.store
        self.raw = sqlite3.connect(folder / "incasso.db", isolation_level=None)
        (client,) = self.raw.execute("SELECT code FROM clients ORDER BY id LIMIT 1").fetchone()
        paper = Attachment(name="foglio.txt", content=b"scritto a mano")
        correct = Correct(subject=client, email="nuova@x.example", from_="mail", attach=(paper,))
        refuse = Refuse(subject=client, medium=("sms",), from_="mail")
        contact = SetContact(subject=client, role="titolare", person="A. Rossi", from_="mail")
        for act in (correct, refuse, contact):
            do(hub, act, by=RESPONSIBLE, on=summary.last)
        publish(hub, person_named(hub, RESPONSIBLE), PARTIES, on=summary.last)
        self.raw.execute("PRAGMA foreign_keys = OFF")
        self.raw.execute("PRAGMA synchronous = OFF")

    def close(self) -> None:
        """Let go of the copy."""
        self.raw.close()
        self._open.close()

    def problems(self) -> tuple[str, ...]:
        """What `verify` says."""
        return verify_store(self.store).problems

    def row(self, table: sa.Table) -> tuple[Any, ...] | None:
        """The row that is changed."""
        names = ", ".join(f'"{column.name}"' for column in table.c)
        which = _WHICH.get(table.name, "TRUE")
        found = self.raw.execute(f"SELECT {names} FROM {table.name} WHERE {which} LIMIT 1")
        row: tuple[Any, ...] | None = found.fetchone()
        return row

    def delete(self, table: sa.Table, row: tuple[Any, ...]) -> None:
        """Take a row out."""
        keys = [(name, value) for name, value in _cells(table, row) if name in table.primary_key.c]
        where = " AND ".join(f'"{name}" = ?' for name, _ in keys)
        values = [value for _, value in keys]
        assert self.raw.execute(f"DELETE FROM {table.name} WHERE {where}", values).rowcount == 1

    def insert(self, table: sa.Table, row: tuple[Any, ...]) -> None:
        """Put a row in."""
        names = ", ".join(f'"{column.name}"' for column in table.c)
        marks = ", ".join("?" * len(row))
        self.raw.execute(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", row)

    def named(self, table: sa.Table, row: tuple[Any, ...], other: tuple[Any, ...] | None) -> bool:
        """Whether `verify` says anything when a row is another, or gone; it is put back."""
        self.delete(table, row)
        if other is not None:
            self.insert(table, other)
        found = bool(self.problems())
        if other is not None:
            self.delete(table, other)
        self.insert(table, row)
        return found


@pytest.fixture(scope="module")
def office(summary: Summary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tampered]:
    """The demo office, after an act more."""
    office = Tampered(summary, tmp_path_factory.mktemp("tampered") / "office")
    yield office
    office.close()


def test_an_office_that_has_lived_is_as_the_journal_says(office: Tampered) -> None:
    assert office.problems() == ()


COVERED: Final = [
    table for table in metadata.sorted_tables if table.name not in {*TABLES, *ELSEWHERE}
]


@pytest.mark.parametrize("table", COVERED, ids=lambda table: table.name)
def test_a_value_changed_by_hand_is_named(office: Tampered, table: sa.Table) -> None:
    row = office.row(table)
    assert row is not None, "nothing to change: fill it, or write down where it is tried"
    silent = {
        column.name
        for place, column in enumerate(table.c)
        if not office.named(table, row, _changed(row, place, column))
    }
    assert silent == set(COLUMNS.get(table.name, ()))


@pytest.mark.parametrize("table", COVERED, ids=lambda table: table.name)
def test_a_row_deleted_or_put_in_is_named(office: Tampered, table: sa.Table) -> None:
    row = office.row(table)
    assert row is not None
    assert office.named(table, row, None), "deleted"
    if table.name in PUT_IN:
        return
    other = _another(table, row)
    office.insert(table, other)
    found = office.problems()
    office.delete(table, other)
    assert found, "put in"


def test_all_that_is_not_named_changed_at_once_is_not_named(office: Tampered) -> None:
    """Else a reason has become untrue."""
    kept = [(table, row) for name in TABLES if (row := office.row(table := _table(name)))]
    for table, row in kept:
        office.delete(table, row)
    found = office.problems()
    for table, row in kept:
        office.insert(table, row)
    assert found == ()


def test_the_list_names_what_there_is() -> None:
    assert {*TABLES, *COLUMNS, *ELSEWHERE} <= set(metadata.tables)
    for name, columns in COLUMNS.items():
        assert set(columns) <= set(_table(name).c.keys())


def _table(name: str) -> sa.Table:
    return metadata.tables[name]


def _cells(table: sa.Table, row: tuple[Any, ...]) -> list[tuple[str, Any]]:
    return [(column.name, value) for column, value in zip(table.c, row, strict=True)]


def _changed(row: tuple[Any, ...], place: int, column: sa.Column[Any]) -> tuple[Any, ...]:
    return (*row[:place], _other(column, row[place]), *row[place + 1 :])


def _another(table: sa.Table, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """One like it, under another key."""
    names = [column.name for column in table.primary_key][-1:]
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            names.append(list(constraint.columns)[-1].name)
    others = _OTHERS.get(table.name, {})
    return tuple(
        others.get(column.name, _other(column, value) if column.name in names else value)
        for column, value in zip(table.c, row, strict=True)
    )


_OTHERS: Final[dict[str, dict[str, Any]]] = {
    "deliveries": {"step_id": 99_999},
    "order_blocks": {"client_id": 99_999},
    "client_corrections": {"field": "pec"},
    "consents": {"medium": "fax"},
    "client_contacts": {"role": "acquisti"},
}
"""What a row that is put in needs besides, because the database allows only one such."""


def _other(column: sa.Column[Any], value: Any) -> Any:
    kinds: list[tuple[type[Any], Callable[[], Any]]] = [
        (Code, lambda: next(each for each in map(str, column.type.kind) if each != value)),  # type: ignore[attr-defined]
        (Instant, lambda: "2001-01-01 10:00:00.000000"),
        (sa.Date, lambda: date(2001, 1, 1).isoformat()),
        (sa.Boolean, lambda: 0 if value else 1),
        (sa.JSON, lambda: '{"x": 1}'),
        (sa.LargeBinary, lambda: b"x"),
        (sa.Integer, lambda: 7 if value is None else value + 1000),
    ]
    for kind, make in kinds:
        if isinstance(column.type, kind):
            return make()
    return f"{value or ''}x"
