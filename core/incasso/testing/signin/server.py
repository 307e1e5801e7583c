"""The token servers and Graph on this machine, by https: libraries of sign-in refuse anything else.

Errors are worded as the services word them: Microsoft's AADSTS numbers, Google's two fields.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from incasso.testing.network import Answer, Seen, StubServer
from incasso.testing.signin.certificate import server_context
from incasso.testing.signin.directory import Directory, account_key
from incasso.testing.signin.graph import Graph


class SignInServer:
    """Give its `url` as `server`, and `ca_file` beside it.

    `web.fault` makes every answer fail; `asked` counts the tokens that were asked for.
    """

    def __init__(self, folder: Path, directory: Directory | None = None) -> None:
        """`folder`: for the certificate."""
        self.directory = directory or Directory()
        self.ca_file = folder / "ca.pem"
        self.web = StubServer(server_context(folder))
        self.asked = 0
        tenant = f"/{self.directory.tenant}"
        self.web.on("GET", f"{tenant}/v2.0/.well-known/openid-configuration", self._discovery)
        self.web.on("POST", f"{tenant}/oauth2/v2.0/token", self._microsoft)
        self.web.on("POST", "/google/token", self._google)
        self.graph = Graph(self.directory, self.web)

    @property
    def url(self) -> str:
        """The sign-in server of Microsoft; Google's token address is `google_url`."""
        return self.web.url

    @property
    def google_url(self) -> str:
        """Where a service account asks for tokens."""
        return f"{self.web.url}/google/token"

    def close(self) -> None:
        """Stop listening."""
        self.web.close()

    def __enter__(self) -> SignInServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _discovery(self, _: Seen) -> Answer:
        base = f"{self.url}/{self.directory.tenant}"
        return Answer.of(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
            }
        )

    def _microsoft(self, seen: Seen) -> Answer:
        self.asked += 1
        given = _form(seen)
        application = self.directory.application
        if given.get("client_id") != application.client:
            return _aadsts(700016, "unauthorized_client", "Application was not found.")
        if given.get("client_secret", application.secret) != application.secret:
            return _aadsts(7000215, "invalid_client", "Invalid client secret provided.")
        if application.expired:
            return _aadsts(7000222, "invalid_client", "The provided client secret keys expired.")
        if self.directory.conditional_access:
            return _aadsts(53003, "access_denied", "Blocked by Conditional Access policies.")
        # Without consent a token is given all the same, and opens nothing.
        return self._issued(application.roles, application.mailboxes)

    def _google(self, seen: Seen) -> Answer:
        self.asked += 1
        account, told = self.directory.account, _asserted(_form(seen).get("assertion", ""))
        if told is None:
            return _refused("invalid_grant", "Invalid JWT Signature.")
        if told.get("iss") != account.email:
            return _refused("invalid_grant", "Invalid grant: account not found")
        if not account.delegated or "https://mail.google.com/" not in str(told.get("scope")):
            return _refused(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client "
                "not authorized for any of the scopes requested.",
            )
        if told.get("sub") not in account.mailboxes:
            return _refused("invalid_grant", "Invalid email or User ID")
        return self._issued(("SMTP.SendAsApp", "IMAP.AccessAsApp"), [str(told["sub"])])

    def _issued(self, roles: Any, mailboxes: Any) -> Answer:
        return Answer.of(
            {
                "token_type": "Bearer",
                "expires_in": self.directory.expires_in,
                "access_token": self.directory.give(roles, mailboxes),
            }
        )


def _form(seen: Seen) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(seen.body.decode()).items()}


def _aadsts(number: int, error: str, words: str) -> Answer:
    told = f"AADSTS{number}: {words} Trace ID: 00000000-0000-0000-0000-000000000000"
    status = 401 if error == "invalid_client" else 400
    return Answer.of(
        {"error": error, "error_description": told, "error_codes": [number]}, status=status
    )


def _refused(error: str, words: str) -> Answer:
    return Answer.of({"error": error, "error_description": words}, status=400)


def _asserted(assertion: str) -> dict[str, Any] | None:
    """What a service account claims, if its key has signed it."""
    try:
        head, claims, signature = assertion.split(".")
        account_key().public_key().verify(
            _decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        told = json.loads(_decoded(claims))
    except (ValueError, InvalidSignature):
        return None
    return told if isinstance(told, dict) else None


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
