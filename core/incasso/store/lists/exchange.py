"""Lists of what providers send: files, what they report, what was refused, and the differences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from incasso.domain.placement.names import placement_name, row_name
from incasso.store.lists.filters import days, found_by, whose
from incasso.store.lists.listing import Asks, Belongs, Column, Fields, Filter, Kind, Listing

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from incasso.store.lists.paths import Paths


def _kinds() -> Iterable[str]:
    from incasso.contract.exchange import UpdateKind

    return UpdateKind


def _standings() -> Iterable[str]:
    from incasso.domain.placement.states import UpdateStanding

    return UpdateStanding


def _placement(row: Fields, paths: Paths) -> str | None:
    return None if row["placement"] is None else placement_name(row["placement"])


def _row(row: Fields, paths: Paths) -> str | None:
    return None if row["row"] is None else row_name(row["row"])


def _to_answer(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    """Questions and complaints that nobody answered."""
    import sqlalchemy as sa

    from incasso.domain.placement.checking import TO_ANSWER

    if not wanted:
        return None
    return sa.and_(paths.column("kind").in_(sorted(TO_ANSWER)), paths.column("answered") == "")


def _waits(paths: Paths, wanted: bool) -> ColumnElement[bool] | None:
    return paths.column("standing") == "waiting" if wanted else None


_PROVIDER: Final = "Only of this provider."

ARRIVALS = Listing(
    name="arrivals",
    help="List the files that providers sent, and what became of their rows.",
    table="exchange_arrivals",
    belongs=Belongs.OFFICE,
    hidden_from=("sales", "agent", "depot", "provider", "lawyer"),
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("provider"),
        Column("file", sql="name"),
        Column("at", Kind.INSTANT),
        Column("on", Kind.DAY, "on_date"),
        Column("sequence", Kind.NUMBER),
        Column("lot"),
        Column("state", Kind.CODE, words="arrival_state"),
        Column("rows", Kind.NUMBER),
        Column("applied", Kind.NUMBER),
        Column("noted", Kind.NUMBER),
        Column("waiting", Kind.NUMBER),
        Column("refused", Kind.NUMBER),
        Column("repeated", Kind.NUMBER),
        Column("reason", Kind.PROSE),
        Column("sha256"),
    ),
    shown="id provider file on state rows applied noted waiting refused repeated",
    filters=(
        Filter("provider", Asks.TEXT, help=_PROVIDER, metavar="KEY"),
        *days("on_date"),
    ),
)
"""In the order in which they came."""

UPDATES = Listing(
    name="updates",
    help="List what providers reported: payments, calls, questions, ends.",
    table="exchange_updates",
    client="placement.client",
    source="placement.lot.source",
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("provider"),
        Column("update_id"),
        Column("lot"),
        Column("placement", sql="placement_id", made=_placement),
        Column("row", sql="row_id", made=_row),
        Column("source", sql="placement.lot.source.name"),
        Column("client", sql="placement.client.code"),
        Column("client_name", Kind.PROSE, "placement.client.name"),
        Column("kind", Kind.CODE, words="update_kind"),
        Column("standing", Kind.CODE, words="update_standing"),
        Column("on", Kind.DAY, "on_date"),
        Column("at", Kind.INSTANT),
        Column("amount", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("until", Kind.DAY, words="promised_or_asked"),
        Column("result", Kind.CODE, words="activity_result"),
        Column("closing", Kind.CODE),
        Column("medium", Kind.CODE),
        Column("corrects"),
        Column("remittance"),
        Column("text", Kind.PROSE, "words"),
        Column("problem"),
        Column("reason", Kind.PROSE),
        Column("breaks_policy", Kind.FLAG),
        Column("answered"),
        Column("decided_by"),
    ),
    shown="id provider placement client kind standing on amount currency text",
    filters=(
        *whose("source client", operator="placement.client.operator.login"),
        Filter("provider", Asks.TEXT, help=_PROVIDER, metavar="KEY"),
        Filter("lot", Asks.TEXT, help="Only of this lot.", where=found_by("lot"), metavar="CODE"),
        Filter("kind", Asks.ONE_OF, help="Only of this kind; may be repeated.", known=_kinds),
        Filter(
            "standing",
            Asks.ONE_OF,
            help="Only those that came to this; may be repeated.",
            known=_standings,
        ),
        Filter(
            "waiting",
            Asks.SWITCH,
            help="Only those that a person must decide about.",
            where=_waits,
            adds="reason",
        ),
        Filter(
            "to_answer",
            Asks.SWITCH,
            help="Only questions and complaints without an answer.",
            where=_to_answer,
            adds="until",
        ),
        Filter("breaks_policy", Asks.FLAG, help="Only those that break the contact policy."),
        *days("on_date"),
    ),
)
"""In the order in which they were taken in."""

REFUSALS = Listing(
    name="refusals",
    help="List what could not be taken of what providers sent: where, why, and the cure.",
    table="exchange_refusals",
    belongs=Belongs.OFFICE,
    hidden_from=("sales", "agent", "depot", "provider", "lawyer"),
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("provider"),
        Column("file", sql="arrival.name"),
        Column("row", Kind.NUMBER, "line", words="line"),
        Column("update_id"),
        Column("code"),
        Column("problem", Kind.PROSE, "message"),
        Column("kept", Kind.FLAG),
        Column("on", Kind.DAY, "on_date"),
        Column("raw"),
    ),
    shown="id provider file row code problem kept on",
    filters=(
        Filter("provider", Asks.TEXT, help=_PROVIDER, metavar="KEY"),
        Filter("code", Asks.TEXT, help="Only with this code."),
        *days("on_date"),
    ),
)
"""In the order in which they were found."""


def _entry_kinds() -> Iterable[str]:
    from incasso.domain.placement.states import EntryKind

    return EntryKind


ENTRIES = Listing(
    name="entries",
    help="List the entries of placed credits: what was collected, paid directly, given up.",
    table="placement_entries",
    client="row.placement.client",
    source="row.placement.lot.source",
    order=("id",),
    columns=(
        Column("id", Kind.NUMBER),
        Column("placement", sql="row.placement_id", made=_placement),
        Column("row", sql="row_id", made=_row),
        Column("lot", sql="row.placement.lot.code"),
        Column("provider", sql="row.placement.lot.provider"),
        Column("source", sql="row.placement.lot.source.name"),
        Column("client", sql="row.placement.client.code"),
        Column("client_name", Kind.PROSE, "row.placement.client.name"),
        Column("installment", sql="row.installment.key"),
        Column("kind", Kind.CODE, words="entry_kind"),
        Column("amount", Kind.AMOUNT, currency="currency"),
        Column("currency", sql="row.placement.currency"),
        Column("on", Kind.DAY, "on_date"),
        Column("cause"),
        Column("remittance"),
    ),
    shown="id lot provider client client_name installment kind amount currency on",
    filters=(
        *whose("source client", operator="row.placement.client.operator.login"),
        Filter(
            "provider", Asks.TEXT, help=_PROVIDER, sql="row.placement.lot.provider", metavar="KEY"
        ),
        Filter(
            "lot",
            Asks.TEXT,
            help="Only of this lot.",
            where=found_by("row.placement.lot.code"),
            metavar="CODE",
        ),
        Filter("kind", Asks.ONE_OF, help="Only of this kind; may be repeated.", known=_entry_kinds),
        *days("on_date"),
    ),
)
"""In the order in which they were written."""


def _is_to_decide(paths: Paths) -> ColumnElement[bool]:
    import sqlalchemy as sa

    return sa.or_(paths.column("proposes") != "", paths.column("needs_report"))


ENDED = Listing(
    name="ended",
    help="List what came back with something to decide: write-offs, court, reports owed.",
    table="placements",
    source="lot.source",
    only=_is_to_decide,
    order=("id",),
    columns=(
        Column("placement", sql="id", made=_placement),
        Column("lot", sql="lot.code"),
        Column("provider", sql="lot.provider"),
        Column("source", sql="lot.source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("total", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("closing", Kind.CODE),
        Column("over_on", Kind.DAY),
        Column("proposes", Kind.CODE),
        Column("needs_report", Kind.FLAG),
    ),
    shown="placement provider client total currency closing proposes needs_report",
    filters=(
        *whose("source client agent area depot operator"),
        Filter("provider", Asks.TEXT, help=_PROVIDER, sql="lot.provider", metavar="KEY"),
    ),
)
"""In the order of their numbers."""


def _is_unmet(paths: Paths) -> ColumnElement[bool]:
    """In the words of the partial index."""
    import sqlalchemy as sa

    return sa.and_(paths.column("unmet") != sa.literal_column("0"))


AGES: Final = ((30, "0-30"), (60, "31-60"))
OLDER: Final = "61+"


def _age(row: Fields, paths: Paths) -> str:
    days: Any = row["days"]
    return next((name for last, name in AGES if days is not None and days <= last), OLDER)


def _days(row: Fields, paths: Paths) -> int | None:
    since: date | None = row["since"]
    return None if since is None else (paths.on - since).days


DIFFERENCES = Listing(
    name="differences",
    help="List what providers say they collected and the ERP does not show, by age.",
    table="placement_rows",
    client="placement.client",
    source="placement.lot.source",
    only=_is_unmet,
    order=("unmet_since", "id"),
    dated=True,
    columns=(
        Column("row", sql="id", made=_row),
        Column("placement", sql="placement_id", made=_placement),
        Column("lot", sql="placement.lot.code"),
        Column("provider", sql="placement.lot.provider"),
        Column("source", sql="placement.lot.source.name"),
        Column("client", sql="placement.client.code"),
        Column("client_name", Kind.PROSE, "placement.client.name"),
        Column("installment", sql="installment.key"),
        Column("document_number", sql="installment.document_number"),
        Column("difference", Kind.AMOUNT, "unmet", currency="currency"),
        Column("currency", sql="placement.currency"),
        Column("since", Kind.DAY, "unmet_since"),
        Column("days", Kind.NUMBER, sql=None, made=_days, words="difference_days"),
        Column("age", sql=None, made=_age),
    ),
    shown="row provider client document_number difference currency since age",
    filters=(
        *whose("source client", operator="placement.client.operator.login"),
        Filter("provider", Asks.TEXT, help=_PROVIDER, sql="placement.lot.provider", metavar="KEY"),
        Filter(
            "lot",
            Asks.TEXT,
            help="Only of this lot.",
            where=found_by("placement.lot.code"),
            metavar="CODE",
        ),
    ),
)
"""Oldest first; below zero where the ERP still shows what the provider took back."""
