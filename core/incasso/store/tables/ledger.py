"""What the ERP says: sources, sync runs, clients, people, installments, quarantine."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy import text as sql

from incasso.domain.ledger.overdue import BANK_GRACE_DAYS
from incasso.domain.ledger.search_numbers import BEFORE_THE_NUMBER
from incasso.domain.ledger.states import InstallmentStatus, RecordKind, RunStatus
from incasso.domain.recovery.agreements import PROMISE_GRACE_DAYS
from incasso.domain.recovery.states import Finished
from incasso.store.tables.columns import (
    CODE_POINTS,
    WITHOUT_ROWID,
    Id,
    Instant,
    Minor,
    code,
    digest,
    key_column,
    metadata,
    one_dialect,
    ordered_text,
    partial_index,
    sentence,
    text,
)

sources = Table(
    "sources",
    metadata,
    key_column(),
    Column("name", Text, nullable=False, unique=True),
    Column("last_good_sync_at", Instant),
    Column("last_good_sync_on", Date),  # business date of that sync
    Column("clients_cursor", Text),
    Column("installments_cursor", Text),
    Column("documents_cursor", Text),
    Column("payments_cursor", Text),
    Column("history_read_on", Date),  # when documents and payments were last read from the start
    # When its installments, and when its clients, were last held against their seals.
    Column("compared_on", Date),
    Column("clients_compared_on", Date),
    # How many rows the hub has of it, deleted ones never: {"clients": n, "installments": n}.
    Column("rows_held", JSON),
    Column("open_totals", JSON),  # currency -> open items and minor units, as the hub left them
    text("balances_after"),  # the client where the last comparison of balances stopped
    text("read_mark"),  # which state of the source the last complete read saw; empty: a live one
    # Whether its connector can write into the ERP, as the last sync found; null: not known yet.
    Column("writes_back", Boolean),
    text("country", "IT"),
    text("province"),
    text("currency", "EUR"),  # the company's own
    # How long a presented bill is left to the bank, where no iter says.
    Column(
        "bank_grace_days",
        Integer,
        nullable=False,
        default=BANK_GRACE_DAYS,
        server_default=str(BANK_GRACE_DAYS),
    ),
    # Working days in which a promised payment may still be on its way.
    Column(
        "promise_grace_days",
        Integer,
        nullable=False,
        default=PROMISE_GRACE_DAYS,
        server_default=str(PROMISE_GRACE_DAYS),
    ),
    # Bank charges asked for each bill that came back, in the company's currency.
    Column("returned_bill_charges", Minor, nullable=False, default=0, server_default="0"),
)

sync_runs = Table(
    "sync_runs",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False, index=True),
    Column("on_date", Date, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    code("status", RunStatus),
    sentence("reason"),
    Column("confirmed", Boolean, nullable=False, default=False),
    Column("counts", JSON, nullable=False, default=dict),
    Column("totals", JSON, nullable=False, default=dict),  # currency -> open items and minor units
)

clients = Table(
    "clients",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    ordered_text("code"),
    Column("name", CODE_POINTS, nullable=False, server_default="", default=""),
    text("vat"),
    text("tax_code"),
    Column("is_person", Boolean, nullable=False, default=False),
    text("address"),
    text("zip"),
    text("city"),
    text("province"),
    text("country"),
    text("language"),
    text("email"),
    text("pec"),
    text("phone"),
    text("mobile"),
    text("fax"),
    text("contact_person"),
    text("contact_role"),
    text("call_hours"),
    text("agent"),
    text("depot"),
    text("area"),
    text("category"),
    text("payment_terms"),
    Column("credit_limit", Minor),
    Column("blocked", Boolean, nullable=False, default=False),
    Column("excluded", Boolean, nullable=False, default=False),
    Column("seasonal", Boolean, nullable=False, default=False),
    text("rating"),
    text("notes"),
    Column("public_body", Boolean, nullable=False, default=False),
    Column("unpaid_count", Integer),
    text("formerly"),
    digest("fingerprint", nullable=False, default=b""),
    Column("seal", Text),  # a digest of the columns above as the hub wrote them, and of gone_on
    # Below: what the office decides, never overwritten by a sync.
    Column("iter_override", Text),
    Column("office_excluded", Boolean, nullable=False, default=False),
    Column("operator_id", ForeignKey("users.id")),
    Column("responsible_id", ForeignKey("users.id")),
    Column("gone_on", Date),
    # Who took over what the office had decided, since the ERP renumbered or merged this client.
    Column("successor_id", ForeignKey("clients.id")),
    UniqueConstraint("source_id", "code"),
    Index("ix_clients_operator_id", "operator_id"),
    Index("ix_clients_name", "name", "id"),
    # Whose clients they are: lists and scopes find the clients first, then their rows.
    Index("ix_clients_agent", "agent"),
    Index("ix_clients_depot", "depot"),
    Index("ix_clients_area", "area"),
    partial_index("ix_clients_successor_id", "successor_id", where="successor_id IS NOT NULL"),
    partial_index(
        "ix_clients_formerly",
        "source_id",
        "formerly",
        where="formerly <> ''",
    ),
)

# The words by which clients are found; `store.ledger.client_words` alone writes it.
client_words = Table(
    "client_words",
    metadata,
    # No reference: words of a client that somebody deleted outside the hub find nobody.
    Column("client_id", Id, nullable=False),
    ordered_text("word"),
    PrimaryKeyConstraint("client_id", "word"),
    Index("ix_client_words_word", "word", "client_id"),
    info=WITHOUT_ROWID,
)

# What a person corrected of a client's addresses. The client's own columns hold what is in force;
# here is what the ERP says, to notice when that changes: then the ERP is right again.
client_corrections = Table(
    "client_corrections",
    metadata,
    key_column(),
    Column("client_id", ForeignKey("clients.id"), nullable=False, index=True),
    Column("field", Text, nullable=False),  # of the client: email, pec, address, …
    text("value"),
    text("erp_value"),
    text("origin"),  # where the person has it from
    text("made_by"),
    Column("made_on", Date, nullable=False),
    Column("ended_on", Date),
    text("ended_by"),  # erp: it says something else now; replaced: by a later correction
    # One in force for each field, kept by the database itself.
    partial_index(
        "uq_client_corrections_in_force",
        "client_id",
        "field",
        unique=True,
        where="ended_on IS NULL",
    ),
    Index("ix_client_corrections_made_on", "made_on", "id"),
)


def _people(name: str) -> Table:
    """Somebody on our side: who gets copies, and whose clients these are."""
    return Table(
        name,
        metadata,
        key_column(),
        Column("source_id", ForeignKey("sources.id"), nullable=False),
        Column("code", Text, nullable=False),
        text("name"),
        text("email"),
        text("pec"),
        text("phone"),
        text("mobile"),
        UniqueConstraint("source_id", "code"),
    )


agents = _people("agents")
depots = _people("depots")

_NUMBER_PART: Final = f"ltrim({{}}document_number, '{BEFORE_THE_NUMBER}')"
NUMBER_PART: Final = literal_column(_NUMBER_PART.format("installments."), CODE_POINTS)
"""A document number from its first figure that counts, as its index has it."""

installments = Table(
    "installments",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    ordered_text("key"),
    text("document_kind", "invoice"),
    Column("document_number", CODE_POINTS, nullable=False, server_default="", default=""),
    Column("document_date", Date),
    Column("installment_number", Integer, nullable=False, default=1),
    Column("due_date", Date, nullable=False),
    Column("amount", Minor, nullable=False),
    Column("residual", Minor, nullable=False),
    text("currency", "EUR"),
    text("payment_method", "other"),
    Column("unpaid_on", Date),
    Column("presented_on", Date),
    text("agent"),
    text("depot"),
    text("area"),
    text("notes"),
    text("document"),  # key of its document, where the connector pulls documents
    text("bill_number"),
    Column("base_residual", Minor),  # in the company's currency; null where it is the same one
    Column("reminded_on", Date),  # by the ERP itself, before or beside the hub
    Column("reminders", Integer, nullable=False, default=0, server_default="0"),
    text("erp_hold"),  # legal | blocked | factoring | the ERP's own words; empty: none
    digest("fingerprint", nullable=False, default=b""),
    code("status", InstallmentStatus, InstallmentStatus.OPEN),
    Column("seal", Text),  # a digest of the columns above as the hub wrote them
    # Complete reads in a row that missed it. Above zero it may be paid: nothing may leave for it.
    Column("absences", Integer, nullable=False, default=0, server_default="0"),
    Column("first_seen_on", Date),
    Column("closed_on", Date),
    Column("iter_override", Text),
    Column("charges", Minor),  # of a returned bill, as a person set them; null: as configured
    code("finished", Finished),  # what a `close` stage ended it as; empty: nothing did
    UniqueConstraint("source_id", "key"),
    Index("ix_installments_client_id", "client_id"),
    # Control totals and the search for absent items, without touching the wide rows.
    partial_index(
        "ix_installments_open",
        "source_id",
        "absences",
        "currency",
        "residual",
        where="status = 'open'",
    ),
    # Every way to write a document number: without the letters and zeros before it.
    # SQLite would take all that have no number for the usual case, PostgreSQL looks at the values
    # of an expression only where its index has every row.
    one_dialect(
        "sqlite",
        partial_index(
            "ix_installments_number_part",
            sql(_NUMBER_PART.format("")),
            where="document_number <> ''",
        ),
    ),
    one_dialect("postgresql", Index("ix_installments_numbers", sql(_NUMBER_PART.format("")))),
    # Few, and looked for by themselves.
    partial_index("ix_installments_unpaid", "client_id", where="unpaid_on IS NOT NULL"),
    partial_index("ix_installments_held", "client_id", where="erp_hold <> ''"),
    partial_index("ix_installments_lost", "status", where="status IN ('vanished', 'gone')"),
    # What falls due when, page by page.
    partial_index("ix_installments_due", "due_date", "id", where="status = 'open'"),
    partial_index(
        "ix_installments_credits",
        "client_id",
        where="residual < 0 AND status = 'open'",
    ),
)

quarantine = Table(
    "quarantine",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False, index=True),
    Column("run_id", ForeignKey("sync_runs.id"), nullable=False, index=True),
    code("record", RecordKind),
    text("key"),
    text("file"),
    Column("row", Integer),
    text("field"),
    text("code"),
    sentence("problem"),
    sentence("hint"),
    text("raw"),
    Column("resolved_run_id", Id),  # the run in which the same record arrived well
    partial_index("ix_quarantine_waiting", "source_id", where="resolved_run_id IS NULL"),
)
