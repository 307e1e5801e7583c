"""The letter of an instalment (`tipo_scadenza`): how it was to be paid."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from incasso.api import PaymentMethod, Problem, text

LETTERS: Final = MappingProxyType(
    {
        "A": PaymentMethod.SDD,
        "B": PaymentMethod.TRANSFER,
        "C": PaymentMethod.DIRECT,
        "M": PaymentMethod.DIRECT,
        "R": PaymentMethod.RIBA,
        "T": PaymentMethod.BILL,
        "V": PaymentMethod.OTHER,
        "X": PaymentMethod.DIRECT,
        "Y": PaymentMethod.DIRECT,
        "Z": PaymentMethod.DIRECT,
    }
)
"""As an integrator of Mexal data reads them; X, Y and Z are each company's own."""


def method_of(letter: str, overrides: Mapping[str, str]) -> PaymentMethod:
    """The payment method of a letter; OTHER for a letter that is not configured."""
    if (named := overrides.get(letter)) is not None:
        return PaymentMethod(named)
    return LETTERS.get(letter, PaymentMethod.OTHER)


def letter_problems(overrides: Mapping[str, str]) -> list[Problem]:
    """What is wrong with a map of letters in the settings."""
    known = ", ".join(PaymentMethod)
    return [
        Problem(
            code="bad_setting",
            field="payment_letters",
            message=text(
                "{letter} = {method!r}: not one of {known}",
                letter=letter,
                method=method,
                known=known,
            ),
        )
        for letter, method in overrides.items()
        if method not in list(PaymentMethod)
    ]
