"""Lists of how clients may be reached: what they allowed and refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _stands(paths: Paths, everything: bool) -> ColumnElement[bool] | None:
    import sqlalchemy as sa

    if everything:
        return None
    lasts = sa.or_(paths.column("until").is_(None), paths.column("until") >= paths.on)
    return sa.and_(paths.column("ended_on").is_(None), lasts)


def _kinds() -> Iterable[str]:
    from incasso.domain.sending.consents import ConsentKind

    return ConsentKind


CONSENTS = Listing(
    name="consents",
    help="List by what clients do not want to be contacted, and to what they agreed.",
    table="consents",
    order=("made_on", "id"),
    dated=True,
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("kind", Kind.CODE, words="consent_kind"),
        Column("medium", Kind.CODE),
        Column("address", Kind.PROSE),
        Column("formal", Kind.FLAG),
        Column("since", Kind.DAY),
        Column("until_on", Kind.DAY, "until"),
        Column("reason", Kind.PROSE),
        Column("origin", Kind.PROSE),
        Column("made_by"),
        Column("made_on", Kind.DAY),
        Column("ended_on", Kind.DAY),
        Column("ended_by"),
        Column("client_name", Kind.PROSE, "client.name"),
    ),
    shown="since source client client_name kind medium address until_on reason origin made_by",
    filters=(
        *whose(),
        Filter("kind", Asks.ONE_OF, help="Only refused or given; may be repeated.", known=_kinds),
        Filter("medium", Asks.TEXT, help="Only about this medium."),
        Filter(
            "everything",
            Asks.SWITCH,
            help="Those that are over too.",
            where=_stands,
            option="--all",
        ),
        *days("made_on"),
    ),
)
"""Oldest first. `ended_by`: `consent` (the client agreed again) or `replaced`."""
