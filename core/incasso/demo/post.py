"""The demo's postal service: letters are priced and confirmed there, and travel for days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from incasso.demo.world import Tables, column, fate, secret_file
from incasso.testing.postal import PostalFate, PostalService

_FATES: Final = (
    (0.08, PostalFate.UNCLAIMED),
    (0.12, PostalFate.UNTRACEABLE),
    (0.16, PostalFate.REFUSED),
    (0.30, PostalFate.COLLECTED),
)
"""What becomes of letters below such a number; the others are delivered."""


class Post:
    """A postal service on this machine; every morning its letters are a step further."""

    def __init__(self, folder: Path, seed: int, now: Callable[[], datetime]) -> None:
        self._folder, self._seed = folder, seed
        self._service = PostalService(now=now)

    def __enter__(self) -> Post:
        self._service.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._service.__exit__()
        (self._folder / "post-token").unlink(missing_ok=True)

    def tables(self) -> Tables:
        """The channel of letters and registered letters."""
        return {
            "print_room": {
                "plugin": "postal",
                "media": ["letter", "registered"],
                "allow_private_addresses": True,
                "url": self._service.url,
                "token": secret_file(self._folder, "post-token", self._service.token),
                "sender_name": "ACME Forniture Industriali S.r.l.",
                "sender_address": "Via dell'Artigianato 21",
                "sender_zip": "10148",
                "sender_city": "Torino",
                "sender_province": "TO",
                "sender_email": "crediti@acme.example",
            }
        }

    def morning(self) -> None:
        """Letters travel; new clients have a fate of their own."""
        self._service.advance()
        for name in sorted(column(self._folder, "name")):
            number = fate(self._seed, name)
            for below, what in _FATES:
                if number < below:
                    self._service.fate(name, what)
                    break
