"""What a provider is told of a client: only what its service needs.

The conduct code and the data-protection authority want outside agencies to get the data of their
task and nothing else; who fills a lot takes the rest out before anything is written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

import msgspec

from incasso.contract.ledger import ClientRecord, InstallmentRecord

R = TypeVar("R", ClientRecord, InstallmentRecord)


class SharedField(StrEnum):
    """Something that a lot may tell of a client; the words of `[provider.fields]`."""

    VAT = "vat"
    TAX_CODE = "tax_code"
    """Of a person it says birth date and birthplace too."""
    ADDRESS = "address"
    """With postcode, town, province and country."""
    LANGUAGE = "language"
    EMAIL = "email"
    PEC = "pec"
    PHONE = "phone"
    MOBILE = "mobile"
    FAX = "fax"
    CONTACT = "contact"
    """The person to ask for, and their role."""
    CALL_HOURS = "call_hours"
    AGENT = "agent"
    CATEGORY = "category"
    RATING = "rating"
    CLIENT_NOTES = "client_notes"
    PAYMENT_METHOD = "payment_method"
    BANK = "bank"
    """When a bill was presented and came back."""
    CREDIT_NOTES = "credit_notes"
    """The notes of the ERP on a single installment."""
    HISTORY = "history"
    """What the office did about it."""
    DOCUMENTS = "documents"
    """The invoices themselves."""


class _Told(NamedTuple):
    """The fields of the records that a word stands for."""

    client: tuple[str, ...] = ()
    installment: tuple[str, ...] = ()


TOLD: Final[Mapping[SharedField, _Told]] = MappingProxyType(
    {
        SharedField.VAT: _Told(("vat",)),
        SharedField.TAX_CODE: _Told(("tax_code",)),
        SharedField.ADDRESS: _Told(("address", "zip", "city", "province", "country")),
        SharedField.LANGUAGE: _Told(("language",)),
        SharedField.EMAIL: _Told(("email",)),
        SharedField.PEC: _Told(("pec",)),
        SharedField.PHONE: _Told(("phone",)),
        SharedField.MOBILE: _Told(("mobile",)),
        SharedField.FAX: _Told(("fax",)),
        SharedField.CONTACT: _Told(("contact_person", "contact_role")),
        SharedField.CALL_HOURS: _Told(("call_hours",)),
        SharedField.AGENT: _Told(("agent",), ("agent",)),
        SharedField.CATEGORY: _Told(("category",)),
        SharedField.RATING: _Told(("rating",)),
        SharedField.CLIENT_NOTES: _Told(("notes",)),
        SharedField.PAYMENT_METHOD: _Told((), ("payment_method",)),
        SharedField.BANK: _Told((), ("unpaid_on", "presented_on", "bill_number")),
        SharedField.CREDIT_NOTES: _Told((), ("notes",)),
        SharedField.HISTORY: _Told(),
        SharedField.DOCUMENTS: _Told(),
    }
)

ALWAYS: Final = _Told(
    ("code", "name", "is_person", "public_body"),
    (
        *("key", "client", "due_date", "residual", "amount", "currency"),
        *("document_kind", "document_number", "document_date", "installment_number"),
    ),
)
"""Who owes and what is asked: without these there is no placement."""

NEVER: Final = _Told(
    (
        *("depot", "area", "payment_terms", "credit_limit", "blocked", "excluded", "seasonal"),
        *("unpaid_count", "formerly", "fingerprint"),
    ),
    (
        *("depot", "area", "document", "base_residual", "reminded_on", "reminders", "erp_hold"),
        "fingerprint",
    ),
)
"""The house's own matters."""

_F = SharedField
_PARTY: Final = frozenset({_F.VAT, _F.TAX_CODE, _F.ADDRESS, _F.LANGUAGE})
_REACHED: Final = frozenset({_F.EMAIL, _F.PEC, _F.PHONE, _F.MOBILE, _F.CONTACT})
_CREDIT: Final = frozenset({_F.PAYMENT_METHOD, _F.BANK, _F.HISTORY})
_COURT: Final = _PARTY | _REACHED | _CREDIT | {_F.DOCUMENTS}

USUAL: Final[Mapping[str, frozenset[SharedField]]] = MappingProxyType(
    {
        "phone": _CREDIT | {_F.VAT, _F.LANGUAGE, _F.PHONE, _F.MOBILE, _F.CONTACT, _F.CALL_HOURS},
        "postal": frozenset({_F.ADDRESS, _F.LANGUAGE, _F.PAYMENT_METHOD}),
        "extrajudicial": _COURT | {_F.FAX, _F.CALL_HOURS},
        "due_diligence": _PARTY,
        "judicial": _COURT,
        "write_down": _COURT,
        "negative_report": _PARTY | _REACHED | _CREDIT,
    }
)
"""By service what it is told unless the office says otherwise: who phones needs no invoices, who
writes letters no telephone numbers, who looks for property only who and where."""


def client_told(client: ClientRecord, fields: Collection[SharedField]) -> ClientRecord:
    """The record with the rest empty."""
    kept = {*ALWAYS.client, *(name for each in fields for name in TOLD[each].client)}
    return _blanked(client, kept)


def installment_told(
    installment: InstallmentRecord, fields: Collection[SharedField]
) -> InstallmentRecord:
    """The record with the rest empty."""
    kept = {*ALWAYS.installment, *(name for each in fields for name in TOLD[each].installment)}
    return _blanked(installment, kept)


def _blanked(record: R, kept: Collection[str]) -> R:
    empty = {
        field.name: field.default
        for field in msgspec.structs.fields(type(record))
        if field.name not in kept
    }
    return msgspec.structs.replace(record, **empty)
