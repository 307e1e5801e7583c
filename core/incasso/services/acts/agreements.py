"""What is agreed with a client: hold, dispute and its answer, promise, plan, extension."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Final

from incasso.contract.text import Text, counted, text
from incasso.domain.acts.agreements import (
    USUAL_HOLD,
    AnswerDispute,
    Dispute,
    Hold,
    PaymentPlan,
    Promise,
)
from incasso.domain.acts.undo import Thing
from incasso.domain.money import from_minor
from incasso.domain.office.actor import Role, person
from incasso.domain.recovery.states import AgreementKind, OfficeTask
from incasso.services.acts.amounts import (
    Debt,
    Payments,
    covered,
    minor,
    need_at_most,
    owed,
    reached_by,
)
from incasso.services.acts.doing import ActError, Doing, carry_out, running
from incasso.services.acts.office_tasks import end_tasks
from incasso.services.office.actors import present
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
    _need_code(doing, act.code)
    _need_person(doing, act.assignee)
    contested: dict[str, object] = {"code": act.code, "assignee": act.assignee}
    if act.amount is not None:
        debt = owed(doing.open_targets(), act.currency)
        contested["amount"] = minor(act.amount, debt.currency)
        contested["currency"] = debt.currency
        need_at_most(minor(act.amount, debt.currency), debt, 0)
    contested["department"] = act.department
    _stop(doing, AgreementKind.DISPUTE, until, owner=doing.by, **contested)
    return text("Disputed until {until}: {subject}.", until=until, subject=doing.named)


@carry_out.register
def _answer(act: AnswerDispute, doing: Doing) -> Text:
    ended = [row.id for row in doing.in_force((AgreementKind.DISPUTE,))]
    if not ended:
        raise ActError(text("Nothing is disputed on {subject}.", subject=doing.named))
    doing.end_agreements(ended, answer=act.answer, result=act.result)
    doing.touch(doing.targets(), "dispute answered", leave_steps=False)
    doing.tell("dispute.answered", result=act.result, answer=act.answer, agreements=ended)
    return text("Answered, {result}: {subject}.", result=act.result, subject=doing.named)


@carry_out.register
def _promise(act: Promise, doing: Doing) -> Text:
    made = promise_within(
        doing,
        until=act.until,
        amount=act.amount,
        currency=act.currency,
        keys=act.installment,
        method=act.method or "",
        grace_days=act.grace,
    )
    return text(
        "Promised by {until}: {amount}, {subject}.",
        until=act.until,
        amount=made,
        subject=doing.named,
    )


def promise_within(
    doing: Doing,
    *,
    until: date,
    amount: Decimal | None,
    currency: str | None = None,
    keys: tuple[str, ...] = (),
    **more: object,
) -> Text:
    """A promise inside a larger act, such as a call that was made; the amount, in words."""
    debt = covered(doing, keys, currency)
    cents = debt.total if amount is None else minor(amount, debt.currency)
    need_at_most(cents, debt, 0)
    if not keys:
        debt = reached_by(cents, debt)
    agree_payments(doing, AgreementKind.PROMISE, debt, ((until, cents),), **more)
    return debt.worth(cents)


@carry_out.register
def _plan(act: PaymentPlan, doing: Doing) -> Text:
    debt = covered(doing, act.installment, act.currency)
    down = None if act.down is None else minor(act.down, debt.currency)
    dated = tuple((payment.on, minor(payment.amount, debt.currency)) for payment in act.pay)
    payments = dated if down is None else ((doing.on, down), *dated)
    together = sum(cents for _, cents in payments)
    interest = _interest(act, debt, together)
    _need_all_of_it(act, debt, together - interest, _tolerance(doing, debt))
    agree_payments(
        doing,
        AgreementKind.PLAN,
        debt,
        payments,
        down_payment=down,
        interest=interest or None,
        interest_rate="" if act.rate is None else str(act.rate),
        acceleration=act.acceleration,
        method=act.method or "",
        grace_days=act.grace,
    )
    return counted(
        "Plan of {n} payment, {total} until {until}: {subject}.",
        "Plan of {n} payments, {total} until {until}: {subject}.",
        n=len(payments),
        total=debt.worth(together),
        until=payments[-1][0],
        subject=doing.named,
    )


def _interest(act: PaymentPlan, debt: Debt, together: int) -> int:
    """What the payments hold beyond the debt, as said; by a rate alone, what exceeds the debt."""
    if act.rate is not None and not 0 < act.rate <= 100:
        raise ActError(
            text(
                "{rate} is no rate per cent and year: give more than 0, at most 100.", rate=act.rate
            )
        )
    if act.interest is not None:
        return minor(act.interest, debt.currency)
    return max(0, together - debt.total) if act.rate is not None else 0


def _need_all_of_it(act: PaymentPlan, debt: Debt, cents: int, tolerance: int) -> None:
    """A plan pays what it covers, unless a person confirms less. Raises ActError."""
    need_at_most(cents, debt, tolerance)
    if cents < debt.total - tolerance and not act.confirm:
        raise ActError(
            text(
                "The payments come to {amount}, {owed} are owed: add the rest, or agree to this "
                "with `--confirm`.",
                amount=debt.worth(cents),
                owed=debt.worth(debt.total),
            )
        )


def _stop(doing: Doing, kind: AgreementKind, until: date, *, owner: str, **more: object) -> None:
    """A hold or dispute: on the client as a whole, or on each installment of anything smaller."""
    whole = doing.subject.kind == "client"
    touched = doing.targets() if whole else doing.open_targets()
    for target in (None,) if whole else touched:
        make(doing, agreement(doing, kind, until, target, owner=owner, **more))
    doing.touch(touched, kind, leave_steps=True)
    facts = {name: value for name, value in more.items() if value}
    if isinstance(cents := more.get("amount"), int):
        facts["amount"] = str(from_minor(cents, str(more["currency"])))
    doing.tell("agreement.made", agreement=kind, until=until, **facts)


def agree_payments(
    doing: Doing, kind: AgreementKind, debt: Debt, payments: Payments, **more: object
) -> None:
    """Write a promise or plan down; an earlier one about nothing else gives way to it."""
    about = {target.installment_id for target in debt.targets}
    before = agreements.earlier(doing.connection, doing.subject.client_id, kind, about)
    _give_way(doing, kind, about)
    new = agreement(
        doing,
        kind,
        payments[-1][0],
        None,
        amount=sum(cents for _, cents in payments),
        currency=debt.currency,
        renews_id=None if before is None else before.id,
        renewal=0 if before is None else before.renewal + 1,
        dates=payments,
        covers=tuple((target.installment_id, target.residual) for target in debt.targets),
        **more,
    )
    doing.memory.made(Thing.AGREEMENT, agreements.make(doing.connection, new))
    doing.touch(debt.targets, kind, leave_steps=True)
    end_tasks(doing, running(debt.targets), OfficeTask.PROMISE_BROKEN, outcome=kind)
    facts = [{"on": day, "amount": debt.worth(cents)} for day, cents in payments]
    keys = [target.key for target in debt.targets]
    doing.tell(
        "agreement.made",
        agreement=kind,
        payments=facts,
        installments=keys,
        renewal=new.renewal,
        method=new.method,
        **({} if new.down_payment is None else {"down": debt.worth(new.down_payment)}),
    )


_GIVES_WAY: Final = {
    AgreementKind.PROMISE: (AgreementKind.PROMISE,),
    AgreementKind.PLAN: (AgreementKind.PROMISE, AgreementKind.PLAN),
}
"""What a new promise or plan about the same debts takes the place of."""


def _give_way(doing: Doing, kind: AgreementKind, about: Collection[int]) -> None:
    """An earlier one that covers other debts too stays in force for these."""
    found = agreements.in_force(doing.connection, doing.subject.client_id, _GIVES_WAY[kind])
    old = [row for row in found if row.about and row.about <= set(about)]
    if not old:
        return
    ids = [row.id for row in old]
    doing.supersede(ids)
    kinds = sorted({row.kind for row in old})
    doing.tell("agreement.superseded", kinds=kinds, agreements=ids, by=kind)


def _tolerance(doing: Doing, debt: Debt) -> int:
    cases = [target.case_id for target in debt.targets]
    return agreements.tolerance(doing.connection, cases, debt.currency)


def make(doing: Doing, new: Agreement) -> None:
    """Write a hold, dispute or extension down; the one it takes the place of is remembered."""
    about = None if new.installment_id is None else {new.installment_id}
    same = agreements.in_force(doing.connection, new.client_id, [new.kind])
    doing.supersede([row.id for row in same if row.about == about])
    doing.memory.made(Thing.AGREEMENT, agreements.make(doing.connection, new))


def agreement(
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


def _need_code(doing: Doing, code: str) -> None:
    """A reason of the office's list. Raises ActError."""
    known = doing.office.config.dispute_codes
    if code and code not in known:
        raise ActError(
            text("“{code}” is none of the reasons: {known}.", code=code, known=list(known))
        )


def _need_person(doing: Doing, login: str) -> None:
    """Somebody who works here. Raises ActorError."""
    if login:
        present(doing.connection, person(login, Role.OPERATOR))
