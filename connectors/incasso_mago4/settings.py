"""What an integrator may set for one Mago4 company; what its schema leaves open is set here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from incasso.api import (
    ConfigurationError,
    Problem,
    Secret,
    SqlLogin,
    setting,
    text,
)
from incasso_mago4.rules import Rules, bad_setting, no_methods

if TYPE_CHECKING:
    from incasso_mago4.link.settings import LinkSettings


@dataclass(frozen=True, kw_only=True)
class Mago4Settings(Rules):
    """One company database; only `url` is required."""

    url: str = setting(
        help="the company database without password, e.g. mssql+pymssql://incasso@server/ACME"
    )
    password: Secret | None = setting(help="of the user in url", default=None)
    options: Mapping[str, str] = setting(
        help='further arguments of the driver, e.g. { TrustServerCertificate = "yes" }',
        default_factory=no_methods,
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
    overlap_minutes: int = setting(
        help="how far the clocks of Mago's computers may differ", unit="minutes", default=10
    )
    balances: Literal["auto", "journal", "items"] = setting(
        help="a client's balance for comparison: from the journal, or from the open items; "
        "auto: the journal where it can be read",
        default="auto",
    )

    magiclink: Mapping[str, str] = setting(
        help="how the hub blocks customers for orders, through Mago's own documents: the settings "
        "url, instance, user, company, customers_profile of the kind magolink; empty: not so",
        default_factory=no_methods,
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

    def _problems(self) -> list[Problem]:
        found = self.rule_problems()
        for name in ("statement_timeout", "overlap_minutes"):
            if getattr(self, name) < 1:
                found.append(bad_setting(name, text("it is at least 1")))
        if bool(self.fiscal_company) != bool(self.fiscal_company_column):
            hint = text("give both fiscal_company and fiscal_company_column, or neither")
            found.append(bad_setting("fiscal_company", hint))
        return found + self._block_problems()

    def _block_problems(self) -> list[Problem]:
        if self.magiclink and self.flag_update:
            return [bad_setting("flag_update", text("give either magiclink or flag_update"))]
        try:
            _ = self.link
        except ConfigurationError as error:
            return [
                bad_setting("magiclink", f"{each.field}: {each.message}") for each in error.problems
            ]
        return []
