"""What an integrator may set for one Mago4 company; what its schema leaves open is set here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from incasso.api import (
    ConfigurationError,
    PaymentMethod,
    Problem,
    Secret,
    SqlLogin,
    setting,
)

if TYPE_CHECKING:
    from incasso_mago4.link.settings import LinkSettings

NOTICE_DAYS: Final = 10


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Mago4Settings:
    """One company database; only `url` is required."""

    url: str = setting(
        help="the company database without password, e.g. mssql+pymssql://incasso@server/ACME"
    )
    password: Secret | None = setting(help="of the user in url", default=None)
    options: Mapping[str, str] = setting(
        help='further arguments of the driver, e.g. { TrustServerCertificate = "yes" }',
        default_factory=_nothing,
    )
    schema: str = setting(help="of the MA_ tables; empty: where they are found", default="")
    isolation: str = setting(
        help="snapshot or read committed; empty: snapshot where the database has it", default=""
    )
    statement_timeout: int = setting(help="how long one query may take", unit="seconds", default=60)
    fiscal_company: str = setting(
        help="which company of a database that holds several (CGM); empty: there is one",
        default="",
    )
    fiscal_company_column: str = setting(
        help="the column of MA_PyblsRcvbls that names the company", default=""
    )
    currency: str = setting(help="the company's own, ISO 4217", default="EUR")
    currencies: Mapping[str, str] = setting(
        help='Mago\'s own codes that are not ISO, e.g. { EURO = "EUR" }', default_factory=_nothing
    )
    languages: Mapping[str, str] = setting(
        help='Mago\'s language codes, e.g. { ING = "en" }', default_factory=_nothing
    )
    payment_methods: Mapping[str, str] = setting(
        help='payment terms read otherwise, e.g. { 2686993 = "riba" }', default_factory=_nothing
    )
    factors: tuple[str, ...] = setting(
        help="codes of the banks to which bills are sold (factoring)", default=()
    )
    notice_days: Mapping[str, int] = setting(
        help="how long after the due date the bank may send a bill back, by payment method, "
        "e.g. { riba = 10, sdd = 10 }",
        unit="days",
        default_factory=_nothing,
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
        help="how long a settled item is still told; longer than the hub may ever stand still",
        unit="days",
        default=60,
    )
    overlap_minutes: int = setting(
        help="how far the clocks of Mago's computers may differ", unit="minutes", default=10
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
    balances: Literal["auto", "journal", "items"] = setting(
        help="a client's balance for comparison: from the journal, or from the open items; "
        "auto: the journal where it can be read",
        default="auto",
    )

    magiclink: Mapping[str, str] = setting(
        help="how the hub blocks customers for orders, through Mago's own documents: the settings "
        "url, instance, user, company, customers_profile of the kind magolink; empty: not so",
        default_factory=_nothing,
    )
    magiclink_password: Secret | None = setting(help="of the user in magiclink", default=None)
    magiclink_producer_key: Secret | None = setting(
        help="the producer's key that Mago asks for in production", default=None
    )
    flag_update: bool = setting(
        help="let the hub block customers by an UPDATE of one column, past Mago's own checks",
        default=False,
    )
    flag_user: int = setting(
        help="the number of the hub's worker in Mago, for TBModifiedID", default=0
    )

    def __post_init__(self) -> None:
        if problems := tuple(self._problems()):
            raise ConfigurationError(problems)

    @property
    def link(self) -> LinkSettings | None:
        """How MagicLink is reached for order blocks; None: it is not. Raises ConfigurationError."""
        if not self.magiclink:
            return None
        from incasso_mago4.link.settings import link_for_blocks

        return link_for_blocks(self.magiclink, self.magiclink_password, self.magiclink_producer_key)

    @property
    def login(self) -> SqlLogin:
        """How the hub's door reaches the database."""
        return SqlLogin(
            url=self.url,
            password=self.password,
            isolation=self.isolation,
            statement_timeout_s=self.statement_timeout,
            options=self.options,
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

    def _problems(self) -> list[Problem]:
        found = [
            _problem("currency", "it is three capital letters, e.g. EUR")
            for code in (self.currency, *self.currencies.values())
            if not (len(code) == 3 and code.isalpha() and code.isupper())
        ]
        found += self._method_problems()
        for name in ("statement_timeout", "lookback_days", "overlap_minutes"):
            if getattr(self, name) < 1:
                found.append(_problem(name, "it is at least 1"))
        if not Decimal(0) <= self.tolerance < Decimal(100):
            found.append(_problem("tolerance", "it is an amount from 0 to 100"))
        if bool(self.fiscal_company) != bool(self.fiscal_company_column):
            hint = "give both fiscal_company and fiscal_company_column, or neither"
            found.append(_problem("fiscal_company", hint))
        return found + self._block_problems()

    def _block_problems(self) -> list[Problem]:
        if self.magiclink and self.flag_update:
            return [_problem("flag_update", "give either magiclink or flag_update")]
        try:
            _ = self.link
        except ConfigurationError as error:
            return [
                _problem("magiclink", f"{each.field}: {each.message}") for each in error.problems
            ]
        return []

    def _method_problems(self) -> list[Problem]:
        known = ", ".join(PaymentMethod)
        found = [
            _problem("payment_methods", f"{term} = {name!r}: not one of {known}")
            for term, name in self.payment_methods.items()
            if name not in list(PaymentMethod)
        ]
        found += [
            _problem("payment_methods", f"{term!r} is no number of a payment term")
            for term in self.payment_methods
            if not term.isdecimal()
        ]
        for name, days in self.notice_days.items():
            if name not in list(PaymentMethod):
                found.append(_problem("notice_days", f"{name!r}: not one of {known}"))
            if not 0 <= days <= 365:
                found.append(_problem("notice_days", f"{name} = {days}: from 0 to 365"))
        return found


def _problem(field: str, message: str) -> Problem:
    return Problem(code="bad_setting", field=field, message=message)
