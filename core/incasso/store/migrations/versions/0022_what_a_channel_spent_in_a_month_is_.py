"""what a channel spent in a month is found by its own index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_cost",
            ["channel", "on_date"],
            unique=False,
            sqlite_where=sa.text("cost IS NOT NULL"),
            postgresql_where=sa.text("cost IS NOT NULL"),
        )
