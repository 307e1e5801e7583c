"""The agency's hands on XML: by the published schema, with the standard library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Tree

from incasso.testing.agency.work import Account, Done

SUFFIX: Final = ".xml"
_SPACE: Final = "urn:incasso:exchange:1"
_NAMES: Final = {"x": _SPACE}


def placements_in(path: Path) -> list[Account]:
    """What a file hands over; none if it is another."""
    root = Tree.parse(path).getroot()
    found = []
    for each in root.findall("x:placement_of_lot", _NAMES):
        rows = {
            _said(credit, "row"): Decimal(_said(credit, "residual"))
            for credit in each.findall("x:credits", _NAMES)
        }
        found.append(Account(placement=_said(each, "placement"), lot=_said(each, "lot"), rows=rows))
    return found


def notices_in(path: Path) -> Iterator[tuple[str, str, str, Decimal | None]]:
    """Kind, placement, row and amount of each notice in a file."""
    for each in Tree.parse(path).getroot().findall("x:notice", _NAMES):
        named = each.find("x:placement", _NAMES)
        amount = _said(each, "amount")
        yield (
            _said(each, "kind"),
            "" if named is None else named.get("ours", ""),
            _said(each, "row"),
            Decimal(amount) if amount else None,
        )


def results(done: Sequence[Done], lot: str, number: int) -> bytes:
    """A file of updates."""
    head = {"version": "1.0", "kind": "updates", "sequence": str(number), "lot": lot}
    root = Tree.Element("exchange", {"xmlns": _SPACE, **head})
    for each in done:
        _add(root, each, lot)
    Tree.SubElement(root, "end", {"items": str(len(done))})
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add(root: Tree.Element, done: Done, lot: str) -> None:
    update = Tree.SubElement(root, "update")
    Tree.SubElement(update, "placement", {"ours": done.placement})
    detail = {"activity": "result", "closed": "closing", "refused": "refused"}.get(done.kind)
    said = {
        "update_id": done.reference,
        "at": f"{done.on}T12:00:00+00:00",
        "kind": done.kind,
        "lot": lot,
        "row": done.row,
        "on": str(done.on),
        "amount": "" if done.amount is None else str(done.amount),
        "refused": done.detail if detail == "refused" else "",
        "result": done.detail if detail == "result" else "",
        "closing": done.detail if detail == "closing" else "",
        "corrects": done.corrects,
        "remittance": done.remittance,
        "until": str(done.until or ""),
        "medium": done.medium,
        "text": done.text,
    }
    for name, words in said.items():
        if words:
            extra = {"currency": "EUR"} if name == "amount" else {}
            Tree.SubElement(update, name, extra).text = words


def _said(element: Tree.Element, name: str) -> str:
    return element.findtext(f"x:{name}", "", _NAMES)
