"""What a `plugin = "graph"` table may say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from incasso.api import (
    ConfigurationError,
    MailLogin,
    Problem,
    Secret,
    SignIn,
    SignInWith,
    setting,
    text,
    wrong_key,
)
from incasso_smtp.account import BounceSettings

LARGEST: Final = 3_000_000
"""Graph takes requests of 4 MB, and base64 makes a mail a third longer."""


@dataclass(frozen=True, kw_only=True)
class GraphSettings(BounceSettings):
    """One mailbox of Microsoft 365 whose mail leaves through Graph."""

    sign_in: SignIn = setting(
        help="How the application signs in: [channels.NAME.sign_in] with = microsoft"
    )
    api: str = setting(
        help="Address of Graph (another one in national clouds)",
        default="https://graph.microsoft.com/v1.0",
    )
    max_message_bytes: int = setting(
        help="Larger messages are refused before they leave; Graph takes no more",
        unit="bytes",
        default=LARGEST,
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def account(self) -> str:
        """A stable name of the account behind the settings."""
        return f"{self.sender_address}@{urlsplit(self.api).netloc}"

    @property
    def address(self) -> str:
        """Where Graph has this mailbox."""
        return f"{self.api.rstrip('/')}/users/{quote(self.sender_address, safe='@')}"

    @property
    def scope(self) -> str:
        """What the token is asked for."""
        parts = urlsplit(self.api)
        return f"{parts.scheme}://{parts.netloc}/.default"

    @property
    def mailbox(self) -> MailLogin | None:
        """The server with the bounces, if there is one; it takes a token too."""
        return self.inbox(self.sender_address, Secret(""), self.sign_in)


def _problems(settings: GraphSettings) -> Iterator[Problem]:
    if settings.sign_in.service is not SignInWith.MICROSOFT:
        yield wrong_key("sign_in.with", text("Graph is Microsoft's"), text("write microsoft"))
    if not settings.api.startswith("https://"):
        yield wrong_key("api", text("must begin with https://"))
    if not 0 < settings.max_message_bytes <= LARGEST:
        words = text("Graph takes {most} bytes at most", most=str(LARGEST))
        yield wrong_key("max_message_bytes", words)
    yield from settings.wrong_keys()
