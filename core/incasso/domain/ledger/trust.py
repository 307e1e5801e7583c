"""How far a feed is trusted: the drop guard, control totals, freshness. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from incasso.contract.connector import ControlTotals
from incasso.domain.fault import Fault, fault
from incasso.domain.ledger.faults import ReadFault, StaleFault
from incasso.domain.money import from_minor

FEW: Final = 10
"""Up to this many credits paid at once are normal, whatever their share of a small ledger."""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The open items of one currency; money in minor units."""

    items: int = 0
    residual: int = 0
    """Net of credit notes and advances."""
    debit: int = 0
    """What clients owe, credits left out."""


@dataclass(frozen=True, kw_only=True)
class ReadEffect:
    """What applying one read would do to the open items of its source."""

    complete: bool
    """The read returned everything that exists, so absent records are gone."""
    present: int
    """Rows that the read brought, the refused ones included."""
    open_before: int
    disappearing: int
    """Items that were open and expected, and are now absent or declared gone."""
    lowered: Mapping[str, int]
    """By currency: items present whose residual fell, and the disappearing ones."""
    before: Mapping[str, Totals]
    after: Mapping[str, Totals]
    """The totals as if the absent items were already closed."""
    refused: int = 0


def objections(reading: ReadEffect, max_drop: Decimal) -> tuple[Fault, ...]:
    """Why this read must not be applied before a person confirms it; empty: it may.

    Rules: an empty complete read of a ledger that has open items; more than `max_drop` of them
    gone at once; more than `max_drop` of what is owed gone at once, unless by a few payments.
    """
    if not reading.open_before:
        return ()
    if reading.complete and not reading.present:
        return (fault(ReadFault.EMPTY_READ, n=reading.open_before),)
    reasons: list[Fault] = []
    if reading.disappearing > max_drop * reading.open_before:
        share = _percent(reading.disappearing, reading.open_before)
        reasons.append(
            fault(
                ReadFault.ITEMS_DROP,
                gone=reading.disappearing,
                all=reading.open_before,
                share=share,
                most=f"{max_drop:.0%}",
            )
        )
    return (*reasons, *_dropped_sums(reading, max_drop))


def _dropped_sums(reading: ReadEffect, max_drop: Decimal) -> list[Fault]:
    reasons: list[Fault] = []
    for currency, before in sorted(reading.before.items()):
        lost = before.debit - reading.after.get(currency, Totals()).debit
        if lost > max_drop * before.debit and reading.lowered.get(currency, 0) > FEW:
            reasons.append(
                fault(
                    ReadFault.SUM_DROPS,
                    lost=from_minor(lost, currency),
                    all=from_minor(before.debit, currency),
                    currency=currency,
                    share=_percent(lost, before.debit),
                    most=f"{max_drop:.0%}",
                )
            )
    return reasons


def disagreements(reading: ReadEffect, given: ControlTotals) -> tuple[Fault, ...]:
    """Where the ERP's own totals contradict what was read; empty: they agree.

    A difference means that rows were lost, so it stops the read. Refused rows explain a difference
    up to their number, and the sums are then not checked.
    """
    reasons: list[Fault] = []
    items = sum(totals.items for totals in reading.after.values())
    if given.open_items is not None and not items <= given.open_items <= items + reading.refused:
        reasons.append(fault(ReadFault.COUNT_DIFFERS, erp=given.open_items, read=items))
    if reading.refused:
        return tuple(reasons)
    for currency, wanted in sorted(given.residual.items()):
        found = from_minor(reading.after.get(currency, Totals()).residual, currency)
        if wanted != found:
            reasons.append(fault(ReadFault.SUM_DIFFERS, erp=wanted, currency=currency, read=found))
    return tuple(reasons)


def stale(last_good: datetime | None, now: datetime, max_age_hours: int) -> Fault | None:
    """Why nothing may be sent on this ledger, because paid invoices might be dunned; else None."""
    if last_good is None:
        return fault(StaleFault.NEVER_READ)
    if now - last_good > timedelta(hours=max_age_hours):
        return fault(StaleFault.TOO_OLD, at=last_good, hours=max_age_hours)
    return None


def _percent(part: int, whole: int) -> str:
    return f"{Decimal(part) / whole:.0%}"
