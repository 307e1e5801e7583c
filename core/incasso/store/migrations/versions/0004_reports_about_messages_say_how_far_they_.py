"""reports about messages say how far they are believed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("delivery_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trust", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("standing", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("sender_refused", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_index(
            "ix_delivery_events_sender_refused",
            ["at"],
            unique=False,
            sqlite_where=sa.text("sender_refused"),
            postgresql_where=sa.text("sender_refused"),
        )
        batch_op.create_index(
            "ix_delivery_events_waiting",
            ["delivery_id"],
            unique=False,
            sqlite_where=sa.text("standing = 'waiting'"),
            postgresql_where=sa.text("standing = 'waiting'"),
        )
