"""What messages cost: sums of those that left, by channel, company, iter, stage, client or medium.

A message counts for the day it left or was about to, as for its channel's budget. Currencies are
rows of their own and never summed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from incasso.store.lists.listing import Column, Kind, Listing
from incasso.store.lists.sending import DELIVERIES

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _left(paths: Paths) -> ColumnElement[bool]:
    """What left, and what may have."""
    import sqlalchemy as sa

    from incasso.domain.sending.delivery import DeliveryStatus

    doubtful = (DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN)
    return sa.or_(paths.column("accepted_at").is_not(None), paths.column("status").in_(doubtful))


LEFT: Final = Listing(
    name="left",
    help="",
    table="deliveries",
    order=("on_date", "id"),
    only=_left,
    columns=(
        Column("channel"),
        Column("source", sql="source.name"),
        Column("iter", sql="step.iter_version.iter.key"),
        Column("stage", sql="step.stage"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("medium", Kind.CODE),
        Column("currency", sql="cost_currency"),
        Column("cost", Kind.AMOUNT, currency="cost_currency"),
        Column("cost_currency", hidden=True),
    ),
    shown="channel cost",
    filters=DELIVERIES.filters,
)


def _messages(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.count()


def _unpriced(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.count() - sa.func.count(paths.column("cost"))


def _cost(paths: Paths) -> ColumnElement[int]:
    import sqlalchemy as sa

    return sa.func.coalesce(sa.func.sum(paths.column("cost")), 0)


def _by(*keys: str) -> Listing:
    return Listing(
        name=f"costs by {keys[-1]}",
        help="Sum what messages cost this month: by channel, company, iter, stage, client, medium.",
        over=LEFT,
        grouped=(*keys, "currency"),
        order=(*keys, "currency"),
        columns=(
            *(replace(LEFT.column(key), sql="") for key in keys),
            Column("currency"),
            Column("messages", Kind.NUMBER, _messages),
            Column("without_price", Kind.NUMBER, _unpriced),
            Column("cost", Kind.AMOUNT, _cost, currency="currency"),
        ),
        shown=" ".join((*keys, "messages", "without_price", "cost", "currency")),
        filters=LEFT.filters,
    )


COSTS_BY: Final = {
    "channel": _by("channel"),
    "company": _by("source"),
    "iter": _by("iter"),
    "stage": _by("iter", "stage"),
    "client": _by("source", "client", "client_name"),
    "medium": _by("medium"),
}
