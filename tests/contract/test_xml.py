"""The provider "xml" keeps the contract of every provider."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as Tree

import pytest

import incasso_xml
from incasso.api import PlacementUpdate
from incasso.testing import BaseProviderContract
from incasso.testing.provider_files import ReturnFile
from incasso.testing.suite import Table

SPACE = "urn:incasso:exchange:1"


def by_hand(updates: tuple[PlacementUpdate, ...], **more: str) -> bytes:
    """A file as an agency's program would write it from the published schema."""
    head = {"version": "1.0", "kind": "updates", "sequence": "1", "lot": "L-2026-0001", **more}
    root = Tree.Element("exchange", {"xmlns": SPACE, **head})
    for each in updates:
        update = Tree.SubElement(root, "update")
        Tree.SubElement(update, "placement", {"ours": each.placement.ours})
        said = {
            "update_id": each.update_id,
            "at": each.at.isoformat(),
            "kind": each.kind.value,
            "lot": each.lot,
            "row": each.row,
            "on": str(each.on),
            "amount": f"{each.amount.amount}" if each.amount else "",
            "result": each.result or "",
            "closing": each.closing or "",
            "corrects": each.corrects,
            "remittance": each.remittance,
            "medium": each.medium,
            "text": each.text,
        }
        for name, words in said.items():
            if words:
                made = Tree.SubElement(
                    update, name, {"currency": "EUR"} if name == "amount" else {}
                )
                made.text = words
    Tree.SubElement(root, "end", {"items": str(len(updates))})
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


class TestXml(BaseProviderContract):
    @pytest.fixture
    def plugin_module(self) -> ModuleType:
        return incasso_xml

    @pytest.fixture
    def table(self, base: Path) -> Table:
        return folder(base / "alfa")

    @pytest.fixture
    def second_table(self, base: Path) -> Table:
        return folder(base / "beta")

    @pytest.fixture
    def taken(self, table: Table, base: Path) -> Callable[[], int]:
        return lambda: sum(each.suffix == ".xml" for each in (base / "alfa" / "out").glob("*"))

    @pytest.fixture
    def return_file(self) -> ReturnFile:
        return lambda updates: ("esiti-1.xml", by_hand(updates))

    @pytest.fixture
    def spoil_row(self) -> Callable[[bytes], bytes]:
        return lambda content: content.replace(b"2026-02-21", b"2026-02-31")

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
    return {"plugin": "xml", "folder": {"place": "local", "path": str(path), "settled_s": 0}}
