"""answers of clients are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from incasso.store.tables.columns import Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "replies",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("delivery_id", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("sender_name", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("preview", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "assigned_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("state_on", sa.Date(), nullable=True),
        sa.Column("state_by", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["assigned_id"], ["users.id"], name=op.f("fk_replies_assigned_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_replies_client_id")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_replies_delivery_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_replies_source_id")),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_replies_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("channel", "update_id", name=op.f("uq_replies_channel_update_id")),
    )
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.create_index("ix_replies_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_replies_client_id", ["client_id", "at"], unique=False)
        batch_op.create_index("ix_replies_sha256", ["sha256"], unique=False)
        batch_op.create_index(
            "ix_replies_waiting",
            ["client_id", "on_date"],
            unique=False,
            sqlite_where=sa.text("state IN ('new', 'handed_over')"),
            postgresql_where=sa.text("state IN ('new', 'handed_over')"),
        )

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("known_as", sa.Text(), server_default="", nullable=False))
        batch_op.create_index(
            "ix_deliveries_known_as",
            ["known_as"],
            unique=False,
            sqlite_where=sa.text("known_as <> ''"),
            postgresql_where=sa.text("known_as <> ''"),
        )
