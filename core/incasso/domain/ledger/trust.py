"""How far a feed is believed: the drop guard, control totals, freshness. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from incasso.contract.connector import ControlTotals
from incasso.domain.money import from_minor

FEW: Final = 10
"""Up to so many credits paid at once are daily life, however much of a small ledger they are."""


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
    """The read returned everything that exists, so absences mean something."""
    present: int
    """Rows that the read brought, the refused ones included."""
    open_before: int
    disappearing: int
    """Open before, expected, and now absent or declared gone."""
    lowered: Mapping[str, int]
    """By currency: items present whose residual fell, and the disappearing ones."""
    before: Mapping[str, Totals]
    after: Mapping[str, Totals]
    """As if the absent items were closed already."""
    refused: int = 0


def objections(reading: ReadEffect, max_drop: Decimal) -> tuple[str, ...]:
    """Why this read must not be applied before a person confirms it; empty: it may.

    Rules: an empty complete read of a ledger that has open items; more than `max_drop` of them
    gone at once; more than `max_drop` of what is owed gone at once, unless by a few payments.
    """
    if not reading.open_before:
        return ()
    if reading.complete and not reading.present:
        return (f"the read is empty, the ledger has {reading.open_before} open items",)
    reasons = []
    if reading.disappearing > max_drop * reading.open_before:
        reasons.append(
            f"{reading.disappearing} of {reading.open_before} open items would be closed "
            f"({_percent(reading.disappearing, reading.open_before)}, at most {max_drop:.0%})"
        )
    return (*reasons, *_dropped_sums(reading, max_drop))


def _dropped_sums(reading: ReadEffect, max_drop: Decimal) -> list[str]:
    reasons = []
    for currency, before in sorted(reading.before.items()):
        lost = before.debit - reading.after.get(currency, Totals()).debit
        if lost > max_drop * before.debit and reading.lowered.get(currency, 0) > FEW:
            reasons.append(
                f"{from_minor(lost, currency)} of {from_minor(before.debit, currency)} {currency} "
                f"owed would disappear ({_percent(lost, before.debit)}, at most {max_drop:.0%})"
            )
    return reasons


def disagreements(reading: ReadEffect, given: ControlTotals) -> tuple[str, ...]:
    """Where the ERP's own totals contradict what was read; empty: they agree.

    A difference means that rows were lost on the way, so it stops the read. Refused rows explain
    a difference in number up to their own, and leave the sums unchecked.
    """
    reasons = []
    items = sum(totals.items for totals in reading.after.values())
    if given.open_items is not None and not items <= given.open_items <= items + reading.refused:
        reasons.append(f"the ERP counts {given.open_items} open items, {items} were read")
    if reading.refused:
        return tuple(reasons)
    for currency, wanted in sorted(given.residual.items()):
        found = from_minor(reading.after.get(currency, Totals()).residual, currency)
        if wanted != found:
            reasons.append(
                f"the ERP's open items sum to {wanted} {currency}, those read to {found}"
            )
    return tuple(reasons)


def stale(last_good: datetime | None, now: datetime, max_age_hours: int) -> str:
    """Why nothing may be sent on this ledger, or empty: a paid invoice would be dunned."""
    if last_good is None:
        return "the ledger was never read well"
    if now - last_good > timedelta(hours=max_age_hours):
        return (
            f"the last good read is of {last_good:%Y-%m-%d %H:%M} UTC, older than {max_age_hours} h"
        )
    return ""


def _percent(part: int, whole: int) -> str:
    return f"{Decimal(part) / whole:.0%}"
