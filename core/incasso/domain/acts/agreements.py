"""What is agreed with a client: hold, dispute, promise, plan, extension, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Final

import msgspec

from incasso.domain.acts.act import MOST_DAYS, Act, Mistake, MistakeKind, past
from incasso.domain.acts.permission import WITH_THE_CLIENT
from incasso.domain.office.actor import Role
from incasso.domain.recovery.agreements import LONGEST_PROMISE_GRACE
from incasso.domain.recovery.states import DisputeResult, PromisedMethod

USUAL_HOLD: Final = timedelta(days=30)
"""Default length of a hold or dispute, because one without an end is forgotten."""

RELEASED: Final = ("hold", "promise", "plan", "dispute", "park")
"""What `release` may end when no kind is named."""

RELEASABLE: Final = (*RELEASED, "extension")


class Hold(Act, frozen=True, kw_only=True, tag="hold"):
    """Stop everything for a client or installment, last day included (default: 30 days)."""

    until: date | None = None
    owner: str = ""
    """Who is responsible for it; empty: the person who holds."""

    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT
    needs_why: ClassVar[bool] = True

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The end must not have passed."""
        yield from past("end", self.until or on, on)


class Release(Act, frozen=True, kw_only=True, tag="release"):
    """Ends agreements and parking; each case continues where it was."""

    what: tuple[str, ...] = ()
    """Kinds of agreements, and `park`; empty: what stops the cases, if it is of one kind only."""
    confirm: bool = False
    """Also out of the lawyers' container."""

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Only what can be agreed can end."""
        for kind in sorted(set(self.what) - set(RELEASABLE)):
            yield Mistake(kind=MistakeKind.NOT_RELEASABLE, values={"kind": kind})


class Promise(Act, frozen=True, kw_only=True, tag="promise"):
    """The client promises to pay by a day: the installments named, else what is past due.

    Of a client that is what is past due on that day; of anything smaller, its own installments.
    What falls due later goes its own way.
    """

    until: date
    amount: Decimal | None = None
    """Left out: all of what it covers. Less than that covers the oldest debts that it reaches,
    unless they are named."""
    currency: str | None = None
    installment: tuple[str, ...] = ()
    """Keys of the installments that it covers."""
    method: PromisedMethod | None = None
    grace: int | None = None
    """Working days for the bank to post the payment; left out: as its company says."""

    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The promised day must not have passed."""
        yield from past("promised", self.until, on)
        yield from _too_much_grace(self.grace)


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of a plan."""

    on: date
    amount: Decimal


class PaymentPlan(Act, frozen=True, kw_only=True, tag="plan"):
    """Several payments on rising dates, together what is owed of the installments it covers.

    It covers what a promise would cover. A plan of less needs `confirm`.
    """

    pay: tuple[Payment, ...]
    currency: str | None = None
    installment: tuple[str, ...] = ()
    """Keys of the installments that it covers."""
    down: Decimal | None = None
    """What is paid on the day of the plan itself."""
    interest: Decimal | None = None
    """What the payments hold beyond the debt."""
    rate: Decimal | None = None
    """The rate agreed, per cent and year; without `interest` what exceeds the debt is interest."""
    method: PromisedMethod | None = None
    grace: int | None = None
    """Working days for the bank to post a payment; left out: as its company says."""
    acceleration: bool = True
    """One missed payment ends the plan; else it is tolerated up to the next payment's day."""
    confirm: bool = False
    """Agree although the payments leave a part of the debt without a date."""

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """There are payments, in order, from today on."""
        if not self.pay:
            yield Mistake(kind=MistakeKind.NO_PAYMENTS)
            return
        days = [each.on for each in self.pay]
        for earlier, later in pairwise(days if self.down is None else [on, *days]):
            if later <= earlier:
                values = {"day": later, "before": earlier}
                yield Mistake(kind=MistakeKind.PAYMENTS_OUT_OF_ORDER, values=values)
        yield from past("payment", self.pay[0].on, on)
        yield from _too_much_grace(self.grace)


def _too_much_grace(days: int | None) -> Iterator[Mistake]:
    if days is not None and not 0 <= days <= LONGEST_PROMISE_GRACE:
        values = {"days": days, "most": LONGEST_PROMISE_GRACE}
        yield Mistake(kind=MistakeKind.GRACE_TOO_LONG, values=values)


class Dispute(Act, frozen=True, kw_only=True, tag="dispute"):
    """The client contests; a department answers within a deadline (default: 30 days).

    The whole installment waits, whatever part of it is contested.
    """

    department: str = ""
    until: date | None = None
    amount: Decimal | None = None
    """The part that is contested; left out: all of it."""
    currency: str | None = None
    code: str = ""
    """Why, as a code of the office's list."""
    assignee: str = ""
    """Who answers: a login."""

    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT
    needs_why: ClassVar[bool] = True

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The deadline must not have passed."""
        yield from past("deadline", self.until or on, on)


class AnswerDispute(Act, frozen=True, kw_only=True, tag="answer-dispute"):
    """Answers what the client contests, which ends the dispute: the cases go on."""

    result: DisputeResult
    answer: str

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """An answer has words."""
        if not self.answer.strip():
            yield Mistake(kind=MistakeKind.NO_ANSWER)


class Extend(Act, frozen=True, kw_only=True, tag="extend"):
    """Give more time: days beyond the due date in force, or a new due date.

    For a client each installment that has come due gets it, extended before or not; those already
    due later than the new date do not. What falls due later is named by its key.
    """

    days: int | None = None
    to: date | None = None
    installment: tuple[str, ...] = ()
    """Keys of more installments of the same client."""
    approved_by: str = ""
    """Who granted it: the login of a manager."""

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Either days or a day."""
        if (self.days is None) == (self.to is None):
            yield Mistake(kind=MistakeKind.DAYS_OR_DAY)
        elif self.days is not None and not 0 < self.days <= MOST_DAYS:
            values = {"days": self.days, "most": MOST_DAYS}
            yield Mistake(kind=MistakeKind.TOO_MANY_DAYS, values=values)
