"""The recovery procedure: iters and versions, cases, steps, agreements, conversations."""

from __future__ import annotations

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
)

from incasso.domain.recovery.actions import Action
from incasso.domain.recovery.iters import Mode
from incasso.domain.recovery.states import (
    AgreementKind,
    AgreementStatus,
    CaseState,
    DisputeResult,
    IterStatus,
    PromisedMethod,
    StepStatus,
)
from incasso.store.tables.columns import (
    WITHOUT_ROWID,
    Id,
    Instant,
    Minor,
    code,
    digest,
    key_column,
    metadata,
    one_dialect,
    partial_index,
    sentence,
    text,
)

iters = Table(
    "iters",
    metadata,
    key_column(),
    Column("key", Text, nullable=False, unique=True),
    text("label"),
)

iter_versions = Table(
    "iter_versions",
    metadata,
    key_column(),
    Column("iter_id", ForeignKey("iters.id"), nullable=False),
    Column("version", Integer, nullable=False),
    code("status", IterStatus, IterStatus.DRAFT),
    Column("priority", Integer, nullable=False, default=100),
    Column("definition", JSON, nullable=False),  # the iter as in the TOML file; never changes
    Column("published_at", Instant),
    text("published_by"),
    UniqueConstraint("iter_id", "version"),
)

cases = Table(
    "cases",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("installment_id", ForeignKey("installments.id"), nullable=False),
    Column("iter_version_id", ForeignKey("iter_versions.id"), nullable=False),
    code("state", CaseState, CaseState.OPEN),
    Column("unpaid", Boolean, nullable=False, default=False),  # opened for a returned bill
    text("stage"),  # the last stage that counted; empty: none yet
    Column("counted_on", Date),  # the day it counted
    text("next_stage"),
    text("skipped"),  # keys of the stages that were passed over, comma between, oldest first
    Column("next_due_on", Date),
    Column("step_id", ForeignKey("steps.id")),  # the step it is in now, not yet counted
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    text("close_reason"),
    text("container"),
    Column("park_review_on", Date),  # the day to look at a parked case again
    text("lawyer"),
    text("file_number"),  # the lawyer's, of a parked case
    text("blocked_by"),
    Column("private_stages", JSON),  # this case's own copy of the stages that follow
    Column("moved_to", Date),  # a person moved the next stage to this day
    Column("operator_id", ForeignKey("users.id")),
    Column("responsible_id", ForeignKey("users.id")),
    # Each index here is paid for at every case of a first day; the cases of a step are found
    # through `step_cases`.
    Index("ix_cases_client_id", "client_id"),
    partial_index(
        "uq_cases_running",
        "installment_id",
        unique=True,
        where="state <> 'closed'",
    ),
    # What is due when. A case in a step is found by its step; so a new case, which is in one from
    # its first day, costs this index nothing.
    partial_index(
        "ix_cases_next_due_on",
        "next_due_on",
        "id",
        where="state = 'open' AND step_id IS NULL AND next_due_on IS NOT NULL",
    ),
    # Running cases are found by the index above; keeping them out of this one makes opening a
    # case a tenth cheaper.
    partial_index(
        "ix_cases_installment_id",
        "installment_id",
        where="state = 'closed'",
    ),
)

steps = Table(
    "steps",
    metadata,
    key_column(),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    # Null: a task outside every iter, such as a broken promise.
    Column("iter_version_id", ForeignKey("iter_versions.id")),
    text("stage"),
    code("action", Action),
    text("medium"),
    code("mode", Mode),
    code("status", StepStatus),
    Column("due_on", Date, nullable=False),
    Column("done_on", Date),
    Column("counted_on", Date),
    Column("total", Minor, nullable=False, default=0),
    text("currency", "EUR"),
    text("language"),
    text("template"),
    Column("operator_id", ForeignKey("users.id")),
    sentence("reason"),
    text("outcome"),
    # A person's own words, which stand around the table; null: those of the template.
    Column("subject_override", Text),
    Column("text_override", Text),
    Column("opening_override", Text),
    Column("closing_override", Text),
    Column("bare", Boolean),  # the text is the whole message: no table is added
    Column("proof_until", Date),  # waiting for proof of delivery until this day
    text("address_closed"),  # the address it went to is wrong or refused: another may do
    # How often a person tried and reached nobody.
    Column("attempts", Integer, nullable=False, default=0, server_default="0"),
    Index("ix_steps_client_id", "client_id"),
    # With the number, by which lists go on within a day; SQLite's indexes end with it anyway.
    one_dialect("sqlite", Index("ix_steps_status_due_on", "status", "due_on")),
    one_dialect("postgresql", Index("ix_steps_status_due_on_id", "status", "due_on", "id")),
    # Steps that wait for a person take in newly due cases, and what is about to leave counts as a
    # message: found by client, without the history.
    partial_index(
        "ix_steps_waiting",
        "client_id",
        where="status IN ('proposed', 'ready')",
    ),
    # What our own people are to be told: few among the messages of a first day.
    partial_index(
        "ix_steps_to_tell",
        "due_on",
        "id",
        where="action = 'notify' AND status = 'ready'",
    ),
    # Messages that people sent themselves: they count too, and have no delivery.
    partial_index(
        "ix_steps_by_hand",
        "done_on",
        "client_id",
        where="mode = 'manual' AND done_on IS NOT NULL",
    ),
)

step_cases = Table(
    "step_cases",
    metadata,
    Column("step_id", ForeignKey("steps.id"), nullable=False),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    text("stage"),
    Column("cycle", Integer, nullable=False, default=0),  # a person may repeat a stage
    Column("residual", Minor, nullable=False),  # at the last look
    PrimaryKeyConstraint("step_id", "case_id"),
    # The promise "no stage twice for one case", kept by the database itself.
    UniqueConstraint("case_id", "stage", "cycle"),
    info=WITHOUT_ROWID,
)

case_events = Table(
    "case_events",
    metadata,
    key_column(),
    Column("case_id", ForeignKey("cases.id"), nullable=False, index=True),
    Column("on_date", Date, nullable=False),
    text("what"),  # in a word or two: an act adds its own; planning in bulk writes hardly any
    text("stage"),
    Column("step_id", ForeignKey("steps.id")),
    text("who"),
    text("why"),
)

# What planning has to look at, and when; `store.recovery.agenda` alone writes it. A row too many
# costs one more look, so whoever changes a fact adds one without asking whether one is there.
agenda = Table(
    "agenda",
    metadata,
    Column("look_on", Date, nullable=False),
    Column("client_id", Id, nullable=False),  # planning reads a day's rows in client order
    Column("installment_id", Id, nullable=False),
    # No key on PostgreSQL: a row added while planning takes the same one off must neither wait for
    # it nor be lost. SQLite has one writer at a time.
    PrimaryKeyConstraint("look_on", "client_id", "installment_id").ddl_if(dialect="sqlite"),
    one_dialect("postgresql", Index("ix_agenda_look_on", "look_on", "client_id", "installment_id")),
    info=WITHOUT_ROWID,
)

# What plans saw and decided, a page of installments in a row, so that a past day can be told.
looks = Table(
    "looks",
    metadata,
    key_column(),
    Column("on_date", Date, nullable=False, index=True),
    Column("first_client", Id),  # of the page; null: the plan had nothing to look at
    Column("last_client", Id),
    Column("rules", JSON, nullable=False),
    digest("looked", nullable=False),  # packed: installments, places in `seen`, steps
    digest("seen", nullable=False),  # packed: facts and decisions as JSON
)

agreements = Table(
    "agreements",
    metadata,
    key_column(),
    code("kind", AgreementKind),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("installment_id", ForeignKey("installments.id")),  # null: the whole client
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),  # last day it holds; for an extension the new due date
    # Of a promise or plan: what is to be paid, interest included; of a dispute: what is contested.
    Column("amount", Minor),
    text("currency", "EUR"),
    code("status", AgreementStatus, AgreementStatus.ACTIVE),
    text("reason"),
    text("department"),
    text("owner"),
    text("made_by"),
    Column("made_on", Date, nullable=False),
    Column("ended_on", Date),
    text("ended_by"),
    code("method", PromisedMethod),
    Column("grace_days", Integer),  # working days; null: those of the source
    Column("renews_id", ForeignKey("agreements.id")),  # the earlier one about the same debts
    Column("renewal", Integer, nullable=False, default=0),  # 0: the first
    Column("down_payment", Minor),
    Column("interest", Minor),  # inside the payments of a plan, beyond the debt
    text("interest_rate"),  # per cent and year, as agreed
    Column("acceleration", Boolean, nullable=False, default=True),
    text("code"),  # why the client contests: a code of the office's list
    text("assignee"),  # who answers a dispute
    text("answer"),
    code("result", DisputeResult),
    text("approved_by"),  # who granted an extension
    Index("ix_agreements_client_id", "client_id"),
    Index("ix_agreements_made_on", "made_on", "id"),
    partial_index("ix_agreements_renews_id", "renews_id", where="renews_id IS NOT NULL"),
    partial_index(
        "ix_agreements_until_on",
        "until_on",
        "id",
        where="kind IN ('promise', 'plan') AND until_on IS NOT NULL",
    ),
    # Without those about whole clients: SQLite would take them all for one installment's, and walk.
    partial_index(
        "ix_agreements_installment_id", "installment_id", where="installment_id IS NOT NULL"
    ),
    # Due dates that were put off, asked for each installment whose lateness counts.
    partial_index(
        "ix_agreements_extensions",
        "installment_id",
        "until_on",
        where="kind = 'extension' AND status = 'active'",
    ),
)

# What a promise or plan is about; what falls due later goes its own way.
agreement_installments = Table(
    "agreement_installments",
    metadata,
    Column("agreement_id", ForeignKey("agreements.id"), nullable=False),
    Column("installment_id", ForeignKey("installments.id"), nullable=False, index=True),
    Column("residual_then", Minor, nullable=False),  # open when it was made: judged from here
    PrimaryKeyConstraint("agreement_id", "installment_id"),
    info=WITHOUT_ROWID,
)

agreement_dates = Table(
    "agreement_dates",
    metadata,
    Column("agreement_id", ForeignKey("agreements.id"), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("amount", Minor, nullable=False),
    PrimaryKeyConstraint("agreement_id", "due_on"),
)

conversations = Table(
    "conversations",
    metadata,
    key_column(),
    Column("client_id", ForeignKey("clients.id"), nullable=False),
    Column("step_id", ForeignKey("steps.id")),
    Column("on_date", Date, nullable=False),
    Column("at", Instant),
    text("medium"),  # a `domain.recovery.contacts.ContactKind`
    Column("effective", Boolean, nullable=False, default=True),
    text("who"),
    text("note"),
    Column("installment_id", ForeignKey("installments.id")),  # null: about the client
    text("spoken_with"),
    text("number"),
    text("outcome"),  # a code of the office's list
    Column("minutes", Integer),
    # When to call again, in the office's own time: an appointment keeps its hour.
    Column("call_back_on", Date),
    text("call_back_time"),  # "15:30"; empty: some time that day
    Index("ix_conversations_client_id_on_date", "client_id", "on_date"),
    Index("ix_conversations_on_date", "on_date", "id"),
    partial_index(
        "ix_conversations_call_back_on",
        "call_back_on",
        where="call_back_on IS NOT NULL",
    ),
)
