"""Settings for reading Mago's books, for database and web services: what its schema leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

from incasso.api import PaymentMethod, Problem, setting, text

NOTICE_DAYS: Final = 10


def no_methods() -> Mapping[str, Any]:
    """The default of a table that is not there."""
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every way to Mago may set about the reading itself."""

    currency: str = setting(help="the company's own, ISO 4217", default="EUR")
    currencies: Mapping[str, str] = setting(
        help='Mago\'s own codes that are not ISO, e.g. { EURO = "EUR" }', default_factory=no_methods
    )
    languages: Mapping[str, str] = setting(
        help='Mago\'s language codes, e.g. { ING = "en" }', default_factory=no_methods
    )
    payment_methods: Mapping[str, str] = setting(
        help='payment terms read otherwise, e.g. { 2686993 = "riba" }', default_factory=no_methods
    )
    factors: tuple[str, ...] = setting(
        help="codes of the banks to which bills are sold (factoring)", default=()
    )
    notice_days: Mapping[str, int] = setting(
        help="how long after the due date the bank may send a bill back, by payment method, "
        "e.g. { riba = 10, sdd = 10 }",
        unit="days",
        default_factory=no_methods,
    )
    closed_bills: Literal["open", "closed"] = setting(
        help="a bill that Mago closes when it is presented: open as long as it may come back, "
        "or closed as Mago has it",
        default="open",
    )
    tolerance: Decimal = setting(
        help="what may be left of an installment that Mago calls closed", default=Decimal("0.05")
    )
    lookback_days: int = setting(
        help="how long a settled item is still reported; longer than the hub may ever be off",
        unit="days",
        default=60,
    )
    credit_limits: Literal["auto", "first", "second"] = setting(
        help="first: MA_CustSuppCustomerOptions; second: MA_CreditCustomer; auto: the second "
        "where it has a row",
        default="auto",
    )
    contacts: Literal["people", "branches", "customer"] = setting(
        help="where reminders go: people: who gets invoices by mail, else the branch for "
        "payments, else the customer; branches: without people; customer: its own row only",
        default="people",
    )
    telex_is_mobile: bool = setting(
        help="the company keeps mobile numbers in the field Telex", default=False
    )

    @property
    def methods(self) -> dict[int, PaymentMethod]:
        """Payment terms that the office reads otherwise than we do."""
        return {int(term): PaymentMethod(name) for term, name in self.payment_methods.items()}

    def notice(self, method: PaymentMethod) -> int:
        """Days after its due date in which a bill may still come back."""
        return self.notice_days.get(method.value, NOTICE_DAYS)

    @property
    def longest_notice(self) -> int:
        """The longest of them."""
        return max((NOTICE_DAYS, *self.notice_days.values()))

    def rule_problems(self) -> list[Problem]:
        """What is wrong with these settings."""
        found = [
            bad_setting("currency", text("it is three capital letters, e.g. EUR"))
            for code in (self.currency, *self.currencies.values())
            if not (len(code) == 3 and code.isalpha() and code.isupper())
        ]
        found += self._method_problems()
        if self.lookback_days < 1:
            found.append(bad_setting("lookback_days", text("it is at least 1")))
        if not Decimal(0) <= self.tolerance < Decimal(100):
            found.append(bad_setting("tolerance", text("it is an amount from 0 to 100")))
        return found

    def _method_problems(self) -> list[Problem]:
        known = ", ".join(PaymentMethod)
        found = [
            bad_setting(
                "payment_methods",
                text("{term} = {name!r}: not one of {known}", term=term, name=name, known=known),
            )
            for term, name in self.payment_methods.items()
            if name not in list(PaymentMethod)
        ]
        found += [
            bad_setting(
                "payment_methods", text("{term!r} is no number of a payment term", term=term)
            )
            for term in self.payment_methods
            if not term.isdecimal()
        ]
        for name, days in self.notice_days.items():
            if name not in list(PaymentMethod):
                found.append(
                    bad_setting(
                        "notice_days", text("{name!r}: not one of {known}", name=name, known=known)
                    )
                )
            if not 0 <= days <= 365:
                found.append(
                    bad_setting(
                        "notice_days", text("{name} = {days}: from 0 to 365", name=name, days=days)
                    )
                )
        return found


def bad_setting(field: str, message: str) -> Problem:
    """A setting that cannot be used."""
    return Problem(code="bad_setting", field=field, message=message)
