"""totals of each client are kept; those of a filled office hold on no day, so reads add them up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AMOUNTS = (
    "not_due late_1 late_31 late_61 late_91 late_181 credits not_due_items late_1_items "
    "late_31_items late_61_items late_91_items late_181_items credits_items overdue returned "
    "at_bank"
).split()

# Nothing is counted yet: the next sync or `incasso run` does it.
LONG_AGO = "'1900-01-01'"


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "client_cases",
        sa.Column(
            "client_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_cases")),
    )
    op.create_table(
        "client_totals",
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("stale_on", sa.Date(), nullable=False),
        sa.Column("not_due", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("late_1", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("late_31", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("late_61", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("late_91", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("late_181", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credits", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("not_due_items", sa.Integer(), nullable=False),
        sa.Column("late_1_items", sa.Integer(), nullable=False),
        sa.Column("late_31_items", sa.Integer(), nullable=False),
        sa.Column("late_61_items", sa.Integer(), nullable=False),
        sa.Column("late_91_items", sa.Integer(), nullable=False),
        sa.Column("late_181_items", sa.Integer(), nullable=False),
        sa.Column("credits_items", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("returned", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at_bank", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("oldest_overdue_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", "currency", name=op.f("pk_client_totals")),
        sqlite_with_rowid=False,
    )
    # SQLite would make a number of a text that is cast to a date.
    day = LONG_AGO if op.get_context().dialect.name == "sqlite" else f"DATE {LONG_AGO}"
    zeros = ", ".join("0" for _ in AMOUNTS)
    op.execute(
        "INSERT INTO client_totals "
        f"(client_id, currency, counted_on, stale_on, {', '.join(AMOUNTS)}) "
        f"SELECT DISTINCT client_id, currency, {day}, {day}, {zeros} "
        "FROM installments WHERE status = 'open'"
    )
    op.execute(
        "INSERT INTO client_cases (client_id, running) SELECT client_id, count(*) FROM cases "
        "WHERE state <> 'closed' GROUP BY client_id"
    )
    for name in ("counted_on", "stale_on"):
        op.create_index(f"ix_client_totals_{name}", "client_totals", [name])
    extends = sa.text("kind = 'extension' AND status = 'active'")
    op.create_index(
        "ix_agreements_extensions",
        "agreements",
        ["installment_id", "until_on"],
        sqlite_where=extends,
        postgresql_where=extends,
    )
