"""The acceptance cases of a connection: real items, with what the accountant expects of each.

Some of what an ERP does with a bill or a credit note is written nowhere; thirteen examples from
the company's own books show whether the hub understands it as the accountant does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from incasso.contract.values import Problem
from incasso.domain.ledger.installment_status import Standing
from incasso.domain.table_reader import nearest

CASES: Final = (
    "three_installments",
    "part_paid",
    "credit_note",
    "advance",
    "bill",
    "returned_bill",
    "grouped_bill",
    "foreign_currency",
    "withholding",
    "blocked_client",
    "merged_client",
    "deleted",
    "postponed",
)
"""The thirteen, by the name they have in the file; what to look for in the books."""


class Expected(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One real item and what the accountant says of it; None and "" are not compared."""

    case: str
    client: str
    document: str = ""
    """Number as printed on the invoice; empty: the case is about the client alone."""
    installment: int | None = None
    """1, 2, 3 …; None: the only one, or all of the document together."""
    residual: Decimal | None = None
    standing: Standing | None = None
    due_date: date | None = None
    unpaid_on: date | None = None
    blocked: bool | None = None
    absent: bool = False
    """The ERP no longer has it: the hub must not ask for it."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the hub computes for the same item."""

    residual: Decimal = Decimal(0)
    standings: frozenset[Standing] = frozenset()
    due_dates: frozenset[date] = frozenset()
    unpaid_on: frozenset[date] = frozenset()
    blocked: bool | None = None
    """None: the client is not known."""
    items: int = 0


class _File(msgspec.Struct, forbid_unknown_fields=True):
    case: tuple[dict[str, Any], ...] = ()


def read_expected(text: str) -> tuple[tuple[Expected, ...], tuple[Problem, ...]]:
    """The cases of a TOML file, and what is wrong in it, case by case."""
    try:
        tables = msgspec.toml.decode(text, type=_File).case
    except msgspec.MsgspecError as error:
        return (), (Problem(code="toml", message=str(error)),)
    good, wrong = [], []
    for number, table in enumerate(tables, 1):
        try:
            good.append(_expected(table))
        except ValueError as error:
            wrong.append(Problem(code="case", field=f"case {number}", message=str(error)))
    return tuple(good), tuple(wrong)


def _expected(table: Mapping[str, Any]) -> Expected:
    expected = msgspec.convert(table, Expected)
    if expected.case not in CASES:
        raise ValueError(f"{expected.case!r} is no case; {nearest(expected.case, CASES)}")
    if not expected.client:
        raise ValueError("the client's code is missing")
    return expected


def write_expected(cases: Sequence[Expected]) -> str:
    """The file that `read_expected` reads."""
    return msgspec.toml.encode({"case": list(cases)}).decode()


def disagreements(expected: Expected, found: Found) -> tuple[str, ...]:
    """Where the hub sees it otherwise; empty: as the accountant expects."""
    if expected.absent:
        alive = found.standings - {Standing.GONE, Standing.PAID}
        return ("the hub still asks for it",) if alive else ()
    reasons = []
    if expected.blocked is not None:
        reasons += _blocked(expected.blocked, found.blocked)
    if expected.document and not found.items:
        return (*reasons, "the hub does not know this item")
    if expected.residual is not None and found.residual != expected.residual:
        reasons.append(f"residual {found.residual}, expected {expected.residual}")
    # Some ERPs show a part payment as a paid and an open position of one document.
    unsettled = found.standings - {Standing.PAID, Standing.GONE} or found.standings
    for name, wanted, seen in (
        ("standing", expected.standing, unsettled),
        ("due date", expected.due_date, found.due_dates),
        ("unpaid on", expected.unpaid_on, found.unpaid_on),
    ):
        reasons += _differs(name, wanted, seen)
    return tuple(reasons)


def _blocked(wanted: bool, found: bool | None) -> list[str]:
    if found is None:
        return ["the hub does not know this client"]
    if found == wanted:
        return []
    return [f"the client is {'blocked' if found else 'not blocked'} in the hub"]


def _differs(name: str, wanted: object, seen: frozenset[Any]) -> list[str]:
    if wanted is None or seen == {wanted}:
        return []
    return [f"{name} {' and '.join(map(str, sorted(seen))) or 'none'}, expected {wanted}"]
