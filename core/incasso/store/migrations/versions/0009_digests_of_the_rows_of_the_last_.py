"""Digests of the rows of the last complete read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "forgotten_rows",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column(
            "row_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("record", "row_id", name=op.f("pk_forgotten_rows")),
        info={"sqlite_with_rowid": False},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "remembered_rows",
        sa.Column(
            "source_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["sources.id"], name=op.f("fk_remembered_rows_source_id")
        ),
        sa.PrimaryKeyConstraint("source_id", "record", "part", name=op.f("pk_remembered_rows")),
    )
