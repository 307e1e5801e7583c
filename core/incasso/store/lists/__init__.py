"""The read side: complete lists for people and outside programs, streamed and sorted."""

from incasso.store.lists.blocked import blocked, credit_status
from incasso.store.lists.blocks import blocks, writes
from incasso.store.lists.filters import (
    CASE_STATES,
    DELIVERY_STATUSES,
    INSTALLMENT_STATUSES,
    STEP_STATUSES,
    WRITE_BACK_STATUSES,
    BlockFilter,
    CaseFilter,
    ClientFilter,
    DeliveryFilter,
    HistoryFilter,
    InstallmentFilter,
    QuarantineFilter,
    StepFilter,
    WhoFilter,
)
from incasso.store.lists.history import balances, documents, payments
from incasso.store.lists.journal import JournalFilter, events
from incasso.store.lists.ledger import clients, installments, quarantine
from incasso.store.lists.recovery import cases, deliveries, steps
from incasso.store.lists.rows import Fields

__all__ = [
    "CASE_STATES",
    "DELIVERY_STATUSES",
    "INSTALLMENT_STATUSES",
    "STEP_STATUSES",
    "WRITE_BACK_STATUSES",
    "BlockFilter",
    "CaseFilter",
    "ClientFilter",
    "DeliveryFilter",
    "Fields",
    "HistoryFilter",
    "InstallmentFilter",
    "JournalFilter",
    "QuarantineFilter",
    "StepFilter",
    "WhoFilter",
    "balances",
    "blocked",
    "blocks",
    "cases",
    "clients",
    "credit_status",
    "deliveries",
    "documents",
    "events",
    "installments",
    "payments",
    "quarantine",
    "steps",
    "writes",
]
