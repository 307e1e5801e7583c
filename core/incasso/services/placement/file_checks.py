"""What is wrong with a file as a whole: found before any row of it is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from incasso.contract.exchange import (
    EXCHANGE_VERSION,
    PlacementUpdate,
    ReturnSheet,
    UpdateItem,
    UpdateKind,
)
from incasso.contract.values import Money
from incasso.domain.placement.names import lot_named
from incasso.domain.placement.problems import ReturnProblem
from incasso.store.placement import arrivals, matching


class FileProblem(NamedTuple):
    """What is wrong, with the words its sentence needs."""

    problem: ReturnProblem
    values: Mapping[str, str]


class Contents(NamedTuple):
    """What a file has, read once from beginning to end."""

    rows: int
    unreadable: int
    sums: Mapping[str, Decimal]
    """Payments less reversals, by currency."""


def head_problem(connection: Connection, provider: str, sheet: ReturnSheet) -> FileProblem | None:
    """Why nothing of a file may be taken, by what its head says."""
    if sheet.version and _major(sheet.version) != _major(EXCHANGE_VERSION):
        known = {"version": sheet.version, "known": EXCHANGE_VERSION}
        return FileProblem(ReturnProblem.OTHER_VERSION, known)
    if sheet.lot:
        lot = matching.handed_lot(connection, provider, lot_named(sheet.lot) or "")
        if lot is None:
            return FileProblem(ReturnProblem.UNKNOWN_LOT, {"lot": sheet.lot})
        if sheet.digest and sheet.digest != lot.digest:
            return FileProblem(ReturnProblem.OTHER_CONTENT, {"lot": lot.code})
    if sheet.sequence is not None:
        used = arrivals.sequence_used(connection, provider, sheet.sequence)
        if used:
            values = {"sequence": str(sheet.sequence), "name": used}
            return FileProblem(ReturnProblem.SEQUENCE_USED, values)
    return None


def gap(connection: Connection, provider: str, sheet: ReturnSheet) -> FileProblem | None:
    """Files that did not arrive, as far as the provider counts them. They may come later: what
    they say finds its place whenever it comes."""
    last = arrivals.last_sequence(connection, provider)
    if sheet.sequence is None or last is None or sheet.sequence <= last + 1:
        return None
    values = {"sequence": str(sheet.sequence), "last": str(last)}
    return FileProblem(ReturnProblem.SEQUENCE_GAP, values)


def contents(items: Iterable[UpdateItem]) -> Contents:
    """Go through a whole file."""
    rows = unreadable = 0
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in items:
        rows += 1
        if isinstance(each, PlacementUpdate):
            for currency, amount in _counted(each):
                sums[currency] += amount
        else:
            unreadable += 1
    return Contents(rows, unreadable, sums)


def total_problem(sheet: ReturnSheet, found: Contents) -> FileProblem | None:
    """Whether a file is whole, by its own trailer; a row nobody can read has no amount to add."""
    if sheet.rows is not None and sheet.rows != found.rows:
        values = {"said": str(sheet.rows), "found": str(found.rows)}
        return FileProblem(ReturnProblem.ROWS_MISSING, values)
    for said in sheet.sums if not found.unreadable else ():
        if (own := found.sums.get(said.currency, Decimal(0))) != said.amount:
            amounts = {"said": _written(said.amount), "found": _written(own)}
            return FileProblem(ReturnProblem.SUMS_DIFFER, amounts)
    return None


def _counted(update: PlacementUpdate) -> Iterator[tuple[str, Decimal]]:
    money: Money | None = update.amount
    if money is None:
        return
    if update.kind is UpdateKind.PAYMENT:
        yield money.currency, money.amount
    elif update.kind is UpdateKind.REVERSAL:
        yield money.currency, -money.amount


def _written(amount: Decimal) -> str:
    return f"{amount:f}"


def _major(version: str) -> str:
    return version.partition(".")[0]
