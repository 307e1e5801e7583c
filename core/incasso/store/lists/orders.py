"""Lists about the order block: who is blocked and why, and what is written into the ERPs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import Asks, Column, Fields, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from incasso.store.lists.paths import Paths


def _write_back(kind: str) -> Callable[[Paths], tuple[FromClause, ColumnElement[bool]]]:
    """The one write-back of that kind that a block can have."""

    def joined(paths: Paths) -> tuple[FromClause, ColumnElement[bool]]:
        from incasso.store.tables.orders import write_backs

        table = write_backs.alias(kind)
        return table, (table.c.block_id == paths.column("id")) & (table.c.kind == kind)

    return joined


def _in_erp(row: Fields, paths: Paths) -> str:
    """The last that is known of it in the ERP."""
    found: str = row["released"] or row["written"] or row["erp_state"] or "no"
    return found


def _by(row: Fields, paths: Paths) -> str:
    """`hub` for what the hub did by its rules."""
    key = "made_by" if "made_by" in row else "by"
    return row[key] or "hub"


def _is_active(paths: Paths, everything: bool) -> ColumnElement[bool] | None:
    return None if everything else paths.column("status") == "active"


BLOCKS = Listing(
    name="blocks",
    help="List the clients whose orders the hub blocks, and why.",
    table="order_blocks",
    order=("id",),
    joins={
        "block_write": _write_back("block_orders"),
        "release_write": _write_back("release_orders"),
    },
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("status", Kind.CODE),
        Column("since", Kind.DAY, "made_on"),
        Column("reason", Kind.PROSE),
        Column("made_by", made=_by),
        Column("step", Kind.NUMBER, "step_id"),
        Column("release", Kind.CODE, "release_when"),
        Column("erp", Kind.CODE, sql=None, made=_in_erp),
        Column("erp_state", Kind.CODE, "erp"),
        Column("erp_blocked", Kind.FLAG, "client.blocked"),
        Column("released_on", Kind.DAY),
        Column("released_by"),
        Column("release_reason", Kind.PROSE),
        Column("written", sql="block_write.status", hidden=True),
        Column("released", sql="release_write.status", hidden=True),
    ),
    shown="source client client_name since made_by reason erp",
    filters=(
        *whose("source client agent area depot"),
        Filter(
            "released",
            Asks.SWITCH,
            help="Also those that are over.",
            where=_is_active,
            option="--all",
            adds="released_on released_by release_reason",
        ),
        *days("made_on", "made_from", "made_to"),
    ),
)
"""In the order in which they were made."""


def _statuses() -> Iterable[str]:
    from incasso.domain.orders.write_back import WriteBackStatus

    return WriteBackStatus


WRITES = Listing(
    name="writes",
    help="List what is to be written into the ERPs, and what became of it.",
    table="write_backs",
    order=("block_id", "kind"),
    columns=(
        Column("id"),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("block", Kind.NUMBER, "block_id"),
        Column("kind", Kind.CODE),
        Column("status", Kind.CODE),
        Column("attempts", Kind.NUMBER),
        Column("next_attempt_at", Kind.INSTANT),
        Column("done_at", Kind.INSTANT),
        Column("before", Kind.DATA),
        Column("ref"),
        Column("reason", Kind.PROSE),
        Column("by", sql="made_by", made=_by),
        Column("by_hand", Kind.FLAG),
    ),
    shown="id source client client_name kind status attempts reason",
    filters=(
        *whose("source client"),
        Filter(
            "status", Asks.ONE_OF, help="Only in this status; may be repeated.", known=_statuses
        ),
    ),
)
"""Oldest block first."""
