"""What is claimed of a client, counted from facts: payments, credits, currencies, costs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from incasso.contract.channel import DeliveryState
from incasso.domain.law.interest import DayCount
from incasso.domain.law.limitation import CreditClass, Doubt, Evidence, InterruptionKind
from incasso.domain.law.running import Allocation
from incasso.domain.law.terms import Rule
from incasso.domain.recovery.states import AgreementKind
from incasso.plugins.settings.legal import LegalTable
from incasso.services.law.counting import Counted, Wishes, count, counting_of
from incasso.services.law.facts import Facts
from incasso.services.law.limiting import Limiting
from incasso.services.law.records import Interrupted
from tests.law.facts import DEBTOR, ON, agreement, credit, facts, paid, receipt, sent

PART_PAID = credit(1, "2026-10-01", 600_00, amount=1000_00)
SIX = LegalTable(interest="agreed", agreed_rate=Decimal(6))
ROME = ZoneInfo("Europe/Rome")


def counted(given: Facts, table: LegalTable | None = None, **wishes: object) -> list[Counted]:
    wanted = Wishes(**wishes)  # type: ignore[arg-type]
    return count(given, counting_of(table or LegalTable(), wanted, given.debtor, ON))


def test_payments_that_explain_the_residual_are_rows() -> None:
    (one,) = counted(facts(PART_PAID, payments=[paid("2026-10-31", 400_00, key="K1")]))
    assert one.paid_is_known and [each.capital for each in one.rows] == [1000, 600]


@pytest.mark.parametrize("cents", [399_00, 401_00, 0])
def test_payments_that_do_not_leave_interest_on_what_is_left(cents: int) -> None:
    given = [paid("2026-10-31", cents, key="K1")] if cents else []
    (one,) = counted(facts(PART_PAID, payments=given))
    assert not one.paid_is_known
    assert [each.capital for each in one.rows] == [600]


def test_a_payment_of_a_document_is_its_only_installments() -> None:
    """Of a document with two installments nobody knows which one it paid."""
    alone = credit(1, "2026-10-01", 600_00, amount=1000_00)
    two = credit(2, "2026-10-01", 1000_00, document_number="2/A")
    three = credit(3, "2026-10-31", 600_00, amount=1000_00, document_number="2/A")
    told = [paid("2026-10-31", 400_00, document="1/A"), paid("2026-11-05", 400_00, document="2/A")]
    found = counted(facts(alone, two, three, payments=told))
    assert [each.paid_is_known for each in found] == [True, True, False]
    assert [len(each.paid) for each in found] == [1, 0, 0]


def test_credits_are_taken_off_the_oldest_of_their_currency() -> None:
    given = facts(
        credit(1, "2026-09-01", 100_00),
        credit(2, "2026-10-01", 100_00),
        credit(3, "2026-09-01", 100_00, currency="USD"),
        credit(4, "2026-11-10", -130_00, document_kind="credit_note"),
    )
    found = {each.row.id: (int(each.credited), int(each.capital)) for each in counted(given)}
    assert found == {1: (100, 0), 2: (30, 70), 3: (0, 100)}


def test_costs_once_for_an_invoice_and_none_where_nothing_is_left() -> None:
    given = facts(
        credit(1, "2026-09-01", 50_00),
        credit(2, "2026-10-01", 100_00, document_number="2/A"),
        credit(3, "2026-10-31", 100_00, document_number="2/A"),
        credit(4, "2026-09-01", -50_00),
        credit(5, "2026-09-01", 100_00, currency="USD"),
    )
    assert {each.row.id: each.costs for each in counted(given)} == {1: 0, 2: 40, 3: 0, 5: 0}


def test_no_interest_in_other_currencies() -> None:
    (one,) = counted(facts(credit(1, "2026-09-01", 100_00, currency="USD")))
    assert (one.interest, one.rows, one.capital) == (None, (), Decimal(100))


def test_a_due_date_that_was_put_off() -> None:
    """22 days from 1 November: 1000 × 10.40 × 22 / 36500 = 6.27."""
    (one,) = counted(facts(credit(1, "2026-09-01", 1000_00, payable_by=date(2026, 11, 1))))
    assert one.interest == Decimal("6.27")


@pytest.mark.parametrize(
    ("debtor", "table", "wishes", "rule", "percent"),
    [
        ({}, LegalTable(), {}, Rule.COMMERCIAL, None),
        ({"is_person": True, "vat": ""}, LegalTable(), {}, Rule.LEGAL, None),
        ({"is_person": True}, LegalTable(), {}, Rule.COMMERCIAL, None),
        ({}, LegalTable(interest="agrifood"), {}, Rule.AGRIFOOD, None),
        ({"is_person": True, "vat": ""}, LegalTable(interest="agrifood"), {}, Rule.LEGAL, None),
        ({}, SIX, {}, Rule.AGREED, 6),
        ({}, LegalTable(), {"percent": Decimal(9)}, Rule.AGREED, 9),
        ({}, SIX, {"rule": Rule.LEGAL}, Rule.LEGAL, None),
    ],
)  # fmt: skip
def test_by_which_rule(
    debtor: dict[str, object],
    table: LegalTable,
    wishes: dict[str, object],
    rule: Rule,
    percent: int | None,
) -> None:
    whose = msgspec.structs.replace(DEBTOR, **debtor)
    found = counting_of(table, Wishes(**wishes), whose, ON)  # type: ignore[arg-type]
    assert (found.rule, found.percent) == (rule, percent)
    assert (found.payments_pay, found.day_count) == (Allocation.CAPITAL, DayCount.ALWAYS_365)


def interrupted(given: Facts, *, is_signed: bool = True) -> list[Interrupted]:
    limiting = Limiting(given, CreditClass.PERIODIC, ROME, is_signed=is_signed)
    return list(limiting.of(given.credits[0]).interruptions)


def notice(medium: str = "pec", *, formal: bool = True, proof: bool = True) -> Facts:
    """One message about one credit; the receipt is of half past midnight in Rome."""
    at = datetime(2026, 11, 10, 23, 30, tzinfo=ZoneInfo("UTC"))
    return facts(
        credit(1, "2026-10-01", 100_00),
        messages=[sent("2026-11-10", medium)],
        proofs={"d1": [receipt(at)]} if proof else {},
        asked_for={1: frozenset({1})},
        formal_steps=frozenset({1}) if formal else frozenset(),
    )


def test_a_notice_counts_from_the_day_it_arrived() -> None:
    (found,) = interrupted(notice())
    assert (found.kind, found.on) == (InterruptionKind.NOTICE, date(2026, 11, 11))
    assert (found.evidence, found.doubt) == (Evidence.CONFIRMED, None)


@pytest.mark.parametrize(
    ("given", "is_signed", "doubt"),
    [
        (notice(formal=False), True, Doubt.NOT_FORMAL),
        (notice(proof=False), True, Doubt.NO_PROOF),
        (notice(), False, Doubt.NO_SIGNATURE),
    ],
)
def test_a_notice_that_is_doubtful(given: Facts, is_signed: bool, doubt: Doubt) -> None:
    (found,) = interrupted(given, is_signed=is_signed)
    assert (found.evidence, found.doubt) == (Evidence.CLAIMED, doubt)


def test_what_proves_nothing() -> None:
    """An ordinary mail, one about another credit, one before the due date, a receipt of sending."""
    assert interrupted(notice("email")) == []
    other = msgspec.structs.replace(notice(), asked_for={1: frozenset({9})})
    assert interrupted(other) == []
    early = msgspec.structs.replace(notice(), messages=[sent("2026-10-01")])
    assert interrupted(early) == []
    at = datetime(2026, 11, 10, tzinfo=ROME)
    passed_on = msgspec.structs.replace(
        notice(), proofs={"d1": [receipt(at, state=DeliveryState.SENT)]}
    )
    assert interrupted(passed_on)[0].doubt is Doubt.NO_PROOF


def test_what_the_debtor_said_and_paid_is_for_a_judge() -> None:
    given = facts(
        credit(1, "2026-10-01", 60_00, amount=100_00),
        payments=[
            paid("2026-10-20", 30_00, key="K1"),
            paid("2026-10-21", 10_00, key="K1", kind="allowance"),
        ],
        agreements=[
            agreement(AgreementKind.PROMISE, "2026-10-10", installments=(1,)),
            agreement(AgreementKind.PLAN, "2026-10-11", installments=(2,)),
            agreement(AgreementKind.DISPUTE, "2026-10-12", installment_id=1),
        ],
    )
    found = [(each.kind.value, each.on.day, each.doubt) for each in interrupted(given)]
    assert found == [("recognition", 10, Doubt.OF_FACT), ("part_payment", 20, Doubt.OF_FACT)]
