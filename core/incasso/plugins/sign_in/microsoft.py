"""Microsoft 365: a registered application signs in with its secret or certificate (msal)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msal

from incasso.contract.doors import HttpClient, HttpResponse
from incasso.contract.errors import AuthenticationError, TemporaryError
from incasso.contract.sign_in import SignIn
from incasso.contract.text import Text, text
from incasso.plugins.sign_in.asking import Carried, Issued, Wanted
from incasso.plugins.sign_in.microsoft_codes import cure_of, passes

SERVER: Final = "https://login.microsoftonline.com"
_CODE: Final = re.compile(r"AADSTS(\d+)")


def issued(wanted: Wanted, http: HttpClient) -> Issued:
    """A token by client credentials. Raises AuthenticationError, TemporaryError."""
    sign_in = wanted.sign_in
    try:
        application = msal.ConfidentialClientApplication(
            sign_in.client.strip(),
            client_credential=_credential(sign_in),
            authority=f"{sign_in.server.rstrip('/') or SERVER}/{sign_in.tenant.strip()}",
            http_client=_Carrier(Carried(http, sign_in)),
            # Else a server of a national cloud is asked about at the worldwide one.
            instance_discovery=False,
        )
        answer = application.acquire_token_for_client([wanted.scope])
    except ValueError as error:  # the tenant's own page was refused, or the certificate is none
        raise _refused(sign_in, str(error)) from None
    if "access_token" in answer:
        return Issued(token=answer["access_token"], seconds=float(answer.get("expires_in", 0)))
    raise _refused(sign_in, f"{answer.get('error', '')}: {answer.get('error_description', '')}")


def _credential(sign_in: SignIn) -> str | dict[str, str]:
    certificate = sign_in.certificate.reveal()
    if not certificate:
        return sign_in.secret.reveal()
    return {"private_key": certificate, "public_certificate": certificate}


def _refused(sign_in: SignIn, said: str) -> AuthenticationError | TemporaryError:
    """One sentence with the cure; what nobody knows is said in Microsoft's own words."""
    found = _CODE.search(said)
    number = int(found.group(1)) if found else 0
    if passes(number) or "temporarily_unavailable" in said:
        return TemporaryError(text("Microsoft gives no token: {reason}", reason=_first(said)))
    cure = cure_of(number) or _without_code(sign_in, said)
    return AuthenticationError(
        text(
            "Microsoft refuses the application {client}: {cure}{code}",
            client=sign_in.client,
            cure=cure,
            code=f" (AADSTS{number})" if number else "",
        )
    )


def _without_code(sign_in: SignIn, said: str) -> Text | str:
    if "authority configuration" in said:
        return text("there is no tenant {tenant}: correct `tenant`", tenant=sign_in.tenant)
    if "PEM" in said or "deserialize" in said or "private key" in said.lower():
        return text("its certificate cannot be read: give private key and certificate, both as PEM")
    return _first(said)


def _first(said: str) -> str:
    """The first sentence: behind it follow trace numbers, which change at every attempt."""
    return " ".join(said.partition("Trace ID")[0].split())[:300]


class _Carrier:
    """What msal wants of an HTTP library."""

    def __init__(self, carried: Carried) -> None:
        self._carried = carried

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> _Answer:
        return _Answer(self._carried.request("GET", url, params=params, headers=headers))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> _Answer:
        answer = self._carried.request("POST", url, params=params, data=data, headers=headers)
        return _Answer(answer)

    def close(self) -> None:
        """The door outlives it."""


class _Answer:
    def __init__(self, answer: HttpResponse) -> None:
        self.status_code = answer.status
        self.text = answer.content.decode("utf-8", "replace")
        self.headers = dict(answer.headers)

    def raise_for_status(self) -> None:
        """Bad statuses that msal does not read never come here."""
        if self.status_code >= 400:
            raise ValueError(f"HTTP {self.status_code}")
