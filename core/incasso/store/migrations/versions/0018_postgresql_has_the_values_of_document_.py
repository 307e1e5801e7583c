"""PostgreSQL has the values of document numbers among its statistics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    if op.get_context().dialect.name == "postgresql":
        part = (
            "ltrim(document_number, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz /-._0#')"
        )
        op.drop_index("ix_installments_number_part", "installments")
        op.create_index("ix_installments_numbers", "installments", [sa.text(part)])
