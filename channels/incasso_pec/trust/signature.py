"""Whether a provider signed a receipt: S/MIME (CMS), checked with asn1crypto and cryptography.

Neither does it alone: cryptography verifies signatures and chains but reads no CMS, asn1crypto only
reads. What passes here was signed, unaltered, with the key of a certificate that a trusted
authority issued for exactly the sender's address, valid at the receipt's own time.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from incasso.api import Text, text

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from cryptography.x509.verification import PolicyBuilder

DIGESTS: Final = ("sha256", "sha384", "sha512")
"""Receipts of 2018 had SHA-1, which can be forged today."""

_SET_OF: Final = b"\x31"
"""Signed attributes are signed as a SET, but stand in the message under another tag."""


class NotProvenError(Exception):
    """The signature proves nothing; the text says why."""


def proven_sender(
    content: bytes, signature: bytes, authorities: list[Certificate], at: datetime
) -> tuple[str, ...]:
    """The addresses of who signed the content, lower case. Raises NotProvenError."""
    try:
        message = _signed_data(signature)
        signer, certificates = _signer(message), _certificates(message)
        certificate = _certificate_of(signer, certificates)
        _check_digest(signer, content)
        _check_signature(signer, certificate)
        return _addresses(certificate, certificates, authorities, at)
    except NotProvenError:
        raise
    except Exception as error:  # two parsers, fed by strangers: whatever they raise proves nothing
        raise _unproven(text("the signature cannot be read: {error}", error=_said(error))) from None


def _signed_data(der: bytes) -> Any:
    from asn1crypto import cms

    info = cms.ContentInfo.load(der)
    if info["content_type"].native != "signed_data":
        raise _unproven(text("the signature is none"))
    return info["content"]


def _signer(message: Any) -> Any:
    if len(message["signer_infos"]) != 1:
        raise _unproven(text("it has not exactly one signer"))
    return message["signer_infos"][0]


def _certificates(message: Any) -> list[tuple[Any, Certificate]]:
    """The certificates that it brings, each as both libraries read it."""
    from cryptography.x509 import load_der_x509_certificate

    return [
        (each.chosen, load_der_x509_certificate(each.chosen.dump()))
        for each in message["certificates"]
        if each.name == "certificate"
    ]


def _certificate_of(signer: Any, certificates: list[tuple[Any, Certificate]]) -> Certificate:
    wanted = signer["sid"].chosen
    by_key = signer["sid"].name == "subject_key_identifier"
    for read, certificate in certificates:
        if by_key and read.key_identifier == wanted.native:
            return certificate
        if not by_key and (
            read.serial_number == wanted["serial_number"].native and read.issuer == wanted["issuer"]
        ):
            return certificate
    raise _unproven(text("the signer's certificate is missing"))


def _check_digest(signer: Any, content: bytes) -> None:
    """The content is what was signed."""
    name = signer["digest_algorithm"]["algorithm"].native
    if name not in DIGESTS:
        raise _unproven(text("it is signed with {name}, which can be forged", name=name))
    told = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    if [each.native for each in told.get("content_type", ())] != ["data"]:
        raise _unproven(text("the signature is none of a mail"))
    digests = [each.native for each in told.get("message_digest", ())]
    if digests != [hashlib.new(name, content).digest()]:
        raise _unproven(text("it was altered after it was signed"))


def _check_signature(signer: Any, certificate: Certificate) -> None:
    """The key of the certificate signed the digest."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    signed = _SET_OF + signer["signed_attrs"].dump()[1:]
    given, key = signer["signature"].native, certificate.public_key()
    digest = getattr(hashes, signer["digest_algorithm"]["algorithm"].native.upper())()
    kind = signer["signature_algorithm"].signature_algo
    try:
        if kind == "rsassa_pkcs1v15" and isinstance(key, rsa.RSAPublicKey):
            key.verify(given, signed, padding.PKCS1v15(), digest)
        elif kind == "rsassa_pss" and isinstance(key, rsa.RSAPublicKey):
            key.verify(given, signed, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(given, signed, ec.ECDSA(digest))
        else:
            raise _unproven(text("it is signed in an unknown way: {name}", name=kind))
    except InvalidSignature:
        raise _unproven(text("the signature is not that of its certificate")) from None


def _addresses(
    certificate: Certificate,
    certificates: list[tuple[Any, Certificate]],
    authorities: list[Certificate],
    at: datetime,
) -> tuple[str, ...]:
    """The addresses the certificate was issued for, if a trusted authority issued it."""
    from cryptography import x509
    from cryptography.x509.verification import VerificationError

    _check_usage(certificate)
    others = [each for _, each in certificates if each != certificate]
    try:
        found = _policy(authorities, at).build_client_verifier().verify(certificate, others)
    except VerificationError as error:
        words = text("no trusted authority stands behind it: {error}", error=_said(error))
        raise _unproven(words) from None
    subjects = found.subjects or ()
    return tuple(each.value.lower() for each in subjects if isinstance(each, x509.RFC822Name))


def _policy(authorities: list[Certificate], at: datetime) -> PolicyBuilder:
    """Defaults are those of web servers, whose purpose providers' certificates do not have; the
    authority's list of domains (nameConstraints) is enforced in any case."""
    from cryptography import x509
    from cryptography.x509.verification import (
        Criticality,
        ExtensionPolicy,
        PolicyBuilder,
        Store,
    )

    of_authorities = ExtensionPolicy.permit_all().require_present(
        x509.BasicConstraints, Criticality.AGNOSTIC, None
    )
    return (
        PolicyBuilder()
        .store(Store(authorities))
        .time(at)
        .extension_policies(ee_policy=ExtensionPolicy.permit_all(), ca_policy=of_authorities)
    )


def _check_usage(certificate: Certificate) -> None:
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise _unproven(text("its certificate is not made for signing"))


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _unproven(words: Text) -> NotProvenError:
    return NotProvenError(words)
