"""What a line of the history adds after its sentence: documents, amounts, what came of a call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from incasso.contract.text import Text, counted, term, text
from incasso.locale.labels import (
    CLIENT_FIELDS,
    CONTAINERS,
    DOCUMENT_KINDS,
    OUTCOMES,
    PROMISED_METHODS,
)

Facts: TypeAlias = Mapping[str, Any]

MOST_NAMED: Final = 6
"""Installments that a line names one by one."""


def details(facts: Facts) -> list[str]:
    """How an agreement pays, what it is about and who granted it."""
    found: list[str] = []
    if method := str(facts.get("method") or ""):
        found.append(PROMISED_METHODS.get(method, method))
    if down := str(facts.get("down") or ""):
        amount, _, currency = down.partition(" ")
        found.append(
            text("down payment {amount} {currency}", amount=decimal_in(amount), currency=currency)
        )
    if facts.get("days") and (dues := facts.get("dues")):
        found.append(text("new due date {days}", days=[day_in(each) for each in dues]))
    if about := facts.get("installments"):
        found += _installment_names(facts, [str(each) for each in about])
    if by := facts.get("approved_by"):
        found.append(text("approved by {who}", who=by))
    return found


def _installment_names(facts: Facts, keys: list[str]) -> list[str]:
    """By their documents; many are only counted."""
    if len(keys) > MOST_NAMED:
        return [counted("{n} installment", "{n} installments", n=len(keys))]
    return [text("{document} {number}", **document_of(facts, key)) for key in keys]


def document_of(facts: Facts, key: str) -> dict[str, Any]:
    """The document of an installment in words, and its number."""
    kind, number, part = facts.get("named", {}).get(
        key, (facts.get("document_kind", ""), facts.get("document") or key, None)
    )
    if part is not None:
        number = text("{number} installment {part}", number=number, part=part)
    word = DOCUMENT_KINDS.get(kind, kind) or term("history", "installment")
    return {"document": word, "number": number}


def with_parts(told: Text, parts: list[str]) -> Text:
    """A sentence with its details after commas."""
    return text("{told}, {parts}", told=told, parts=parts) if parts else told


def of_the_call(facts: Facts) -> list[str]:
    """The number called, what came of it, how long it took."""
    found: list[str] = []
    if number := facts.get("number"):
        found.append(text("number {number}", number=number))
    if outcome := str(facts.get("outcome") or ""):
        found.append(OUTCOMES.get(outcome, outcome))
    if minutes := facts.get("minutes"):
        found.append(counted("{n} minute", "{n} minutes", n=int(minutes)))
    return found


def day_in(value: Any) -> date | None:
    """A day as the journal keeps it."""
    if isinstance(value, date) or not value:
        return value or None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def decimal_in(value: Any) -> Decimal | None:
    """An amount as the journal keeps it; None for what is none."""
    try:
        return None if value in (None, "") else Decimal(str(value))
    except InvalidOperation:
        return None


def corrected(facts: Mapping[str, Any]) -> Text:
    """The addresses that a person corrected."""
    return text("corrected: {fields}", fields=_fields(facts))


def contact_set(facts: Mapping[str, Any]) -> Text:
    """The contact of a role, with what changed about it."""
    role, who = facts.get("role", ""), dict(facts.get("fields") or {}).get("person", "")
    return text("contact {role}: {who} {fields}", role=role, who=who, fields=_fields(facts))


def _fields(facts: Mapping[str, Any]) -> list[Text]:
    return [
        text("{field} {value}", field=CLIENT_FIELDS[name], value=value)
        for name, value in dict(facts.get("fields") or {}).items()
        if name in CLIENT_FIELDS
    ]


def parked(kind: str, facts: Facts, amount: Decimal | None, currency: str) -> Text:
    """Where, with which lawyer, until when."""
    container = str(facts.get("container", ""))
    told = text("parked in {container}", container=CONTAINERS.get(container, container))
    parts: list[str] = []
    if facts.get("lawyer"):
        parts.append(text("lawyer {lawyer}", lawyer=facts["lawyer"]))
    if facts.get("file_number"):
        parts.append(text("file number {number}", number=facts["file_number"]))
    if facts.get("review"):
        parts.append(text("review on {day}", day=day_in(facts["review"])))
    return with_parts(told, parts)
