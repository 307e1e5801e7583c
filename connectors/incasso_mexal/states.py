"""The status letter of an instalment (`stato_pagamento`), and what it means on a given day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from incasso.api import PaymentMethod, Problem, text


class PaymentState(StrEnum):
    """The status of an instalment, by status letter and calendar."""

    OPEN = "open"
    PAID = "paid"
    PRESENTED = "presented"
    """The bill was issued and the bank has not yet had its time: nothing came in."""
    COLLECTED = "collected"
    """The bill was issued and its days of grace are over: it counts as collected."""
    UNPAID = "unpaid"

    @property
    def settled(self) -> bool:
        """Nothing is open any more."""
        return self in (PaymentState.PAID, PaymentState.COLLECTED)


STATES: Final = MappingProxyType(
    {
        "": PaymentState.OPEN,
        "P": PaymentState.PAID,
        "E": PaymentState.PRESENTED,
        "e": PaymentState.PRESENTED,
    }
)
"""A partner of the vendor wrote that only these occur; `e` stands in the manual."""

AT_BANK: Final = "at_bank"
"""The hub's name for a bill that the bank still has, by our own days of grace."""

COLLECTED: Final = "collected"
"""The hub's name for a bill that counts as collected by our own days of grace alone."""

GRACE_DAYS: Final = 10
"""Between the due date of a bill and the day one may take it as collected."""

_NAMEABLE: Final = (
    PaymentState.OPEN,
    PaymentState.PAID,
    PaymentState.PRESENTED,
    PaymentState.UNPAID,
)


def payment_state(
    letter: str,
    due: date,
    method: PaymentMethod,
    on: date,
    states: Mapping[str, str],
    grace: Mapping[str, int],
) -> PaymentState:
    """How an instalment stands on a day.

    An unknown letter counts as open: better to show a credit twice than to lose it. An issued bill
    counts as presented up to and including its due date plus the days of grace of its payment
    method, and as collected from the day after.
    """
    meant = meaning(letter, states)
    if meant is not PaymentState.PRESENTED:
        return meant
    last = due + timedelta(days=grace.get(method, GRACE_DAYS))
    return PaymentState.PRESENTED if on <= last else PaymentState.COLLECTED


def meaning(letter: str, states: Mapping[str, str]) -> PaymentState:
    """What a letter says by itself; the settings' words stand above ours."""
    named = states.get(letter)
    return PaymentState(named) if named else STATES.get(letter, PaymentState.OPEN)


def is_known(letter: str, states: Mapping[str, str]) -> bool:
    """Whether this letter is configured."""
    return letter in states or letter in STATES


def state_problems(states: Mapping[str, str], grace: Mapping[str, int]) -> list[Problem]:
    """What is wrong with the maps of letters and of days in the settings."""
    allowed = ", ".join(_NAMEABLE)
    found = [
        Problem(
            code="bad_setting",
            field="states",
            message=text(
                "{letter} = {meant!r}: not one of {allowed}",
                letter=letter,
                meant=meant,
                allowed=allowed,
            ),
        )
        for letter, meant in states.items()
        if meant not in [str(each) for each in _NAMEABLE]
    ]
    for method, days in grace.items():
        if method not in list(PaymentMethod) or not 0 <= days <= 365:
            message = text(
                "{method} = {days}: a payment method and a number of days from 0 to 365",
                method=method,
                days=days,
            )
            found.append(Problem(code="bad_setting", field="grace_days", message=message))
    return found
