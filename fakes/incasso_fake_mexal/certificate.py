"""Certificates as local installations have them: signed by themselves, sometimes expired."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

ALWAYS: Final = datetime(2020, 1, 1), datetime(2120, 1, 1)  # noqa: DTZ001 - as X.509 writes UTC
"""Valid whenever the tests run."""


@dataclass(frozen=True)
class SelfSigned:
    """A self-signed server certificate."""

    tls: ssl.SSLContext
    """For the server."""
    pem: str
    """The certificate, as an administrator would hand it over."""

    @property
    def pin(self) -> str:
        """`sha256:` and the fingerprint: what a connection is pinned to."""
        der = ssl.PEM_cert_to_DER_cert(self.pem)
        return f"sha256:{hashlib.sha256(der).hexdigest()}"


def self_signed(
    *names: str, not_before: datetime = ALWAYS[0], not_after: datetime = ALWAYS[1]
) -> SelfSigned:
    """A certificate for 127.0.0.1 or the names given; `not_after` in the past makes it expired.

    Needs the `cryptography` package (`pip install incasso[testing]`).
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Mexal WebAPI")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(_names(names or ("127.0.0.1",))), False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return SelfSigned(tls=_context(pem, secret), pem=pem.decode())


def _names(names: tuple[str, ...]) -> list[GeneralName]:
    from cryptography import x509

    return [
        x509.DNSName(name)
        if not name.replace(".", "").isdigit()
        else x509.IPAddress(ipaddress.ip_address(name))
        for name in names
    ]


def _context(pem: bytes, secret: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(pem + secret)  # Python reads keys from files only
        context.load_cert_chain(path)
    return context
