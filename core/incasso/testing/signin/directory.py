"""What an administrator has set up: applications, service accounts, mailboxes, and what they may.

One directory stands behind the token server, the mail servers and Graph, as in real life.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

SMTP: Final = "SMTP.SendAsApp"
IMAP: Final = "IMAP.AccessAsApp"
GRAPH: Final = frozenset({"Mail.Send", "Mail.ReadBasic.All"})


@lru_cache(maxsize=1)
def account_key() -> rsa.RSAPrivateKey:
    """A key takes a tenth of a second to make: one process makes it once."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@dataclass
class Application:
    """An application registered at Microsoft."""

    client: str = "11111111-2222-3333-4444-555555555555"
    secret: str = "Qk7~value-of-the-secret.0815"  # noqa: S105
    expired: bool = False
    """Its secret is over."""
    roles: Collection[str] = (SMTP, IMAP, *GRAPH)
    """What an administrator has consented to."""
    mailboxes: Collection[str] = ("crediti@example.it",)
    """Where Exchange lets it in (Add-MailboxPermission)."""


@dataclass
class ServiceAccount:
    """A service account at Google."""

    email: str = "incasso@acme.iam.gserviceaccount.example"
    delegated: bool = True
    """Whether it may act for mailboxes of the domain with the scope of mail."""
    mailboxes: Collection[str] = ("crediti@example.it",)

    def key_file(self, token_uri: str) -> str:
        """The JSON file that Google's console makes."""
        key = account_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return json.dumps(
            {
                "type": "service_account",
                "client_email": self.email,
                "private_key_id": "f0" * 20,
                "private_key": key.decode(),
                "token_uri": token_uri,
            },
            indent=2,
        )


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """What a token that was given out is good for."""

    roles: frozenset[str]
    mailboxes: frozenset[str]


@dataclass
class Directory:
    """Change it while servers run: the next request sees it."""

    tenant: str = "acme.example"
    application: Application = field(default_factory=Application)
    account: ServiceAccount = field(default_factory=ServiceAccount)
    expires_in: int = 3599
    smtp_off: str = ""
    """`Tenant` or `Mailbox`: where SMTP with sign-in is switched off."""
    conditional_access: bool = False

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._given: dict[str, _Pass] = {}
        self.tokens: list[str] = []
        """Every token that was given out, oldest first."""

    def give(self, roles: Collection[str], mailboxes: Collection[str]) -> str:
        """A new token in the form of Microsoft's, which nobody has signed."""
        told = {"roles": sorted(roles), "jti": secrets.token_hex(24)}
        token = ".".join((_part({"alg": "none"}), _part(told), secrets.token_urlsafe(64)))
        with self._lock:
            self._given[token] = _Pass(roles=frozenset(roles), mailboxes=frozenset(mailboxes))
            self.tokens.append(token)
        return token

    def revoke(self) -> None:
        """Every token given out so far is refused from now on."""
        with self._lock:
            self._given.clear()

    def admits(self, token: str, mailbox: str, role: str) -> bool:
        """Whether a server lets a token into a mailbox."""
        with self._lock:
            found = self._given.get(token)
        return found is not None and role in found.roles and mailbox in found.mailboxes

    def knows(self, token: str) -> bool:
        """Whether a token was given out and not revoked."""
        with self._lock:
            return token in self._given


def _part(told: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
