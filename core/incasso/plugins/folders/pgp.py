"""Encryption of exchanged files by OpenPGP, by the program gpg and a key ring of our own.

gpg writes what it has decrypted before it knows whether it is genuine: of a file with one altered
byte it gives the part before. So everything goes to disk first, and nothing is handed on before the
whole is known to be whole, and signed by the other side.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

import gnupg

from incasso.contract.errors import ConfigurationError, RejectedError, TemporaryError
from incasso.contract.folder_login import OpenPgp
from incasso.contract.settings import wrong_key
from incasso.contract.text import Text, text
from incasso.contract.values import Problem
from incasso.plugins.folders import spool

_PREFIX: Final = "incasso-pgp-"
_LOOPBACK: Final = ["--pinentry-mode", "loopback"]
"""A passphrase is given by us: without this gpg asks for it on a screen that nobody sees."""
_AGENT: Final = "s2k-count 65536\n"
"""The agent makes each use of a passphrase slow, seconds on a busy machine, against thieves of the
ring. This one lives for minutes, and who reads it reads the passphrase too."""
_SOON: Final = timedelta(days=30)
_QUITTING_S: Final = 5


class KeyRing:
    """The two keys of one exchange, in a folder that only this user reads and that ends with us.

    It is made anew from the settings: a key that was taken out of them is gone.
    """

    def __init__(self, keys: OpenPgp) -> None:
        """Raises ConfigurationError: no gpg, a key that cannot be read or is another one."""
        self._keys = keys
        _sweep()
        self._home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        (self._home / "gpg-agent.conf").write_text(_AGENT)
        try:
            self._gpg = _program(self._home)
            self._import("own_key", keys.own_key.reveal(), keys.own, secret=True)
            partner = keys.partner_key.read_bytes().decode("latin-1")
            self._import("partner_key", partner, keys.partner, secret=False)
            self._usable()
        except BaseException:
            self.close()
            raise

    ending: Final = ".pgp"

    def sealed(self, content: BinaryIO) -> BinaryIO:
        """Encrypted to the other side and to us, so that we can compare, and signed."""
        with self._written(content) as (source, target):
            done = self._gpg.encrypt_file(
                str(source),
                [_bare(self._keys.partner), _bare(self._keys.own)],
                sign=_bare(self._keys.own),
                always_trust=True,
                passphrase=self._keys.passphrase.reveal() or None,
                armor=False,
                output=str(target),
                extra_args=_LOOPBACK,
            )
            if not done.ok:
                raise _wrong("own_key", text("cannot encrypt: {reason}", reason=_said(done)))
            return _taken(target)

    def opened(self, content: BinaryIO) -> BinaryIO:
        """Decrypted, whole and signed by the other side. Raises RejectedError."""
        return self._opened(content, self._keys.partner, unsigned=self._keys.accept_unsigned)

    def own(self, content: BinaryIO) -> BinaryIO:
        """Decrypted, whole and signed by us. Raises RejectedError."""
        return self._opened(content, self._keys.own, unsigned=False)

    def warnings(self, on: date) -> Iterator[Problem]:
        """Keys that end within a month: after their end nothing is encrypted to them."""
        for key in self._gpg.list_keys():
            below = key.get("subkey_info", {}).values()
            stamps = [key["expires"], *(each["expires"] for each in below)]
            ends = min((int(each) for each in stamps if each), default=0)
            day = datetime.fromtimestamp(ends, UTC).date()
            if ends and day - on <= _SOON:
                yield _ending(key["fingerprint"], day)

    def close(self) -> None:
        """The keys, and the program that held them in memory, are gone."""
        _end(self._home)

    def _opened(self, content: BinaryIO, signer: str, *, unsigned: bool) -> BinaryIO:
        with self._written(content) as (source, target):
            done = self._gpg.decrypt_file(
                str(source),
                always_trust=True,
                passphrase=self._keys.passphrase.reveal() or None,
                output=str(target),
                extra_args=_LOOPBACK,
            )
            if not done.ok:
                words = text("the file cannot be decrypted: {reason}", reason=_said(done))
                raise RejectedError(words, code="encryption")
            _believed(done, _bare(signer), unsigned=unsigned)
            return _taken(target)

    @contextmanager
    def _written(self, content: BinaryIO) -> Iterator[tuple[Path, Path]]:
        """A file with the content, and the name of one for the result; both are gone after."""
        with tempfile.TemporaryDirectory(dir=self._home) as folder:
            source = Path(folder) / "source"
            try:
                with source.open("xb") as file:
                    shutil.copyfileobj(content, file, spool.AT_ONCE)
            except OSError as error:
                words = text("a file cannot be kept on this machine: {reason}", reason=str(error))
                raise TemporaryError(words) from None
            yield source, Path(folder) / "target"

    def _usable(self) -> None:
        """Both keys encrypt: many have a part for signing only, and every key ends."""
        able = {each["fingerprint"] for each in self._gpg.list_keys() if "E" in each["cap"]}
        for key, given in (("own_key", self._keys.own), ("partner_key", self._keys.partner)):
            if _bare(given) not in able:
                words = text("nothing can be encrypted for the key {key}", key=_bare(given))
                cure = text("it has ended or is for signing only: use one with both parts")
                raise _wrong(key, words, cure)

    def _import(self, key: str, given: str, fingerprint: str, *, secret: bool) -> None:
        done = self._gpg.import_keys(
            given, extra_args=_LOOPBACK, passphrase=self._keys.passphrase.reveal() or None
        )
        found = sorted({each for each in done.fingerprints if each})
        if not found or (secret and not done.sec_read):
            raise _wrong(key, text("holds no key that gpg can read"))
        if _bare(fingerprint) not in found:
            wanted = "own" if secret else "partner"
            words = text(
                "is the key {found}, not the one of `{wanted}`", found=found, wanted=wanted
            )
            cure = text("compare the fingerprint by telephone, then write the right one or file")
            raise _wrong(key, words, cure)


def _sweep() -> None:
    """Rings of processes that were killed: a private key must not outlive its hub."""
    if os.name != "posix":
        return
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        process = home.name.removeprefix(_PREFIX).partition("-")[0]
        with suppress(OSError):
            if home.stat().st_uid == os.getuid() and process.isdecimal() and not _lives(process):
                _end(home)


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    return True


def _end(home: Path) -> None:
    """The program that holds the keys in memory ends, then they are gone from the disk."""
    with suppress(OSError, subprocess.SubprocessError):
        quitting = ["gpgconf", "--homedir", str(home), "--kill", "all"]
        subprocess.run(quitting, capture_output=True, timeout=_QUITTING_S, check=False)
    shutil.rmtree(home, ignore_errors=True)


def _program(home: Path) -> Any:
    try:
        program = gnupg.GPG(gnupghome=str(home))
    except OSError:
        words = text("the program gpg is not on this machine")
        raise _wrong("", words, text("install GnuPG 2.2 or newer (apt install gnupg)")) from None
    program.encoding = "utf-8"
    return program


def _believed(done: Any, signer: str, *, unsigned: bool) -> None:
    """Raises RejectedError: `ok` alone says that it was decrypted, not who wrote it."""
    if done.fingerprint is None and not done.problems:
        if unsigned:
            return
        raise RejectedError(text("the file is not signed"), code="signature")
    if not done.valid or done.pubkey_fingerprint != signer:
        words = text(
            "the signature is not theirs: {who} signed it, and {signer} should have",
            who=str(done.pubkey_fingerprint or done.fingerprint or done.key_id),
            signer=signer,
        )
        raise RejectedError(words, code="signature")


def _ending(fingerprint: str, day: date) -> Problem:
    return Problem(
        code="key_expires",
        field="pgp",
        message=text("the key {key} ends on {day}", key=fingerprint, day=day),
        hint=text("make it valid for longer, and exchange the public key again"),
    )


def _taken(target: Path) -> BinaryIO:
    """The result, without its name."""
    with target.open("rb") as file:
        return spool.spooled(file).file


def _said(done: Any) -> str:
    """The last thing gpg said about it."""
    lines = [each for each in str(done.stderr).splitlines() if each.startswith("gpg: ")]
    return (lines[-1].removeprefix("gpg: ") if lines else str(done.status))[:300]


def _bare(fingerprint: str) -> str:
    return fingerprint.replace(" ", "").upper()


def _wrong(key: str, message: Text, hint: Text | str = "") -> ConfigurationError:
    return ConfigurationError([wrong_key(f"pgp.{key}" if key else "pgp", message, hint)])
