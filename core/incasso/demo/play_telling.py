"""Reads from the hub what the summary of the demo shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from incasso.contract.media import Medium
from incasso.contract.values import Money
from incasso.demo.play_summary import Leaving, Refused, Story, ToDo, Why
from incasso.domain.ledger.states import InstallmentStatus
from incasso.domain.office.actor import Scope
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import WAITING, CaseState, StepStatus
from incasso.domain.sending.delivery import DeliveryStatus
from incasso.messages.formats import money_text
from incasso.services.hub.hub import Hub
from incasso.services.proof.client_history import history
from incasso.services.recovery.explain import explain
from incasso.services.sending.show_step import show_step
from incasso.store.lists.ledger import CLIENTS, INSTALLMENTS, QUARANTINE
from incasso.store.lists.proof import JOURNAL
from incasso.store.lists.reading import read_list
from incasso.store.lists.recovery import CASES, STEPS
from incasso.store.lists.sending import DELIVERIES

_LEFT = (DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED, DeliveryStatus.BOUNCED)
_ANSWERED = (DeliveryStatus.DELIVERED, DeliveryStatus.BOUNCED)
_EVERYBODY = Scope.everything()
_TELLING = ("promise", "dispute", "hold", "net_credits", "at_bank", "message_cap", "contact_policy")
"""Blocks that are worth explaining, the most instructive first."""
_READ = 20
"""Histories that are read to choose one."""
_LINES = 12
"""Of a history and of a message."""


def what_left(hub: Hub) -> dict[str, int]:
    """Messages that left, by medium."""
    with hub.store.read() as connection:
        found = read_list(connection, DELIVERIES, _EVERYBODY, status=_LEFT)
        return dict(Counter(each["medium"] for each in found).most_common())


def what_came_back(hub: Hub) -> dict[str, dict[str, int]]:
    """Of each medium whose providers answer: messages by what is known of them now."""
    with hub.store.read() as connection:
        found = Counter(
            (each["medium"], each["status"])
            for each in read_list(connection, DELIVERIES, _EVERYBODY)
        )
    answered = {medium for medium, status in found if status in _ANSWERED}
    return {
        medium: {
            status: found[medium, status] for status in DeliveryStatus if found[medium, status]
        }
        for medium in Medium
        if medium in answered
    }


def open_items(hub: Hub, on: date) -> tuple[int, Mapping[str, Decimal]]:
    """How many installments are open, and their sum in each currency."""
    count, totals = 0, Counter[str]()
    with hub.store.read() as connection:
        status = (InstallmentStatus.OPEN,)
        for each in read_list(connection, INSTALLMENTS, _EVERYBODY, on=on, status=status):
            count += 1
            totals[each["currency"]] += each["residual"]
    return count, {currency: Decimal(totals[currency]) for currency in sorted(totals)}


def to_do(hub: Hub) -> tuple[ToDo, ...]:
    """What waits for people, most frequent first; steps the hub sends by itself are not theirs."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with hub.store.read() as connection:
        for step in read_list(connection, STEPS, _EVERYBODY, status=WAITING):
            if step["status"] == StepStatus.PROPOSED or step["mode"] == Mode.MANUAL:
                key = (step["action"], step["operator"] or "")
                groups.setdefault(key, []).append(step)
    return tuple(
        ToDo(action=action, operator=operator, count=len(found), example=_example(found[0]))
        for (action, operator), found in sorted(
            groups.items(), key=lambda group: (-len(group[1]), group[0])
        )
    )


def _example(step: dict[str, Any]) -> str:
    why = f" ({step['reason']})" if step["reason"] else ""
    total = money_text(Money(amount=step["total"], currency=step["currency"]), "it_IT")
    return f"step:{step['id']} {step['client_name']}, {step['stage']}, {total}{why}"


def refused(hub: Hub) -> tuple[Refused, ...]:
    """Rows that still wait to be mended, each fault once."""
    with hub.store.read() as connection:
        rows = list(read_list(connection, QUARANTINE, _EVERYBODY))
    found = {
        (row["file"], row["field"], row["problem"]): Refused(
            file=row["file"],
            row=row["row"],
            field=row["field"],
            problem=row["problem"],
            hint=row["hint"],
        )
        for row in rows
    }
    return tuple(found.values())


def a_why(hub: Hub, on: date) -> Why | None:
    """One explanation, of a case that is blocked for an instructive reason."""
    with hub.store.read() as connection:
        blocked = list(
            read_list(connection, CASES, _EVERYBODY, state=(CaseState.OPEN,), blocked=True)
        )
    for case in sorted(blocked, key=_telling):
        subject = f"installment:{case['source']}/{case['installment']}"
        for found in explain(hub, Scope.everything(), subject, on):
            return Why(
                subject=found.subject,
                decision=found.text,
                conditions=tuple((each.text, each.blocks) for each in found.conditions),
            )
    return None


def a_story(hub: Hub, on: date) -> Story | None:
    """The end of a client's history: of those who promised, the one to whom most kinds of things
    happened."""
    with hub.store.read() as connection:
        made = list(read_list(connection, JOURNAL, _EVERYBODY, kind="agreement.made"))
    stories = [
        (each, history(hub, _EVERYBODY, f"client:{each}", on))
        for each in list(dict.fromkeys(f"{row['source']}/{row['client']}" for row in made))[:_READ]
    ]
    if not stories:
        return None
    whose, found = max(stories, key=lambda story: len({entry.kind for entry in story[1]}))
    source, _, code = whose.partition("/")
    with hub.store.read() as connection:
        (client,) = read_list(connection, CLIENTS, _EVERYBODY, on=on, source=source, client=code)
    lines = tuple((entry.on, entry.text) for entry in found[-_LINES:])
    return Story(client=code, name=client["name"], lines=lines)


def a_step(hub: Hub, on: date) -> Leaving | None:
    """The beginning of a message: one that waits for approval, else the last that left."""
    for step in _with_words(hub):
        found = show_step(hub, _EVERYBODY, f"step:{step}", on)
        if found.message is not None and found.message.text:
            return Leaving(
                step=found.step,
                to=found.message.to,
                subject=found.message.subject,
                why=found.why,
                words=tuple(found.message.text.splitlines()[:_LINES]),
            )
    return None


def _with_words(hub: Hub) -> list[int]:
    """Steps with a message, those that wait first, then the newest."""
    with hub.store.read() as connection:
        steps = list(read_list(connection, STEPS, _EVERYBODY, action="send"))
    waiting = [each["id"] for each in steps if each["status"] == StepStatus.PROPOSED]
    mails = [
        each["id"]
        for each in steps
        if each["medium"] == Medium.EMAIL and each["status"] == StepStatus.COUNTED
    ]
    return [*waiting[:_READ], *mails[::-1][:_READ]]


def _telling(case: dict[str, Any]) -> tuple[int, int]:
    reason = case["blocked_by"]
    place = next((i for i, name in enumerate(_TELLING) if name in reason), len(_TELLING))
    return place, case["id"]
