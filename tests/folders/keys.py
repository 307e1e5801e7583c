"""OpenPGP keys of an office and of an agency, made once for all tests of a process."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gnupg

from incasso.api import OpenPgp, Secret


@dataclass(frozen=True)
class Party:
    """A key pair."""

    fingerprint: str
    private: str
    public: str


@functools.cache
def party(name: str, passphrase: str = "", expires: str = "0", *, encrypts: bool = True) -> Party:
    """A key pair of elliptic curves, which is made at once."""
    home = tempfile.mkdtemp(prefix="keys-")
    Path(home, "gpg-agent.conf").write_text("s2k-count 65536\n")
    try:
        gpg = gnupg.GPG(gnupghome=home)
        made = gpg.gen_key(
            "Key-Type: eddsa\nKey-Curve: ed25519\n"
            + ("Subkey-Type: ecdh\nSubkey-Curve: cv25519\n" if encrypts else "")
            + f"Name-Real: {name}\nName-Email: {name}@example.it\nExpire-Date: {expires}\n"
            + (f"Passphrase: {passphrase}\n" if passphrase else "%no-protection\n")
            + "%commit\n"
        )
        private = gpg.export_keys(
            made.fingerprint, True, passphrase=passphrase or "x", expect_passphrase=True
        )
        assert private
        return Party(made.fingerprint, private, gpg.export_keys(made.fingerprint))
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)


def keys_of(folder: Path, ours: Party, theirs: Party, **changes: Any) -> OpenPgp:
    """The settings of one side."""
    file = folder / f"{theirs.fingerprint}.asc"
    file.write_text(theirs.public)
    given: dict[str, Any] = {
        "own_key": Secret(ours.private),
        "own": ours.fingerprint,
        "partner_key": file,
        "partner": theirs.fingerprint,
    }
    return OpenPgp(**(given | changes))
