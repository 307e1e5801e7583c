"""What the tests of certified mail share: a message, its receipts, a reader that trusts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from incasso.testing.pec import Kind, PecAuthority, PecSigner, Taken, receipt
from incasso_pec.receipts.reading import Reading, read_receipt
from incasso_pec.trust.list import Authority, TrustList

MAILBOX: Final = "crediti@pec.acme.example"
TO: Final = "anna.bianchi@pec.debtor.example"
REF: Final = "<hub.d-0001@pec.acme.example>"
AT: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

MESSAGE: Final = (
    f"X-TipoRicevuta: completa\r\nFrom: Crediti <{MAILBOX}>\r\nTo: {TO}\r\n"
    f"Subject: Diffida\r\nMessage-ID: {REF}\r\n\r\nParole.\r\n"
).encode()


@lru_cache(maxsize=1)
def authority() -> PecAuthority:
    """The authority that the tests trust."""
    return PecAuthority()


@lru_cache(maxsize=1)
def signer() -> PecSigner:
    """A provider it has issued a certificate to."""
    return authority().signer()


def trusting(*authorities: PecAuthority, digest: str = "a" * 64) -> TrustList:
    """A list of these authorities."""
    return TrustList(
        as_of=date(2026, 1, 1),
        authorities=tuple(Authority(name=a.name, certificate=a.certificate) for a in authorities),
        digest=digest,
    )


def taken(**changes: Any) -> Taken:
    """Our message, as the provider took it."""
    given: dict[str, Any] = {
        "sender": MAILBOX,
        "recipients": (TO,),
        "content": MESSAGE,
        "at": AT,
    }
    return Taken(**(given | changes))


def one(kind: Kind = Kind.DELIVERY, **given: Any) -> bytes:
    """A receipt about it, a minute later."""
    about = given.pop("about", None) or taken()
    by = given.pop("by", None) or signer()
    at = given.pop("at", AT + timedelta(minutes=1))
    return receipt(kind, about, by, at=at, **given)


def read(mail: bytes, trust: TrustList | None = None, mailbox: str = MAILBOX) -> Reading:
    """As our mailbox reads it."""
    return read_receipt(mail, AT + timedelta(hours=1), trust or trusting(authority()), mailbox)


def trust_file(folder: Path) -> Path:
    """A file with the authority of the tests."""
    path = folder / "trust.toml"
    path.write_text(authority().trust_list(date(2026, 1, 1)), "utf-8")
    return path
