"""Which exchange folder: the table `[providers.NAME.folder]` that every provider plugin shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from incasso.contract.errors import ConfigurationError
from incasso.contract.folder_mail import FolderMail
from incasso.contract.settings import Between, Filled, Form, Key, setting, wrong_key
from incasso.contract.text import text
from incasso.contract.values import Problem, Secret

_HOST_KEY: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_FINGERPRINT: Final = r"([0-9A-Fa-f]{4} *){10}"
_FINGERPRINT_EXAMPLE: Final = "0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567"


class FolderPlace(StrEnum):
    """Where the files lie."""

    LOCAL = "local"
    SFTP = "sftp"
    S3 = "s3"
    MAIL = "mail"


@dataclass(frozen=True, kw_only=True)
class SftpServer:
    """How to reach an SFTP server, and by what it is recognised."""

    host: Annotated[str, Filled()] = setting(help="The server, e.g. sftp.alfa.example")
    port: Annotated[int, Between(1, 65_535)] = setting(help="Its port", default=22)
    user: Annotated[str, Filled()] = setting(help="Login")
    host_key: str | tuple[str, ...] = setting(
        help="Fingerprint of the server's key, SHA256:…; a list while it is being replaced"
    )
    password: Secret = setting(help="Password, if no key", default=Secret(""))
    private_key: Secret = setting(
        help="Private key instead of a password: its file as OpenSSH writes it", default=Secret("")
    )
    passphrase: Secret = setting(help="Of the private key, if it has one", default=Secret(""))
    timeout_s: Annotated[int, Between(1, 600)] = setting(
        help="Longest wait for one answer", unit="seconds", default=20
    )

    def __post_init__(self) -> None:
        if problems := tuple(_sftp_problems(self)):
            raise ConfigurationError(problems)

    @property
    def host_keys(self) -> tuple[str, ...]:
        """The fingerprints that are accepted, without the padding some programs write."""
        given = (self.host_key,) if isinstance(self.host_key, str) else self.host_key
        return tuple(each.strip().rstrip("=") for each in given)


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A bucket of Amazon S3 or of a service that speaks the same language."""

    bucket: Annotated[str, Filled()] = setting(help="Name of the bucket")
    region: str = setting(help="Its region, e.g. eu-south-1", default="")
    endpoint: str = setting(help="Address of the service, if not Amazon's", default="")
    access_key: Secret = setting(
        help="Access key; absent: as the machine is set up (environment, profile, role)",
        default=Secret(""),
    )
    secret_key: Secret = setting(help="The secret of the access key", default=Secret(""))
    timeout_s: Annotated[int, Between(1, 600)] = setting(
        help="Longest wait for one answer", unit="seconds", default=20
    )

    def __post_init__(self) -> None:
        if bool(self.access_key.reveal()) != bool(self.secret_key.reveal()):
            missing = "secret_key" if self.access_key.reveal() else "access_key"
            raise ConfigurationError([wrong_key(missing, text("missing: the two go together"))])
        if self.endpoint and not re.match(r"https?://[^/]+", self.endpoint):
            cure = text("write it like {example!r}", example="https://s3.example.it")
            raise ConfigurationError([wrong_key("endpoint", text("is no web address"), cure)])


@dataclass(frozen=True, kw_only=True)
class OpenPgp:
    """Encryption of the files: what leaves is encrypted and signed, what comes is checked."""

    own_key: Secret = setting(
        help="Our private key as text (gpg --export-secret-keys --armor): signs, and decrypts"
    )
    own: Annotated[str, Filled(), Form(_FINGERPRINT, _FINGERPRINT_EXAMPLE)] = setting(
        help="Fingerprint of our key"
    )
    passphrase: Secret = setting(help="Of our private key, if it has one", default=Secret(""))
    partner_key: Path = setting(help="Their public key, the file they gave us")
    partner: Annotated[str, Filled(), Form(_FINGERPRINT, _FINGERPRINT_EXAMPLE)] = setting(
        help="Fingerprint of their key, as they said it by another way"
    )
    accept_unsigned: bool = setting(
        help="Whether files that they encrypted and did not sign are read", default=False
    )

    def __post_init__(self) -> None:
        if not self.partner_key.is_file():
            words = text("{file} is no file", file=str(self.partner_key))
            raise ConfigurationError([wrong_key("partner_key", words)])


@dataclass(frozen=True, kw_only=True)
class FolderLogin:
    """One exchange folder. Raises ConfigurationError with every key that does not fit."""

    place: FolderPlace = setting(help="local, sftp, s3 or mail")
    path: Path | None = setting(
        help="local: the folder, which must exist, e.g. a mounted share", default=None
    )
    outgoing: Annotated[str, Key("out"), Filled()] = setting(
        help="Where our files go, below the folder", default="out"
    )
    incoming: Annotated[str, Key("in"), Filled()] = setting(
        help="Where theirs come, below the folder", default="in"
    )
    sftp: SftpServer | None = setting(help="The server, for place = sftp", default=None)
    s3: Bucket | None = setting(help="The bucket, for place = s3", default=None)
    mail: FolderMail | None = setting(help="The mailboxes, for place = mail", default=None)
    pgp: OpenPgp | None = setting(help="OpenPGP keys, if files are encrypted", default=None)
    settled_s: Annotated[int, Between(0, 86_400)] = setting(
        help="A file that was changed less than this ago may still be growing: it waits",
        unit="seconds",
        default=60,
    )
    take_over_after_m: Annotated[int, Between(5, 10_080)] = setting(
        help="A file whose reader has not finished after this long is read by another",
        unit="minutes",
        default=60,
    )
    keep: bool = setting(
        help="Whether files that were read stay, in `done` below `in`; false: they are deleted",
        default=True,
    )
    probe: bool = setting(
        help="Whether check writes and removes an empty file to see that it may", default=True
    )

    def __post_init__(self) -> None:
        if problems := tuple(_problems(self)):
            raise ConfigurationError(problems)


def _problems(given: FolderLogin) -> Iterator[Problem]:
    tables = {"path": given.path, "sftp": given.sftp, "s3": given.s3, "mail": given.mail}
    wanted = "path" if given.place is FolderPlace.LOCAL else given.place.value
    if tables[wanted] is None:
        yield wrong_key(
            wanted, text("missing: the place is {place}", place=given.place.value), _CURES[wanted]
        )
    for key, table in tables.items():
        if table is not None and key != wanted:
            words = text("is not used: the place is {place}", place=given.place.value)
            yield wrong_key(key, words, text("delete it, or change `place`"))
    yield from _folder_problems(given)


def _folder_problems(given: FolderLogin) -> Iterator[Problem]:
    for key, folder in (("out", given.outgoing), ("in", given.incoming)):
        if ".." in folder.split("/") or "\\" in folder:
            yield wrong_key(key, text("must be a folder's name, with / between folders"))
    if given.outgoing.strip("/") == given.incoming.strip("/"):
        cure = text("the hub would read its own files: name two folders")
        yield wrong_key("in", text("is the same as `out`"), cure)


def _sftp_problems(given: SftpServer) -> Iterator[Problem]:
    if not given.host_keys or not all(map(_HOST_KEY.fullmatch, given.host_keys)):
        cure = text("ask the other side for it; it looks like {example}", example=_KEY_EXAMPLE)
        yield wrong_key("host_key", text("is no fingerprint of a server's key"), cure)
    if bool(given.password.reveal()) == bool(given.private_key.reveal()):
        words = text("give either a password or a private key")
        yield wrong_key("password", words, text('write {{ file = "secrets/name" }}'))
    if given.private_key.reveal() and "PRIVATE KEY-----" not in given.private_key.reveal():
        cure = text("the file without the ending .pub, made by ssh-keygen")
        yield wrong_key("private_key", text("is no private key"), cure)


_KEY_EXAMPLE: Final = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

_CURES: Final = {
    "path": text('write path = "…", a folder that exists'),
    "sftp": text("write [….folder.sftp] with host, user, host_key and password or private_key"),
    "s3": text("write [….folder.s3] with bucket"),
    "mail": text("write [….folder.mail] with to, senders and the two servers"),
}
