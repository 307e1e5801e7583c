"""Lists of contacts: who was spoken with, who is to be called back, which addresses are wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from incasso.store.lists.filters import days, whose
from incasso.store.lists.listing import Asks, Column, Filter, Kind, Listing, Order
from incasso.store.lists.sending import media

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _kinds() -> Iterable[str]:
    from incasso.domain.recovery.contacts import ContactKind

    return ContactKind


_CLIENT = (
    Column("source", sql="client.source.name"),
    Column("client", sql="client.code"),
)
_CONTACT = (
    Column("id", Kind.NUMBER),
    *_CLIENT,
    Column("installment", sql="installment.key"),
    Column("step", Kind.NUMBER, "step_id"),
    Column("on", Kind.DAY, "on_date"),
    Column("at", Kind.INSTANT),
    Column("kind", Kind.CODE, "medium", words="contact_kind"),
    Column("reached", Kind.FLAG, "effective"),
    Column("by", sql="who"),
    Column("who", Kind.PROSE, "spoken_with"),
    Column("number"),
    Column("outcome", Kind.CODE, words="contact_outcome"),
    Column("minutes", Kind.NUMBER),
    Column("note", Kind.PROSE),
    Column("call_back_on", Kind.DAY),
    Column("call_back_time"),
    Column("client_name", Kind.PROSE, "client.name"),
)
_KIND = Filter(
    "kind", Asks.ONE_OF, help="Only of this kind; may be repeated.", sql="medium", known=_kinds
)

_BY = Filter(
    "made_by",
    Asks.TEXT,
    help="Only by this person.",
    sql="who",
    metavar="LOGIN",
    among="users.login",
)

CONTACTS = Listing(
    name="contacts",
    help="List contacts: calls, visits, mails and notes, with what came of them.",
    table="conversations",
    source="client.source",
    order=("on_date", "id"),
    columns=_CONTACT,
    shown="id on client client_name kind reached by who outcome note call_back_on call_back_time",
    filters=(
        *whose(operator="client.operator.login"),
        _KIND,
        Filter(
            "made_by",
            Asks.TEXT,
            help="Only by this person.",
            sql="who",
            metavar="LOGIN",
            among="users.login",
        ),
        Filter("outcome", Asks.TEXT, help="Only with this outcome.", metavar="CODE"),
        Filter("reached", Asks.FLAG, help="The client was spoken with.", sql="effective"),
        *days("on_date"),
    ),
)
"""Oldest first. With a client it reads that client's contacts by index, else all there are."""


def _still_open(paths: Paths) -> ColumnElement[bool]:
    """Nobody spoke with the client since, and no later appointment took its place."""
    import sqlalchemy as sa

    from incasso.domain.recovery.contacts import ContactKind
    from incasso.store.tables.recovery import conversations

    later = conversations.alias("later")
    spoke = later.c.effective & (later.c.medium != ContactKind.NOTE)
    since = sa.exists().where(
        later.c.client_id == paths.column("client_id"),
        later.c.id > paths.column("id"),
        spoke | later.c.call_back_on.is_not(None),
    )
    return sa.and_(paths.column("call_back_on").is_not(None), ~since)


def _is_due(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    return paths.column("call_back_on") <= paths.on if wanted else None


CALLBACKS = Listing(
    name="callbacks",
    help="List who is to be called back, and when.",
    table="conversations",
    source="client.source",
    order=("call_back_on", "call_back_time", "id"),
    orders=(
        Order(
            name="call_back",
            by=("call_back_on", "call_back_time", "id"),
            where="call_back_on IS NOT NULL",
        ),
    ),
    only=_still_open,
    dated=True,
    columns=(
        *_CONTACT,
        Column("phone", sql="client.phone"),
        Column("operator", sql="client.operator.login"),
    ),
    shown="call_back_on call_back_time client client_name phone number who outcome note by",
    filters=(
        *whose(operator="client.operator.login"),
        Filter(
            "made_by",
            Asks.TEXT,
            help="Only by this person.",
            sql="who",
            metavar="LOGIN",
            among="users.login",
        ),
        Filter("due", Asks.SWITCH, help="Only today's, and those that are late.", where=_is_due),
        *days("call_back_on"),
    ),
)
"""By day and hour, in the office's own time. Read along the index of appointments."""

BAD_ADDRESSES = Listing(
    name="bad-addresses",
    help="List addresses that proved wrong and are not used again.",
    table="bad_addresses",
    order=("since", "id"),
    columns=(
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("medium", Kind.CODE),
        Column("address", Kind.PROSE),
        Column("since", Kind.INSTANT),
        Column("reason", Kind.PROSE),
        Column("delivery"),
        Column("evidence_sha256"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("operator", sql="client.operator.login"),
    ),
    shown="since source client client_name medium address reason delivery",
    filters=(
        *whose(),
        Filter("medium", Asks.TEXT, help="Only through this medium.", known=media),
        Filter("address", Asks.TEXT, help="Only this address."),
    ),
)
"""Oldest first, all of them: they are few beside the clients."""


def _in_force(paths: Paths, everything: bool) -> ColumnElement[bool] | None:
    return None if everything else paths.column("ended_on").is_(None)


CORRECTIONS = Listing(
    name="corrections",
    help="List addresses that a person corrected, until the ERP's own change.",
    table="client_corrections",
    source="client.source",
    order=("made_on", "id"),
    columns=(
        Column("id", Kind.NUMBER),
        *_CLIENT,
        Column("field", Kind.CODE, words="client_field"),
        Column("value", Kind.PROSE),
        Column("erp_value", Kind.PROSE),
        Column("origin", Kind.PROSE),
        Column("made_by"),
        Column("made_on", Kind.DAY),
        Column("ended_on", Kind.DAY),
        Column("ended_by"),
        Column("client_name", Kind.PROSE, "client.name"),
    ),
    shown="made_on source client client_name field value erp_value origin made_by",
    filters=(
        *whose("source client agent area depot operator"),
        Filter(
            "everything",
            Asks.SWITCH,
            help="Those that ended too.",
            where=_in_force,
            option="--all",
        ),
        *days("made_on"),
    ),
)
"""Oldest first. `ended_by`: `erp` (it says something else now) or `replaced`."""
