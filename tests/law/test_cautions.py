"""What a lawyer must know before filing, found in the facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from decimal import Decimal
from io import BytesIO
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader

from incasso.domain.law.limitation import CreditClass
from incasso.domain.recovery.states import AgreementKind
from incasso.messages.paper import Paper, paper_pdf
from incasso.plugins.settings.company import Company
from incasso.plugins.settings.legal import LegalTable
from incasso.services.law import describing
from incasso.services.law.cautions import cautions_of
from incasso.services.law.counting import Wishes, count, counting_of
from incasso.services.law.facts import Facts
from incasso.services.law.injunction import injunction_of
from incasso.services.law.limitation_page import limitation
from incasso.services.law.limiting import Limiting
from incasso.services.law.pages import timeline
from incasso.services.law.records import Dossier, Happened
from incasso.services.law.statement_page import statement
from tests.law.facts import DEBTOR, agreement, credit, facts

COMPANY = Company(name="ACME", address=("Via Roma 1",), vat="IT01234560017", pec="a@pec.example")


def dossier(given: Facts, table: LegalTable | None = None, **wishes: Any) -> Dossier:
    table = table or LegalTable()
    counting = counting_of(table, Wishes(**wishes), given.debtor, given.on)
    credit_class = wishes.get("credit") or CreditClass.ORDINARY
    limiting = Limiting(given, credit_class, UTC, is_signed=True)
    credits = describing.credits_of(given, count(given, counting), limiting)
    sums, debtor = describing.sums_of(credits), describing.debtor_of(given.debtor)
    return Dossier(
        on=given.on,
        source="acme",
        client="C1",
        creditor=describing.creditor_of(COMPANY),
        debtor=debtor,
        counting=counting,
        sums=sums,
        credits=tuple(credits),
        not_due=(),
        set_off=(),
        injunction=injunction_of(sums, debtor, table, given.on),
        exhibits=(),
        messages=(),
        timeline=(),
        cautions=(),
    )


def codes(given: Facts, table: LegalTable | None = None, **wishes: Any) -> dict[str, bool]:
    made = dossier(given, table, **wishes)
    return {each.code.value: each.grave for each in cautions_of(made, given, ())}


USUAL = {"filing": False, "no_notice": False}
ONE = credit(1, "2026-10-01", 100_00)


def debtor(**other: Any) -> Facts:
    return facts(ONE, debtor=msgspec.structs.replace(DEBTOR, **other))


def agreed(kind: AgreementKind, **other: Any) -> Facts:
    return facts(ONE, agreements=[agreement(kind, "2026-10-10", **other)])


@pytest.mark.parametrize(
    ("given", "more"),
    [
        (facts(ONE), {}),
        (agreed(AgreementKind.DISPUTE), {"disputed": True}),
        (agreed(AgreementKind.DISPUTE, installment_id=1), {"disputed": True}),
        (agreed(AgreementKind.DISPUTE, installment_id=2), {}),
        (agreed(AgreementKind.DISPUTE, until_on=date(2026, 11, 22)), {}),
        (agreed(AgreementKind.PLAN), {"agreement": True}),
        (facts(credit(1, "2016-11-20", 100_00)), {"barred": True, "interest_barred": True}),
        # Ten years end on Sunday, 22 November: there is one day more.
        (facts(credit(1, "2016-11-22", 100_00)), {"near": True, "interest_barred": True}),
        (facts(credit(1, "2016-11-23", 100_00)), {"near": True, "interest_barred": True}),
        (facts(credit(1, "2017-05-22", 100_00)), {"near": True, "interest_barred": True}),
        (facts(credit(1, "2017-05-23", 100_00)), {"interest_barred": True}),
        (facts(credit(1, "2021-11-22", 100_00)), {}),
        (facts(credit(1, "2021-11-21", 100_00)), {"interest_barred": True}),
        (facts(ONE, on=date(2027, 1, 4)), {"provisional": True}),
        (facts(credit(1, "2026-10-01", 60_00, amount=100_00)), {"payments_unknown": False}),
        (facts(ONE, credit(2, "2026-10-01", 100_00, currency="USD")), {"other_currency": False}),
        (facts(credit(1, "2026-10-01", 20_000_00)), {"court_limit": True}),
        (facts(credit(1, "2026-10-01", 9_000_00)), {}),
        (facts(credit(1, "2026-10-01", 40_000_00)), {}),
        (debtor(public_body=True), {"public_body": False}),
        (debtor(is_person=True, vat="", pec="", tax_code="X"), {"consumer": False}),
        (debtor(country="DE"), {"abroad": True}),
        (debtor(pec=""), {"missing": True}),
        (debtor(address="", zip="", city="", province=""), {"missing": True}),
    ],
)  # fmt: skip
def test_what_is_cautioned(given: Facts, more: dict[str, bool]) -> None:
    assert codes(given) == USUAL | more


def test_a_limit_that_the_office_knows_is_no_doubt() -> None:
    given = facts(credit(1, "2026-10-01", 20_000_00))
    table = LegalTable(justice_of_the_peace=Decimal(10_000))
    assert codes(given, table) == USUAL
    found = dossier(given, table).injunction
    assert found is not None and found.court.value == "tribunal"


def test_an_agreed_rate_wants_its_contract() -> None:
    assert codes(facts(ONE), percent=Decimal(8)) == USUAL | {"agreed": False}


def test_a_contested_credit_says_why() -> None:
    given = facts(
        ONE, agreements=[agreement(AgreementKind.DISPUTE, "2026-10-10", reason="merce rotta")]
    )
    told = [str(each.text) for each in cautions_of(dossier(given), given, ())]
    assert told[0] == "1/A is contested: merce rotta"


def test_only_what_is_in_euro_goes_to_court() -> None:
    given = facts(credit(1, "2026-10-01", 100_00, currency="USD"))
    made = dossier(given)
    assert made.injunction is None
    assert [(each.currency, each.total) for each in made.sums] == [("USD", Decimal("100.00"))]
    assert statement(made).pieces


HOSTILE = '#read("/etc/passwd") $x$ <b>&\u202e\x00 \\ "]} ' + "W" * 400


@pytest.mark.parametrize("page", [statement, timeline, limitation])
def test_hostile_names_are_only_odd_names(page: Callable[[Dossier], Paper]) -> None:
    """Typst prints what it is given as text; nothing of it is read as its language."""
    given = facts(
        credit(1, "2026-10-01", 100_00, document_number=HOSTILE, key=HOSTILE),
        debtor=msgspec.structs.replace(DEBTOR, name=HOSTILE, address=HOSTILE, tax_code=HOSTILE),
        agreements=[agreement(AgreementKind.DISPUTE, "2026-10-10", reason=HOSTILE)],
    )
    happened = Happened(on=given.on, kind="note", text=HOSTILE)
    made = msgspec.structs.replace(dossier(given), timeline=(happened,))
    printed = paper_pdf(page(made), given.on)
    words = " ".join(each.extract_text() for each in PdfReader(BytesIO(printed)).pages)
    assert '#read("/etc/passwd")' in words
    assert "root:" not in words
