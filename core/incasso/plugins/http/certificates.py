"""Which server certificate is accepted, and what a refused one means for the office.

A pin is the SHA-256 fingerprint of one certificate, as browsers and openssl show it. It is the way
to trust an ERP's self-signed certificate without trusting everybody.
"""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any, Final

from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from incasso.contract.errors import ConfigurationError, PluginError, TemporaryError
from incasso.contract.text import text

PIN: Final = "sha256:"
NOBODY: Final = PIN + "00" * 32
"""A pin that no certificate has: a request with it shows the fingerprint and sends nothing."""

_GOT: Final = re.compile(r'Fingerprints did not match.* got "([0-9a-f]{64})"')
_EXPIRED, _NOT_YET, _NAME, _ADDRESS = 10, 9, 62, 64
_UNTRUSTED: Final = (18, 19, 20, 21)  # self-signed, or issued by an authority unknown here


class PinningAdapter(HTTPAdapter):
    """A transport for requests whose `verify` may be a pin; name and issuer are then not asked."""

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Connections with different pins never share a pool."""
        if not _is_pin(verify):
            return super().build_connection_pool_key_attributes(request, verify, cert)
        host, pool = super().build_connection_pool_key_attributes(request, False, cert)
        return host, {**pool, "assert_fingerprint": verify.removeprefix(PIN)}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """A pin needs no authorities."""
        wanted = False if _is_pin(verify) else verify
        super().cert_verify(conn, url, wanted, cert)  # type: ignore[no-untyped-call]


def _is_pin(verify: Any) -> bool:
    return isinstance(verify, str) and verify.startswith(PIN)


def checked(verify: bool | str, url: str) -> bool | str:
    """`verify` as the transport takes it. Raises ConfigurationError for an invalid value."""
    if not isinstance(verify, str):
        return verify
    if not verify.lower().startswith(PIN):
        if not Path(verify).exists():
            raise ConfigurationError(
                text("the certificate file {file} does not exist", file=verify)
            )
        return verify
    digits = re.sub(r"[\s:-]", "", verify[len(PIN) :]).lower()
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise ConfigurationError(
            text(
                "a certificate's fingerprint is sha256: and 64 digits 0-9 a-f, with or without "
                "colons; {given!r} is not",
                given=verify[:80],
            )
        )
    if not url.lower().startswith("https:"):
        raise ConfigurationError(text("a fingerprint is given, but the address is not https"))
    return PIN + digits


def fingerprint_in(causes: list[BaseException]) -> str:
    """The fingerprint of the certificate a pin refused, as the settings spell it; or nothing."""
    for cause in causes:
        if found := _GOT.search(str(cause)):
            return PIN + found[1]
    return ""


def refused_certificate(
    causes: list[BaseException], place: str, met: str, pinned: bool
) -> PluginError | None:
    """One sentence and the cure, if it was the certificate; None for other troubles of TLS.

    `met` is the fingerprint the server shows, where it could be learnt.
    """
    if pinned and met:
        return ConfigurationError(
            text(
                "{place} shows another certificate than the one that was agreed; if it was renewed "
                "and its fingerprint is right, write {pin}",
                place=place,
                pin=met,
            )
        )
    code = next((c.verify_code for c in causes if isinstance(c, ssl.SSLCertVerificationError)), 0)
    pin = met or f"{PIN}…"
    if code == _EXPIRED:
        return TemporaryError(
            text(
                "{place}: the server's certificate has expired; have it renewed there, or set "
                "{pin} as the fingerprint to accept",
                place=place,
                pin=pin,
            )
        )
    if code == _NOT_YET:
        return TemporaryError(
            text(
                "{place}: the server's certificate is not valid yet; check both computers' clocks",
                place=place,
            )
        )
    if code in (_NAME, _ADDRESS):
        return ConfigurationError(
            text(
                "{place}: the server's certificate is for another name; use the name it was made "
                "for in the address, or set {pin} as the fingerprint to accept",
                place=place,
                pin=pin,
            )
        )
    if code in _UNTRUSTED:
        return ConfigurationError(
            text(
                "{place}: the server's certificate is self-signed or of an unknown authority; if "
                "this is the right server, set {pin} as the fingerprint to accept, or name the "
                "authority's file",
                place=place,
                pin=pin,
            )
        )
    return None
