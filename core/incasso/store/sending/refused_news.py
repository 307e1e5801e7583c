"""News that could not be taken: each kept once, however often its channel repeats it."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256

import msgspec
from sqlalchemy import Connection

from incasso.store.tables.sending import refused_news
from incasso.store.upserting import insert_into


class RefusedNews(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of news and what is wrong with it; empty texts: not known."""

    channel: str
    ref: str = ""
    delivery: str = ""
    source: str = ""
    client: str = ""
    field: str = ""
    problem: str
    hint: str = ""
    raw: str = ""

    def digest(self) -> str:
        """The same news with the same problem has the same one."""
        said = "\0".join((self.channel, self.ref, str(self.problem), self.raw))
        return sha256(said.encode("utf-8", "replace")).hexdigest()


def keep(connection: Connection, news: RefusedNews, *, on: date, now: datetime) -> bool:
    """Write it down; False if it is there already."""
    row = {**msgspec.structs.asdict(news), "digest": news.digest(), "on_date": on, "at": now}
    new = insert_into(connection, refused_news).on_conflict_do_nothing()
    returning = new.returning(refused_news.c.id)
    return connection.execute(returning, row).one_or_none() is not None
