"""The demo's service of text messages: some telephones are off, some numbers are nobody's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

from incasso.demo.world import Tables, column, fate, secret_file
from incasso.testing.sms import Fate, sms_service

_FATES: Final = ((0.06, Fate.NOBODY), (0.12, Fate.UNREACHABLE), (0.15, Fate.OPTED_OUT))
"""What becomes of messages below such a number; the others arrive."""


class TextMessages:
    """A service on this machine, which is asked about every message: it has nobody to call."""

    def __init__(self, folder: Path, seed: int, now: Callable[[], datetime]) -> None:
        self._folder, self._seed = folder, seed
        self._stack = ExitStack()
        self._service = self._stack.enter_context(sms_service(now=now))

    def __enter__(self) -> TextMessages:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        for path in self._folder.glob("sms-*"):
            path.unlink()

    def tables(self) -> Tables:
        """The channel of text messages."""
        secrets = {
            key: secret_file(self._folder, f"sms-{key}", secret)
            for key, secret in self._service.secrets.items()
        }
        kept = {"price_per_segment": "0.073", "media": ["sms"], "allow_private_addresses": True}
        return {"sms": {**self._service.table, **secrets, **kept}}

    def morning(self) -> None:
        """What was sent yesterday reaches its telephone, or does not."""
        for _ in range(2):
            self._service.move()
        for number in sorted(column(self._folder, "mobile")):
            chance = fate(self._seed, number)
            ends = next((what for below, what in _FATES if chance < below), Fate.DELIVERED)
            self._service.fate(number.replace(" ", ""), ends)
