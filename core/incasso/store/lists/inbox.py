"""The list of what people wrote to us."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from incasso.store.lists.filters import days, found_by, whose
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _states() -> Iterable[str]:
    from incasso.domain.sending.replies import ReplyState

    return ReplyState


def _kinds() -> Iterable[str]:
    from incasso.domain.sending.replies import ReplyKind

    return ReplyKind


def _waits(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    """In the words of the partial index, which is small however many there are."""
    import sqlalchemy as sa

    if not wanted:
        return None
    paths.finds = True
    return paths.column("state").in_(
        [sa.literal_column("'new'"), sa.literal_column("'handed_over'")]
    )


def _is_nobodys(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    return paths.column("client_id").is_(None) if wanted else None


INBOX = Listing(
    name="inbox",
    help="List what people wrote to us: answers to messages, out of office, who has to answer.",
    table="replies",
    order=("at", "id"),
    hidden_from=("sales",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("at", Kind.INSTANT),
        Column("on", Kind.DAY, "on_date"),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("state", Kind.CODE, words="reply_state"),
        Column("kind", Kind.CODE, words="reply_kind"),
        Column("assigned", sql="assigned.login"),
        Column("sender", Kind.PROSE),
        Column("sender_name", Kind.PROSE),
        Column("subject", Kind.PROSE, words="mail_subject"),
        Column("preview", Kind.PROSE),
        Column("channel"),
        Column("step", Kind.NUMBER, "step_id"),
        Column("delivery", sql="delivery_id"),
        Column("state_on", Kind.DAY),
        Column("state_by"),
        Column("sha256"),
    ),
    shown="id at client client_name sender subject preview state kind assigned",
    filters=(
        *whose("source client operator"),
        Filter("waiting", Asks.SWITCH, help="Only what waits for an answer.", where=_waits),
        Filter("state", Asks.ONE_OF, help="Only in this state; may be repeated.", known=_states),
        Filter("kind", Asks.ONE_OF, help="Only of this kind; may be repeated.", known=_kinds),
        Filter(
            "assigned",
            Asks.TEXT,
            help="Only what was handed over to this person.",
            sql="assigned.login",
            metavar="LOGIN",
            among="users.login",
        ),
        Filter("unknown", Asks.SWITCH, help="Only those of no known client.", where=_is_nobodys),
        Filter("step", Asks.NUMBER, help="Only answers to this step.", where=found_by("step_id")),
        *days("on_date"),
    ),
)
"""Oldest first. `incasso act reply-answered` and its kin say what became of one."""
