"""News that nobody can take: kept for a person, so that it neither stops nor repeats a collection.

The border finds records with wrong fields. What passes it and still cannot be written is found
here: the page is then taken one piece at a time, and only the bad piece is kept aside.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from incasso.contract.channel import IncomingMessage, IncomingNews
from incasso.contract.ledger import Unreadable
from incasso.contract.text import in_a_row, text
from incasso.contract.values import Problem
from incasso.plugins.fields import storable
from incasso.plugins.sieve import HINT, key_of
from incasso.services.hub.broke import is_about_values, line_of
from incasso.store.sending import deliveries, refused_news
from incasso.store.sending.refused_news import RefusedNews

CODE: Final = "news"

_RAW: Final = 2000


def is_about_the_news(error: Exception) -> bool:
    """Whether an error comes from what the news says, not from the database or the disk."""
    return is_about_values(error) or isinstance(error, ValueError | TypeError | ArithmeticError)


def untaken(update: IncomingNews, error: Exception) -> Unreadable:
    """A piece of news that could not be written down, as the border would report it."""
    problem = Problem(
        code=CODE,
        message=text("it cannot be taken: {error}", error=storable(line_of(error))),
        hint=HINT,
    )
    # Not the proof itself: that may be megabytes.
    if isinstance(update, IncomingMessage):  # nothing of what a person wrote
        raw = f"update_id={update.update_id!r}; sender={update.sender!r}; at={update.at!r}"
    else:
        raw = f"ref={update.ref!r}; update_id={update.update_id!r}; state={update.state!r}; "
        raw += f"at={update.at!r}; note={update.note!r}"
    return Unreadable(external_id=key_of(update), problems=(problem,), raw=storable(raw[:_RAW]))


def keep(
    connection: Connection, channel: str, item: Unreadable, *, on: date, now: datetime
) -> bool:
    """Keep one piece for a person; False if it waits already."""
    first = item.problems[0]
    delivery = deliveries.meant_by(connection, channel, item.external_id)
    news = RefusedNews(
        channel=channel,
        ref=item.external_id,
        delivery=delivery.id if delivery else "",
        source=delivery.source if delivery else "",
        client=delivery.client if delivery else "",
        field=first.field,
        problem=in_a_row(problem.message for problem in item.problems),
        hint=first.hint,
        raw=item.raw,
    )
    return refused_news.keep(connection, news, on=on, now=now)
