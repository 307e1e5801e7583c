"""Count what is claimed: capital, interest row by row, the fixed sum for each invoice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from incasso.domain.law.claim import RECOVERY_COSTS, Item, less_credits
from incasso.domain.law.interest import DayCount
from incasso.domain.law.limitation import CreditClass
from incasso.domain.law.running import Allocation, PartPayment, Row, Running, running
from incasso.domain.law.terms import Rule, Terms, rule_for
from incasso.domain.money import from_minor
from incasso.plugins.settings.legal import LegalTable
from incasso.services.law.facts import Facts
from incasso.services.law.records import Counting, InterestRow, Paid
from incasso.store.law.credits import CreditRow, DebtorRow, PaidRow

EURO: Final = "EUR"


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever asks for a dossier says about its claim; None: as the company's table says."""

    rule: Rule | None = None
    percent: Decimal | None = None
    concluded_on: date | None = None
    credit: CreditClass | None = None
    payments_pay: Allocation = Allocation.CAPITAL


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """One installment with what it came to."""

    row: CreditRow
    credited: Decimal
    paid: tuple[Paid, ...]
    paid_is_known: bool
    capital: Decimal
    rows: tuple[InterestRow, ...]
    interest: Decimal | None
    costs: Decimal


def counting_of(table: LegalTable, wishes: Wishes, debtor: DebtorRow, on: date) -> Counting:
    """By which rule interest runs: as wished, else the consumer's, else the company's."""
    rule, percent = wishes.rule, wishes.percent
    if rule is None and percent is not None:
        rule = Rule.AGREED
    if rule is None:
        rule = rule_for(is_person=debtor.is_person, vat=debtor.vat)
        if rule is Rule.COMMERCIAL:
            rule, percent = Rule(table.interest), table.agreed_rate
    return Counting(
        rule=rule,
        percent=percent if percent is not None or rule is not Rule.AGREED else table.agreed_rate,
        concluded_on=wishes.concluded_on,
        payments_pay=wishes.payments_pay,
        day_count=table.day_count,
        until=on,
    )


def count(facts: Facts, counting: Counting) -> list[Counted]:
    """Every overdue installment, oldest first."""
    credited = _credited(facts)
    paid = payments_by_installment(facts)
    billed: set[str] = set()
    found = []
    for row in facts.claimed:
        each = _counted(row, credited.get(row.id, Decimal(0)), paid.get(row.id, ()), counting)
        document = row.document_number or row.key
        if _is_billed(each, counting) and document not in billed:
            billed.add(document)
            each = msgspec.structs.replace(each, costs=RECOVERY_COSTS)
        found.append(each)
    return found


def _is_billed(each: Counted, counting: Counting) -> bool:
    return counting.rule.between_businesses and each.row.currency == EURO and each.capital > 0


def _counted(
    row: CreditRow, credited: Decimal, paid: Sequence[PaidRow], counting: Counting
) -> Counted:
    """Interest runs on the whole amount and its payments if these explain what is left of it."""
    amount, residual = from_minor(row.amount, row.currency), from_minor(row.residual, row.currency)
    explained = row.amount - sum(each.amount for each in paid) == row.residual
    parts = tuple(
        Paid(on=each.paid_on, amount=from_minor(each.amount, each.currency))
        for each in (paid if explained else ())
    )
    begun = max((amount if explained else residual) - credited, Decimal("0.00"))
    ran = _ran(begun, row, parts, counting)
    return Counted(
        row=row,
        credited=credited,
        paid=parts,
        paid_is_known=explained,
        capital=ran.capital if ran else max(residual - credited, Decimal("0.00")),
        rows=tuple(map(_row, ran.rows)) if ran else (),
        interest=ran.unpaid_interest if ran else None,
        costs=Decimal("0.00"),
    )


def _ran(
    capital: Decimal, row: CreditRow, paid: Sequence[Paid], counting: Counting
) -> Running | None:
    """In euro only: the law gives no rates for other currencies."""
    if row.currency != EURO:
        return None
    terms = Terms(counting.rule, counting.percent, counting.concluded_on)
    return running(
        capital,
        row.payable_by,
        [PartPayment(each.on, each.amount) for each in paid],
        counting.until,
        terms.rates(row.document_date or row.due_date),
        counting.payments_pay,
        DayCount(counting.day_count),
    )


def _row(row: Row) -> InterestRow:
    return InterestRow(
        first=row.first,
        last=row.last,
        days=row.days,
        capital=row.capital,
        percent=row.percent,
        amount=row.amount,
        provisional=row.provisional,
    )


def _credited(facts: Facts) -> Mapping[int, Decimal]:
    """What credit notes and advances take off each installment, oldest first, by currency."""
    found: dict[int, Decimal] = {}
    for currency in {each.currency for each in facts.credits}:
        rows = [each for each in (*facts.claimed, *facts.set_off) if each.currency == currency]
        owed = [from_minor(each.residual, currency) for each in rows]
        items = [
            Item(document=row.document_number, due=row.payable_by, amount=each)
            for row, each in zip(rows, owed, strict=True)
        ]
        for row, before, left in zip(rows, owed, less_credits(items), strict=True):
            if before > 0:
                found[row.id] = before - left
    return found


def payments_by_installment(facts: Facts) -> Mapping[int, tuple[PaidRow, ...]]:
    """The payments of each installment: by its key, else by a document that has no other."""
    keys = {(each.key, each.currency): each.id for each in facts.credits}
    numbers = Counter((each.document_number, each.currency) for each in facts.credits)
    alone = {
        (each.document_number, each.currency): each.id
        for each in facts.credits
        if each.document_number and numbers[each.document_number, each.currency] == 1
    }
    found: dict[int, tuple[PaidRow, ...]] = {}
    for paid in facts.payments:
        if paid.installment:
            number = keys.get((paid.installment, paid.currency))
        else:
            number = alone.get((paid.document_number, paid.currency))
        if number is not None:
            found[number] = (*found.get(number, ()), paid)
    return found
