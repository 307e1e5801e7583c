"""How files lie in a backup: as they are, or encrypted in the format of age (age-encryption.org).

Whoever has the key can open each file with the ordinary `age` program too: no backup depends on
this program alone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

import msgspec

from incasso.contract.text import text
from incasso.services.backup.errors import BackupError, DamagedError

if TYPE_CHECKING:
    from pyrage import x25519

_CHUNK: Final = 1 << 20


class Source(Protocol):
    """What bytes are read from; empty at the end."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes."""


class Written(msgspec.Struct, frozen=True):
    """What a file holds, before any encryption."""

    sha256: str
    size: int


class Seal:
    """Writes and reads the files of a backup without a key: as they are."""

    suffix = ""

    def name(self, sha256: str) -> str:
        """What a file of that digest is called among the files."""
        return sha256

    def write(self, source: Source, path: Path) -> Written:
        """The whole file under its name, on disk when this returns, or no file of that name."""
        counted = Counted(source)
        temporary = path.with_name(f".{uuid4().hex}")
        try:
            with temporary.open("xb") as file:
                self._encode(counted, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return counted.written()

    @contextmanager
    def opened(self, path: Path) -> Iterator[IO[bytes]]:
        """The content of a file. Raises DamagedError, BackupError for a wrong key."""
        try:
            with path.open("rb") as file:
                yield file
        except FileNotFoundError:
            raise _missing(path) from None

    def _encode(self, source: Source, file: IO[bytes]) -> None:
        shutil.copyfileobj(source, file, _CHUNK)


class AgeSeal(Seal):
    """The same encrypted for one key (X25519), chunk by chunk; a cut or changed file shows."""

    suffix = ".age"

    def __init__(self, key: str) -> None:
        self._identity = identity(key)
        self._secret = hashlib.sha256(f"incasso backup names {key.strip()}".encode()).digest()

    def name(self, sha256: str) -> str:
        """A name that tells nobody without the key which file it is."""
        return hmac.new(self._secret, sha256.encode(), "sha256").hexdigest()

    @contextmanager
    def opened(self, path: Path) -> Iterator[IO[bytes]]:
        """The content, decrypted into a file that has no name and ends with us."""
        import pyrage

        with TemporaryFile() as plain:
            try:
                with path.open("rb") as file:
                    pyrage.decrypt_io(file, plain, [self._identity])
            except FileNotFoundError:
                raise _missing(path) from None
            except pyrage.DecryptError as error:
                raise _undecipherable(path, str(error)) from None
            except OSError as error:
                # pyrage says so of a chunk that was changed; the system's own errors have a number.
                if error.errno is None:
                    raise _undecipherable(path, str(error)) from None
                raise
            plain.seek(0)
            yield plain

    def _encode(self, source: Source, file: IO[bytes]) -> None:
        import pyrage

        pyrage.encrypt_io(source, file, [self._identity.to_public()])


def seal_of(key: str) -> Seal:
    """The seal of a key; without one files lie as they are. Raises BackupError."""
    return AgeSeal(key) if key else Seal()


def identity(key: str) -> x25519.Identity:
    """The key itself; comments of `age-keygen` around it are passed over. Raises BackupError."""
    import pyrage

    lines = [line.strip() for line in key.splitlines()]
    try:
        [line] = [line for line in lines if line and not line.startswith("#")]
        found: x25519.Identity = pyrage.x25519.Identity.from_str(line)
        return found
    except (ValueError, pyrage.IdentityError):
        raise BackupError(
            text(
                "The key of the backup is none: it is a line that begins with AGE-SECRET-KEY-1; "
                "make one with `incasso backup --new-key FILE`"
            )
        ) from None


def new_key() -> str:
    """A new key, as `age-keygen` writes it."""
    import pyrage

    made = pyrage.x25519.Identity.generate()
    return f"# public key: {made.to_public()}\n{made}\n"


class Counted:
    """Reads through, and knows digest and size at the end."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest: Any = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes of the source."""
        chunk = self._source.read(size)
        self._digest.update(chunk)
        self._size += len(chunk)
        return chunk

    def written(self) -> Written:
        """What was read so far."""
        return Written(self._digest.hexdigest(), self._size)


def digest_of(source: Source) -> Written:
    """Read to the end."""
    counted = Counted(source)
    while counted.read(_CHUNK):
        pass
    return counted.written()


def _missing(path: Path) -> DamagedError:
    return DamagedError(
        text("{file} is missing from the backup: use another backup", file=str(path))
    )


def _undecipherable(path: Path, why: str) -> BackupError:
    if "matching keys" in why:
        return BackupError(
            text(
                "The key does not open {file}: give the key that the backup was made with",
                file=str(path),
            )
        )
    return DamagedError(text("{file} is cut or was changed: use another backup", file=str(path)))
