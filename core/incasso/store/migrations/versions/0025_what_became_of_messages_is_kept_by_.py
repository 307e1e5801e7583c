"""What became of messages is kept by address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from incasso.store.tables.columns import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "address_health",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("medium", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("bounced_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_address_health_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_address_health_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_health")),
        sa.UniqueConstraint(
            "client_id",
            "medium",
            "address",
            name=op.f("uq_address_health_client_id_medium_address"),
        ),
    )
    with op.batch_alter_table("address_health", schema=None) as batch_op:
        batch_op.create_index(
            "ix_address_health_bad",
            ["seen_at", "id"],
            unique=False,
            sqlite_where=sa.text("state <> 'good'"),
            postgresql_where=sa.text("state <> 'good'"),
        )
        batch_op.create_index("ix_address_health_seen_at", ["seen_at", "id"], unique=False)
    op.execute(
        "INSERT INTO address_health (source_id, client_id, medium, address, state, seen_at, "
        "bounced_at, reason, delivery) SELECT source_id, client_id, medium, address, 'wrong', "
        "since, since, reason, delivery FROM bad_addresses"
    )
