"""The hub's own key (Ed25519): whoever has the database and the archive still cannot sign for it.

It lies beside the configuration, readable by its owner alone, or comes by reference.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from incasso.contract.errors import IncassoError
from incasso.contract.text import text
from incasso.store.rights import of_new_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class HubKeyError(IncassoError):
    """The hub's key cannot be used: put back the file that `incasso init` made."""


def signed_by(public: str, content: bytes, signature: str) -> bool:
    """Whether the key whose public half is given signed it; needs no key of one's own."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


class HubKey:
    """The key in a file, or the PEM text that a reference gave."""

    def __init__(self, path: Path, given: str = "") -> None:
        self.path = path
        self._given = given
        self._loaded: Ed25519PrivateKey | None = None

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return bool(self._given) or self.path.exists()

    def create(self) -> bool:
        """Make the file unless there is a key. True if it was made now.

        For its own user, and for the group where the folder is shared (`store.rights`).
        """
        if self.exists:
            return False
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        content = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            descriptor = os.open(self.path, flags, of_new_file(self.path))
        except FileExistsError:  # another `init` at the same time
            return False
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        return True

    def sign(self, content: bytes) -> str:
        """The signature, hexadecimal. Raises HubKeyError."""
        return self._key().sign(content).hex()

    def signed(self, content: bytes, signature: str) -> bool:
        """Whether the signature is this key's over the content. Raises HubKeyError."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._key().public_key().verify(bytes.fromhex(signature), content)
        except (InvalidSignature, ValueError):
            return False
        return True

    def public(self) -> str:
        """The public half, hexadecimal: with it anybody can check, nobody can sign."""
        return self._key().public_key().public_bytes_raw().hex()

    def derived(self, purpose: bytes) -> bytes:
        """A secret of 32 bytes for one purpose, from which nobody finds this key (RFC 5869).

        Raises HubKeyError.
        """
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        own = self._key().private_bytes_raw()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(own)

    def _key(self) -> Ed25519PrivateKey:
        if self._loaded is None:
            self._loaded = self._read()
        return self._loaded

    def _read(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            content = self._given.encode() if self._given else self.path.read_bytes()
            key = load_pem_private_key(content, None)
        except (OSError, ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise HubKeyError(
                text(
                    "The hub's key {file} is missing or is no Ed25519 key: put back the one that "
                    "`incasso init` made; if it is lost, `incasso recover --new-key` makes another",
                    file=str(self.path),
                )
            )
        return key
