"""Explain: why something happens to an installment on a day, and why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from incasso.domain.office.actor import Scope
from incasso.domain.orders.blocks import BlockedBy
from incasso.domain.recovery.decision import Decision, Verdict, decide
from incasso.locale.conditions import condition_text
from incasso.locale.decisions import decision_text
from incasso.services.office.office import Office
from incasso.services.office.subjects import resolve
from incasso.services.orders.credit_status import reason_of, who_blocks
from incasso.services.recovery.plan import trust_rule
from incasso.store.lists.blocked import OrderingClient, credit_status
from incasso.store.recovery.explaining import InstallmentName, installments_of, names_of, these
from incasso.store.recovery.facts import FactsReader, Situation
from incasso.store.recovery.iters import read_rules


@dataclass(frozen=True, kw_only=True)
class ExplainedCondition:
    """One condition, with its sentence."""

    name: str
    value: str
    holds: bool
    blocks: bool
    until: date | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What happens to one installment on one day, and everything that was looked at."""

    subject: str
    """source/key of the installment."""
    client: str
    on: date
    decision: str
    """step, review, advance, close, blocked, in_step, wait or nothing."""
    text: str
    iter: str
    stage: str
    case: int | None
    next_on: date | None
    conditions: tuple[ExplainedCondition, ...]
    orders_blocked_by: BlockedBy | None = None
    """hub, erp or both, if the client may not order: beside the decision, never part of it."""
    orders_blocked_since: date | None = None
    orders_blocked_reason: str = ""


def explain(office: Office, scope: Scope, subject: str, on: date) -> tuple[Explanation, ...]:
    """Explain a client's installments, one installment, or those of a case or step.

    The same decision as planning takes, on the facts as they stand now, for any day; a client's
    open installments come oldest due date first. Raises SubjectError if nothing in the scope is
    called that.
    """
    with office.store.read() as connection:
        found = resolve(connection, subject, scope)
        rules = read_rules(connection)
        reader = FactsReader(
            connection, rules, on, trusted=trust_rule(office, on, office.now()), exact=True
        )
        wanted = installments_of(connection, found.kind, found.id)
        situations = reader.read(connection, these(connection, wanted))
        names = names_of(connection, wanted)
        standing = credit_status(connection, scope, found.source, found.client)
    chosen = [one for one in situations if one.installment_id in names]
    chosen.sort(key=lambda one: (one.facts.effective_due, one.installment_id))
    language = office.config.language
    explained = (_explained(one, names[one.installment_id], on) for one in chosen)
    return tuple(_with_orders(one, standing, language) for one in explained)


def _explained(situation: Situation, name: InstallmentName, on: date) -> Explanation:
    decision = decide(situation.facts, on)
    return Explanation(
        subject=f"{name.source}/{name.key}",
        client=name.client,
        on=on,
        decision=outcome(decision),
        text=decision_text(decision),
        iter=decision.version.iter.key if decision.version is not None else "",
        stage=decision.stage.key if decision.stage is not None else "",
        case=situation.case.id if situation.case is not None else None,
        next_on=decision.next_on,
        conditions=tuple(
            ExplainedCondition(
                name=one.name,
                value=one.value,
                holds=one.holds,
                blocks=one.blocks,
                until=one.until,
                text=condition_text(one),
            )
            for one in decision.conditions
        ),
    )


def _with_orders(one: Explanation, standing: OrderingClient | None, language: str) -> Explanation:
    """Say too whether the client may order."""
    if standing is None or (by := who_blocks(standing)) is None:
        return one
    return replace(
        one,
        orders_blocked_by=by,
        orders_blocked_since=standing.since,
        orders_blocked_reason=reason_of(standing, language),
    )


def outcome(decision: Decision) -> str:
    """The decision in one word."""
    if decision.closes and not decision.opens:
        return "close"
    if decision.verdict in (Verdict.STEP, Verdict.REVIEW, Verdict.ADVANCE):
        return decision.verdict.value
    if decision.blocked_by:
        return "blocked"
    if any(condition.name == "step" for condition in decision.conditions):
        return "in_step"
    return decision.verdict.value
