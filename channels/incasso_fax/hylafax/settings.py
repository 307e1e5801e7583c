"""What a `plugin = "hylafax"` table may say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from incasso.api import ConfigurationError, Problem, Secret, setting, text, wrong_key


@dataclass(frozen=True, kw_only=True)
class HylafaxSettings:
    """One fax server, and how it dials from here."""

    host: str = setting(help="The HylaFAX server")
    port: int = setting(help="Port of its client protocol", default=4559)
    user: str = setting(help="Name the jobs belong to", default="incasso")
    password: Secret = setting(
        help="Password, if the server asks for one (etc/hosts.hfaxd)", default=Secret("")
    )
    country: str = setting(help="Country of the telephone line, two letters", default="IT")
    prefix: str = setting(
        help='What is dialled before every number, e.g. "0," for an outside line', default=""
    )
    abroad: str = setting(help="What is dialled before a country code", default="00")
    dials: int = setting(help="How often a busy or silent number is dialled", default=6)
    hours: int = setting(help="After so long the server gives up", unit="hours", default=12)
    most_pages: int = setting(help="Longer faxes are refused", default=30)
    timeout_s: int = setting(help="Longest wait for one answer", unit="seconds", default=15)

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)


def _problems(settings: HylafaxSettings) -> Iterator[Problem]:
    for key in ("host", "user"):
        value = getattr(settings, key)
        if not value.strip():
            yield wrong_key(key, text("must not be empty"))
        elif not value.isprintable() or " " in value:
            yield wrong_key(key, text("must be one word"))
    if not 0 < settings.port < 65_536:
        yield wrong_key("port", text("is no port"), text("4559 is usual"))
    if len(settings.country) != 2 or not settings.country.isalpha():
        yield wrong_key("country", text("must be two letters, e.g. IT"))
    for key in ("prefix", "abroad"):
        if set(getattr(settings, key)) - set("0123456789+*#,W"):
            yield wrong_key(key, text("may hold digits, + * # , and W (wait for the tone)"))
    for key, most in (("dials", 20), ("hours", 72), ("most_pages", 500), ("timeout_s", 60)):
        if not 1 <= getattr(settings, key) <= most:
            yield wrong_key(key, text("must be between 1 and {most}", most=str(most)))
