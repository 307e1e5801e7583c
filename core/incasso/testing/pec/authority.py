"""An authority for tests: it issues certificates to providers, as AgID's does, and lists itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEGINS: Final = datetime(2024, 1, 1, tzinfo=UTC)
ENDS: Final = datetime(2034, 1, 1, tzinfo=UTC)
DOMAIN: Final = "pec.provider.example"
SENDER: Final = "posta-certificata"


@lru_cache(maxsize=8)
def _key(number: int) -> rsa.RSAPrivateKey:
    """A key takes a tenth of a second to make: one process makes each once."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@dataclass(frozen=True)
class PecSigner:
    """A provider's certificate and key: what makes its receipts proofs."""

    address: str
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    authority: x509.Certificate

    def sign(self, content: bytes) -> bytes:
        """The signature beside the content (DER), with SHA-256."""
        return (
            pkcs7.PKCS7SignatureBuilder()
            .set_data(content)
            .add_signer(self.certificate, self.key, hashes.SHA256())
            .add_certificate(self.authority)
            .sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
        )


class PecAuthority:
    """Issues certificates for the domains it may (nameConstraints), and for none besides."""

    def __init__(
        self,
        domains: Sequence[str] = (DOMAIN,),
        *,
        name: str = "Test CA1",
        begins: datetime = BEGINS,
        ends: datetime = ENDS,
        number: int = 0,
    ) -> None:
        """`number`: authorities of another number have another key."""
        self.name, self._begins, self._ends, self._number = name, begins, ends, number
        subject = _name(name)
        constraints = x509.NameConstraints([x509.RFC822Name(each) for each in domains], None)
        self.certificate = (
            _builder(subject, subject, _key(number).public_key(), begins, ends)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(constraints, critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(_key(number).public_key()),
                critical=False,
            )
            .sign(_key(number), hashes.SHA256())
        )

    def signer(
        self,
        address: str = f"{SENDER}@{DOMAIN}",
        *,
        begins: datetime | None = None,
        ends: datetime | None = None,
    ) -> PecSigner:
        """A provider's certificate; it may be issued for an address that it may not be."""
        key = _key(self._number + 100)
        certificate = (
            _builder(
                _name("Test Provider"),
                self.certificate.subject,
                key.public_key(),
                begins or self._begins,
                ends or self._ends,
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            )
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(_key(self._number).public_key()),
                critical=False,
            )
            .sign(_key(self._number), hashes.SHA256())
        )
        return PecSigner(address, certificate, key, self.certificate)

    def trust_list(self, as_of: date) -> str:
        """The file that `trust_file` names."""
        pem = self.certificate.public_bytes(Encoding.PEM).decode("ascii")
        return (
            f"as_of = {as_of}\n\n[[authority]]\nname = {self.name!r}\n"
            f'sha256 = "{self.certificate.fingerprint(hashes.SHA256()).hex()}"\n'
            f'certificate = """\n{pem}"""\n'
        )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPublicKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(minutes=1))
        .not_valid_after(ends)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
