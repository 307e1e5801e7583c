"""Print the day's list of letters for the post office, and labels for their envelopes.

In Italian, whoever prints them: they are handed over at an Italian post office.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from incasso.messages.clean import clean

if TYPE_CHECKING:
    from typst import Compiler

_ONE_AT_A_TIME: Final = Lock()
_EPOCH: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True)
class LabelForm:
    """A sheet of labels on A4, millimetres."""

    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    gutter: float = 0.0


LABEL_FORMS: Final[Mapping[str, LabelForm]] = MappingProxyType(
    {
        # The two that every stationer has: 24 of 70 × 37 mm to the edges, 14 of 99.1 × 38.1 mm.
        "3x8": LabelForm(columns=3, rows=8, width=70.0, height=37.0, left=0.0, top=0.5),
        "2x7": LabelForm(
            columns=2, rows=7, width=99.1, height=38.1, left=4.65, top=15.15, gutter=2.5
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One letter on the list."""

    number: int
    lines: tuple[str, ...]
    reference: str
    tracking: str = ""


@dataclass(frozen=True, kw_only=True)
class SheetGroup:
    """The letters of one kind, each kind numbered by itself."""

    title: str
    rows: tuple[SheetRow, ...]


def sheet_pdf(day: date, sender: Sequence[str], groups: Sequence[SheetGroup]) -> bytes:
    """The list; equal letters give equal bytes on one machine."""
    facts = {"kind": "sheet", "groups": [asdict(each) for each in groups]}
    return _compiled(day, sender, facts)


def labels_pdf(
    day: date, sender: Sequence[str], rows: Sequence[SheetRow], form: LabelForm, skip: int = 0
) -> bytes:
    """Labels in the order of the list; `skip`: so many of the first page are used already."""
    labels = [{"lines": each.lines, "reference": each.reference} for each in rows]
    facts = {"kind": "labels", "labels": labels, "form": asdict(form), "skip": skip}
    return _compiled(day, sender, facts)


def _compiled(day: date, sender: Sequence[str], facts: dict[str, Any]) -> bytes:
    written = f"{day:%d/%m/%Y}"
    given = {
        "title": f"Distinta di spedizione del {written}",
        "day": written,
        "sender": list(sender) or [""],
        **facts,
    }
    noon = (day.toordinal() - _EPOCH) * 86400 + 43200
    page = json.dumps(_cleaned(given), ensure_ascii=False)
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs={"post": page}, timestamp=noon)
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def _compiler() -> Compiler:
    from typst import Compiler

    return Compiler(Path(__file__).with_name("layout") / "post.typ")


def _cleaned(given: Any) -> Any:
    """Every text without what would not be seen."""
    match given:
        case str():
            return clean(given)
        case dict():
            return {name: _cleaned(value) for name, value in given.items()}
        case list() | tuple():
            return [_cleaned(each) for each in given]
    return given
