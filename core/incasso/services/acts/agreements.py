"""What is agreed with a client: hold, dispute, promise, plan, extension."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from incasso.contract.text import Text, counted, text
from incasso.domain.acts.agreements import (
    USUAL_HOLD,
    Dispute,
    Extend,
    Hold,
    PaymentPlan,
    Promise,
)
from incasso.domain.acts.undo import Thing
from incasso.domain.recovery.states import AgreementKind
from incasso.services.acts.amounts import Debt, Payments, minor, need_at_most, owed, spread
from incasso.services.acts.doing import ActError, Doing, carry_out
from incasso.store.lists.subjects import Target
from incasso.store.recovery import agreements
from incasso.store.recovery.agreements import Agreement


@carry_out.register
def _hold(act: Hold, doing: Doing) -> Text:
    until = act.until or doing.on + USUAL_HOLD
    _stop(doing, AgreementKind.HOLD, until, owner=act.owner or doing.by)
    return text("Held until {until}: {subject}.", until=until, subject=doing.named)


@carry_out.register
def _dispute(act: Dispute, doing: Doing) -> Text:
    until = act.until or doing.on + USUAL_HOLD
    _stop(doing, AgreementKind.DISPUTE, until, department=act.department, owner=doing.by)
    return text("Disputed until {until}: {subject}.", until=until, subject=doing.named)


@carry_out.register
def _promise(act: Promise, doing: Doing) -> Text:
    made = promise_within(doing, until=act.until, amount=act.amount, currency=act.currency)
    return text(
        "Promised by {until}: {amount}, {subject}.",
        until=act.until,
        amount=made,
        subject=doing.named,
    )


def promise_within(
    doing: Doing, *, until: date, amount: Decimal | None, currency: str | None = None
) -> Text:
    """A promise inside a larger act, such as a call that was made; the amount, in words."""
    debt = owed(doing.open_targets(), currency, doing.on)
    cents = debt.overdue or debt.total if amount is None else minor(amount, debt.currency)
    _agree_payments(doing, AgreementKind.PROMISE, debt, ((until, cents),))
    return debt.worth(cents)


@carry_out.register
def _plan(act: PaymentPlan, doing: Doing) -> Text:
    debt = owed(doing.open_targets(), act.currency, doing.on)
    dated = tuple((payment.on, minor(payment.amount, debt.currency)) for payment in act.pay)
    _agree_payments(doing, AgreementKind.PLAN, debt, dated)
    return counted(
        "Plan of {n} payment, {total} until {until}: {subject}.",
        "Plan of {n} payments, {total} until {until}: {subject}.",
        n=len(dated),
        total=debt.worth(sum(cents for _, cents in dated)),
        until=dated[-1][0],
        subject=doing.named,
    )


@carry_out.register
def _extend(act: Extend, doing: Doing) -> Text:
    extended = [t for t in doing.open_targets() if t.residual > 0 and _new_due(t, act)]
    if not extended:
        raise ActError(
            text(
                "{subject} is due later than {day} already: give a later day.",
                subject=doing.named,
                day=act.to,
            )
        )
    for target in extended:
        _make(
            doing,
            _agreement(doing, AgreementKind.EXTENSION, _new_due(target, act) or doing.on, target),
        )
    doing.touch(extended, "extended", leave_steps=True)
    doing.tell("agreement.made", agreement="extension", days=act.days, until=act.to)
    return text(
        "Extended {count} installment(s): {subject}.", count=len(extended), subject=doing.named
    )


def _new_due(target: Target, act: Extend) -> date | None:
    """The later due date, or none if the one in force is later already."""
    if act.days is not None:
        return target.effective_due_date + timedelta(days=act.days)
    return act.to if act.to and act.to > target.effective_due_date else None


def _stop(
    doing: Doing, kind: AgreementKind, until: date, *, owner: str, department: str = ""
) -> None:
    """A hold or dispute: on the client as a whole, or on each installment of anything smaller."""
    whole = doing.subject.kind == "client"
    touched = doing.targets() if whole else doing.open_targets()
    for target in (None,) if whole else touched:
        _make(doing, _agreement(doing, kind, until, target, owner=owner, department=department))
    doing.touch(touched, kind, leave_steps=True)
    doing.tell("agreement.made", agreement=kind, until=until)


def _agree_payments(doing: Doing, kind: AgreementKind, debt: Debt, payments: Payments) -> None:
    """A promise or plan: with the client as a whole, or laid over the installments it names."""
    together = sum(cents for _, cents in payments)
    tolerance = agreements.tolerance(
        doing.connection, [t.case_id for t in debt.targets], debt.currency
    )
    need_at_most(together, debt, tolerance)
    if doing.subject.kind == "client":
        _make_dated(doing, kind, debt, payments, None)
    else:
        shares = spread(payments, [target.residual for target in debt.targets])
        for target, share in zip(debt.targets, shares, strict=True):
            if share:
                _make_dated(doing, kind, debt, share, target)
    doing.touch(debt.targets, kind, leave_steps=True)
    facts = [{"on": day, "amount": debt.worth(cents)} for day, cents in payments]
    doing.tell("agreement.made", agreement=kind, payments=facts)


def _make_dated(
    doing: Doing, kind: AgreementKind, debt: Debt, payments: Payments, target: Target | None
) -> None:
    made = _agreement(
        doing,
        kind,
        payments[-1][0],
        target,
        amount=sum(cents for _, cents in payments),
        residual_then=target.residual if target else debt.total,
        currency=debt.currency,
        dates=payments,
    )
    _make(doing, made)


def _make(doing: Doing, new: Agreement) -> None:
    """Write an agreement down; the one it takes the place of is remembered."""
    same = agreements.in_force(doing.connection, new.client_id, None, [new.kind])
    replaced = [row.id for row in same if row.installment_id == new.installment_id]
    doing.end_agreements(replaced)
    doing.memory.made(Thing.AGREEMENT, agreements.make(doing.connection, new))


def _agreement(
    doing: Doing, kind: AgreementKind, until: date, target: Target | None, **more: object
) -> Agreement:
    return Agreement(
        kind=kind,
        source_id=doing.subject.source_id,
        client_id=doing.subject.client_id,
        installment_id=target.installment_id if target else None,
        from_on=doing.on,
        until_on=until,
        made_by=doing.by,
        made_on=doing.on,
        reason=doing.why,
        **more,  # type: ignore[arg-type]
    )
