"""an answer that came before its receipt is found again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answers_to", sa.Text(), server_default="", nullable=False))
        batch_op.create_index(
            "ix_replies_answers_to",
            ["answers_to"],
            unique=False,
            sqlite_where=sa.text("answers_to <> ''"),
            postgresql_where=sa.text("answers_to <> ''"),
        )
