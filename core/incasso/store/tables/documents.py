"""Documents as files: what lies in the folders of a source, and what was fetched and kept."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from incasso.domain.documents.matching import Form
from incasso.store.tables.columns import (
    Code,
    Instant,
    code,
    key_column,
    metadata,
    ordered_text,
    sentence,
    text,
)

# One row per invoice of a file, or per file without one. It can be rebuilt from the folder.
document_index = Table(
    "document_index",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    ordered_text("path"),  # below the configured folder, / between folders
    Column("place", Integer, nullable=False, default=1),  # which invoice of the file
    text("mark"),  # size, time of change and how its name was read: changes when the file does
    code("form", Form),  # empty: no document
    text("number"),
    text("number_key"),  # its `domain.document_numbers.figures`: every way to write it is found
    Column("day", Date),
    Column("year", Integer),
    text("kind"),
    text("client"),
    text("customer_vat"),
    text("customer_tax_code"),
    text("supplier_vat"),
    sentence("problem"),  # why it cannot be used; empty where it is simply no invoice
    UniqueConstraint("source_id", "path", "place"),
    Index("ix_document_index_number_key", "source_id", "number_key"),
)

# What was fetched, so that an ERP is asked once; the bytes lie in the archive.
document_files = Table(
    "document_files",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("reference", Text, nullable=False),  # `domain.documents.Wanted.reference`
    Column("form", Code(Form), nullable=False),
    text("kind"),
    text("number"),
    Column("day", Date),
    Column("place", Integer, nullable=False, default=1),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    text("filename"),
    text("media_type"),
    text("origin"),  # erp, or the path of its file
    text("mark"),  # of its origin when it was fetched; another one means: fetch it again
    Column("fetched_at", Instant, nullable=False),
    UniqueConstraint("client_id", "reference", "form"),
)
