"""A recipient who wants no messages lets the step go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    over = sa.text("status NOT IN ('failed', 'bounced', 'opted_out', 'cancelled')")
    op.drop_index("uq_deliveries_live", "deliveries")
    op.create_index(
        "uq_deliveries_live",
        "deliveries",
        ["step_id"],
        unique=True,
        sqlite_where=over,
        postgresql_where=over,
    )
