"""Two reads of one state of a source are one look at it: an absence counts once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from incasso.contract.connector import Known
from incasso.contract.hooks import hookimpl
from incasso.contract.ledger import InstallmentItem
from incasso.contract.values import Cursor, Page, Problem
from incasso.store.engine import Store
from tests.ledger.office import ON, Books, Export, bad_row, item, items


class Marked(Export):
    """An export that names the state it shows."""

    mark = "monday"
    remarks: tuple[Problem, ...] = ()

    @hookimpl
    def erp_pull_installments(
        self, since: Cursor | None, known: Known
    ) -> Iterator[Page[InstallmentItem]]:
        """All rows on one page."""
        del since, known
        yield Page(
            items=tuple(self.rows), complete=self.complete, mark=self.mark, warnings=self.remarks
        )


@pytest.fixture
def export() -> Marked:
    return Marked()


@pytest.fixture
def marked(store: Store, tmp_path: Path, export: Marked) -> Iterator[Books]:
    books = Books(store, tmp_path, export)
    yield books
    books.hub.registry.close()


def test_the_same_state_read_again_and_again_is_one_absence(marked: Books, export: Marked) -> None:
    marked.read(*items(10))
    export.mark = "tuesday"
    assert marked.read(*items(9)).counts.absent == 1
    for days in (0, 1, 2):
        report = marked.read(*items(9), on=ON + timedelta(days=days))
        assert (report.status, report.counts.vanished) == ("good", 0)
    assert marked.installment("A-0009").absences == 1
    export.mark = "wednesday"
    assert marked.read(*items(9)).counts.vanished == 1
    assert marked.statuses()["A-0009"] == "vanished"


def test_a_live_source_is_looked_at_anew_each_time(marked: Books, export: Marked) -> None:
    export.mark = ""
    marked.read(*items(10))
    marked.read(*items(9))
    assert marked.read(*items(9)).counts.vanished == 1


def test_a_read_that_was_not_complete_is_no_look(marked: Books, export: Marked) -> None:
    marked.read(*items(10))
    export.mark = "tuesday"
    marked.read(*items(9))
    export.mark, export.complete = "cut", False
    marked.read(*items(3))
    export.mark, export.complete = "tuesday", True
    assert marked.read(*items(9)).counts.vanished == 0
    assert marked.installment("A-0009").absences == 1


def test_what_a_person_confirms_closes_at_once_whatever_was_read_before(
    marked: Books, export: Marked
) -> None:
    marked.read(*items(10))
    export.mark = "tuesday"
    assert marked.read(*items(5)).status == "stopped"
    assert marked.read(*items(5), confirm=True).counts.vanished == 5


def test_an_unreadable_row_in_the_same_state_hides_nobody_s_absence_twice(
    marked: Books, export: Marked
) -> None:
    marked.read(*items(10))
    export.mark = "tuesday"
    for _ in range(3):
        marked.read(*items(9), bad_row(12))
    assert marked.installment("A-0009").absences == 1
    assert marked.statuses()["A-0009"] == "open"


def test_the_remarks_of_a_connector_are_in_the_answer(marked: Books, export: Marked) -> None:
    export.remarks = (
        Problem(code="unclaimed_columns", message="not read: Zona", hint="waive it"),
        Problem(code="old", message="the export is of 2019"),
    )
    assert marked.read(item("A-1")).warnings == [
        "not read: Zona (waive it)",
        "the export is of 2019",
    ]
