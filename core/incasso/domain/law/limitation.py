"""Limitation (*prescrizione*): until when a credit can be claimed, and what starts its term anew.

Civil code, art. 2934-2963. Only what is proven moves the date: a claim that turns out to be barred
costs more than a reminder too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from incasso.domain.calendar import Calendar
from incasso.domain.law.rates import months_after

WARNED_BEFORE: Final = (30, 90, 180)
"""Days before the end at which an office is warned."""

_ITALY: Final = Calendar("IT")
_SUNDAY: Final = 6
_INTEREST: Final = 60
"""Months for interest (art. 2948 no. 4)."""


class CreditClass(StrEnum):
    """What a credit is for, as far as its term depends on it."""

    ORDINARY = "ordinary"
    PERIODIC = "periodic"
    """Whatever is payable yearly or more often: rent, subscriptions, telephone, utilities."""
    ELECTRICITY = "electricity"
    """To households, very small firms and professionals; as GAS and WATER."""
    GAS = "gas"
    WATER = "water"
    TRANSPORT = "transport"
    TRANSPORT_OVERSEAS = "transport_overseas"
    """Forwarding and transport that begins or ends outside Europe."""
    BROKERAGE = "brokerage"
    INSURANCE = "insurance"
    """Instalments of premiums."""
    COMPANY = "company"
    """Between a company and its members."""
    JUDGMENT = "judgment"
    """After a final judgment or an injunction that nobody opposed."""


@dataclass(frozen=True)
class Term:
    """How long a credit can be claimed, and by which rule."""

    months: int
    basis: str


_TERMS: Final = {
    CreditClass.ORDINARY: Term(120, "art. 2946 c.c."),
    CreditClass.PERIODIC: Term(60, "art. 2948 c.c."),
    CreditClass.TRANSPORT: Term(12, "art. 2951 c.c."),
    CreditClass.TRANSPORT_OVERSEAS: Term(18, "art. 2951 c.c."),
    CreditClass.BROKERAGE: Term(12, "art. 2950 c.c."),
    CreditClass.INSURANCE: Term(12, "art. 2952 c.c."),
    CreditClass.COMPANY: Term(60, "art. 2949 c.c."),
    CreditClass.JUDGMENT: Term(120, "art. 2953 c.c."),
}
_TWO_YEARS: Final = Term(24, "L. 205/2017, art. 1, c. 4-10")
_TWO_YEARS_AFTER: Final = {
    CreditClass.ELECTRICITY: date(2018, 3, 1),
    CreditClass.GAS: date(2019, 1, 1),
    CreditClass.WATER: date(2020, 1, 1),
}
"""Bills that fall due after these days; those before them had five years."""


class InterruptionKind(StrEnum):
    """What starts the term anew (art. 2943-2945)."""

    NOTICE = "notice"
    """A written and signed demand that arrived; a call or an ordinary mail is none."""
    RECOGNITION = "recognition"
    """The debtor asked for instalments, or promised to pay."""
    PART_PAYMENT = "part_payment"
    """Whether it recognises the rest is a question of fact."""
    COURT = "court"
    """An act that was served. Filing a petition for an injunction is not enough."""


class Evidence(StrEnum):
    """How well an interruption can be proven."""

    CONFIRMED = "confirmed"
    CLAIMED = "claimed"


class Doubt(StrEnum):
    """Why an interruption is only claimed."""

    NO_PROOF = "no_proof"
    """Nothing proves that it arrived."""
    NO_SIGNATURE = "no_signature"
    """The demand bears no signature of the creditor (Cass. 2335/2024)."""
    NOT_FORMAL = "not_formal"
    """Its words or its medium make it a reminder rather than a demand."""
    OF_FACT = "of_fact"
    """Whether it recognises the whole debt is for a judge."""


@dataclass(frozen=True)
class Interruption:
    """Something that starts the term anew, if nothing is doubtful about it."""

    kind: InterruptionKind
    on: date
    """When it reached the debtor."""
    doubt: Doubt | None = None
    about: str = ""
    """What proves it: a message, an agreement, a payment."""
    final_on: date | None = None
    """Of COURT: when the judgment became final. Until then the term stands still (art. 2945)."""

    @property
    def evidence(self) -> Evidence:
        """Confirmed without any doubt, else claimed."""
        return Evidence.CONFIRMED if self.doubt is None else Evidence.CLAIMED


class Urgency(StrEnum):
    """How near the end is."""

    FAR = "far"
    WITHIN_180 = "within_180"
    WITHIN_90 = "within_90"
    WITHIN_30 = "within_30"
    BARRED = "barred"
    SUSPENDED = "suspended"
    """A court has it: the term does not run."""


@dataclass(frozen=True)
class Limitation:
    """Until when a credit can be claimed."""

    credit: CreditClass
    basis: str
    start: date
    """The day it fell due."""
    runs_from: date
    """The last confirmed interruption in time, else `start`."""
    last_day: date | None
    """The last day on which it can still be interrupted; None while a court has it."""
    if_claimed: date | None
    """The same, if what is only claimed counts too."""

    def urgency(self, on: date) -> Urgency:
        """How near the end is on a day; by what is confirmed alone."""
        if self.last_day is None:
            return Urgency.SUSPENDED
        left = (self.last_day - on).days
        if left < 0:
            return Urgency.BARRED
        for days in WARNED_BEFORE:
            if left <= days:
                return Urgency(f"within_{days}")
        return Urgency.FAR


def term_of(credit: CreditClass, due: date) -> Term:
    """The term of a credit that fell due on a day."""
    after = _TWO_YEARS_AFTER.get(credit)
    if after is not None:
        return _TWO_YEARS if due > after else _TERMS[CreditClass.PERIODIC]
    return _TERMS[credit]


def may_end_by(credit: CreditClass, day: date) -> date:
    """Of credits that can be time-barred by a day the last due date."""
    shortest = min(_TWO_YEARS.months, 60) if credit in _TWO_YEARS_AFTER else _TERMS[credit].months
    return months_after(day, -shortest)


def last_day_of(start: date, months: int) -> date:
    """The first day does not count; a term that ends on a holiday ends after it (art. 2963)."""
    day = months_after(start, months)
    while day.weekday() == _SUNDAY or _ITALY.is_holiday(day):
        day += timedelta(days=1)
    return day


def limitation(credit: CreditClass, due: date, interruptions: Sequence[Interruption]) -> Limitation:
    """Until when a credit of that class can be claimed.

    What comes after the end starts nothing anew: a renunciation (art. 2937) is for a lawyer.
    """
    confirmed = [each for each in interruptions if each.doubt is None]
    runs_from, last_day = _walked(credit, due, confirmed)
    return Limitation(
        credit=credit,
        basis=term_of(credit, due).basis,
        start=due,
        runs_from=runs_from,
        last_day=last_day,
        if_claimed=_walked(credit, due, interruptions)[1],
    )


def interest_alive_from(due: date, interruptions: Sequence[Interruption], on: date) -> date:
    """The first day whose interest can still be claimed: each day's has five years of its own.

    By what is confirmed alone.
    """
    alive, before = due + timedelta(days=1), None
    confirmed = sorted(each.on for each in interruptions if each.doubt is None and each.on <= on)
    for day in (*confirmed, on):
        kept = before is not None and day <= months_after(before, _INTEREST)
        if not kept:
            alive = max(alive, months_after(day, -_INTEREST))
        before = day
    return alive


def _walked(
    credit: CreditClass, due: date, interruptions: Sequence[Interruption]
) -> tuple[date, date | None]:
    """From when the term runs, and its last day."""
    months = term_of(credit, due).months
    runs_from = due
    for each in sorted(interruptions, key=lambda one: one.on):
        if each.on <= due or each.on > last_day_of(runs_from, months):
            continue
        if each.kind is InterruptionKind.COURT:
            if each.final_on is None:
                return each.on, None
            months, runs_from = _TERMS[CreditClass.JUDGMENT].months, each.final_on
        else:
            runs_from = each.on
    return runs_from, last_day_of(runs_from, months)
