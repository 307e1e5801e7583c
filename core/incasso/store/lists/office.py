"""Lists of the office itself: people, programs that may ask, rules of assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from incasso.store.lists.listing import Belongs, Column, Fields, Kind, Listing

if TYPE_CHECKING:
    from incasso.store.lists.paths import Paths

USERS = Listing(
    name="users",
    help="List the people of the office.",
    table="users",
    belongs=Belongs.OFFICE,
    order=("login",),
    columns=(
        Column("login"),
        Column("name", Kind.PROSE),
        Column("email", Kind.PROSE),
        Column("role", Kind.CODE),
        Column("active", Kind.FLAG),
        Column("scope", Kind.DATA),
    ),
    shown="login name email role active",
)

TOKENS = Listing(
    name="tokens",
    help="List the tokens, without their secrets.",
    table="api_tokens",
    belongs=Belongs.OFFICE,
    order=("name",),
    columns=(
        Column("name", Kind.PROSE),
        Column("scopes", Kind.KEYS),
        Column("sources", Kind.KEYS),
        Column("made_by"),
        Column("made_at", Kind.INSTANT),
        Column("last_used_at", Kind.INSTANT),
        Column("revoked_at", Kind.INSTANT),
        Column("expires_at", Kind.INSTANT),
    ),
    shown="name scopes sources made_at last_used_at revoked_at expires_at",
)


def _responsible(row: Fields, paths: Paths) -> str:
    return row["responsible"] or ""


ASSIGNMENT = Listing(
    name="assignment",
    help="List the rules in the order in which they are tried.",
    table="assignment_rules",
    belongs=Belongs.OFFICE,
    order=("priority", "id"),
    columns=(
        Column("priority", Kind.NUMBER),
        Column("label", Kind.PROSE),
        Column("match", Kind.DATA),
        Column("pool", Kind.KEYS),
        Column("responsible", sql="responsible.login", made=_responsible),
    ),
    shown="priority label pool responsible",
)
