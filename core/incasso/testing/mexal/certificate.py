"""Certificates as local installations have them: self-made, sometimes expired; and their pin."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SelfMade:
    """A server certificate nobody vouches for."""

    tls: ssl.SSLContext
    """For the server."""
    pem: str
    """The certificate, as an administrator would hand it over."""
    authority: str
    """The PEM of who signed it."""

    @property
    def pin(self) -> str:
        """`sha256:` and the fingerprint: what a connection is pinned to."""
        der = ssl.PEM_cert_to_DER_cert(self.pem)
        return f"sha256:{hashlib.sha256(der).hexdigest()}"


def self_made(
    *names: str, not_before: datetime | None = None, not_after: datetime | None = None
) -> SelfMade:
    """A certificate for 127.0.0.1 or the names given; `not_after` in the past makes it expired.

    Needs the `trustme` package (`pip install incasso[testing]`).
    """
    import trustme

    maker = trustme.CA()
    made = maker.issue_cert(*(names or ("127.0.0.1",)), not_before=not_before, not_after=not_after)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.configure_cert(context)
    pem = made.cert_chain_pems[0].bytes().decode()
    return SelfMade(tls=context, pem=pem, authority=maker.cert_pem.bytes().decode())
