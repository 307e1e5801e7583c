"""Which earlier messages a text may speak of (rule 12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Generic, TypeVar

import msgspec

K = TypeVar("K")


class Told(msgspec.Struct, Generic[K], frozen=True):
    """A message that really left, or a reminder that the ERP sent (`key` None)."""

    on: date
    key: K | None = None


class OwedFor(msgspec.Struct, frozen=True):
    """What a message is about, as far as earlier messages about it matter."""

    due_date: date
    unpaid_on: date | None = None
    reminded_on: date | None = None
    """By the ERP itself."""

    def was_asked(self, on: date) -> bool:
        """Whether a message of that day asked for this debt.

        A reminder before the due date reproached nothing, and what was said of a bill before it
        came back was about another matter.
        """
        return on > self.due_date and (self.unpaid_on is None or on >= self.unpaid_on)


class Spoken(msgspec.Struct, Generic[K], frozen=True):
    """The messages a text may speak of, oldest first, each once."""

    messages: tuple[Told[K], ...] = ()
    apart: bool = False
    """None of them was about all debts: only together they were."""


def earlier_messages(
    debts: Mapping[int, OwedFor], left: Mapping[int, Sequence[Told[K]]], on: date
) -> Spoken[K]:
    """The messages up to that day that were each about all these debts; where there is none, those
    that were about them together.

    None unless every debt was in one: the table of the message would say "these", and one of them
    was never mentioned.
    """
    about: list[set[Told[K]]] = []
    for debt, owed in debts.items():
        asked = [each for each in _told(owed, left.get(debt, ())) if each.on <= on]
        if not asked:
            return Spoken()
        about.append(set(asked))
    whole = set[Told[K]].intersection(*about) if about else set[Told[K]]()
    found = whole or set[Told[K]]().union(*about)
    ordered = sorted(found, key=lambda each: (each.on, str(each.key or "")))
    return Spoken(tuple(ordered), apart=bool(found) and not whole)


def _told(owed: OwedFor, left: Sequence[Told[K]]) -> Iterable[Told[K]]:
    by_erp = [Told[K](owed.reminded_on)] if owed.reminded_on is not None else []
    return (each for each in (*by_erp, *left) if owed.was_asked(each.on))
