"""What is agreed with a client: hold, dispute, promise, plan, extension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from incasso.services.acts.act import Act, ActError, acting, need_future, need_why
from incasso.services.acts.amounts import Debt, Payments, minor, need_at_most, owed, spread
from incasso.services.running.hub import Hub
from incasso.store.lists.subjects import Target
from incasso.store.recovery import agreements
from incasso.store.recovery.agreements import Agreement

USUAL_HOLD = timedelta(days=30)
"""A hold or dispute without an end is forgotten; this one comes up again in a month."""


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One payment of a plan."""

    on: date
    amount: Decimal


def hold(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str,
    until: date | None = None,
    owner: str = "",
) -> str:
    """Stop everything for a client or installment, last day included (default: 30 days)."""
    need_why(why, "hold")
    until = until or on + USUAL_HOLD
    need_future(until, on, "The end")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        _stop(act, "hold", until, owner=owner or by)
        return f"Held until {until}: {act.subject}."


def dispute(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str,
    department: str = "",
    until: date | None = None,
) -> str:
    """The client contests; a department answers within a deadline (default: 30 days)."""
    need_why(why, "dispute")
    until = until or on + USUAL_HOLD
    need_future(until, on, "The deadline")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        _stop(act, "dispute", until, department=department, owner=by)
        return f"Disputed until {until}: {act.subject}."


def promise(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    until: date,
    amount: Decimal | None = None,
    currency: str | None = None,
) -> str:
    """The client promises to pay by a day: an amount, or what is past due (else everything).

    Raises ActError for a day in the past or more than is owed.
    """
    with acting(hub, subject, by=by, on=on, why=why) as act:
        made = promise_within(act, until=until, amount=amount, currency=currency)
        return f"Promised by {until}: {made}, {act.subject}."


def promise_within(
    act: Act, *, until: date, amount: Decimal | None, currency: str | None = None
) -> str:
    """A promise inside a larger act, such as a call that was made; the amount, in words."""
    need_future(until, act.on, "The promised day")
    debt = owed(act.open_targets(), currency, act.on)
    cents = debt.overdue or debt.total if amount is None else minor(amount, debt.currency)
    _agree_payments(act, "promise", debt, ((until, cents),))
    return debt.worth(cents)


def plan(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    payments: Sequence[Payment],
    currency: str | None = None,
) -> str:
    """Several payments on rising dates, together at most what is owed. Raises ActError."""
    if not payments:
        raise ActError("A plan needs payments: `--pay 2026-12-01=500.00`, once for each.")
    for earlier, later in pairwise(payments):
        if later.on <= earlier.on:
            raise ActError(f"{later.on} does not follow {earlier.on}: list payments in order.")
    need_future(payments[0].on, on, "The first payment")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        debt = owed(act.open_targets(), currency, on)
        dated = tuple((payment.on, minor(payment.amount, debt.currency)) for payment in payments)
        _agree_payments(act, "plan", debt, dated)
        total = debt.worth(sum(cents for _, cents in dated))
        return f"Plan of {len(dated)} payments, {total} until {dated[-1][0]}: {act.subject}."


def extend(
    hub: Hub,
    subject: str,
    *,
    by: str,
    on: date,
    why: str = "",
    days: int | None = None,
    until: date | None = None,
) -> str:
    """Give more time: days beyond the due date in force, or a new due date.

    For a client each open installment gets it, those already due later than the new date do
    not. Raises ActError if nothing moves.
    """
    if (days is None) == (until is None):
        raise ActError("Give either `--days` or `--to`.")
    if days is not None and not 0 < days <= 3650:
        raise ActError(f"{days} is not a number of days to add: give 1 to 3650.")
    with acting(hub, subject, by=by, on=on, why=why) as act:
        extended = [t for t in act.open_targets() if t.residual > 0 and _new_due(t, days, until)]
        if not extended:
            raise ActError(f"{act.subject} is due later than {until} already: give a later day.")
        for target in extended:
            new = _agreement(act, "extension", _new_due(target, days, until) or on, target)
            agreements.make(act.connection, new)
        act.touch(extended, "extended", leave_steps=True)
        act.tell("agreement.made", agreement="extension", days=days, until=until)
        return f"Extended {len(extended)} installment(s): {act.subject}."


def _new_due(target: Target, days: int | None, until: date | None) -> date | None:
    """The later due date, or none if the one in force is later already."""
    if days is not None:
        return target.effective_due_date + timedelta(days=days)
    return until if until and until > target.effective_due_date else None


def _stop(act: Act, kind: str, until: date, *, owner: str, department: str = "") -> None:
    """A hold or dispute: on the client as a whole, or on each installment of anything smaller."""
    whole = act.subject.kind == "client"
    touched = act.targets() if whole else act.open_targets()
    for target in (None,) if whole else touched:
        made = _agreement(act, kind, until, target, owner=owner, department=department)
        agreements.make(act.connection, made)
    act.touch(touched, kind, leave_steps=True)
    act.tell("agreement.made", agreement=kind, until=until)


def _agree_payments(act: Act, kind: str, debt: Debt, payments: Payments) -> None:
    """A promise or plan: with the client as a whole, or laid over the installments it names."""
    together = sum(cents for _, cents in payments)
    tolerance = agreements.tolerance(
        act.connection, [t.case_id for t in debt.targets], debt.currency
    )
    need_at_most(together, debt, tolerance)
    if act.subject.kind == "client":
        _make_dated(act, kind, debt, payments, None)
    else:
        shares = spread(payments, [target.residual for target in debt.targets])
        for target, share in zip(debt.targets, shares, strict=True):
            if share:
                _make_dated(act, kind, debt, share, target)
    act.touch(debt.targets, kind, leave_steps=True)
    facts = [{"on": day, "amount": debt.worth(cents)} for day, cents in payments]
    act.tell("agreement.made", agreement=kind, payments=facts)


def _make_dated(act: Act, kind: str, debt: Debt, payments: Payments, target: Target | None) -> None:
    made = _agreement(
        act,
        kind,
        payments[-1][0],
        target,
        amount=sum(cents for _, cents in payments),
        residual_then=target.residual if target else debt.total,
        currency=debt.currency,
        dates=payments,
    )
    agreements.make(act.connection, made)


def _agreement(
    act: Act, kind: str, until: date, target: Target | None, **more: object
) -> Agreement:
    return Agreement(
        kind=kind,
        source_id=act.subject.source_id,
        client_id=act.subject.client_id,
        installment_id=target.installment_id if target else None,
        from_on=act.on,
        until_on=until,
        made_by=act.by,
        made_on=act.on,
        reason=act.why,
        **more,  # type: ignore[arg-type]
    )
