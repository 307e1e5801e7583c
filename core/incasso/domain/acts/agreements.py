"""What is agreed with a client: hold, dispute, promise, plan, extension, and their release."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Final

import msgspec

from incasso.domain.acts.act import Act, Mistake, MistakeKind, past
from incasso.domain.acts.permission import WITH_THE_CLIENT
from incasso.domain.office.actor import Role

USUAL_HOLD: Final = timedelta(days=30)
"""Default length of a hold or dispute, because one without an end is forgotten."""

MOST_DAYS: Final = 3650

RELEASED: Final = ("hold", "promise", "plan", "dispute", "park")
"""What `release` ends when no kind is named."""

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
    """Kinds of agreements, and `park`; empty: everything that stops a case."""
    confirm: bool = False
    """Also out of the lawyers' container."""

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Only what can be agreed can end."""
        for kind in sorted(set(self.what) - set(RELEASABLE)):
            yield Mistake(kind=MistakeKind.NOT_RELEASABLE, values={"kind": kind})


class Promise(Act, frozen=True, kw_only=True, tag="promise"):
    """The client promises to pay by a day: an amount, or what is past due (else everything)."""

    until: date
    amount: Decimal | None = None
    currency: str | None = None

    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The promised day must not have passed."""
        yield from past("promised", self.until, on)


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of a plan."""

    on: date
    amount: Decimal


class PaymentPlan(Act, frozen=True, kw_only=True, tag="plan"):
    """Several payments on rising dates, together at most what is owed."""

    pay: tuple[Payment, ...]
    currency: str | None = None

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """There are payments, in order, from today on."""
        if not self.pay:
            yield Mistake(kind=MistakeKind.NO_PAYMENTS)
            return
        for earlier, later in pairwise(self.pay):
            if later.on <= earlier.on:
                values = {"day": later.on, "before": earlier.on}
                yield Mistake(kind=MistakeKind.PAYMENTS_OUT_OF_ORDER, values=values)
        yield from past("payment", self.pay[0].on, on)


class Dispute(Act, frozen=True, kw_only=True, tag="dispute"):
    """The client contests; a department answers within a deadline (default: 30 days)."""

    department: str = ""
    until: date | None = None

    allowed: ClassVar[frozenset[Role]] = WITH_THE_CLIENT
    needs_why: ClassVar[bool] = True

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """The deadline must not have passed."""
        yield from past("deadline", self.until or on, on)


class Extend(Act, frozen=True, kw_only=True, tag="extend"):
    """Give more time: days beyond the due date in force, or a new due date.

    For a client each open installment gets it; those already due later than the new date do not.
    """

    days: int | None = None
    to: date | None = None

    def own_mistakes(self, on: date) -> Iterator[Mistake]:
        """Either days or a day."""
        if (self.days is None) == (self.to is None):
            yield Mistake(kind=MistakeKind.DAYS_OR_DAY)
        elif self.days is not None and not 0 < self.days <= MOST_DAYS:
            values = {"days": self.days, "most": MOST_DAYS}
            yield Mistake(kind=MistakeKind.TOO_MANY_DAYS, values=values)
