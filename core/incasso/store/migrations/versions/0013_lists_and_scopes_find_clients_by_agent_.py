"""lists and scopes find clients by agent, depot, area and former code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.create_index("ix_clients_agent", ["agent"], unique=False)
        batch_op.create_index("ix_clients_area", ["area"], unique=False)
        batch_op.create_index("ix_clients_depot", ["depot"], unique=False)
        batch_op.create_index(
            "ix_clients_successor_id",
            ["successor_id"],
            unique=False,
            sqlite_where=sa.text("successor_id IS NOT NULL"),
            postgresql_where=sa.text("successor_id IS NOT NULL"),
        )
