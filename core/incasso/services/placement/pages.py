"""Pages of reports, each in a transaction of its own; a row that no table can hold costs itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sqlalchemy import Connection

from incasso.contract.exchange import PlacementUpdate, UpdateItem
from incasso.contract.ledger import Unreadable
from incasso.contract.text import text
from incasso.contract.values import Problem
from incasso.plugins.fields import storable
from incasso.services.hub.broke import is_about_values, line_of
from incasso.services.office.office import Office
from incasso.services.placement.evidence import Evidence
from incasso.services.placement.fates import Line, Moment, Origin, RowFate
from incasso.services.placement.take_page import take_page

OnlyIf: TypeAlias = Callable[[Connection], bool]


def take_lines(
    office: Office,
    origin: Origin,
    lines: Sequence[Line],
    moment: Moment,
    *,
    only_if: OnlyIf = lambda _: True,
    afterwards: Callable[[Connection], None] = lambda _: None,
) -> list[RowFate] | None:
    """Take a page in; None if `only_if` says, in its transaction, that it is no longer ours.

    `afterwards` writes what belongs to the same transaction, such as a cursor.
    """
    evidence = Evidence(office, [item for _, item in lines])
    try:
        return _taken(office, origin, lines, evidence, moment, only_if, afterwards)
    except Exception as error:
        if not _is_about_the_rows(error):
            raise
    fates: list[RowFate] = []
    for line in lines:
        one = _one(office, origin, line, evidence, moment, only_if)
        if one is None:
            return None
        fates += one
    with office.store.write() as connection:
        afterwards(connection)
    return fates


def _taken(
    office: Office,
    origin: Origin,
    lines: Sequence[Line],
    evidence: Evidence,
    moment: Moment,
    only_if: OnlyIf,
    afterwards: Callable[[Connection], None],
) -> list[RowFate] | None:
    with office.store.write() as connection:
        if not only_if(connection):
            return None
        fates = take_page(office, connection, origin, lines, evidence, moment)
        afterwards(connection)
    return fates


def _one(
    office: Office,
    origin: Origin,
    line: Line,
    evidence: Evidence,
    moment: Moment,
    only_if: OnlyIf,
) -> list[RowFate] | None:
    try:
        return _taken(office, origin, [line], evidence, moment, only_if, lambda _: None)
    except Exception as error:
        if not _is_about_the_rows(error):
            raise
        bad = (line[0], _unreadable(line[1], error))
        return _taken(office, origin, [bad], evidence, moment, only_if, lambda _: None)


def _is_about_the_rows(error: Exception) -> bool:
    return is_about_values(error) or isinstance(error, ValueError | TypeError | ArithmeticError)


def _unreadable(item: UpdateItem, error: Exception) -> UpdateItem:
    """A row that passed the border and cannot be written all the same."""
    name = item.update_id if isinstance(item, PlacementUpdate) else item.external_id
    message = text("it cannot be taken: {error}", error=storable(line_of(error)))
    problem = Problem(code="row", message=message)
    return Unreadable(external_id=storable(name)[:128], problems=(problem,))
