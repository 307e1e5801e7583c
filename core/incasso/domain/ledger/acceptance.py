"""The acceptance cases of a connection: real items, with what the accountant expects of each.

How an ERP treats a bill or a credit note is often undocumented; thirteen examples from the
company's own books show whether the hub reads it as the accountant does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from incasso.contract.settings import Filled, Key, OneOf, Wrong, read_toml
from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.installment_status import Standing


class CaseFault(StrEnum):
    """Where the hub's result differs from the accountant's expectation."""

    STILL_ASKED = "still_asked"
    UNKNOWN_ITEM = "unknown_item"
    NO_CLIENT = "no_client"
    BLOCKED = "blocked"
    NOT_BLOCKED = "not_blocked"
    RESIDUAL = "residual_differs"
    STANDING = "standing_differs"
    DUE_DATE = "due_date_differs"
    UNPAID_ON = "unpaid_on_differs"


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
"""The thirteen cases, by their name in the file, with what to look for in the books."""


class Expected(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One real item and what the accountant expects of it; None and "" are not compared."""

    case: Annotated[str, Filled(), OneOf(CASES)]
    client: Annotated[str, Filled()]
    document: str = ""
    """Number as printed on the invoice; empty: the case is about the client alone."""
    installment: int | None = None
    """Installment number from 1; None: the only one, or all of the document together."""
    residual: Decimal | None = None
    standing: Standing | None = None
    due_date: date | None = None
    unpaid_on: date | None = None
    blocked: bool | None = None
    absent: bool = False
    """The ERP no longer has it: the hub must not dun it."""


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


class _Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The tables of a file."""

    cases: Annotated[tuple[Expected, ...], Key("case")] = ()


def read_expected(text: str) -> tuple[tuple[Expected, ...], tuple[Wrong, ...]]:
    """The cases of a TOML file, or everything that is wrong in it."""
    found, wrong = read_toml(_Tables, text)
    return (found.cases if found else ()), wrong


def write_expected(cases: Sequence[Expected]) -> str:
    """The file that `read_expected` reads."""
    return msgspec.toml.encode({"case": list(cases)}).decode()


def disagreements(expected: Expected, found: Found) -> tuple[Fault, ...]:
    """The differences to the accountant's expectation; empty: none."""
    if expected.absent:
        alive = found.standings - {Standing.GONE, Standing.PAID}
        return (fault(CaseFault.STILL_ASKED),) if alive else ()
    reasons: list[Fault] = []
    if expected.blocked is not None:
        reasons += _blocked(expected.blocked, found.blocked)
    if expected.document and not found.items:
        return (*reasons, fault(CaseFault.UNKNOWN_ITEM))
    if expected.residual is not None and found.residual != expected.residual:
        reasons.append(fault(CaseFault.RESIDUAL, found=found.residual, expected=expected.residual))
    # Some ERPs show a part payment as a paid and an open position of one document.
    unsettled = found.standings - {Standing.PAID, Standing.GONE} or found.standings
    for code, wanted, seen in (
        (CaseFault.STANDING, expected.standing, unsettled),
        (CaseFault.DUE_DATE, expected.due_date, found.due_dates),
        (CaseFault.UNPAID_ON, expected.unpaid_on, found.unpaid_on),
    ):
        reasons += _differs(code, wanted, seen)
    return tuple(reasons)


def _blocked(wanted: bool, found: bool | None) -> list[Fault]:
    if found is None:
        return [fault(CaseFault.NO_CLIENT)]
    if found == wanted:
        return []
    return [fault(CaseFault.BLOCKED if found else CaseFault.NOT_BLOCKED)]


def _differs(code: CaseFault, wanted: object, seen: frozenset[Any]) -> list[Fault]:
    if wanted is None or seen == {wanted}:
        return []
    return [fault(code, found=sorted(seen), expected=wanted)]
