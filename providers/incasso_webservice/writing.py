"""A lot as the requests that will leave, one a line: these bytes are archived before any of them.

A line names the placements in it, so that after a break the service can be asked about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO, Final

import msgspec

from incasso.api import (
    Batch,
    LotSheet,
    Money,
    PlacementDossier,
    RejectedError,
    Written,
    text,
)
from incasso_webservice.filling import (
    Fields,
    fields_of_credit,
    fields_of_lot,
    fields_of_placement,
    filled,
)
from incasso_webservice.mapping import Place

MEDIA_TYPE: Final = "application/x-ndjson"
MOST: Final = 2000
"""Placements in one lot: what became of each is remembered in the few keys of `ctx.state`."""
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class Line(msgspec.Struct, frozen=True):
    """One request."""

    placements: tuple[str, ...]
    body: msgspec.Raw


def write_lot(
    place: Place,
    batch: Batch,
    lot: LotSheet,
    dossiers: Iterator[PlacementDossier],
    sink: BinaryIO,
) -> Written:
    """A line for each request. Raises RejectedError for a lot that is too large."""
    common = fields_of_lot(batch, lot)
    placements = rows = 0
    sums: dict[str, Decimal] = {}
    for several in _in_turn(dossiers, place.at_most if place.batch else 1):
        for each in several:
            placements, rows = placements + 1, rows + len(each.credits)
            currency = each.total.currency
            sums[currency] = sums.get(currency, Decimal(0)) + each.total.amount
        if placements > MOST:
            raise RejectedError(
                text("more than {most} placements; split the lot", most=MOST), code="too_large"
            )
        _write(sink, tuple(each.placement for each in several), _body(place, several, common))
    return Written(
        filename=f"{batch.sequence:06d}-{lot.lot}.jsonl",
        media_type=MEDIA_TYPE,
        items=placements,
        rows=rows,
        sums=tuple(Money(amount=sums[each], currency=each) for each in sorted(sums)),
    )


def lines(source: BinaryIO) -> Iterator[Line]:
    """The requests, in their order."""
    for each in source:
        yield msgspec.json.decode(each, type=Line)


def _body(place: Place, several: tuple[PlacementDossier, ...], common: Fields) -> Any:
    made = [_placement(place, each, common) for each in several]
    if not place.batch:
        return made[0]
    return filled(place.batch, {**common, "placements": made}, place.amounts)


def _placement(place: Place, dossier: PlacementDossier, common: Fields) -> Any:
    credits = [
        filled(place.credit, fields_of_credit(each, dossier), place.amounts)
        for each in dossier.credits
    ]
    fields = {**common, **fields_of_placement(dossier), "credits": credits}
    return filled(place.placement, fields, place.amounts)


def _write(sink: BinaryIO, placements: tuple[str, ...], body: Any) -> None:
    sink.write(_ENCODER.encode({"placements": placements, "body": body}) + b"\n")


def _in_turn(
    dossiers: Iterator[PlacementDossier], count: int
) -> Iterator[tuple[PlacementDossier, ...]]:
    while several := tuple(islice(dossiers, count)):
        yield several
