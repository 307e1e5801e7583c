"""What the messages of a page show beside their installments: open credits, and dues to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeAlias

from msgspec.structs import replace
from sqlalchemy import Connection

from incasso.domain.recovery.iters import Iter, Stage
from incasso.domain.sending.set_off import Asking, Credit, set_off
from incasso.store.recovery.facts_agreements import agreed_for, read_agreements
from incasso.store.recovery.facts_clients import read_sources
from incasso.store.sending.open_items import (
    DaysMessage,
    OpenItem,
    days_messages,
    open_credits,
    open_debts,
)
from incasso.store.sending.outbox_queue import ReadyStep
from incasso.store.sending.page_reads import StepLine

Lines: TypeAlias = Mapping[int, Sequence[StepLine]]
Purse: TypeAlias = tuple[int, str]
"""A client and a currency: what is owed and credited there may be added up."""


def credits_of_page(
    connection: Connection,
    steps: Sequence[ReadyStep],
    lines: Lines,
    iter_of: Callable[[int], Iter],
    on: date,
) -> dict[int, tuple[OpenItem, ...]]:
    """The credits that each step's message shows: every credit in one message of the day."""
    wanted = [
        step
        for step in steps
        if step.action.traits.to_client and iter_of(step.iter_version_id).show_credits
    ]
    found = open_credits(connection, {step.client_id for step in wanted}) if wanted else []
    credits: dict[Purse, list[OpenItem]] = defaultdict(list)
    for credit in found:
        credits[credit.client_id, credit.currency].append(credit)
    concerned = [step for step in wanted if (step.client_id, step.currency) in credits]
    if not concerned:
        return {}
    shown: dict[int, tuple[OpenItem, ...]] = {}
    for purse, messages in _days_asking(connection, concerned, lines, iter_of, on).items():
        by_id = {credit.id: credit for credit in credits.get(purse, ())}
        worth = [Credit(each.id, -each.residual, each.due_date) for each in by_id.values()]
        for step, ids in set_off(messages, worth).items():
            shown[step] = tuple(by_id[each] for each in ids)
    return shown


def _days_asking(
    connection: Connection,
    steps: Sequence[ReadyStep],
    lines: Lines,
    iter_of: Callable[[int], Iter],
    on: date,
) -> Mapping[Purse, list[Asking]]:
    """The day's messages to the clients of these steps, these steps included even if they are
    only looked at before somebody approves them."""
    found: dict[Purse, list[Asking]] = defaultdict(list)
    messages = days_messages(connection, {step.client_id for step in steps}, on)
    for message in messages:
        found[message.client_id, message.currency].append(_asking(message, lines, iter_of))
    ready = {message.step_id for message in messages}
    for step in steps:
        if step.id not in ready:
            owed = sum(line.residual for line in lines.get(step.id, ()))
            found[step.client_id, step.currency].append(Asking(step.id, step.due_on, owed))
    return found


def _asking(message: DaysMessage, lines: Lines, iter_of: Callable[[int], Iter]) -> Asking:
    """What was read of the page's own steps is newer than the totals of the others."""
    own = lines.get(message.step_id)
    return Asking(
        step=message.step_id,
        due_on=message.due_on,
        total=message.total if own is None else sum(line.residual for line in own),
        credits=frozenset(message.credits or ()) if message.left else None,
        shows=iter_of(message.iter_version_id).show_credits,
    )


def coming_dues(
    connection: Connection,
    steps: Sequence[ReadyStep],
    lines: Lines,
    stage_of: Callable[[ReadyStep], Stage],
    on: date,
) -> dict[int, tuple[OpenItem, ...]]:
    """What falls due next, for the steps whose stage shows it; extensions count."""
    days = {step.id: stage_of(step).show_coming for step in steps}
    wanted = [step for step in steps if days[step.id]]
    if not wanted:
        return {}
    last = on + timedelta(days=max(days.values()))
    clients = {step.client_id for step in wanted}
    effective = _effective_dates(connection, clients, last, on)
    found: dict[int, tuple[OpenItem, ...]] = {}
    for step in wanted:
        until = on + timedelta(days=days[step.id])
        asked = {line.id for line in lines.get(step.id, ())}
        found[step.id] = tuple(
            item
            for item in effective.get((step.client_id, step.currency), ())
            if on < item.due_date <= until and item.id not in asked
        )
    return found


def _effective_dates(
    connection: Connection, clients: Collection[int], last: date, on: date
) -> Mapping[Purse, list[OpenItem]]:
    """Open debts by client and currency, each with its date after extensions, by that date."""
    sources = read_sources(connection, lambda *_: True)
    agreed = read_agreements(connection, set(clients), sources)
    found: dict[Purse, list[OpenItem]] = defaultdict(list)
    for item in open_debts(connection, clients, last):
        kept = agreed.get(item.client_id, ())
        extended = agreed_for(kept, item.id, on, 0).extended_to
        due = max(item.due_date, extended or item.due_date)
        found[item.client_id, item.currency].append(replace(item, due_date=due))
    for items in found.values():
        items.sort(key=lambda item: (item.due_date, item.id))
    return found


def extensions_of_page(
    connection: Connection, steps: Sequence[ReadyStep], lines: Lines, on: date
) -> dict[int, date]:
    """The installments of these steps whose due date was put off, and until when."""
    sources = read_sources(connection, lambda *_: True)
    agreed = read_agreements(connection, {step.client_id for step in steps}, sources)
    found: dict[int, date] = {}
    for step in steps:
        kept = agreed.get(step.client_id, ())
        for line in lines.get(step.id, ()) if kept else ():
            extended = agreed_for(kept, line.id, on, 0).extended_to
            if extended is not None and extended > line.due_date:
                found[line.id] = extended
    return found
