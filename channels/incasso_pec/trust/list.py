"""The trust list: the authorities that may issue certificates to providers, with its date.

It is shipped with the hub and never fetched: an office replaces it by a file of its own. The file
is read anew when it has changed, so that no restart is needed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from incasso.api import ConfigurationError, Problem, Text, text

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

OLD: Final = timedelta(days=180)
"""After this time the office is told to look for a newer list."""
SOON: Final = timedelta(days=60)
"""So long before an authority's certificate ends the office is told."""

_SHIPPED: Final = "authorities.toml"


@dataclass(frozen=True, kw_only=True)
class Authority:
    """One authority."""

    name: str
    certificate: Certificate
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class TrustList:
    """The authorities, as of a day."""

    as_of: date
    authorities: tuple[Authority, ...]
    digest: str
    """Of the file: receipts that were not proven are looked at again with another list."""

    @property
    def certificates(self) -> list[Certificate]:
        """Where every chain must end."""
        return [each.certificate for each in self.authorities]

    def warnings(self, now: datetime) -> Iterator[Problem]:
        """What an office should know before receipts stop being proofs."""
        if now.date() - self.as_of > OLD:
            yield Problem(
                code="old_trust_list",
                field="trust_file",
                message=text("the list of trusted authorities is of {day}", day=self.as_of),
                hint=text("update Incasso, or name a newer list as trust_file"),
            )
        for each in self.authorities:
            ends = each.certificate.not_valid_after_utc
            if ends - now < SOON:
                yield Problem(
                    code="authority_ends",
                    field="trust_file",
                    message=text(
                        "the certificate of {name} ends on {day}: later receipts prove nothing",
                        name=each.name,
                        day=ends.date(),
                    ),
                    hint=text("update Incasso, or name a newer list as trust_file"),
                )


def trust_list(path: Path | None) -> TrustList:
    """The office's list, else the shipped one. Raises ConfigurationError saying what is wrong."""
    try:
        content = path.read_bytes() if path else files(__package__).joinpath(_SHIPPED).read_bytes()
    except OSError as error:
        raise _wrong(
            text("{file} cannot be read: {error}", file=str(path), error=str(error))
        ) from (None)
    return _read(content, path.name if path else _SHIPPED)


@lru_cache(maxsize=8)
def _read(content: bytes, name: str) -> TrustList:
    try:
        told = tomllib.loads(content.decode("utf-8"))
        as_of = told["as_of"]
        authorities = tuple(map(_authority, told["authority"]))
        if not authorities or type(as_of) is not date:
            raise ValueError("as_of, [[authority]]")
    except KeyError as error:
        raise _wrong(text("{file} lacks {key}", file=name, key=str(error))) from None
    except (ValueError, TypeError) as error:
        words = text("{file} is no trust list: {error}", file=name, error=str(error)[:200])
        raise _wrong(words) from None
    return TrustList(as_of=as_of, authorities=authorities, digest=sha256(content).hexdigest())


def _authority(told: dict[str, Any]) -> Authority:
    """One entry; the fingerprint beside a certificate is compared if it is given."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_pem_x509_certificate

    certificate = load_pem_x509_certificate(told["certificate"].encode("ascii"))
    given = str(told.get("sha256", "")).replace(":", "").lower()
    if given and given != certificate.fingerprint(SHA256()).hex():
        raise ValueError(f"sha256 of {told['name']}")
    return Authority(
        name=str(told["name"]), certificate=certificate, source=str(told.get("source", ""))
    )


def _wrong(words: Text) -> ConfigurationError:
    cure = text("write it like the shipped one, see docs/howto/pec.md")
    return ConfigurationError(
        (Problem(code="configuration", field="trust_file", message=words, hint=cure),)
    )
