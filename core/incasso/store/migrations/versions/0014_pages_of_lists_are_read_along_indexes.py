"""pages of lists are read along indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


SORTED_BY = (
    ("clients", "code"),
    ("clients", "name"),
    ("installments", "key"),
    ("documents", "key"),
    ("payments", "key"),
    ("document_index", "path"),
)


def _by_code_points() -> None:
    """Texts that lists are sorted by, and the steps of a day by their number.

    The rows stay as they are, their indexes are made anew.
    """
    for table, column in SORTED_BY:
        op.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE "C"')
    op.drop_index("ix_steps_status_due_on", "steps")
    op.create_index("ix_steps_status_due_on_id", "steps", ["status", "due_on", "id"])


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    if op.get_context().dialect.name == "postgresql":
        _by_code_points()
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_index("ix_agreements_installment_id")
        batch_op.create_index(
            "ix_agreements_installment_id",
            ["installment_id"],
            unique=False,
            sqlite_where=sa.text("installment_id IS NOT NULL"),
            postgresql_where=sa.text("installment_id IS NOT NULL"),
        )
        batch_op.create_index("ix_agreements_made_on", ["made_on", "id"], unique=False)
        batch_op.create_index(
            "ix_agreements_until_on",
            ["until_on", "id"],
            unique=False,
            sqlite_where=sa.text("kind IN ('promise', 'plan') AND until_on IS NOT NULL"),
            postgresql_where=sa.text("kind IN ('promise', 'plan') AND until_on IS NOT NULL"),
        )

    with op.batch_alter_table("bad_addresses", schema=None) as batch_op:
        batch_op.create_index("ix_bad_addresses_since", ["since", "id"], unique=False)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_next_due_on",
            ["next_due_on", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open' AND step_id IS NULL AND next_due_on IS NOT NULL"),
            postgresql_where=sa.text(
                "state = 'open' AND step_id IS NULL AND next_due_on IS NOT NULL"
            ),
        )

    with op.batch_alter_table("client_corrections", schema=None) as batch_op:
        batch_op.create_index("ix_client_corrections_made_on", ["made_on", "id"], unique=False)

    with op.batch_alter_table("clients", schema=None) as batch_op:
        batch_op.create_index("ix_clients_name", ["name", "id"], unique=False)

    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index("ix_conversations_on_date", ["on_date", "id"], unique=False)

    with op.batch_alter_table("delivery_events", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_events_at", ["at", "id"], unique=False)

    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index("ix_documents_source_id_date", ["source_id", "date"], unique=False)

    with op.batch_alter_table("installments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_installments_due",
            ["due_date", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

        for name, column, where in (
            ("unpaid", "client_id", "unpaid_on IS NOT NULL"),
            ("held", "client_id", "erp_hold <> ''"),
            ("lost", "status", "status IN ('vanished', 'gone')"),
        ):
            batch_op.create_index(
                f"ix_installments_{name}",
                [column],
                unique=False,
                sqlite_where=sa.text(where),
                postgresql_where=sa.text(where),
            )

    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payments_source_id_paid_on", ["source_id", "paid_on"], unique=False
        )

    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index(
            "ix_quarantine_waiting",
            ["source_id"],
            unique=False,
            sqlite_where=sa.text("resolved_run_id IS NULL"),
            postgresql_where=sa.text("resolved_run_id IS NULL"),
        )
