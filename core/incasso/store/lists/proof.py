"""The journal as a list, in the order things happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import Asks, Belongs, Column, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _about(paths: Paths, client: str) -> ColumnElement[bool]:
    """The client written as CODE or SOURCE/CODE, as in the other lists."""
    from incasso.store.lists.narrowing import events_of

    return events_of(paths, client)


JOURNAL = Listing(
    name="journal",
    help="List, or export, everything that happened, in order.",
    table="journal",
    belongs=Belongs.EVENT,
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("at", Kind.INSTANT),
        Column("on", Kind.DAY, "on_date"),
        Column("actor"),
        Column("kind"),
        Column("source"),
        Column("client"),
        Column("subject", Kind.PROSE),
        Column("facts", Kind.DATA),
    ),
    shown="id at on actor kind client subject",
    filters=(
        Filter("source", Asks.TEXT, help="Only this company."),
        Filter("client", Asks.TEXT, help="Its code.", where=_about, metavar="CODE"),
        Filter("kind", Asks.TEXT, help="E.g. delivery.accepted."),
        Filter("actor", Asks.TEXT, help="A login or a service."),
        *days("on_date"),
    ),
)
"""By id, which is the order of the hash chain."""

ATTACHMENTS = Listing(
    name="attachments",
    help="List files that people put beside their acts.",
    table="attachments",
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("on", Kind.DAY, "on_date"),
        Column("at", Kind.INSTANT),
        Column("made_by"),
        Column("act"),
        Column("subject", Kind.PROSE),
        Column("name", Kind.PROSE),
        Column("size", Kind.NUMBER),
        Column("sha256"),
        Column("client_name", Kind.PROSE, "client.name"),
    ),
    shown="on source client act subject name size made_by sha256",
    filters=(
        *whose(),
        Filter("act", Asks.TEXT, help="Only beside this act."),
        *days("on_date"),
    ),
)
"""Oldest first; the bytes: `incasso attachment SHA256 --save FILE`."""
