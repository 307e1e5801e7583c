"""Lists of how clients may be reached: contacts by role, what they allowed and refused."""

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
        Filter("kind", Asks.ONE_OF, help="Only of this kind; may be repeated.", known=_kinds),
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


def _in_force(paths: Paths, everything: bool) -> ColumnElement[bool] | None:
    return None if everything else paths.column("ended_on").is_(None)


def _differs(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    """Where both say something, and not the same."""
    import sqlalchemy as sa

    if not wanted:
        return None
    both = ((paths.column(name), paths.column(f"client.{name}")) for name in _COMPARED)
    return sa.or_(*(sa.and_(here != "", there != "", here != there) for here, there in both))


_COMPARED = ("email", "pec", "phone", "mobile", "fax", "address", "city")

CLIENT_CONTACTS = Listing(
    name="client-contacts",
    help="List the contacts of clients that are kept here by role, beside what the ERP says.",
    table="client_contacts",
    order=("made_on", "id"),
    columns=(
        Column("id", Kind.NUMBER),
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("contact", sql="role"),
        Column("person", Kind.PROSE),
        Column("language"),
        Column("email", Kind.PROSE),
        Column("pec", Kind.PROSE),
        Column("phone"),
        Column("mobile"),
        Column("fax"),
        Column("address", Kind.PROSE),
        Column("zip"),
        Column("city", Kind.PROSE),
        Column("province"),
        Column("country"),
        Column("erp_email", Kind.PROSE, "client.email"),
        Column("erp_pec", Kind.PROSE, "client.pec"),
        Column("erp_mobile", sql="client.mobile"),
        Column("reason", Kind.PROSE),
        Column("origin", Kind.PROSE),
        Column("made_by"),
        Column("made_on", Kind.DAY),
        Column("ended_on", Kind.DAY),
        Column("ended_by"),
        Column("client_name", Kind.PROSE, "client.name"),
    ),
    shown="made_on source client client_name contact person email pec mobile city origin made_by",
    filters=(
        *whose(),
        Filter("role", Asks.TEXT, help="Only of this role.", metavar="ROLE"),
        Filter("differs", Asks.SWITCH, help="Only where the ERP says otherwise.", where=_differs),
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
"""Oldest first. `ended_by`: `replaced`, or who took it away."""


def _bad(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    import sqlalchemy as sa

    if not wanted:
        return None
    paths.finds = True
    return paths.column("state") != sa.literal_column("'good'")


def _address_states() -> Iterable[str]:
    from incasso.domain.sending.address_state import AddressState

    return AddressState


ADDRESSES = Listing(
    name="addresses",
    help="List clients' addresses by what became of messages: delivered, came back, wrong, "
    "refused.",
    table="address_health",
    order=("seen_at", "id"),
    columns=(
        Column("source", sql="source.name"),
        Column("client", sql="client.code"),
        Column("medium", Kind.CODE),
        Column("address", Kind.PROSE),
        Column("state", Kind.CODE, words="address_state"),
        Column("delivered_at", Kind.INSTANT),
        Column("bounced_at", Kind.INSTANT),
        Column("seen_at", Kind.INSTANT),
        Column("reason", Kind.PROSE),
        Column("delivery"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("operator", sql="client.operator.login"),
    ),
    shown="source client client_name medium address state delivered_at bounced_at reason",
    filters=(
        *whose(),
        Filter("bad", Asks.SWITCH, help="Only those where messages do not arrive.", where=_bad),
        Filter(
            "state",
            Asks.ONE_OF,
            help="Only in this status; may be repeated.",
            known=_address_states,
        ),
        Filter("medium", Asks.TEXT, help="Only through this medium."),
        Filter("address", Asks.TEXT, help="Only this address."),
    ),
)
"""Oldest news first."""
