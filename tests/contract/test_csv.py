"""The CSV connector keeps the contract of every connector, from text and from Excel."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest
from openpyxl.cell import WriteOnlyCell

import incasso_csv
from incasso.contract.values import ExternalId
from incasso.demo.portfolio import Portfolio
from incasso.testing import BaseConnectorContract
from incasso.testing.suite import Table

ON = date(2026, 3, 2)


def cells_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def as_text(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def as_workbook(path: Path, rows: list[list[str]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("export")
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=text) for text in row]
        for cell in cells:
            cell.data_type = "s"  # a name that begins with = is a name
        sheet.append(cells)
    book.save(path)


class TestCsv(BaseConnectorContract):
    ending = "csv"

    def save(self, path: Path, rows: list[list[str]]) -> None:
        as_text(path, rows)

    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_csv

    @pytest.fixture
    def table(self, base: Path) -> Table:
        Portfolio(11, ON, clients=25, installments=80).write(base / "ledger", ON)
        for path in (base / "ledger").glob("*.csv"):
            self.save(path.with_suffix(f".{self.ending}"), cells_of(path))
        names = ("clients", "installments", "agents", "depots")
        return {"plugin": "csv", **{name: f"ledger/{name}.{self.ending}" for name in names}}

    @pytest.fixture
    def second_table(self, base: Path) -> Table:
        Portfolio(12, ON, clients=5, installments=9).write(base / "other", ON)
        return {"plugin": "csv", "installments": "other/installments.csv"}

    @pytest.fixture
    def spoil(self, base: Path) -> Callable[[], None]:
        def spoil() -> None:
            rows = cells_of(base / "ledger" / "installments.csv")
            rows[40][rows[0].index("due_date")] = "2026-02-30"
            self.save(base / "ledger" / f"installments.{self.ending}", rows)

        return spoil

    @pytest.fixture
    def rename(self, base: Path) -> Callable[[str], ExternalId]:
        def rename(name: str) -> ExternalId:
            rows = cells_of(base / "ledger" / "clients.csv")
            rows[3][1] = name
            self.save(base / "ledger" / f"clients.{self.ending}", rows)
            return rows[3][0]

        return rename


class TestExcel(TestCsv):
    ending = "xlsx"

    def save(self, path: Path, rows: list[list[str]]) -> None:
        if path.suffix == ".xlsx":
            as_workbook(path, rows)
