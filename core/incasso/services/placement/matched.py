"""Finds what each report of a page is about: by our names, by theirs, or by what it describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from incasso.contract.exchange import PlacementUpdate
from incasso.domain.placement.checking import OF_LOTS
from incasso.domain.placement.names import lot_named, placement_number, row_number
from incasso.domain.placement.problems import ReturnProblem
from incasso.store.placement import matching
from incasso.store.placement.matching import Credit, LotSeen, Placed


class Match(NamedTuple):
    """What a report is about; a row is null for the whole placement."""

    placed: Placed | None = None
    row: int | None = None
    lot: LotSeen | None = None
    problem: ReturnProblem | None = None
    name: str = ""
    """What was not found, as it was given."""


class Matcher:
    """Looks everything up that a page of reports names, in a few queries."""

    def __init__(
        self, connection: Connection, provider: str, page: Sequence[PlacementUpdate]
    ) -> None:
        self._lots = _lots(connection, provider, page)
        self._of_rows = _of_rows(connection, page)
        numbers = {placement_number(each.placement.ours) for each in page}
        credits = {_credit(each) for each in page if _needs_credit(each)}
        self._credits = matching.by_credit(connection, provider, credits)
        described = {place for found in self._credits.values() for place, _ in found}
        wanted = {each for each in numbers if each is not None}
        wanted |= set(self._of_rows.values()) | described
        self._placed = matching.by_number(connection, provider, wanted)
        theirs = {each.placement.theirs for each in page} - {""}
        self._theirs = matching.by_their_name(connection, provider, theirs)

    def match(self, update: PlacementUpdate) -> Match:
        """What this one is about."""
        lot = self._lots.get(update.lot) if update.lot else None
        if update.lot and lot is None:
            return Match(problem=ReturnProblem.UNKNOWN_LOT, name=update.lot)
        found = self._match(update, lot)
        if found.placed is None or lot is None or found.placed.lot_id == lot.id:
            return found
        return _unknown(update.row or update.placement.ours or update.placement.theirs)

    def _match(self, update: PlacementUpdate, lot: LotSeen | None) -> Match:
        ours, theirs = update.placement.ours, update.placement.theirs
        if ours:
            placed = self._placed.get(placement_number(ours) or 0)
            return _unknown(ours) if placed is None else self._row(update, placed)
        if update.row:
            row = row_number(update.row) or 0
            placed = self._placed.get(self._of_rows.get(row, 0))
            return _unknown(update.row) if placed is None else Match(placed=placed, row=row)
        if theirs and (same := self._of_lot(theirs, lot)):
            return self._row(update, same[0]) if len(same) == 1 else _ambiguous(theirs)
        if _needs_credit(update):
            return self._described(update)
        if lot is not None and update.kind in OF_LOTS and not theirs:
            return Match(lot=lot)
        return _unknown(theirs or update.lot)

    def _of_lot(self, theirs: str, lot: LotSeen | None) -> list[Placed]:
        found = self._theirs.get(theirs, [])
        return [each for each in found if lot is None or each.lot_id == lot.id]

    def _row(self, update: PlacementUpdate, placed: Placed) -> Match:
        """The placement, and its row if one is named."""
        if not update.row:
            return Match(placed=placed)
        row = row_number(update.row) or 0
        if self._of_rows.get(row) == placed.id:
            return Match(placed=placed, row=row)
        return Match(problem=ReturnProblem.UNKNOWN_ROW, name=update.row)

    def _described(self, update: PlacementUpdate) -> Match:
        found = self._credits.get(_credit(update), [])
        if len(found) > 1:
            return _ambiguous(update.client)
        if not found:
            return _unknown(f"{update.client} {update.document_number}".strip())
        ((place, row),) = found
        placed = self._placed.get(place)
        return _unknown(update.client) if placed is None else Match(placed=placed, row=row)


def _lots(
    connection: Connection, provider: str, page: Sequence[PlacementUpdate]
) -> Mapping[str, LotSeen]:
    """By the name as it was given."""
    found = {}
    for name in {each.lot for each in page} - {""}:
        lot = matching.handed_lot(connection, provider, lot_named(name) or "")
        if lot is not None:
            found[name] = lot
    return found


def _of_rows(connection: Connection, page: Sequence[PlacementUpdate]) -> Mapping[int, int]:
    rows = {row_number(each.row) for each in page if each.row}
    return matching.placements_of_rows(connection, {each for each in rows if each is not None})


def _needs_credit(update: PlacementUpdate) -> bool:
    return bool(update.client) and not (update.placement.ours or update.row)


def _credit(update: PlacementUpdate) -> Credit:
    lot = lot_named(update.lot) or ""
    return Credit(lot, update.client, update.document_number, update.due_date)


def _unknown(name: str) -> Match:
    return Match(problem=ReturnProblem.UNKNOWN_PLACEMENT, name=name)


def _ambiguous(name: str) -> Match:
    return Match(problem=ReturnProblem.AMBIGUOUS, name=name)
