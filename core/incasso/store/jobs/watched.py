"""Who waits in a mailbox: one process of all, and when it dies another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from incasso.store.engine import Store

_CLASS: Final = 0x1CA551
"""First half of these advisory locks."""


@contextmanager
def only_watcher(store: Store, mailbox: str) -> Iterator[Callable[[], bool] | None]:
    """Be the only one in a mailbox: a question whether we still are. None: another process is.

    On SQLite one process works, so it always is. On PostgreSQL a session of its own holds the lock;
    when the server drops it, the lock is somebody else's.
    """
    if store.is_sqlite:
        yield lambda: True
        return
    number = int.from_bytes(sha256(mailbox.encode()).digest()[:4], "big", signed=True)
    with store.engine.connect() as connection:
        got = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_CLASS, number)))
        connection.commit()
        if not got:
            yield None
            return

        def still() -> bool:
            try:
                connection.execute(sa.select(1))
                connection.commit()
            except sa.exc.DBAPIError:
                return False
            return True

        try:
            yield still
        finally:
            # Said first, because a server notices a closed session only some moments later.
            with suppress(sa.exc.SQLAlchemyError):
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_CLASS, number)))
                connection.commit()
            connection.invalidate()
