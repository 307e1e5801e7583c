"""Which of a day's messages shows which of a client's open credits (in one currency)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec


class Credit(msgspec.Struct, frozen=True):
    """An open credit note or advance; `amount` is what it is still worth, above zero."""

    id: int
    amount: int
    due: date


class Asking(msgspec.Struct, frozen=True):
    """A message of the day before credits: its step and what its installments still owe."""

    step: int
    due_on: date
    total: int
    credits: frozenset[int] | None = None
    """The credits it showed, if it has left; None: it has not."""
    shows: bool = True
    """Whether its iter shows credits at all."""


def set_off(asking: Iterable[Asking], credits: Sequence[Credit]) -> dict[int, tuple[int, ...]]:
    """The credits by step, each in one message only.

    A credit goes whole, the oldest first, to the first message in the order of sending (by day
    and number of the step) that still asks for something after it. What left today keeps the
    credits it showed. A credit that no single message can bear stays out: the debts that it is
    worth stand elsewhere.
    """
    messages = list(asking)
    taken = {credit for each in messages for credit in each.credits or ()}
    free = sorted(
        (each for each in credits if each.id not in taken), key=lambda each: (each.due, each.id)
    )
    found: dict[int, tuple[int, ...]] = {}
    for message in sorted(messages, key=lambda each: (each.due_on, each.step)):
        if message.credits is not None or not message.shows:
            continue
        shown, left = [], message.total
        for credit in free:
            if credit.amount < left:
                shown.append(credit)
                left -= credit.amount
        found[message.step] = tuple(each.id for each in shown)
        free = [each for each in free if each not in shown]
    return found
