"""lots, placements and what is exchanged with providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from incasso.store.tables.columns import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "exchange_arrivals",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("repeated", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_arrivals")),
        sa.UniqueConstraint(
            "provider", "sha256", name=op.f("uq_exchange_arrivals_provider_sha256")
        ),
    )
    with op.batch_alter_table("exchange_arrivals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_exchange_arrivals_provider_sequence", ["provider", "sequence"], unique=False
        )

    op.create_table(
        "lots",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("mandate", sa.Text(), server_default="", nullable=False),
        sa.Column("composed_on", sa.Date(), nullable=False),
        sa.Column("composed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("chosen_by", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
        sa.Column("placements", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sums", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("frozen_at", Instant(), nullable=True),
        sa.Column("approved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_lots_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("code", name=op.f("uq_lots_code")),
    )
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.create_index("ix_lots_provider_state", ["provider", "state"], unique=False)
        batch_op.create_index("ix_lots_state_until", ["state", "until"], unique=False)

    op.create_table(
        "exchange_batches",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "arrival_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("filename", sa.Text(), server_default="", nullable=False),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("prepared_at", Instant(), nullable=True),
        sa.Column("sending_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("ref", sa.Text(), server_default="", nullable=False),
        sa.Column("cost", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cost_currency", sa.Text(), server_default="EUR", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["arrival_id"], ["exchange_arrivals.id"], name=op.f("fk_exchange_batches_arrival_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_exchange_batches_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_batches")),
        sa.UniqueConstraint("name", name=op.f("uq_exchange_batches_name")),
        sa.UniqueConstraint(
            "provider", "sequence", name=op.f("uq_exchange_batches_provider_sequence")
        ),
    )
    with op.batch_alter_table("exchange_batches", schema=None) as batch_op:
        batch_op.create_index("ix_exchange_batches_lot_id", ["lot_id"], unique=False)
        batch_op.create_index(
            "ix_exchange_batches_state", ["state", "next_attempt_at"], unique=False
        )

    op.create_table(
        "placements",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("theirs", sa.Text(), server_default="", nullable=False),
        sa.Column("total", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("closing", sa.Text(), server_default="", nullable=False),
        sa.Column("over_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_placements_client_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_placements_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint(
            "lot_id", "client_id", "currency", name=op.f("uq_placements_lot_id_client_id_currency")
        ),
    )
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.create_index("ix_placements_client_id", ["client_id"], unique=False)
        batch_op.create_index(
            "ix_placements_theirs",
            ["theirs"],
            unique=False,
            sqlite_where=sa.text("theirs <> ''"),
            postgresql_where=sa.text("theirs <> ''"),
        )

    op.create_table(
        "placement_rows",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "placement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "installment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("residual", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("days_late", sa.Integer(), nullable=False),
        sa.Column("frozen", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("over_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_placement_rows_case_id")),
        sa.ForeignKeyConstraint(
            ["installment_id"], ["installments.id"], name=op.f("fk_placement_rows_installment_id")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_placement_rows_placement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_rows")),
    )
    with op.batch_alter_table("placement_rows", schema=None) as batch_op:
        batch_op.create_index("ix_placement_rows_case_id", ["case_id"], unique=False)
        batch_op.create_index("ix_placement_rows_placement_id", ["placement_id"], unique=False)
        batch_op.create_index(
            "uq_placement_rows_installment_id",
            ["installment_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('composed', 'placed')"),
            postgresql_where=sa.text("state IN ('composed', 'placed')"),
        )

    op.create_table(
        "exchange_notices",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "placement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("answers", sa.Text(), server_default="", nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("documents", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.Column("told_by", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["exchange_batches.id"], name=op.f("fk_exchange_notices_batch_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_exchange_notices_lot_id")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_exchange_notices_placement_id")
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["placement_rows.id"], name=op.f("fk_exchange_notices_row_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_notices")),
        sa.UniqueConstraint("name", name=op.f("uq_exchange_notices_name")),
    )
    with op.batch_alter_table("exchange_notices", schema=None) as batch_op:
        batch_op.create_index("ix_exchange_notices_placement_id", ["placement_id"], unique=False)
        batch_op.create_index(
            "ix_exchange_notices_provider_state", ["provider", "state"], unique=False
        )

    op.create_table(
        "exchange_updates",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column(
            "arrival_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("lot", sa.Text(), server_default="", nullable=False),
        sa.Column("ours", sa.Text(), server_default="", nullable=False),
        sa.Column("theirs", sa.Text(), server_default="", nullable=False),
        sa.Column("row", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "placement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("standing", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("refused", sa.Text(), server_default="", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.Column("closing", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("corrects", sa.Text(), server_default="", nullable=False),
        sa.Column("remittance", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("medium", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("breaks_policy", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["arrival_id"], ["exchange_arrivals.id"], name=op.f("fk_exchange_updates_arrival_id")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_exchange_updates_placement_id")
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["placement_rows.id"], name=op.f("fk_exchange_updates_row_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_updates")),
        sa.UniqueConstraint(
            "provider", "update_id", name=op.f("uq_exchange_updates_provider_update_id")
        ),
    )
    with op.batch_alter_table("exchange_updates", schema=None) as batch_op:
        batch_op.create_index("ix_exchange_updates_arrival_id", ["arrival_id"], unique=False)
        batch_op.create_index(
            "ix_exchange_updates_placement_id", ["placement_id", "at"], unique=False
        )
        batch_op.create_index("ix_exchange_updates_standing", ["standing", "id"], unique=False)

    op.create_table(
        "placement_entries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("amount", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("update_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("remittance", sa.Text(), server_default="", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["placement_entries.id"], name=op.f("fk_placement_entries_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["row_id"], ["placement_rows.id"], name=op.f("fk_placement_entries_row_id")
        ),
        sa.ForeignKeyConstraint(
            ["update_id"], ["exchange_updates.id"], name=op.f("fk_placement_entries_update_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_entries")),
        sa.UniqueConstraint(
            "row_id", "kind", "cause", name=op.f("uq_placement_entries_row_id_kind_cause")
        ),
    )
    with op.batch_alter_table("placement_entries", schema=None) as batch_op:
        batch_op.create_index("ix_placement_entries_update_id", ["update_id"], unique=False)
