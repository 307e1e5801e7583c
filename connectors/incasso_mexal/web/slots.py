"""What all instances of one WebAPI user share: its few slots, and that it was refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Condition, Lock
from typing import Final

from incasso.api import AuthenticationError, TemporaryError, text
from incasso_mexal.web.login import authorization
from incasso_mexal.web.settings import MexalSettings

AGAIN_AFTER: Final = timedelta(seconds=60)
"""One check of all sources must not try the same refused credentials once for each of them."""


class UserSlots:
    """The gate of one WebAPI user: limits parallel calls, refuses known bad credentials."""

    def __init__(self) -> None:
        self._condition = Condition(Lock())
        self._inside = 0
        self._refused: dict[bytes, tuple[datetime, str, str]] = {}

    @contextmanager
    def slot(self, slots: int, patience_s: float) -> Iterator[None]:
        """Wait for a slot and hold it. Raises TemporaryError if none is free in time."""
        with self._condition:
            if not self._condition.wait_for(lambda: self._inside < slots, patience_s):
                raise TemporaryError(
                    text(
                        "every slot of this WebAPI user is taken by another reading of the hub; "
                        "the next run goes on"
                    ),
                    retry_after=timedelta(minutes=1),
                )
            self._inside += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside -= 1
                self._condition.notify()

    def refuse_if_refused(
        self, settings: MexalSettings, instance: str, now: datetime, *, trying: bool
    ) -> None:
        """Raise AuthenticationError if these credentials were refused before.

        `trying` is a check that a person asked for: the instance that was refused may ask again,
        others with the same credentials only after a minute.
        """
        known = self._refused.get(_print(settings))
        if known is None:
            return
        since, why, whose = known
        if trying and (whose == instance or now - since >= AGAIN_AFTER):
            return
        raise AuthenticationError(
            text("{why} (not asked again: repeated bad logins lock the user)", why=why)
        )

    def note_refused(self, settings: MexalSettings, instance: str, now: datetime, why: str) -> None:
        """Remember that Mexal refused these credentials."""
        self._refused[_print(settings)] = (now, why, instance)

    def note_accepted(self, settings: MexalSettings) -> None:
        """Records that Mexal accepted these credentials."""
        self._refused.pop(_print(settings), None)


def _print(settings: MexalSettings) -> bytes:
    return sha256(authorization(settings).encode()).digest()


_slots: dict[tuple[str, str, str], UserSlots] = {}
_lock = Lock()


def slots_of(settings: MexalSettings) -> UserSlots:
    """The gate of a WebAPI user; two sources that use the same user share one."""
    key = (settings.base_url.rstrip("/").lower(), settings.user, settings.domain.upper())
    with _lock:
        return _slots.setdefault(key, UserSlots())
