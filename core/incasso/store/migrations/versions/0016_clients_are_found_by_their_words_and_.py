"""clients are found by their words and installments by their numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from incasso.store.ledger import client_words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is the backup."""
    op.create_table(
        "client_words",
        sa.Column(
            "client_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("client_id", "word", name=op.f("pk_client_words")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("client_words", schema=None) as batch_op:
        batch_op.create_index("ix_client_words_word", ["word", "client_id"], unique=False)
    if op.get_context().dialect.name == "postgresql":
        op.execute('ALTER TABLE installments ALTER COLUMN document_number TYPE text COLLATE "C"')
    part = "ltrim(document_number, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz /-._0#')"
    op.create_index(
        "ix_installments_number_part",
        "installments",
        [sa.text(part)],
        sqlite_where=sa.text("document_number <> ''"),
        postgresql_where=sa.text("document_number <> ''"),
    )
    op.create_index(
        "ix_agreements_renews_id",
        "agreements",
        ["renews_id"],
        sqlite_where=sa.text("renews_id IS NOT NULL"),
        postgresql_where=sa.text("renews_id IS NOT NULL"),
    )
    client_words.add_new(op.get_bind(), after=0)
