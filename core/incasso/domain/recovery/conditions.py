"""Each condition a stage must meet, with its value and whether it blocks (rule 6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from incasso.domain.ledger.overdue import is_with_bank, last_day_at_bank
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.money import from_minor
from incasso.domain.recovery.agreements import Blocking
from incasso.domain.recovery.contact_policy import Bounds
from incasso.domain.recovery.exclusions import Exclusions
from incasso.domain.recovery.facts import (
    Facts,
    Rulebook,
    Version,
    at_least,
    at_most,
    netted_within,
)
from incasso.domain.recovery.iters import NOTICE_MEDIUM, Iter, Mode, Stage
from incasso.domain.recovery.matching import Candidate, fails
from incasso.domain.recovery.states import CaseState, Finished
from incasso.domain.recovery.timing import ONE_DAY, last_adjustment, not_before

TIMING = frozenset({"stage_due", "min_gap", "working_day"})
"""A day that has not come is no block."""
OF_CONTACTS = frozenset({"contact_policy", "message_cap"})
TRANSIENT = frozenset({*TIMING, *OF_CONTACTS, "source_trusted", "absent"})
"""Conditions that postpone without taking a case out of a waiting step."""


REFUSED = "refused"
"""The client does not want to be contacted like this."""


class Condition(msgspec.Struct, frozen=True):
    """One condition: the value found, whether it holds, whether it blocks today."""

    name: str
    value: str = ""
    holds: bool = True
    blocks: bool = False
    until: date | None = None
    """Last day it blocks, where that is known."""


def of_installment(facts: Facts) -> tuple[Condition, ...]:
    """Whether this is open and a debt: credits never get a case."""
    is_open = facts.status is InstallmentStatus.OPEN
    return (
        Condition("open", facts.status, is_open, not is_open),
        Condition("owed", facts.document_kind, _is_debt(facts), not _is_debt(facts)),
    )


def _is_debt(facts: Facts) -> bool:
    return facts.residual > 0 and facts.document_kind not in ("credit_note", "advance")


def exclusion(facts: Facts) -> Condition:
    """Exclusions come before any match."""
    why = _excluded_by(facts, facts.rules.exclusions)
    return Condition("excluded", why, bool(why), bool(why))


def finished(facts: Facts) -> Condition:
    """What a `close` stage ended stays closed until the bill comes back or stops being unpaid."""
    ended = facts.finished is (Finished.UNPAID if facts.unpaid else Finished.MISSED)
    return Condition("finished", facts.finished or "", ended, ended)


def _excluded_by(facts: Facts, rules: Exclusions) -> str:
    if facts.client_excluded:
        return "client"
    if rules.clients and {facts.client, f"{facts.source}/{facts.client}"} & set(rules.clients):
        return "client"
    if facts.category and facts.category in rules.categories:
        return "category"
    if facts.payment_method in rules.payment_methods:
        return "payment_method"
    if facts.document_kind in rules.document_kinds:
        return "document_kind"
    least = rules.min_amount
    if least is not None and facts.residual < at_least(least, facts.currency):
        return "min_amount"
    return ""


def chosen_iter(facts: Facts) -> tuple[Version | None, Condition]:
    """Which iter: an override, else the first by priority whose match holds, else none."""
    rules = facts.rules
    if facts.iter_override:
        version = rules.published(facts.iter_override)
        found = version is not None
        return version, Condition("iter_override", facts.iter_override, found, not found)
    version = first_match(rules, candidate(facts))
    if version is None:
        return None, Condition("iter", "", False, True)
    return version, Condition("iter", version.iter.key)


def candidate(facts: Facts) -> Candidate:
    """The installment as a match sees it."""
    return Candidate(
        source=facts.source,
        client=facts.client,
        residual=from_minor(facts.residual, facts.currency),
        payment_method=facts.payment_method,
        unpaid=facts.unpaid,
        category=facts.category,
        area=facts.area,
        depot=facts.depot,
        agent=facts.agent,
        rating=facts.rating,
        seasonal=facts.seasonal,
    )


def first_match(rules: Rulebook, who: Candidate) -> Version | None:
    """The first iter by priority that matches this credit."""
    return next((version for version in rules.iters if not fails(version.iter.match, who)), None)


def of_iter(facts: Facts, procedure: Iter, on: date) -> Iterator[Condition]:
    """The conditions that block every stage of the iter."""
    small = facts.residual <= at_most(procedure.tolerance, facts.currency)
    yield Condition("tolerance", str(procedure.tolerance), small, small)
    agreed = facts.agreed
    yield _block("hold", agreed.hold)
    yield _block("promise", agreed.promise)
    yield _block("dispute", agreed.dispute)
    yield _block("plan", agreed.plan)
    parked = facts.case is not None and facts.case.state is CaseState.PARKED
    yield Condition("parked", facts.case.container if facts.case else "", parked, parked)
    if facts.erp_hold:
        yield Condition("erp_hold", facts.erp_hold, blocks=True)
    if facts.reminded is not None:
        yield Condition("reminded", facts.reminded.isoformat())
    yield _block("net_credits", netted_within(facts, procedure))
    trusted = facts.source_trusted
    yield Condition("source_trusted", facts.source, trusted, not trusted, None if trusted else on)
    yield Condition("absent", holds=facts.absent, blocks=facts.absent)


def _block(name: str, found: Blocking | None) -> Condition:
    if found is None:
        return Condition(name, holds=False)
    promised = "" if found.payment_on is None else found.payment_on.isoformat()
    return Condition(name, promised, blocks=True, until=found.until)


def of_stage(facts: Facts, procedure: Iter, stage: Stage, on: date) -> Iterator[Condition]:
    """The conditions of this stage: the bank still has the bill, or a provider has the credit."""
    yield at_bank(facts, procedure, stage, on)
    yield from reply(facts, procedure, stage, on)
    yield placed(facts, stage)


def placed(facts: Facts, stage: Stage) -> Condition:
    """A provider has it, or may have it: nothing of ours leaves beside, unless the stage says so.
    On the day after the mandate it is looked at again."""
    blocks = facts.is_placed and not stage.while_placed
    lot = facts.placement
    if lot is None or not facts.is_placed:
        return Condition("placed", holds=facts.is_placed, blocks=blocks)
    return Condition("placed", f"{lot.provider} {lot.lot}", facts.is_placed, blocks, lot.until)


def reply(facts: Facts, procedure: Iter, stage: Stage, on: date) -> Iterator[Condition]:
    """What the client wrote waits for an answer: what would leave by itself waits with it. A stage
    that a person added, approves or does by hand does not: that person can read it."""
    if facts.replied_on is None:
        return
    until = facts.replied_on + timedelta(days=procedure.wait_for_reply_days - 1)
    by_itself = stage.mode is Mode.AUTO and procedure.stage(stage.key) is not None
    waits = by_itself and on <= until
    told = facts.replied_on.isoformat()
    yield Condition("reply", told, not waits, waits, until if waits else None)


def at_bank(facts: Facts, procedure: Iter, stage: Stage, on: date) -> Condition:
    """A presented bill is not overdue while the bank may still collect it (rule 1)."""
    last = last_day_at_bank(facts.due_date, grace_days(facts, procedure))
    bill = is_with_bank(facts.payment_method, facts.presented_on, facts.unpaid_on)
    holds = bill and on <= last
    return Condition("at_bank", holds=holds, blocks=holds and not stage.before_due, until=last)


def grace_days(facts: Facts, procedure: Iter | None) -> int:
    """Days that a bill is left to the bank: as set by the iter that has or would take the
    installment, else by its source."""
    own = None if procedure is None else procedure.bank_grace_days
    return facts.bank_grace_days if own is None else own


def timing(
    facts: Facts, stage: Stage, due: date | None, gap_until: date | None, on: date
) -> Iterator[Condition]:
    """Whether the stage's day has come, and the least distance from the one before (rule 4).

    `due` is its own day, `gap_until` the first day the distance allows.
    """
    if due is None:
        yield Condition("stage_due", stage.anchor.value, False, True)
    else:
        yield _day_come("stage_due", last_adjustment(stage, due, facts.calendar), on)
    if gap_until is not None:
        yield _day_come("min_gap", last_adjustment(stage, gap_until, facts.calendar), on)


def _day_come(name: str, day: date, on: date) -> Condition:
    early = on < day
    return Condition(name, day.isoformat(), not early, early, day - ONE_DAY if early else None)


def not_yet_due(facts: Facts, stage: Stage, planned: date | None, on: date) -> Condition:
    """Nothing but a reminder leaves before the effective due date (rule 6).

    Blocks if it is the due date that keeps the stage from its day. `planned` is that day, the least
    distance included; None: it came before.
    """
    first = not_before(stage, facts.effective_due)
    found = Condition(
        "not_yet_due",
        facts.effective_due.isoformat(),
        holds=on < facts.effective_due,
        blocks=on < first and (planned is None or planned < first),
        until=first - ONE_DAY if on < first else None,
    )
    extended = facts.effective_due > facts.due_date
    return msgspec.structs.replace(found, name="extension") if extended else found


def working_day(facts: Facts, stage: Stage, on: date) -> Iterator[Condition]:
    """A stage for working days comes on none but those, whatever kept it from its own day."""
    day = last_adjustment(stage, on, facts.calendar)
    if day != on:
        yield Condition("working_day", on.isoformat(), False, True, day - ONE_DAY)


def contact(facts: Facts, stage: Stage, medium: str, on: date) -> Iterator[Condition]:
    """The conditions of the contact policy for this stage by this medium today (rule 9)."""
    policy, traits = facts.rules.policy, stage.action.traits
    reach = medium if traits.to_client or traits.conversation else ""
    hours = Bounds(exempt=traits.to_client, working_days=stage.working_days)
    day = policy.postponed_to(reach, on, facts.contacts, facts.calendar, hours)
    yield _postponed("contact_policy", medium, day, on)
    if traits.to_client and medium and policy.caps_messages and not stage.is_formal:
        day, full = on, policy.cap_reached(facts.contacts)
        if full:
            caps = Bounds(working_days=stage.working_days)
            day = policy.postponed_to(reach, on, facts.contacts, facts.calendar, caps)
        yield _postponed("message_cap", full, day, on)


def _postponed(name: str, value: str, day: date | None, on: date) -> Condition:
    until = day - ONE_DAY if day is not None and day != on else None
    return Condition(name, value, day == on, day != on, until)


def medium_for(facts: Facts, stage: Stage, after: str = "") -> tuple[str, Condition | None]:
    """The medium of a stage: the first in its list that reaches the client.

    With `after` only media listed later than that one are tried. Internal notices do not depend
    on the client's addresses, and a talk only on whether the client refused it. The condition,
    if any, never blocks: without a medium the step becomes a person's task.
    """
    action = stage.action
    if not action.by_message:
        if not action.traits.conversation:
            return "", None
        if action in facts.refused_for(stage):
            return "", Condition(REFUSED, action.value, False)
        return action.value, None
    if not action.traits.to_client:
        return (*stage.channels, NOTICE_MEDIUM)[0].value, None
    names = [channel.value for channel in stage.channels]
    tried = names.index(after) + 1 if after in names else 0
    reached = facts.media_for(stage)
    medium = next((name for name in names[tried:] if name in reached), "")
    if not medium and (refused := refused_media(facts, stage)):
        return "", Condition(REFUSED, " ".join(refused), False)
    return medium, Condition("address", medium or " ".join(names), bool(medium))


def passed_over(facts: Facts, stage: Stage, medium: str) -> Iterator[Condition]:
    """The media that come first in the stage's list and were refused, where another serves."""
    refused = refused_media(facts, stage)
    if medium and refused:
        yield Condition(REFUSED, " ".join(refused), False)


def refused_media(facts: Facts, stage: Stage) -> list[str]:
    """The media of a stage that would reach the client, had he not refused them."""
    refused = facts.refused_for(stage)
    return [medium.value for medium in stage.channels if medium in refused]
