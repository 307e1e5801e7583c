"""Each of our own people gets a message of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "notice_parts",
        sa.Column(
            "notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("step_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["steps.id"], name=op.f("fk_notice_parts_notice_id")
        ),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_notice_parts_step_id")),
        sa.PrimaryKeyConstraint("notice_id", "step_id", name=op.f("pk_notice_parts")),
    )
    with op.batch_alter_table("notice_parts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_parts_step_id"), ["step_id"], unique=False)

    op.create_table(
        "notices",
        sa.Column(
            "step_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("gathers", sa.Text(), server_default="", nullable=False),
        sa.Column("copy_of", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["steps.id"], name=op.f("fk_notices_step_id")),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_notices")),
        sa.UniqueConstraint("once", name=op.f("uq_notices_once")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notices_copy_of",
            ["copy_of"],
            unique=False,
            sqlite_where=sa.text("copy_of <> ''"),
            postgresql_where=sa.text("copy_of <> ''"),
        )
        batch_op.create_index(
            "ix_notices_gathers",
            ["gathers"],
            unique=False,
            sqlite_where=sa.text("gathers <> ''"),
            postgresql_where=sa.text("gathers <> ''"),
        )

    with op.batch_alter_table("steps", schema=None) as batch_op:
        batch_op.create_index(
            "ix_steps_to_tell",
            ["due_on", "id"],
            unique=False,
            sqlite_where=sa.text("action = 'notify' AND status = 'ready'"),
            postgresql_where=sa.text("action = 'notify' AND status = 'ready'"),
        )
