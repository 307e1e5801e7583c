"""The provider "excel" keeps the contract of every provider."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest

import incasso_excel
from incasso.api import PlacementUpdate, UpdateKind
from incasso.testing import BaseProviderContract
from incasso.testing.provider_files import ReturnFile
from incasso.testing.suite import Table

HEADINGS = (
    "Affidamento Riga Data Esito Dettaglio Importo Valuta Identificativo Rettifica Riversamento "
    "Mezzo Note"
).split()
WORDS = {
    UpdateKind.ACKNOWLEDGED: ("preso in carico", ""),
    UpdateKind.ACTIVITY: ("attività", "non risponde"),
    UpdateKind.PAYMENT: ("incasso", ""),
    UpdateKind.REVERSAL: ("storno incasso", ""),
    UpdateKind.CLOSED: ("chiuso", "irreperibile"),
}


def by_hand(updates: tuple[PlacementUpdate, ...]) -> bytes:
    """A workbook as somebody at an agency fills it in."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Esiti"
    sheet.append(HEADINGS)
    for each in updates:
        kind, detail = WORDS[each.kind]
        amount = each.amount
        sheet.append(
            [
                each.placement.ours,
                each.row,
                each.on,
                kind,
                detail,
                float(amount.amount) if amount else None,
                amount.currency if amount else None,
                each.update_id,
                each.corrects,
                each.remittance,
                each.medium,
                each.text,
            ]
        )
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


class TestExcel(BaseProviderContract):
    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_excel

    @pytest.fixture
    def table(self, base: Path) -> Table:
        return folder(base / "alfa")

    @pytest.fixture
    def second_table(self, base: Path) -> Table:
        return folder(base / "beta")

    @pytest.fixture
    def taken(self, table: Table, base: Path) -> Callable[[], int]:
        return lambda: len([each for each in (base / "alfa" / "out").glob("*.*") if each.is_file()])

    @pytest.fixture
    def return_file(self) -> ReturnFile:
        return lambda updates: ("esiti-1.xlsx", by_hand(updates))

    @pytest.fixture
    def spoil_row(self) -> Callable[[bytes], bytes]:
        def spoil(content: bytes) -> bytes:
            book = openpyxl.load_workbook(BytesIO(content))
            book["Esiti"]["C3"] = "31/02/2026"
            kept = BytesIO()
            book.save(kept)
            return kept.getvalue()

        return spoil

    @pytest.fixture
    def drop(self, table: Table, base: Path) -> Callable[[str, bytes], None]:
        def drop(name: str, content: bytes) -> None:
            path = base / "alfa" / "in" / name
            path.write_bytes(content)
            before = self.instant.timestamp() - 600
            os.utime(path, (before, before))

        return drop


def folder(path: Path) -> Table:
    for name in ("in", "out"):
        (path / name).mkdir(parents=True, exist_ok=True)
    return {"plugin": "excel", "folder": {"place": "local", "path": str(path), "settled_s": 0}}
