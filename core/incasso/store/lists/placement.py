"""Lists of what is placed with providers: lots, placements, their rows, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from incasso.domain.money import from_minor
from incasso.domain.placement.names import placement_name, row_name
from incasso.domain.placement.states import (
    BatchState,
    LotState,
    NoticeState,
    PlacementState,
    RowState,
)
from incasso.store.lists.filters import days, found_by, whose
from incasso.store.lists.listing import Asks, Belongs, Column, Fields, Filter, Kind, Listing

if TYPE_CHECKING:
    from incasso.store.lists.paths import Paths


def _lot_states() -> Iterable[str]:
    return LotState


def _placement_states() -> Iterable[str]:
    return PlacementState


def _row_states() -> Iterable[str]:
    return RowState


def _notice_states() -> Iterable[str]:
    return NoticeState


def _batch_states() -> Iterable[str]:
    return BatchState


def _reasons() -> Iterable[str]:
    from incasso.domain.placement.choosing import LeftOut

    return LeftOut


def _services() -> Iterable[str]:
    from incasso.contract.exchange import Service

    return Service


def _own_sum(row: Fields, paths: Paths) -> int:
    """In the company's own currency; `sums` has every one."""
    found: dict[str, int] = row["sums"] or {}
    return found.get(row["currency"], 0)


def _sums(row: Fields, paths: Paths) -> dict[str, str]:
    found: dict[str, int] = row["sums"] or {}
    return {currency: str(from_minor(minor, currency)) for currency, minor in found.items()}


def _placement(row: Fields, paths: Paths) -> str:
    return placement_name(row["placement"])


def _placement_or_none(row: Fields, paths: Paths) -> str | None:
    number = row["placement"]
    return None if number is None else placement_name(number)


def _row(row: Fields, paths: Paths) -> str:
    return row_name(row["row"])


_PROVIDER = "Only with this provider."
_SERVICE = "Only of this service: phone, postal, extrajudicial, …"


def _of_lot(path: str) -> Filter:
    return Filter("lot", Asks.TEXT, help="Only of this lot.", where=found_by(path), metavar="CODE")


LOTS = Listing(
    name="lots",
    help="List lots: what was composed, handed over and closed.",
    table="lots",
    belongs=Belongs.SOURCE,
    provider="provider",
    order=("id",),
    columns=(
        Column("lot", sql="code"),
        Column("source", sql="source.name"),
        Column("provider"),
        Column("service", Kind.CODE),
        Column("state", Kind.CODE, words="lot_state"),
        Column("name", Kind.PROSE),
        Column("placements", Kind.NUMBER),
        Column("rows", Kind.NUMBER),
        Column("total", Kind.AMOUNT, sql=None, currency="currency", made=_own_sum),
        Column("currency", sql="source.currency"),
        Column("composed_on", Kind.DAY),
        Column("composed_by"),
        Column("frozen_at", Kind.INSTANT),
        Column("frozen_by"),
        Column("approved_by"),
        Column("approved_at", Kind.INSTANT),
        Column("handed_on", Kind.DAY),
        Column("until", Kind.DAY, words="back_by"),
        Column("acknowledged_at", Kind.INSTANT),
        Column("closed_on", Kind.DAY),
        Column("reason", Kind.PROSE),
        Column("digest"),
        Column("sums", Kind.DATA, made=_sums),
    ),
    shown="lot source provider service state rows total currency handed_on until",
    filters=(
        *whose("source"),
        Filter("provider", Asks.TEXT, help=_PROVIDER, metavar="KEY"),
        Filter("service", Asks.TEXT, help=_SERVICE, known=_services),
        Filter(
            "state", Asks.ONE_OF, help="Only in this state; may be repeated.", known=_lot_states
        ),
        *days("handed_on"),
    ),
)
"""By number, which is the order of composing."""

PLACEMENTS = Listing(
    name="placements",
    help="List placements: one client's credits with one provider.",
    table="placements",
    source="lot.source",
    provider="lot.provider",
    order=("id",),
    columns=(
        Column("placement", sql="id", made=_placement),
        Column("lot", sql="lot.code"),
        Column("source", sql="lot.source.name"),
        Column("client", sql="client.code"),
        Column("client_name", Kind.PROSE, "client.name"),
        Column("provider", sql="lot.provider"),
        Column("service", Kind.CODE, "lot.service"),
        Column("state", Kind.CODE, words="placement_state"),
        Column("total", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("handed_on", Kind.DAY, "lot.handed_on"),
        Column("until", Kind.DAY, words="back_by"),
        Column("over_on", Kind.DAY),
        Column("closing", Kind.CODE),
        Column("theirs"),
        Column("reason", Kind.PROSE),
    ),
    shown="placement lot client client_name provider service state total currency until over_on",
    filters=(
        *whose("source client agent area depot operator"),
        _of_lot("lot.code"),
        Filter("provider", Asks.TEXT, help=_PROVIDER, sql="lot.provider", metavar="KEY"),
        Filter("service", Asks.TEXT, help=_SERVICE, sql="lot.service", known=_services),
        Filter(
            "state",
            Asks.ONE_OF,
            help="Only in this state; may be repeated.",
            known=_placement_states,
        ),
    ),
)
"""In the order of their numbers."""

PLACED = Listing(
    name="placed",
    help="List the installments in lots.",
    table="placement_rows",
    client="placement.client",
    source="placement.lot.source",
    provider="placement.lot.provider",
    order=("placement_id", "id"),
    columns=(
        Column("row", sql="id", made=_row),
        Column("placement", sql="placement_id", made=_placement),
        Column("lot", sql="placement.lot.code"),
        Column("source", sql="placement.lot.source.name"),
        Column("client", sql="placement.client.code"),
        Column("client_name", Kind.PROSE, "placement.client.name"),
        Column("installment", sql="installment.key"),
        Column("document_number", sql="installment.document_number"),
        Column("provider", sql="placement.lot.provider"),
        Column("state", Kind.CODE, words="row_state"),
        Column("residual", Kind.AMOUNT, currency="currency"),
        Column("currency", sql="placement.currency"),
        Column("overdue_days", Kind.NUMBER, "days_late"),
        Column("over_on", Kind.DAY),
    ),
    shown="row placement client client_name document_number residual currency overdue_days state",
    filters=(
        *whose("source client", operator="placement.client.operator.login"),
        _of_lot("placement.lot.code"),
        Filter(
            "state", Asks.ONE_OF, help="Only in this state; may be repeated.", known=_row_states
        ),
    ),
)
"""By placement."""

NOTICES = Listing(
    name="notices",
    help="List what providers must know about their lots: waiting, sent, or for a person to tell.",
    table="exchange_notices",
    belongs=Belongs.SOURCE,
    source="lot.source",
    order=("id",),
    columns=(
        Column("name"),
        Column("source", sql="lot.source.name"),
        Column("provider"),
        Column("lot", sql="lot.code"),
        Column("placement", sql="placement_id", made=_placement_or_none),
        Column("kind", Kind.CODE, words="notice"),
        Column("state", Kind.CODE, words="notice_state"),
        Column("on", Kind.DAY, "on_date", words="day"),
        Column("amount", Kind.AMOUNT, currency="currency"),
        Column("currency"),
        Column("until", Kind.DAY, words="back_by"),
        Column("reason", Kind.PROSE),
        Column("made_by"),
        Column("batch", sql="batch.name"),
        Column("told_by"),
    ),
    shown="name provider lot placement kind state on reason",
    filters=(
        Filter("provider", Asks.TEXT, help=_PROVIDER, metavar="KEY"),
        _of_lot("lot.code"),
        Filter(
            "state", Asks.ONE_OF, help="Only in this state; may be repeated.", known=_notice_states
        ),
    ),
)
"""In the order they were made."""

BATCHES = Listing(
    name="batches",
    help="List what left for providers, and what was to: lots, notices, answers.",
    table="exchange_batches",
    belongs=Belongs.OFFICE,
    order=("id",),
    columns=(
        Column("name"),
        Column("provider"),
        Column("kind", Kind.CODE, words="batch_kind"),
        Column("sequence", Kind.NUMBER),
        Column("lot", sql="lot.code"),
        Column("state", Kind.CODE, words="batch_state"),
        Column("filename", words="file"),
        Column("size", Kind.NUMBER),
        Column("sha256"),
        Column("attempts", Kind.NUMBER),
        Column("next_attempt_at", Kind.INSTANT),
        Column("sent_at", Kind.INSTANT),
        Column("ref"),
        Column("reason", Kind.PROSE),
    ),
    shown="name provider kind lot state filename sent_at reason",
    filters=(
        Filter("provider", Asks.TEXT, help=_PROVIDER, metavar="KEY"),
        _of_lot("lot.code"),
        Filter(
            "state", Asks.ONE_OF, help="Only in this state; may be repeated.", known=_batch_states
        ),
    ),
)
"""In the order they were made."""

LEFT_OUT = Listing(
    name="left_out",
    help="List what the filters of a lot found and the lot does not have, and why.",
    table="lot_left_out",
    client="installment.client",
    source="lot.source",
    order=("lot_id", "id"),
    columns=(
        Column("lot", sql="lot.code"),
        Column("source", sql="lot.source.name"),
        Column("client", sql="installment.client.code"),
        Column("client_name", Kind.PROSE, "installment.client.name"),
        Column("installment", sql="installment.key"),
        Column("reason", Kind.CODE, words="left_out"),
        Column("value", Kind.PROSE, words="left_out_value"),
        Column("residual", Kind.AMOUNT, currency="currency"),
        Column("currency", sql="installment.currency"),
        Column("on_date", Kind.DAY, words="day"),
    ),
    shown="client client_name installment reason value residual currency",
    filters=(
        *whose("source client", operator="installment.client.operator.login"),
        _of_lot("lot.code"),
        Filter(
            "reason", Asks.ONE_OF, help="Only for this reason; may be repeated.", known=_reasons
        ),
    ),
)
"""By lot."""
