"""What a dossier says, as its JSON has it; the pages print the same."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from incasso.domain.law.court import CourtKind
from incasso.domain.law.interest import DayCount
from incasso.domain.law.limitation import (
    CreditClass,
    Doubt,
    Evidence,
    InterruptionKind,
    Urgency,
)
from incasso.domain.law.running import Allocation
from incasso.domain.law.terms import Rule
from incasso.domain.sending.delivery import DeliveryStatus

FORMAT: Final = "incasso.dossier/1"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a dossier."""


class Party(Record, frozen=True, kw_only=True):
    """Who claims, or who owes."""

    name: str
    address: tuple[str, ...]
    vat: str
    tax_code: str
    pec: str
    email: str
    city: str = ""
    country: str = ""
    is_consumer: bool = False
    is_public_body: bool = False


class Counting(Record, frozen=True, kw_only=True):
    """How interest was counted."""

    rule: Rule
    percent: Decimal | None
    """An agreed rate."""
    concluded_on: date | None
    """When the contract was concluded; None: on the day of each document."""
    payments_pay: Allocation
    day_count: DayCount
    until: date


class InterestRow(Record, frozen=True, kw_only=True):
    """Interest of days with one rate on one capital; both days count."""

    first: date
    last: date
    days: int
    capital: Decimal
    percent: Decimal
    amount: Decimal
    provisional: bool


class Paid(Record, frozen=True, kw_only=True):
    """A payment that the ERP tells of; below zero it was taken back."""

    on: date
    amount: Decimal


class Interrupted(Record, frozen=True, kw_only=True):
    """What starts the term of limitation anew, or may."""

    kind: InterruptionKind
    on: date
    evidence: Evidence
    doubt: Doubt | None
    about: str


class LimitationOf(Record, frozen=True, kw_only=True):
    """Until when a credit can be claimed."""

    credit: CreditClass
    basis: str
    start: date
    runs_from: date
    last_day: date | None
    if_claimed: date | None
    urgency: Urgency
    interruptions: tuple[Interrupted, ...]
    interest_alive_from: date


class Credit(Record, frozen=True, kw_only=True):
    """One installment that is claimed."""

    installment: str
    document_kind: str
    document_number: str
    document_date: date | None
    installment_number: int
    due_date: date
    payable_by: date
    currency: str
    amount: Decimal
    residual: Decimal
    credited: Decimal
    """What open credit notes and advances take off."""
    payments: tuple[Paid, ...]
    payments_known: bool
    """Whether the payments explain the residual; without them interest runs on what is left."""
    capital: Decimal
    """What is left, credits taken off."""
    rows: tuple[InterestRow, ...]
    interest: Decimal | None
    """What is left of it; None where the law gives no rate."""
    costs: Decimal
    """The fixed sum, on the first installment of each invoice."""
    disputed: str | None
    """Why it is contested; None if it is not."""
    limitation: LimitationOf


class OpenItem(Record, frozen=True, kw_only=True):
    """What is open and not claimed: not due yet, or a credit of the client."""

    installment: str
    document_kind: str
    document_number: str
    document_date: date | None
    due_date: date
    residual: Decimal
    currency: str


class Sums(Record, frozen=True, kw_only=True):
    """What is claimed in one currency."""

    currency: str
    capital: Decimal
    interest: Decimal
    costs: Decimal
    invoices: int
    provisional: bool

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.capital + self.interest + self.costs


class FileOf(Record, frozen=True, kw_only=True):
    """A file of the dossier, and what it is."""

    path: str
    sha256: str
    size: int
    pages: int
    """Of a PDF; 0 for all else."""
    archived: bool
    """Whether the archive of the hub has kept exactly these bytes since they came or left."""


class Exhibit(Record, frozen=True, kw_only=True):
    """What is produced under a number (*doc. 1*)."""

    number: int
    title: str
    paths: tuple[str, ...]


class Message(Record, frozen=True, kw_only=True):
    """A message that left, and what came back."""

    exhibit: int
    delivery: str
    on: date
    medium: str
    to: str
    stage: str
    status: DeliveryStatus
    accepted_at: datetime | None
    final_at: datetime | None
    tracking: str
    is_formal: bool
    installments: tuple[str, ...]
    paths: tuple[str, ...]


class Happened(Record, frozen=True, kw_only=True):
    """One line of the history."""

    on: date
    kind: str
    text: str


class Injunction(Record, frozen=True, kw_only=True):
    """What a petition for an injunction needs, in euro."""

    court: CourtKind
    court_limit: Decimal
    court_in_doubt: bool
    place: str
    """The town of the debtor's seat or residence."""
    place_is_binding: bool
    """A consumer can be sued nowhere else."""
    value: Decimal
    """Capital, interest and costs up to now (art. 10 c.p.c.)."""
    fee_value: Decimal
    """The same without interest (D.P.R. 115/2002, art. 14)."""
    court_fee: Decimal
    stamp: Decimal
    lawyer: Decimal | None
    overhead: Decimal | None
    whole: Decimal | None
    verona: Decimal | None
    milan: Decimal | None


class CautionCode(StrEnum):
    """What a lawyer must know before filing."""

    DISPUTED = "disputed"
    BARRED = "barred"
    NEAR = "near"
    INTEREST_BARRED = "interest_barred"
    CONSUMER = "consumer"
    PUBLIC_BODY = "public_body"
    ABROAD = "abroad"
    AGREED = "agreed"
    AGREEMENT = "agreement"
    PROVISIONAL = "provisional"
    NO_RATE = "no_rate"
    OTHER_CURRENCY = "other_currency"
    PAYMENTS_UNKNOWN = "payments_unknown"
    NO_NOTICE = "no_notice"
    UNPROVEN = "unproven"
    UNSIGNED = "unsigned"
    NO_INVOICE = "no_invoice"
    NO_ELECTRONIC = "no_electronic"
    NO_RECEIPT = "no_receipt"
    ELECTRONIC_PROOF = "electronic_proof"
    FILING = "filing"
    COURT_LIMIT = "court_limit"
    MISSING = "missing"
    LOST = "lost"
    ACT = "act"
    NO_KEY = "no_key"


class Caution(Record, frozen=True, kw_only=True):
    """One of these, in words."""

    code: CautionCode
    text: str
    grave: bool


class Dossier(Record, frozen=True, kw_only=True):
    """All of it."""

    format: str = FORMAT
    on: date
    source: str
    client: str
    creditor: Party
    debtor: Party
    counting: Counting
    sums: tuple[Sums, ...]
    credits: tuple[Credit, ...]
    not_due: tuple[OpenItem, ...]
    set_off: tuple[OpenItem, ...]
    injunction: Injunction | None
    exhibits: tuple[Exhibit, ...]
    messages: tuple[Message, ...]
    timeline: tuple[Happened, ...]
    cautions: tuple[Caution, ...]
