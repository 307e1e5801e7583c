"""A lot as it is handed over: its head, its debtors, their credits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec

from incasso.contract.ledger import DocumentKind, PaymentMethod
from incasso.contract.values import ExternalId, Money, Value

EXCHANGE_VERSION: Final = "1.0"
"""Version of these messages; a file names the one it was written with."""

LotId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
"""Ours, e.g. `L-2026-0007`."""

PlacementId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
"""Ours, e.g. `P-0000123`."""

RowId: TypeAlias = Annotated[str, msgspec.Meta(max_length=32)]
"""Ours, e.g. `R-0004567`; empty where a message is about the whole placement."""


class PlacementRef(Value, frozen=True, kw_only=True):
    """The two names of a placement; a message from outside may know only one of them."""

    ours: Annotated[str, msgspec.Meta(max_length=32)] = ""
    theirs: ExternalId = ""


class Service(StrEnum):
    """What a provider is asked to do with a placement."""

    PHONE = "phone"
    POSTAL = "postal"
    EXTRAJUDICIAL = "extrajudicial"
    DUE_DILIGENCE = "due_diligence"
    JUDICIAL = "judicial"
    WRITE_DOWN = "write_down"
    """The judicial procedure that makes a loss deductible."""
    NEGATIVE_REPORT = "negative_report"


class Party(Value, frozen=True, kw_only=True):
    """The creditor or the provider, as the head of a lot names it."""

    name: str
    code: str = ""
    """The provider's key at the hub; the creditor's source."""
    vat: str = ""
    address: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    iban: str = ""
    """Of the creditor: where a debtor who pays directly should pay."""


class DebtorKind(StrEnum):
    """What kind of debtor; a person has a right to more protection."""

    COMPANY = "company"
    PERSON = "person"
    PUBLIC_BODY = "public_body"


class Debtor(Value, frozen=True, kw_only=True):
    """Who owes; fields that the service may not see are empty."""

    code: ExternalId
    """The client's code in the ERP."""
    name: str
    kind: DebtorKind = DebtorKind.COMPANY
    vat: str = ""
    tax_code: str = ""
    address: str = ""
    zip: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    language: str = ""
    email: str = ""
    pec: str = ""
    phone: str = ""
    mobile: str = ""
    contact_person: str = ""
    call_hours: str = ""


class PlacedCredit(Value, frozen=True, kw_only=True):
    """One installment handed over; amounts in the currency of its placement."""

    row: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    key: ExternalId
    """Of the installment in the ERP."""
    due_date: date
    residual: Decimal
    """What is asked for; the sum of all of them is the total of the placement."""
    amount: Decimal | None = None
    """What it was before part payments."""
    document_kind: DocumentKind = DocumentKind.INVOICE
    document_number: str = ""
    document_date: date | None = None
    installment_number: int = 1
    payment_method: PaymentMethod = PaymentMethod.OTHER
    unpaid_on: date | None = None
    interest: Decimal | None = None
    """Statutory interest up to the day of handing over; not part of `residual`."""
    prescribed_on: date | None = None
    """When the credit falls under limitation (prescrizione), as far as the hub knows."""
    disputed: bool = False


class StepSummary(Value, frozen=True, kw_only=True):
    """One thing already done about the placed credits."""

    on: date
    stage: str
    medium: str
    outcome: str = ""


class PlacementDossier(Value, frozen=True, kw_only=True):
    """One client's credits handed over, in one currency."""

    placement: PlacementId
    lot: LotId
    service: Service
    debtor: Debtor
    credits: tuple[PlacedCredit, ...]
    total: Money
    """The sum of the residuals of `credits`."""
    until: date | None = None
    """The last day of the mandate; then the placement returns by itself."""
    history: tuple[StepSummary, ...] = ()
    notes: str = ""
    """What the office wants the provider to know."""


class LotTotals(Value, frozen=True, kw_only=True):
    """The control totals of a lot."""

    placements: int
    rows: int
    sums: tuple[Money, ...]
    """One for each currency, by its code."""


class LotSheet(Value, frozen=True, kw_only=True):
    """The head of a lot: who hands over what to whom, and how much it must add up to."""

    lot: LotId
    service: Service
    creditor: Party
    provider: Party
    mandate: str = ""
    """The mandate or price list it goes by, as the provider knows it."""
    handed_on: date
    until: date | None = None
    totals: LotTotals
    fields: tuple[str, ...] = ()
    """Names of the fields of `Debtor` and `PlacedCredit` that this service may see; a plugin
    writes no others. Empty: all."""
    digest: str = ""
    """SHA-256 of the frozen composition, in hexadecimal: a file that comes back repeats it."""
    language: str = "it"
    """Of headings and lists in the file."""


class Quote(Value, frozen=True, kw_only=True):
    """A price before anything is committed; `rate` is a fraction: 0.04 is four per cent."""

    fixed: Money
    rate: Decimal
    valid_until: date
    text: str = ""
