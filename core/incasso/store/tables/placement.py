"""Lots: what was handed to which provider, and the account of each placed row."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from incasso.contract.exchange import ClosingReason, Service
from incasso.domain.placement.choosing import LeftOut
from incasso.domain.placement.outcomes import Proposal
from incasso.domain.placement.states import EntryKind, LotState, PlacementState, RowState
from incasso.store.tables.columns import (
    Instant,
    Minor,
    code,
    key_column,
    metadata,
    partial_index,
    quoted,
    sentence,
    text,
)

lots = Table(
    "lots",
    metadata,
    key_column(),
    Column("code", Text, nullable=False, unique=True),  # L-2026-0007, as everybody outside knows it
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("provider", Text, nullable=False),  # its key
    code("service", Service),
    code("state", LotState),
    text("name"),
    text("mandate"),
    Column("composed_on", Date, nullable=False),
    text("composed_by"),
    # The filter, the split with its seed, the lots made with it, and what was left out in numbers.
    Column("chosen_by", JSON(none_as_null=True)),
    text("digest"),  # of the frozen rows
    Column("placements", Integer, nullable=False, default=0),
    Column("rows", Integer, nullable=False, default=0),
    Column("sums", JSON(none_as_null=True)),  # minor units by currency
    Column("frozen_at", Instant),
    text("frozen_by"),
    text("approved_by"),
    Column("approved_at", Instant),
    Column("handed_on", Date),
    Column("until", Date),
    Column("acknowledged_at", Instant),
    Column("closed_on", Date),
    Column("deleted_on", Date),  # the day on which the provider deleted its data, as it says
    sentence("reason"),
    Index("ix_lots_provider_state", "provider", "state"),
    Index("ix_lots_state_until", "state", "until"),
)

placements = Table(
    "placements",
    metadata,
    key_column(),
    Column("lot_id", ForeignKey("lots.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("currency", Text, nullable=False),
    code("state", PlacementState),
    text("theirs"),  # the provider's own name of it
    Column("total", Minor, nullable=False),
    Column("until", Date),
    code("closing", ClosingReason),
    Column("over_on", Date),
    # What the office's rules propose now that it is over, until a person decides.
    code("proposes", Proposal),
    Column("needs_report", Boolean, nullable=False, default=False, server_default=false()),
    sentence("reason"),
    UniqueConstraint("lot_id", "client_id", "currency"),
    Index("ix_placements_client_id", "client_id"),
    partial_index("ix_placements_theirs", "theirs", where="theirs <> ''"),
)

placement_rows = Table(
    "placement_rows",
    metadata,
    key_column(),
    Column("placement_id", ForeignKey("placements.id"), nullable=False),
    Column("installment_id", ForeignKey("installments.id"), nullable=False),
    Column("case_id", ForeignKey("cases.id")),  # null: it had none
    code("state", RowState),
    Column("residual", Minor, nullable=False),  # when the lot was composed, then as frozen
    Column("days_late", Integer, nullable=False),  # on the day it was frozen: fees go by it
    Column("frozen", JSON(none_as_null=True)),  # the credit as it was handed over
    # The ERP's residual when the row was last compared with it; null: not since it was placed.
    Column("erp_residual", Minor),
    # What the provider says it collected and the ERP does not show yet, and since when.
    Column("unmet", Minor, nullable=False, default=0, server_default="0"),
    Column("unmet_since", Date),
    Column("over_on", Date),
    Index("ix_placement_rows_placement_id", "placement_id"),
    Index("ix_placement_rows_case_id", "case_id"),
    partial_index("ix_placement_rows_unmet", "unmet_since", where="unmet <> 0"),
    # An installment is with one provider at a time.
    partial_index(
        "uq_placement_rows_installment_id",
        "installment_id",
        where=f"state IN ({quoted(RowState.COMPOSED, RowState.PLACED)})",
        unique=True,
    ),
)

# What the filter found and the lot does not have. Of what is only not due yet nothing is kept: that
# may be the whole ledger, and its number stands with the lot.
lot_left_out = Table(
    "lot_left_out",
    metadata,
    key_column(),
    Column("lot_id", ForeignKey("lots.id"), nullable=False),
    Column("installment_id", ForeignKey("installments.id"), nullable=False),
    code("reason", LeftOut),
    text("value"),  # what its sentence needs: a day, a lot, the words of the ERP
    Column("residual", Minor, nullable=False),
    Column("on_date", Date, nullable=False),
    UniqueConstraint("lot_id", "installment_id"),
)

placement_entries = Table(
    "placement_entries",
    metadata,
    key_column(),
    Column("row_id", ForeignKey("placement_rows.id"), nullable=False),
    code("kind", EntryKind),
    Column("amount", Minor, nullable=False),  # above zero, in the placement's currency
    Column("on_date", Date, nullable=False),
    # The update or the change of the ledger that made it: the same twice is refused.
    Column("cause", Text, nullable=False),
    Column("update_id", ForeignKey("exchange_updates.id")),
    Column("corrects_id", ForeignKey("placement_entries.id")),
    text("remittance"),
    Column("at", Instant, nullable=False),
    UniqueConstraint("row_id", "kind", "cause"),
    Index("ix_placement_entries_update_id", "update_id"),
)
