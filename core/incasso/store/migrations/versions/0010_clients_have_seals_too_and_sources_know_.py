"""Clients have seals too, and sources know how many rows they have."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seal", sa.Text(), nullable=True))

    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("clients_compared_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("rows_held", sa.JSON(), nullable=True))

    # A seal of an installment covers its absences too from here on: the first full read seals all
    # rows anew, as they stand.
    op.execute("UPDATE sources SET compared_on = NULL")
    op.execute("UPDATE installments SET seal = NULL WHERE seal IS NOT NULL")
