"""Lots, notices and answers as XML, written element by element."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO, Final

import msgspec
from lxml import etree

from incasso.api import (
    EXCHANGE_VERSION,
    Batch,
    LotSheet,
    Money,
    Notice,
    PlacementDossier,
    Refusal,
    ReturnSheet,
    Written,
)
from incasso_xml.form import NAMESPACE, element, tag

MEDIA_TYPE: Final = "application/xml"


def write_lot(
    batch: Batch, lot: LotSheet, dossiers: Iterator[PlacementDossier], sink: BinaryIO
) -> Written:
    """The head, a `placement` for each dossier, and the totals of what was written."""
    placements = rows = 0
    sums: dict[str, Decimal] = {}

    def counted() -> Iterator[Any]:
        nonlocal placements, rows
        for each in dossiers:
            placements, rows = placements + 1, rows + len(each.credits)
            currency = each.total.currency
            sums[currency] = sums.get(currency, Decimal(0)) + each.total.amount
            yield element("placement_of_lot", each)

    def totals() -> tuple[Money, ...]:
        return tuple(Money(amount=sums[each], currency=each) for each in sorted(sums))

    _write(batch, sink, element("head", lot), counted(), lambda: (placements, rows, totals()))
    return Written(
        filename=f"{batch.sequence:06d}-{lot.lot}.xml",
        media_type=MEDIA_TYPE,
        items=placements,
        rows=rows,
        sums=totals(),
    )


def write_notices(batch: Batch, notices: tuple[Notice, ...], sink: BinaryIO) -> Written:
    """A `notice` for each, with its documents inside it."""
    return _few(batch, sink, None, "notice", notices)


def write_answer(
    batch: Batch, sheet: ReturnSheet, refusals: tuple[Refusal, ...], sink: BinaryIO
) -> Written:
    """A `refusal` for each row that could not be used; the head names the file it answers."""
    return _few(batch, sink, element("answers", sheet), "refusal", refusals)


def _few(
    batch: Batch, sink: BinaryIO, head: Any, name: str, records: Iterable[msgspec.Struct]
) -> Written:
    made = [element(name, each) for each in records]
    _write(batch, sink, head, iter(made), lambda: (len(made), len(made), ()))
    return Written(
        filename=f"{batch.sequence:06d}-{name}s.xml", media_type=MEDIA_TYPE, items=len(made)
    )


def _write(batch: Batch, sink: BinaryIO, head: Any, items: Iterator[Any], totals: Any) -> None:
    attributes = {
        "version": EXCHANGE_VERSION,
        "kind": batch.kind.value,
        "batch": batch.id,
        "sequence": str(batch.sequence),
        "at": batch.at.isoformat(),
    }
    with etree.xmlfile(sink, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(tag("exchange"), attributes, nsmap={None: NAMESPACE}):
            if head is not None:
                file.write("\n", head)
            for each in items:
                file.write("\n", each)
            file.write("\n", _end(*totals()), "\n")


def _end(items: int, rows: int, sums: tuple[Money, ...]) -> Any:
    end = etree.Element(tag("end"), {"items": str(items), "rows": str(rows)})
    for each in sums:
        made = etree.SubElement(end, tag("sum"), {"currency": each.currency})
        made.text = f"{each.amount:f}"
    return end
