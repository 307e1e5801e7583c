"""Write what a page of ordinary installments comes to, the way that is fastest on each database.

Why, what it must equal and which test holds it: `write_opened_sets`, `write_opened_copy` and
`write_moved`.
"""

from __future__ import annotations

from collections import Counter
from operator import itemgetter

from sqlalchemy import Connection

from incasso.store.recovery import agenda, case_counts
from incasso.store.recovery.opened_page import OpenedPage
from incasso.store.recovery.write_moved import write_moved
from incasso.store.recovery.write_opened_copy import copy_sets
from incasso.store.recovery.write_opened_sets import make_tables, write_sets


def prepare(connection: Connection) -> None:
    """Once for a connection, before its first page."""
    if connection.dialect.name == "sqlite":
        make_tables(connection)


def write_opened(connection: Connection, page: OpenedPage) -> None:
    """Write a page's new steps, cases, members and next looks, in the caller's transaction."""
    if connection.dialect.name == "sqlite":
        write_sets(connection, page)
    else:
        copy_sets(connection, page)
        shown = {number: one for number, (_, one) in page.openings.items()}
        write_moved(connection, page.moved, shown)
    agenda.look_again(connection, page.looks)
    case_counts.add(connection, Counter(map(itemgetter(1), page.cases)))
