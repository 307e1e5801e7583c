"""Messages to our own people: whom each goes to, and which steps of clients it tells of."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Table, Text

from incasso.domain.sending.notices import NoticeKind
from incasso.store.tables.columns import code, metadata, partial_index, text

# Whom of our own people a step's message goes to, and what it is; the client's have no row.
notices = Table(
    "notices",
    metadata,
    Column("step_id", ForeignKey("steps.id"), primary_key=True, autoincrement=False),
    code("kind", NoticeKind),
    text("address"),
    text("name"),
    # The promise "nobody is told twice", kept by the database itself.
    Column("once", Text, nullable=False, unique=True),
    text("gathers"),  # of a summary: the steps that may still join are alike in this
    text("copy_of"),  # of a copy: the delivery to the client
    partial_index("ix_notices_gathers", "gathers", where="gathers <> ''"),
    partial_index("ix_notices_copy_of", "copy_of", where="copy_of <> ''"),
)

# The steps of clients that a notice tells of: it has no cases of its own.
notice_parts = Table(
    "notice_parts",
    metadata,
    Column("notice_id", ForeignKey("steps.id"), nullable=False),
    Column("step_id", ForeignKey("steps.id"), nullable=False, index=True),
    PrimaryKeyConstraint("notice_id", "step_id"),
)
