"""Lists of what leaves: deliveries, and the texts that messages are written with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from incasso.store.lists.filters import days, found_by, whose
from incasso.store.lists.listing import Asks, Belongs, Column, Fields, Filter, Kind, Listing, Order

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _statuses() -> Iterable[str]:
    from incasso.domain.sending.delivery import DeliveryStatus

    return DeliveryStatus


def _is_in(paths: Paths, statuses: Sequence[str]) -> ColumnElement[bool]:
    """Messages that did not simply arrive are few, and an index has them."""
    from incasso.domain.sending.delivery import DeliveryStatus

    arrived = {DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED}
    paths.finds = paths.finds or arrived.isdisjoint(statuses)
    return paths.column("status").in_(statuses)


def media() -> Iterable[str]:
    """What messages travel by."""
    from incasso.contract.media import Medium

    return Medium


DELIVERIES = Listing(
    name="deliveries",
    help="List deliveries: every message, how it left and what became of it.",
    table="deliveries",
    order=("on_date", "id"),
    # The index of what clients heard has a day's messages by client.
    orders=(Order(name="day", by=("on_date", "client_id", "id")),),
    columns=(
        Column("id"),
        Column("step", Kind.NUMBER, "step_id"),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("medium", Kind.CODE),
        Column("channel"),
        Column("to", Kind.PROSE),
        Column("status", Kind.CODE),
        Column("attempts", Kind.NUMBER),
        Column("accepted_at", Kind.INSTANT),
        Column("final_at", Kind.INSTANT),
        Column("cost", Kind.AMOUNT, currency="cost_currency"),
        Column("tracking"),
        Column("sha256"),
        Column("on", Kind.DAY, "on_date"),
        Column("reason", Kind.PROSE),
        Column("enclosed", Kind.DATA),
        Column("cost_currency", hidden=True),
    ),
    shown="id on client medium channel to status",
    filters=(
        *whose("source client operator", operator="step.operator.login"),
        Filter(
            "status",
            Asks.ONE_OF,
            help="Only in this status; may be repeated.",
            where=_is_in,
            known=_statuses,
        ),
        Filter("medium", Asks.TEXT, help="Only through this medium.", known=media),
        Filter("channel", Asks.TEXT, help="Only through this channel."),
        Filter("step", Asks.NUMBER, help="Only of this step.", where=found_by("step_id")),
        *days("on_date", "sent_from", "sent_to"),
    ),
)
"""By business date."""


def _states() -> Iterable[str]:
    from incasso.contract.channel import DeliveryState

    return DeliveryState


def _waits(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    import sqlalchemy as sa

    if not wanted:
        return None
    paths.finds = True
    return paths.column("standing") == sa.literal_column("'waiting'")


DELIVERY_NEWS = Listing(
    name="delivery-news",
    help="List what came back about messages: bounces, warnings, receipts, and how far each is "
    "believed.",
    table="delivery_events",
    source="delivery.source",
    client="delivery.client",
    order=("at", "id"),
    columns=(
        Column("delivery", sql="delivery_id"),
        Column("source", sql="delivery.source.name"),
        Column("client", sql="delivery.client.code"),
        Column("at", Kind.INSTANT),
        Column("state", Kind.CODE),
        Column("trust", Kind.CODE),
        Column("standing", Kind.CODE),
        Column("note", Kind.PROSE),
        Column("to", Kind.PROSE, "delivery.to"),
        Column("status", Kind.CODE, "delivery.status"),
        Column("evidence_sha256"),
        Column("client_name", Kind.PROSE, "delivery.client.name"),
    ),
    shown="at delivery client client_name to state trust standing note",
    filters=(
        *whose("source client operator", operator="delivery.step.operator.login"),
        Filter("waiting", Asks.SWITCH, help="Only what a person must judge.", where=_waits),
        Filter("state", Asks.ONE_OF, help="Only saying this; may be repeated.", known=_states),
        Filter(
            "delivery", Asks.TEXT, help="Only about this delivery.", where=found_by("delivery_id")
        ),
    ),
)
"""Oldest first. `incasso act judge` answers what waits."""


def _subject(row: Fields, paths: Paths) -> str:
    subject: str = row["subject"].get("subject", "")
    return subject


def _in_use(paths: Paths) -> ColumnElement[bool]:
    return paths.column("status") == "published"


TEXTS = Listing(
    name="templates",
    help="List the texts in use.",
    table="templates",
    belongs=Belongs.OFFICE,
    order=("key", "language"),
    only=_in_use,
    columns=(
        Column("key"),
        Column("language"),
        Column("version", Kind.NUMBER),
        Column("made_by"),
        Column("subject", Kind.PROSE, "parts", made=_subject),
    ),
    shown="key language version made_by subject",
)


REFUSED_NEWS = Listing(
    name="refused-news",
    help="List news about messages that could not be taken: what is wrong, and the cure.",
    table="refused_news",
    belongs=Belongs.EVENT,
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("at", Kind.INSTANT),
        Column("on", Kind.DAY, "on_date"),
        Column("channel"),
        Column("delivery"),
        Column("source"),
        Column("client"),
        Column("ref"),
        Column("field"),
        Column("problem", Kind.PROSE),
        Column("hint", Kind.PROSE),
        Column("raw", Kind.PROSE),
    ),
    shown="id on channel delivery field problem hint",
    filters=(
        Filter("source", Asks.TEXT, help="Only this company."),
        Filter("channel", Asks.TEXT, help="Only of this channel."),
        Filter("delivery", Asks.TEXT, help="Only about this delivery."),
    ),
)
"""Oldest first."""
