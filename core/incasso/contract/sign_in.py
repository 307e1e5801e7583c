"""Modern sign-in (OAuth 2.0) of an unattended program: what an office writes in a channel's table.

A program signs in as itself, not as a person: at Microsoft as a registered application with a
secret or a certificate, at Google as a service account that acts for a mailbox of its domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from incasso.contract.errors import ConfigurationError
from incasso.contract.settings import Key, setting, wrong_key
from incasso.contract.text import text
from incasso.contract.values import Problem, Secret


class SignInWith(StrEnum):
    """Who gives out the tokens."""

    MICROSOFT = "microsoft"
    GOOGLE = "google"


_NUMBER: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""How Microsoft writes the number of an application, and also that of one of its secrets."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """One application that signs in. Raises ConfigurationError with every key that does not fit."""

    service: Annotated[SignInWith, Key("with")] = setting(help="microsoft or google")
    tenant: str = setting(
        help="Microsoft: the directory (tenant), e.g. acme.onmicrosoft.com or its id", default=""
    )
    client: str = setting(help="Microsoft: the application (client) id", default="")
    secret: Secret = setting(
        help="Microsoft: the value of the client secret, not its id", default=Secret("")
    )
    certificate: Secret = setting(
        help="Microsoft, instead of a secret: private key and certificate, one PEM file",
        default=Secret(""),
    )
    key: Secret = setting(
        help="Google: the service account's key, its JSON file", default=Secret("")
    )
    server: str = setting(
        help="Where tokens are asked for, if not at the service's usual address (national clouds)",
        default="",
    )
    scope: str = setting(
        help="What the token for mail is asked for, if not the service's usual scope", default=""
    )
    ca_file: Path | None = setting(
        help="Certificates to trust for that server instead of the system's (PEM)", default=None
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)

    @property
    def account(self) -> str:
        """Who signs in, as the service's own pages name it."""
        if self.service is SignInWith.MICROSOFT:
            return self.client
        return str(_account(self.key).get("client_email", ""))


def _problems(given: SignIn) -> Iterator[Problem]:
    if given.server and not given.server.startswith("https://"):
        yield wrong_key("server", text("must begin with https://"))
    if given.ca_file is not None and not given.ca_file.is_file():
        yield wrong_key("ca_file", text("{file} is no file", file=str(given.ca_file)))
    if given.service is SignInWith.GOOGLE:
        yield from _google_problems(given)
    else:
        yield from _microsoft_problems(given)


def _microsoft_problems(given: SignIn) -> Iterator[Problem]:
    where = text("Entra admin centre, App registrations, Overview")
    if not given.tenant.strip():
        yield wrong_key("tenant", text("missing"), where)
    if not _NUMBER.fullmatch(given.client.strip()):
        yield wrong_key("client", text("is no application (client) id"), where)
    secret, certificate = given.secret.reveal(), given.certificate.reveal()
    if bool(secret) == bool(certificate):
        yield wrong_key("secret", text("give either a secret or a certificate"))
    if _NUMBER.fullmatch(secret.strip()):
        cure = text("the value is shown once, when the secret is made: make a new one")
        yield wrong_key("secret", text("this is the id of a secret, not its value"), cure)
    if certificate and not ("PRIVATE KEY-----" in certificate and "N CERTIFICATE" in certificate):
        words = text("must hold the private key and the certificate, both as PEM")
        yield wrong_key("certificate", words)


def _google_problems(given: SignIn) -> Iterator[Problem]:
    found = _account(given.key)
    if not given.key.reveal():
        yield wrong_key("key", text("missing"), text('write {{ file = "secrets/google.json" }}'))
    elif found.get("type") != "service_account" or not {"client_email", "private_key"} <= set(
        found
    ):
        cure = text("Google Cloud console, Service accounts, Keys, Add key, JSON")
        yield wrong_key("key", text("is no key of a service account"), cure)


def _account(key: Secret) -> dict[str, Any]:
    """The content of a service account's key; empty if it is none."""
    try:
        found = msgspec.json.decode(key.reveal().encode())
    except (msgspec.DecodeError, UnicodeError):
        return {}
    return found if isinstance(found, dict) else {}
