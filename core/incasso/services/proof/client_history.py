"""One history for each client: payments, agreements, cases, contacts, acts, messages with proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from incasso.contract.text import Text
from incasso.domain.office.actor import Scope
from incasso.locale.history import amount_in, history_text
from incasso.locale.labels import OFFICE_TASKS
from incasso.services.office.office import Office
from incasso.services.office.subjects import resolve
from incasso.store.lists.client_history import client_history
from incasso.store.lists.history_rows import HistoryRow
from incasso.store.recovery.iters import stage_labels
from incasso.store.sending.told_words import told_words

_SAID: Final = frozenset({"note", "reason"})
"""Facts of the journal in which somebody's words are kept."""


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, with its sentence."""

    on: date
    at: datetime | None
    """When it was written down; None for what the ERP tells, and what planning does in bulk."""
    kind: str
    who: str
    """A login, or the service that did it."""
    source: str
    client: str
    """The code that the client had then."""
    subject: str
    text: Text
    amount: Decimal | None
    currency: str
    facts: Mapping[str, Any]


def history(
    office: Office,
    scope: Scope,
    typed: str,
    on: date,
    *,
    since: date | None = None,
    until: date | None = None,
    replies_too: bool = True,
) -> list[HistoryEntry]:
    """Everything that happened to a client between two days, oldest first; `replies_too`: also
    what the client wrote.

    What names an installment, case or step means its client. Raises SubjectError.
    """
    with office.store.read() as connection:
        subject = resolve(connection, typed, scope)
        rows = client_history(
            *(connection, scope, subject.client_id),
            on=on,
            since=since,
            until=until,
            replies_too=replies_too,
        )
        labels = {**OFFICE_TASKS, **stage_labels(connection)}
        said = told_words(connection, _deliveries_in(rows))
    messages: dict[str, Mapping[str, Any]] = {}
    return [_entry(_in_sentences(row, said), messages, labels) for row in rows]


def _deliveries_in(rows: Sequence[HistoryRow]) -> list[str]:
    """The messages of which somebody said something."""
    about = (row.subject.partition(" ") for row in rows if _SAID & row.facts.keys())
    return list(dict.fromkeys(name for thing, _, name in about if thing == "delivery"))


def _in_sentences(row: HistoryRow, said: Mapping[tuple[str, str], str]) -> HistoryRow:
    """The row with what was said as sentences that can be translated."""
    name = row.subject.partition(" ")[2]
    kept = {each: said.get((name, str(row.facts[each]))) for each in _SAID & row.facts.keys()}
    found = {each: words for each, words in kept.items() if words is not None}
    if not found:
        return row
    return msgspec.structs.replace(row, facts={**row.facts, **found})


def _entry(
    row: HistoryRow, messages: dict[str, Mapping[str, Any]], labels: Mapping[str, str]
) -> HistoryEntry:
    """The row in words; what a message was about is remembered for the news of it."""
    thing, _, key = row.subject.partition(" ")
    facts: Mapping[str, Any] = row.facts
    if row.kind.startswith("delivery."):
        facts = {**messages.get(row.subject, {}), **facts}
        messages[row.subject] = facts
    elif thing == "installment":
        facts = {"key": key.removeprefix(f"{row.source}/"), **facts}
    facts = _with_labels(facts, labels)
    amount, currency = (row.amount, row.currency) if row.currency else amount_in(facts)
    who = row.name or row.who
    named = {key: (each.kind, each.number, each.installment) for key, each in row.documents.items()}
    told = history_text(
        row.kind, {**facts, "named": named}, who=who, amount=amount, currency=currency
    )
    return HistoryEntry(
        on=row.on,
        at=row.at,
        kind=row.kind,
        who=row.who,
        source=row.source,
        client=row.client,
        subject=row.subject,
        text=told,
        amount=amount,
        currency=currency,
        facts=row.facts,
    )


def _with_labels(facts: Mapping[str, Any], labels: Mapping[str, str]) -> Mapping[str, Any]:
    """Stages as the office calls them."""
    named = dict(facts)
    if isinstance(stage := facts.get("stage"), str):
        named["stage"] = labels.get(stage, stage)
    if isinstance(stages := facts.get("stages"), list):
        named["stages"] = [labels.get(str(each), str(each)) for each in stages]
    return named
