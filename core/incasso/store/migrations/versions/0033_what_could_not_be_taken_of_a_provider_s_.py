"""What could not be taken of a provider's file is kept until it is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "exchange_refusals",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column(
            "arrival_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("update_id", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.Text(), server_default="", nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["arrival_id"], ["exchange_arrivals.id"], name=op.f("fk_exchange_refusals_arrival_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["exchange_batches.id"], name=op.f("fk_exchange_refusals_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_refusals")),
        sa.UniqueConstraint("provider", "cause", name=op.f("uq_exchange_refusals_provider_cause")),
    )
    with op.batch_alter_table("exchange_refusals", schema=None) as batch_op:
        batch_op.create_index("ix_exchange_refusals_arrival_id", ["arrival_id"], unique=False)
        batch_op.create_index(
            "ix_exchange_refusals_untold",
            ["provider"],
            unique=False,
            sqlite_where=sa.text("batch_id IS NULL"),
            postgresql_where=sa.text("batch_id IS NULL"),
        )

    with op.batch_alter_table("exchange_arrivals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("noted", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("exchange_updates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("decided_by", sa.Text(), server_default="", nullable=False))

    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_on", sa.Date(), nullable=True))

    with op.batch_alter_table("placement_rows", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "erp_residual", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column(
                "unmet",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("unmet_since", sa.Date(), nullable=True))
        batch_op.create_index(
            "ix_placement_rows_unmet",
            ["unmet_since"],
            unique=False,
            sqlite_where=sa.text("unmet <> 0"),
            postgresql_where=sa.text("unmet <> 0"),
        )

    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposes", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("needs_report", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
