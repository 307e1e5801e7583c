"""The negative report (*relazione di negatività*): what it must say so that a loss can be deducted.

The agency that returns a credit as uncollectable writes it. Outside insolvency the tax office
wants three things to be identifiable: the credit, what was done, and why it is definitively lost
(Tax Agency, circular 26/E/2013; TUIR, art. 101, paragraph 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Conclusion(StrEnum):
    """Why nothing can be collected."""

    UNTRACEABLE = "untraceable"
    INSOLVENT = "insolvent"
    UNECONOMIC = "uneconomic"
    """Collecting costs more than it brings."""
    NO_HEIRS = "no_heirs"
    """The debtor died, and nobody accepted the inheritance."""
    CEASED = "ceased"
    """The company ended and was taken off the register."""


class Tracing(StrEnum):
    """What was looked up about the debtor."""

    RESIDENCE = "residence"
    REGISTER = "register"
    """The company's status in the register of companies."""
    PROTESTS = "protests"
    LIENS = "liens"
    REAL_ESTATE = "real_estate"
    EMPLOYMENT = "employment"


@dataclass(frozen=True)
class ReportedCredit:
    """One credit of the report; each is judged by itself."""

    document: str
    document_date: date | None
    due: date | None
    amount: Decimal


@dataclass(frozen=True)
class ReportedAction:
    """One thing that was tried."""

    on: date | None
    medium: str
    to: str
    """The address or number that was used."""
    result: str
    receipt: str = ""
    """Name of the file that proves it."""


@dataclass(frozen=True, kw_only=True)
class NegativeReport:
    """A report as the agency gives it; empty is what it does not say."""

    agency: str = ""
    licence: str = ""
    """Number of the licence (art. 115 TULPS). A lawyer needs none."""
    licensed_by: str = ""
    """The Questura."""
    is_lawyer: bool = False
    mandate: str = ""
    lot: str = ""
    debtor: str = ""
    debtor_number: str = ""
    """Tax code or VAT number."""
    credits: Sequence[ReportedCredit] = ()
    actions: Sequence[ReportedAction] = ()
    traced: Sequence[tuple[Tracing, str]] = ()
    """What was looked up, and the result."""
    conclusion: Conclusion | None = None
    definitive: bool = False
    """It states that the credit is lost for good, and for which objective reason."""
    reasons: str = ""
    on: date | None = None
    signed_by: str = ""
    attachments: Sequence[str] = ()


class Missing(StrEnum):
    """What a report lacks."""

    AGENCY = "agency"
    LICENCE = "licence"
    LICENSED_BY = "licensed_by"
    MANDATE = "mandate"
    LOT = "lot"
    DEBTOR = "debtor"
    DEBTOR_NUMBER = "debtor_number"
    CREDITS = "credits"
    CREDIT_DETAILS = "credit_details"
    """Number, date, due date or amount of one of them."""
    ACTIONS = "actions"
    ACTION_DETAILS = "action_details"
    """Day, medium, address or result of one of them."""
    RECEIPTS = "receipts"
    """Nothing that was tried has a receipt."""
    TRACING = "tracing"
    """Nothing was looked up of what the conclusion rests on."""
    CONCLUSION = "conclusion"
    REASONS = "reasons"
    DEFINITIVE = "definitive"
    DATE = "date"
    SIGNATURE = "signature"
    ATTACHMENTS = "attachments"


_RESTS_ON: Final[Mapping[Conclusion, frozenset[Tracing]]] = {
    Conclusion.UNTRACEABLE: frozenset({Tracing.RESIDENCE, Tracing.REGISTER}),
    Conclusion.INSOLVENT: frozenset({Tracing.PROTESTS, Tracing.LIENS, Tracing.REAL_ESTATE}),
    Conclusion.UNECONOMIC: frozenset({Tracing.REAL_ESTATE, Tracing.EMPLOYMENT, Tracing.LIENS}),
    Conclusion.NO_HEIRS: frozenset({Tracing.RESIDENCE}),
    Conclusion.CEASED: frozenset({Tracing.REGISTER}),
}
"""At least one of these look-ups must stand behind a conclusion."""


def negative_report_missing(report: NegativeReport) -> tuple[Missing, ...]:
    """What the report lacks, in the order of its parts; nothing if it is complete."""
    parts = (_who_and_whom, _what_was_done, _why_it_is_lost, _form)
    return tuple(code for part in parts for code in part(report))


def _who_and_whom(report: NegativeReport) -> Iterator[Missing]:
    yield from _empty({Missing.AGENCY: report.agency})
    if not report.is_lawyer:
        yield from _empty(
            {Missing.LICENCE: report.licence, Missing.LICENSED_BY: report.licensed_by}
        )
    yield from _empty(
        {
            Missing.MANDATE: report.mandate,
            Missing.LOT: report.lot,
            Missing.DEBTOR: report.debtor,
            Missing.DEBTOR_NUMBER: report.debtor_number,
        }
    )
    if not report.credits:
        yield Missing.CREDITS
    elif not all(map(_is_identified, report.credits)):
        yield Missing.CREDIT_DETAILS


def _what_was_done(report: NegativeReport) -> Iterator[Missing]:
    if not report.actions:
        yield Missing.ACTIONS
        return
    if not all(each.on and each.medium and each.to and each.result for each in report.actions):
        yield Missing.ACTION_DETAILS
    if not any(each.receipt for each in report.actions):
        yield Missing.RECEIPTS


def _why_it_is_lost(report: NegativeReport) -> Iterator[Missing]:
    found = {what for what, result in report.traced if result.strip()}
    needed = frozenset(Tracing) if report.conclusion is None else _RESTS_ON[report.conclusion]
    if not found & needed:
        yield Missing.TRACING
    if report.conclusion is None:
        yield Missing.CONCLUSION
    yield from _empty({Missing.REASONS: report.reasons})
    if not report.definitive:
        yield Missing.DEFINITIVE


def _form(report: NegativeReport) -> Iterator[Missing]:
    if report.on is None:
        yield Missing.DATE
    yield from _empty({Missing.SIGNATURE: report.signed_by})
    if not report.attachments:
        yield Missing.ATTACHMENTS


def _is_identified(credit: ReportedCredit) -> bool:
    return bool(
        credit.document.strip() and credit.document_date and credit.due and credit.amount > 0
    )


def _empty(parts: dict[Missing, str]) -> Iterator[Missing]:
    return (code for code, said in parts.items() if not said.strip())
