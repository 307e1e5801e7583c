"""A negative report is complete, or what it lacks is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from incasso.domain.law.negative_report import (
    Conclusion,
    Missing,
    NegativeReport,
    ReportedAction,
    ReportedCredit,
    Tracing,
    negative_report_missing,
)

CREDIT = ReportedCredit("123/A", date(2025, 3, 1), date(2025, 4, 30), Decimal("1220.00"))
CALL = ReportedAction(date(2026, 2, 3), "phone", "011 555", "number not in use")
LETTER = ReportedAction(date(2026, 2, 9), "registered", "Via Po 2", "unknown there", "ar.pdf")

WHOLE = NegativeReport(
    agency="Recuperi Uno S.r.l.",
    licence="12/2021",
    licensed_by="Questura di Torino",
    mandate="M-2026",
    lot="2026-02",
    debtor="Bar Sport S.n.c.",
    debtor_number="01234567890",
    credits=(CREDIT,),
    actions=(CALL, LETTER),
    traced=((Tracing.REGISTER, "cancelled on 12 January 2026"),),
    conclusion=Conclusion.CEASED,
    definitive=True,
    reasons="The company was cancelled, the partners own nothing.",
    on=date(2026, 9, 30),
    signed_by="Paolo Neri",
    attachments=("ar.pdf", "visura.pdf"),
)


def test_a_whole_report_lacks_nothing() -> None:
    assert negative_report_missing(WHOLE) == ()


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"agency": " "}, Missing.AGENCY),
        ({"licence": ""}, Missing.LICENCE),
        ({"licensed_by": ""}, Missing.LICENSED_BY),
        ({"mandate": ""}, Missing.MANDATE),
        ({"lot": ""}, Missing.LOT),
        ({"debtor": ""}, Missing.DEBTOR),
        ({"debtor_number": ""}, Missing.DEBTOR_NUMBER),
        ({"credits": ()}, Missing.CREDITS),
        ({"credits": (CREDIT, replace(CREDIT, due=None))}, Missing.CREDIT_DETAILS),
        ({"credits": (replace(CREDIT, amount=Decimal(0)),)}, Missing.CREDIT_DETAILS),
        ({"actions": ()}, Missing.ACTIONS),
        ({"actions": (replace(CALL, result=""), LETTER)}, Missing.ACTION_DETAILS),
        ({"actions": (CALL,)}, Missing.RECEIPTS),
        ({"traced": ()}, Missing.TRACING),
        ({"traced": ((Tracing.REGISTER, " "),)}, Missing.TRACING),
        ({"traced": ((Tracing.EMPLOYMENT, "none"),)}, Missing.TRACING),
        ({"conclusion": None}, Missing.CONCLUSION),
        ({"reasons": ""}, Missing.REASONS),
        ({"definitive": False}, Missing.DEFINITIVE),
        ({"on": None}, Missing.DATE),
        ({"signed_by": ""}, Missing.SIGNATURE),
        ({"attachments": ()}, Missing.ATTACHMENTS),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(change: dict[str, Any], missing: Missing) -> None:
    assert negative_report_missing(replace(WHOLE, **change)) == (missing,)


def test_an_empty_report_lacks_everything_but_details_of_nothing() -> None:
    lacks = set(negative_report_missing(NegativeReport()))
    assert lacks == set(Missing) - {
        Missing.CREDIT_DETAILS, Missing.ACTION_DETAILS, Missing.RECEIPTS,
    }  # fmt: skip


def test_a_lawyer_needs_no_licence() -> None:
    lawyer = replace(WHOLE, licence="", licensed_by="", is_lawyer=True)
    assert negative_report_missing(lawyer) == ()
