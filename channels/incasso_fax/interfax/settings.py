"""What a `plugin = "interfax"` table may say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incasso.api import ConfigurationError, Problem, Secret, setting, text, wrong_key


@dataclass(frozen=True, kw_only=True)
class InterfaxSettings:
    """One account of InterFAX."""

    user: str = setting(help="User name of the InterFAX account")
    password: Secret = setting(help="Its password")
    address: str = setting(
        help="Address of the service, if your contract names another (PCI, a region)",
        default="https://rest.interfax.net",
    )
    retries: int = setting(
        help="How often InterFAX dials again when the line is busy or nobody answers", default=3
    )
    most_pages: int = setting(help="Longer faxes are refused before they cost", default=30)
    currency: str = setting(
        help="Currency of the account, for the price of each fax", default="EUR"
    )
    keep_pages: bool = setting(
        help="Keep the image of the pages that arrived, beside the record", default=True
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)


def _problems(settings: InterfaxSettings) -> Iterator[Problem]:
    if not settings.user.strip():
        yield wrong_key("user", text("must not be empty"))
    if not settings.password.reveal():
        cure = text('write {{ env = "INTERFAX_PASSWORD" }}')
        yield wrong_key("password", text("is empty"), cure)
    if not settings.address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        yield wrong_key("address", text("must begin with https://: the password travels there"))
    if not 0 <= settings.retries <= 20:
        yield wrong_key("retries", text("must be between 0 and 20"))
    if settings.most_pages < 1:
        yield wrong_key("most_pages", text("must be at least 1"))
    if len(settings.currency) != 3 or not settings.currency.isupper():
        yield wrong_key("currency", text("must be a code of three capitals, e.g. EUR"))
