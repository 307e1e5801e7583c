"""What the ERP gives besides open items: documents, payments, and where its balances differ."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, UniqueConstraint

from incasso.store.tables.columns import Minor, digest, key_column, metadata, ordered_text, text

documents = Table(
    "documents",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False, index=True),
    ordered_text("key"),
    text("number"),
    Column("date", Date, nullable=False),
    text("kind", "invoice"),
    Column("total", Minor),
    text("currency", "EUR"),
    text("agent"),
    text("depot"),
    text("reason"),
    text("cig"),
    text("cup"),
    text("notes"),
    digest("fingerprint", nullable=False, default=b""),
    Column("gone_on", Date),
    UniqueConstraint("source_id", "key"),
    Index("ix_documents_source_id_date", "source_id", "date"),
)

payments = Table(
    "payments",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False, index=True),
    ordered_text("key"),
    text("installment"),  # its key in the ERP; empty: the ERP gives only the document
    text("document_number"),
    Column("paid_on", Date, nullable=False),
    Column("amount", Minor, nullable=False),
    text("currency", "EUR"),
    text("kind", "money"),
    text("payment_method", "other"),
    text("notes"),
    digest("fingerprint", nullable=False, default=b""),
    Column("gone_on", Date),
    UniqueConstraint("source_id", "key"),
    Index("ix_payments_source_id_paid_on", "source_id", "paid_on"),
)

# Clients whose balance in the ERP is another than the sum of their open items here.
balance_differences = Table(
    "balance_differences",
    metadata,
    Column("client_id", ForeignKey("clients.id"), primary_key=True, autoincrement=False),
    Column("checked_on", Date, nullable=False),
    Column("balance", Minor, nullable=False),
    Column("open_items", Minor, nullable=False),
    # Bills counted as collected here, where they alone are the difference: that is no error.
    Column("collected", Minor, nullable=False, default=0, server_default="0"),
    text("currency", "EUR"),
)
