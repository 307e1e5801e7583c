"""An exchange folder outside a hub, for tests of a plugin's own code."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from incasso.contract.folder_login import FolderLogin
from incasso.contract.folders import ExchangeFolder
from incasso.plugins.folders.door import FolderDoor, Office
from incasso.plugins.mail.door import MailDoor
from incasso.plugins.state import MemoryRows


@dataclass
class _Until:
    deadline: float


@contextmanager
def opened(
    login: FolderLogin,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    seconds: float = 60,
) -> Iterator[ExchangeFolder]:
    """The folder of a login, as `ctx.folder(login)` gives it to a hook; private addresses are
    allowed. `now` decides what is settled and whose reader took too long."""
    office = Office(
        instance="test",
        rows=MemoryRows(),
        log=logging.getLogger("incasso.test"),
        now=now,
        language="en",
        allow_private=True,
    )
    folders, mail = FolderDoor(office), MailDoor()
    until = _Until(time.monotonic() + seconds)
    try:
        yield folders.until(until, mail.until(until))(login)
    finally:
        folders.close()
        mail.close()
