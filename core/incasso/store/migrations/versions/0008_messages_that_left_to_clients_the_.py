"""messages that left to clients the ledger does not have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from incasso.store.tables.columns import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "left_without_client",
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_left_without_client")),
    )
