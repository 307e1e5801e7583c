"""The demo's provider of certified mail: every receipt is signed, and some boxes are full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from incasso.demo.world import Tables, column, fate, secret_file
from incasso.testing.pec import Fate, PecServer

_FATES = ((0.04, Fate.FULL), (0.08, Fate.UNKNOWN), (0.16, Fate.DELAYED))
"""What becomes of messages below such a number; the others arrive."""


class CertifiedMail:
    """SMTP that takes messages, a mailbox with the receipts by IMAP, on this machine."""

    def __init__(self, folder: Path, seed: int, now: Callable[[], datetime]) -> None:
        self._folder, self._seed = folder, seed
        self._server = PecServer(now=now)

    def __enter__(self) -> CertifiedMail:
        self._server.__enter__()
        trust = self._server.authority.trust_list(date(2026, 1, 1))
        (self._folder / "pec-trust.toml").write_text(trust, "utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()
        for name in ("pec-trust.toml", "pec-password"):
            (self._folder / name).unlink(missing_ok=True)

    def tables(self) -> Tables:
        """The channel of certified mail."""
        mailbox = self._server.mailbox
        return {
            "pec": {
                "plugin": "pec",
                "media": ["pec"],
                "mailbox": "ACME Forniture Industriali <acme@pec.example>",
                "user": mailbox.user,
                "password": secret_file(self._folder, "pec-password", mailbox.password),
                "host": mailbox.host,
                "port": self._server.smtp_port,
                "security": "none",
                "imap_host": mailbox.host,
                "imap_port": mailbox.port,
                "imap_security": "none",
                "trust_file": "pec-trust.toml",
            }
        }

    def morning(self) -> None:
        """New clients have boxes of their own."""
        for address in sorted(column(self._folder, "pec")):
            number = fate(self._seed, address)
            ends = next((what for below, what in _FATES if number < below), Fate.DELIVERED)
            self._server.provider.fate(address, ends)
