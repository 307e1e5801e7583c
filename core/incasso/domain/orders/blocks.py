"""Rules of the order block: when it ends, and who set the ERP's own flag.

A payment releases, our own change in the ERP is recognised, and decisions made in the ERP are
respected: `docs/decisions/order-block.md`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

BY_HUB: Final = "hub"
"""Released by the hub because of payment."""
BY_ERP: Final = "erp"
"""Released by a person in the ERP."""


BlockedBy = Literal["hub", "erp", "both"]


def blocked_by(*, hub: bool, erp_flag: bool, ours: bool) -> BlockedBy | None:
    """Who blocks a client's orders; a flag that the hub wrote does not count as the ERP's."""
    theirs = erp_flag and not ours
    if hub:
        return "both" if theirs else "hub"
    return "erp" if theirs else None


class BlockStatus(StrEnum):
    """The states of a block of the hub."""

    ACTIVE = "active"
    RELEASED = "released"


class Release(StrEnum):
    """What ends a block without a person."""

    PAID = "paid"
    """No installment of the client is past due any more."""
    CASES = "cases"
    """Every case that led to the block is paid or closed, whatever else is past due."""
    MANUAL = "manual"
    """Only a person releases it."""


@dataclass(frozen=True)
class PastDue:
    """One installment past due, in minor units; `tolerance` and `net` are its iter's."""

    residual: int
    currency: str
    tolerance: int = 0
    net: bool = True
    """Whether the client's credits in that currency count against it."""


def still_owed(items: Iterable[PastDue], credits: Mapping[str, int]) -> dict[str, int]:
    """What is past due per currency, beyond tolerance and credits (positive minor units)."""
    owed: dict[str, int] = defaultdict(int)
    netted: dict[str, bool] = {}
    for item in items:
        if item.residual > item.tolerance:
            owed[item.currency] += item.residual
            netted[item.currency] = netted.get(item.currency, True) and item.net
    return {
        currency: total
        for currency, total in owed.items()
        if not netted[currency] or total > credits.get(currency, 0)
    }


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """The current ledger facts about a blocked client."""

    owed: Mapping[str, int]
    """Past due per currency, as `still_owed` gives it."""
    cases: int
    """How many cases led to the block."""
    running: int
    """How many of those cases are neither paid nor closed."""


def may_be_released(release: Release, standing: Exposure) -> bool:
    """Whether the ledger alone ends the block today; a block by hand has no cases of its own."""
    match release:
        case Release.MANUAL:
            return False
        case Release.CASES if standing.cases:
            return standing.running == 0
    return not standing.owed


def usual_release(by_company: Release, *, by_person: bool, owes: bool) -> Release:
    """What ends a new block. A person who blocks a client that owes nothing past due has another
    reason, which no payment settles: a payment rule would end that block the next morning."""
    return Release.MANUAL if by_person and not owes else by_company


class InErp(StrEnum):
    """How the ERP's flag relates to a block of ours."""

    NOTHING = ""
    THEIRS = "theirs"
    """The ERP had blocked the client before we did: its own decision, never touched."""
    WRITTEN = "written"
    """We wrote it; no read has shown it yet."""
    SEEN = "seen"
    """A read has shown it."""
    MISSING = "missing"
    """We wrote it, and reads of later days do not show it."""
    RESTORED = "restored"
    """We restored the earlier value; no read since."""


class LeftToErp(StrEnum):
    """What blocking or releasing a client leaves to be done in its ERP."""

    QUEUED = "queued"
    """The next dispatch writes it."""
    BY_HAND = "by hand"
    """A person does it over there."""
    THEIRS = "theirs"
    """The ERP had blocked the client itself."""
    THERE_ALREADY = "there already"
    """It still shows an earlier block of the hub."""
    NEVER_WRITTEN = "never written"
    """The block was released before it was written."""
    LEFT_ALONE = "left alone"
    """The client was freed over there, or is gone."""
    NOTHING = "no"


OURS: Final = (InErp.WRITTEN, InErp.SEEN, InErp.MISSING, InErp.RESTORED)
"""In these states a flag that a read shows as set was set by us."""


class Noticed(StrEnum):
    """What a read reports to a person."""

    FREED = "freed"
    """Our block was removed in the ERP by hand."""
    ERP_RELEASED = "erp_released"
    """The ERP ended its own block, which was there before ours."""
    MISSING = "missing"
    """The read does not show what we wrote."""


def after_read(
    state: InErp, *, flag: bool, active: bool, read_since: bool, written_on: date | None, on: date
) -> tuple[InErp, Noticed | None]:
    """The state after a read that shows the ERP's `flag`, and a notice for a person, if any.

    `read_since`: the read began after we wrote, so it says something about what we wrote.
    """
    match state:
        case InErp.THEIRS if not flag:
            return InErp.NOTHING, Noticed.ERP_RELEASED if active else None
        case InErp.WRITTEN | InErp.MISSING if flag:
            return InErp.SEEN, None
        case InErp.WRITTEN if read_since and written_on is not None and on > written_on:
            return InErp.MISSING, Noticed.MISSING
        case InErp.SEEN if not flag:
            return InErp.NOTHING, Noticed.FREED if active else None
        case InErp.RESTORED if read_since:
            return InErp.NOTHING, None
    return state, None
