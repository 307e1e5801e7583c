"""deliveries are found by the number of the post."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_tracking",
            ["tracking"],
            unique=False,
            sqlite_where=sa.text("tracking <> ''"),
            postgresql_where=sa.text("tracking <> ''"),
        )
