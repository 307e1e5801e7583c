"""the agenda of planning is a table of its own, and cases have fewer indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    columns = (
        sa.Column("look_on", sa.Date(), nullable=False),
        sa.Column("client_id", number, nullable=False),
        sa.Column("installment_id", number, nullable=False),
    )
    names = [column.name for column in columns]
    if op.get_context().dialect.name == "sqlite":
        key = sa.PrimaryKeyConstraint(*names, name=op.f("pk_agenda"))
        op.create_table("agenda", *columns, key, sqlite_with_rowid=False)
    else:
        op.create_table("agenda", *columns)
    op.execute(
        "INSERT INTO agenda (look_on, client_id, installment_id) "
        "SELECT look_on, client_id, id FROM installments WHERE look_on IS NOT NULL "
        "ORDER BY look_on, client_id, id"
    )
    if op.get_context().dialect.name != "sqlite":
        op.create_index("ix_agenda_look_on", "agenda", names)
    op.drop_index("ix_installments_look_on", "installments")
    # Not by a copy of the table, to which other tables point.
    op.drop_column("installments", "look_on")
    for name in ("ix_cases_next_due_on", "ix_cases_step_id"):
        op.drop_index(name, "cases")
