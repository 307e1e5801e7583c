"""bills counted as collected, beside a balance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("balance_differences", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "collected",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                server_default="0",
                nullable=False,
            )
        )
