"""what is under way and what init sealed are found by their own indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_under_way",
            ["status"],
            unique=False,
            sqlite_where=sa.text("status = 'queued' OR status = 'sending' OR status = 'uncertain'"),
            postgresql_where=sa.text(
                "status = 'queued' OR status = 'sending' OR status = 'uncertain'"
            ),
        )

    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index(
            "ix_journal_sealed",
            ["kind"],
            unique=False,
            sqlite_where=sa.text("kind = 'rows.written' AND actor = 'init'"),
            postgresql_where=sa.text("kind = 'rows.written' AND actor = 'init'"),
        )
