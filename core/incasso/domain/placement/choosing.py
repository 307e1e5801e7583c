"""Which credits go into a lot, and why the others stay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from incasso.contract.exchange import Service

PRESCRIPTION_YEARS: Final = 10
"""The ordinary term, art. 2946 c.c. Acts that interrupt it only put the day off, so counting from
the due date leaves out too many credits, never too few."""

BEFORE_PRESCRIPTION: Final = timedelta(days=180)
"""A provider needs so long to do anything: a credit this near the end goes to a lawyer at once."""

INSOLVENT: Final = ("insolven", "fallit", "falliment", "concordat", "liquidaz", "procedura")
"""Beginnings of the words with which ERPs say that a client is insolvent, in `erp_hold`."""


class LeftOut(StrEnum):
    """Why a credit is not in a lot, the weightiest first."""

    NOT_OWED = "not_owed"
    """Paid, gone, or a credit note."""
    IN_A_LOT = "in_a_lot"
    NOT_OVERDUE = "not_overdue"
    AT_BANK = "at_bank"
    """The bank may still collect the bill."""
    ABSENT = "absent"
    """The last read of the ledger did not bring it: it may be paid."""
    INSOLVENT = "insolvent"
    ERP_HOLD = "erp_hold"
    CLIENT_EXCLUDED = "client_excluded"
    DISPUTED = "disputed"
    HELD = "held"
    PLAN_KEPT = "plan_kept"
    PROMISED = "promised"
    PARKED = "parked"
    NET_CREDITS = "net_credits"
    PRESCRIBED = "prescribed"
    NEARLY_PRESCRIBED = "nearly_prescribed"
    NOT_TO_THIS = "not_to_this"
    """The provider may not get it: territory, conflict, what it takes; the value says which."""
    NO_ADDRESS = "no_address"
    """The service cannot reach the client."""
    BELOW_MINIMUM = "below_minimum"
    """All that the client would place is too little."""
    ABOVE_MAXIMUM = "above_maximum"
    TAKEN_OUT = "taken_out"
    """By a person."""
    UNTRUSTED = "untrusted"
    """The ledger of its company is not up to date."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One installment as choosing sees it, on the day of the look."""

    owed: bool
    due: date
    """Its due date in force, extensions included."""
    at_bank: bool = False
    absent: bool = False
    trusted: bool = True
    erp_hold: str = ""
    client_excluded: bool = False
    disputed: bool = False
    held: bool = False
    plan_kept: bool = False
    promised: bool = False
    container: str = ""
    netted: bool = False
    in_lot: str = ""
    """The code of the lot that has it."""
    refused: str = ""
    """Why the provider may not get it, as a code; empty: it may."""
    reachable: bool = True


class Reason(msgspec.Struct, frozen=True):
    """Why something stays out, with the value its sentence needs."""

    code: LeftOut
    value: str = ""


def why_not(one: Candidate, on: date, *, parked_in: frozenset[str] = frozenset()) -> Reason | None:
    """The weightiest reason against placing it on that day; None: it may be placed.

    `parked_in`: containers from which credits may be placed all the same.
    """
    return next(_against(one, on, parked_in), None)


def _against(one: Candidate, on: date, parked_in: frozenset[str]) -> Iterator[Reason]:
    if not one.owed:
        yield Reason(LeftOut.NOT_OWED)
    if one.in_lot:
        yield Reason(LeftOut.IN_A_LOT, one.in_lot)
    if not one.trusted:
        yield Reason(LeftOut.UNTRUSTED)
    if one.due >= on:
        yield Reason(LeftOut.NOT_OVERDUE, one.due.isoformat())
    if one.at_bank:
        yield Reason(LeftOut.AT_BANK)
    if one.absent:
        yield Reason(LeftOut.ABSENT)
    if one.erp_hold:
        insolvent = any(word in one.erp_hold.lower() for word in INSOLVENT)
        yield Reason(LeftOut.INSOLVENT if insolvent else LeftOut.ERP_HOLD, one.erp_hold)
    yield from _agreed(one)
    if one.container and one.container not in parked_in:
        yield Reason(LeftOut.PARKED, one.container)
    if one.netted:
        yield Reason(LeftOut.NET_CREDITS)
    yield from _prescription(one, on)
    if one.refused:
        yield Reason(LeftOut.NOT_TO_THIS, one.refused)
    if not one.reachable:
        yield Reason(LeftOut.NO_ADDRESS)


def _agreed(one: Candidate) -> Iterator[Reason]:
    for holds, code in (
        (one.client_excluded, LeftOut.CLIENT_EXCLUDED),
        (one.disputed, LeftOut.DISPUTED),
        (one.held, LeftOut.HELD),
        (one.plan_kept, LeftOut.PLAN_KEPT),
        (one.promised, LeftOut.PROMISED),
    ):
        if holds:
            yield Reason(code)


def _prescription(one: Candidate, on: date) -> Iterator[Reason]:
    last = prescribed_on(one.due)
    if on >= last:
        yield Reason(LeftOut.PRESCRIBED, last.isoformat())
    elif on >= last - BEFORE_PRESCRIPTION:
        yield Reason(LeftOut.NEARLY_PRESCRIBED, last.isoformat())


def prescribed_on(due: date) -> date:
    """The day from which a debt of that due date cannot be claimed any more, as far as the hub
    knows: nothing interrupted the ordinary term."""
    try:
        return due.replace(year=due.year + PRESCRIPTION_YEARS)
    except ValueError:  # 29 February
        return date(due.year + PRESCRIPTION_YEARS, 3, 1)


_ADDRESS: Final = ("address", "city")

NEEDS: Final[Mapping[Service, tuple[tuple[str, ...], ...]]] = {
    Service.PHONE: (("phone",), ("mobile",)),
    Service.POSTAL: (_ADDRESS,),
    Service.EXTRAJUDICIAL: (_ADDRESS, ("phone",), ("mobile",), ("email",), ("pec",)),
    Service.DUE_DILIGENCE: (("vat",), ("tax_code",)),
    Service.JUDICIAL: (_ADDRESS, ("pec",)),
    Service.WRITE_DOWN: (("vat",), ("tax_code",), _ADDRESS),
    Service.NEGATIVE_REPORT: (("vat",), ("tax_code",), _ADDRESS),
}
"""Fields of a client of which a service needs one whole set."""


def can_reach(service: Service, known: Mapping[str, str]) -> bool:
    """Whether the provider can do anything with what is known of the client."""
    return any(all(known.get(name, "").strip() for name in needed) for needed in NEEDS[service])
