"""What a `plugin = "postal"` table may say, checked as far as it can be without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import urlsplit

from incasso.api import (
    ConfigurationError,
    Medium,
    Problem,
    Secret,
    mail,
    setting,
    text,
    wrong_key,
)
from incasso_postal.address import BadAddressError, PostalAddress, address_from
from incasso_postal.products import LetterProduct, Product, product_of

SERVICE: Final = "https://ws.ufficiopostale.com"
SANDBOX: Final = "https://test.ws.ufficiopostale.com"
LOGIN: Final = "https://oauth.openapi.it/token"
SANDBOX_LOGIN: Final = "https://test.oauth.openapi.it/token"

_SENDER_FIELDS: Final = {
    "to": "sender_address",
    "to.name": "sender_name",
    "to.address": "sender_address",
    "to.zip": "sender_zip",
    "to.province": "sender_province",
    "to.city": "sender_city",
}


@dataclass(frozen=True, kw_only=True)
class PostalSettings:
    """One account at Ufficio Postale (Openapi), and the sender of its letters."""

    token: Secret = setting(
        help="Token made at the service; or give user and api_key", default=Secret("")
    )
    user: str = setting(help="Account at the service, if it makes the token itself", default="")
    api_key: Secret = setting(help="API key of that account", default=Secret(""))
    sandbox: bool = setting(
        help="The service's trial address: nothing is printed and nothing is paid", default=False
    )
    url: str = setting(help="Another address of the service", default="")
    login_url: str = setting(help="Another address where tokens are made", default="")
    letter_product: LetterProduct = setting(
        help="How the medium letter travels: ordinaria, or prioritaria with tracking",
        default=LetterProduct.ORDINARY,
    )
    return_receipt: bool = setting(help="Registered letters with return receipt", default=True)
    duplex: bool = setting(help="Print on both sides", default=False)
    colour: bool = setting(help="Print in colour", default=False)
    max_price: Decimal | None = setting(
        help="A letter that costs more waits and is not paid", unit="EUR", default=None
    )
    sender_name: str = setting(help="Sender: company name")
    sender_address: str = setting(help="Sender: street and number")
    sender_zip: str = setting(help="Sender: CAP")
    sender_city: str = setting(help="Sender: town")
    sender_province: str = setting(help="Sender: province, two letters")
    sender_email: str = setting(help="Sender: mail address, the service asks for it")
    callback_url: str = setting(
        help="Where the service reports: https://…/hooks/NAME of this hub. Empty: it is only asked",
        default="",
    )
    callback_secret: Secret = setting(
        help="What the service must repeat there: it signs nothing", default=Secret("")
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def service(self) -> str:
        """Where requests go, without a slash at the end."""
        return (self.url or (SANDBOX if self.sandbox else SERVICE)).rstrip("/")

    @property
    def login(self) -> str:
        """Where a token is made."""
        return self.login_url or (SANDBOX_LOGIN if self.sandbox else LOGIN)

    @property
    def host(self) -> str:
        """The service's name, as scopes of tokens spell it."""
        return urlsplit(self.service).netloc

    @property
    def sender(self) -> PostalAddress:
        """Who writes. Raises BadAddressError."""
        return address_from(
            self.sender_name,
            self.sender_address,
            self.sender_zip,
            self.sender_city,
            self.sender_province,
        )

    def product(self, medium: Medium) -> Product:
        """What is bought for that medium."""
        return product_of(medium, self.letter_product)

    @property
    def products(self) -> tuple[Product, ...]:
        """All that may be bought with this table."""
        return (self.product(Medium.LETTER), Product.REGISTERED, Product.TELEGRAM)


def _problems(settings: PostalSettings) -> Iterator[Problem]:
    if not settings.token.reveal() and not (settings.user and settings.api_key.reveal()):
        cure = text('write {{ env = "POSTAL_TOKEN" }}, or user and api_key')
        yield wrong_key("token", text("missing"), cure)
    for key in ("url", "login_url", "callback_url"):
        given = getattr(settings, key)
        if given and urlsplit(given).scheme not in ("https", "http"):
            yield wrong_key(key, text("{given!r} is no web address", given=given))
    if settings.max_price is not None and settings.max_price <= 0:
        yield wrong_key("max_price", text("must be more than 0"))
    if settings.callback_url and not settings.callback_secret.reveal():
        why = text("missing: without it anybody could report about a letter")
        yield wrong_key("callback_secret", why)
    try:
        mail.mailable(settings.sender_email)
    except mail.BadAddressError as error:
        yield wrong_key("sender_email", text("is no mail address: {reason}", reason=str(error)))
    try:
        _ = settings.sender
    except BadAddressError as error:
        told = error.problem
        yield wrong_key(_SENDER_FIELDS[told.field], told.message)
