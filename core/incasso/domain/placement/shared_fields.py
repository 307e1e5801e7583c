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

from incasso.contract.exchange import Debtor, PlacedCredit, PlacementDossier

R = TypeVar("R", Debtor, PlacedCredit, PlacementDossier)


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
    CONTACT_PERSON = "contact_person"
    CALL_HOURS = "call_hours"
    PAYMENT_METHOD = "payment_method"
    """And when a bill came back."""
    INTEREST = "interest"
    PRESCRIPTION = "prescription"
    """When the credit falls under limitation."""
    DISPUTED = "disputed"
    HISTORY = "history"
    """What the office did about it."""
    NOTES = "notes"
    """What the office wants the provider to know."""
    DOCUMENTS = "documents"
    """The invoices themselves, where they are asked for."""


class _Told(NamedTuple):
    """The fields that a word stands for, of debtor, credit and dossier."""

    debtor: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    dossier: tuple[str, ...] = ()


_F = SharedField
TOLD: Final[Mapping[SharedField, _Told]] = MappingProxyType(
    {
        _F.VAT: _Told(("vat",)),
        _F.TAX_CODE: _Told(("tax_code",)),
        _F.ADDRESS: _Told(("address", "zip", "city", "province", "country")),
        _F.LANGUAGE: _Told(("language",)),
        _F.EMAIL: _Told(("email",)),
        _F.PEC: _Told(("pec",)),
        _F.PHONE: _Told(("phone",)),
        _F.MOBILE: _Told(("mobile",)),
        _F.CONTACT_PERSON: _Told(("contact_person",)),
        _F.CALL_HOURS: _Told(("call_hours",)),
        _F.PAYMENT_METHOD: _Told((), ("payment_method", "unpaid_on")),
        _F.INTEREST: _Told((), ("interest",)),
        _F.PRESCRIPTION: _Told((), ("prescribed_on",)),
        _F.DISPUTED: _Told((), ("disputed",)),
        _F.HISTORY: _Told((), (), ("history",)),
        _F.NOTES: _Told((), (), ("notes",)),
        _F.DOCUMENTS: _Told(),
    }
)

ALWAYS: Final = _Told(
    ("code", "name", "kind"),
    (
        *("row", "key", "due_date", "residual", "amount"),
        *("document_kind", "document_number", "document_date", "installment_number"),
    ),
    ("placement", "lot", "service", "debtor", "credits", "total", "until"),
)
"""Who owes and what is asked: without these there is no placement."""

_PARTY: Final = frozenset({_F.VAT, _F.TAX_CODE, _F.ADDRESS, _F.LANGUAGE})
_REACHED: Final = frozenset({_F.EMAIL, _F.PEC, _F.PHONE, _F.MOBILE, _F.CONTACT_PERSON})
_CREDIT: Final = frozenset({_F.PAYMENT_METHOD, _F.INTEREST, _F.DISPUTED, _F.HISTORY, _F.NOTES})
_COURT: Final = _PARTY | _REACHED | _CREDIT | {_F.PRESCRIPTION, _F.DOCUMENTS}

USUAL: Final[Mapping[str, frozenset[SharedField]]] = MappingProxyType(
    {
        "phone": _CREDIT
        | {_F.VAT, _F.LANGUAGE, _F.PHONE, _F.MOBILE, _F.CONTACT_PERSON, _F.CALL_HOURS},
        "postal": frozenset({_F.ADDRESS, _F.LANGUAGE, _F.PAYMENT_METHOD, _F.INTEREST}),
        "extrajudicial": _COURT | {_F.CALL_HOURS},
        "due_diligence": _PARTY | {_F.NOTES},
        "judicial": _COURT,
        "write_down": _COURT,
        "negative_report": _PARTY | _REACHED | _CREDIT,
    }
)
"""By service what it is told unless the office says otherwise: who phones needs no invoices, who
writes letters no telephone numbers, who looks for property only who and where."""


def told_of(dossier: PlacementDossier, fields: Collection[SharedField]) -> PlacementDossier:
    """The dossier with everything else empty, of its debtor and credits too."""
    kept = _kept(fields)
    return msgspec.structs.replace(
        _blanked(dossier, kept.dossier),
        debtor=_blanked(dossier.debtor, kept.debtor),
        credits=tuple(_blanked(credit, kept.credit) for credit in dossier.credits),
    )


def names_told(fields: Collection[SharedField]) -> tuple[str, ...]:
    """The names of the debtor's and the credits' fields that a lot has, for its head."""
    kept = _kept(fields)
    return (*kept.debtor, *kept.credit)


def _kept(fields: Collection[SharedField]) -> _Told:
    """All fields that stay, in the order of the words."""
    told = [ALWAYS, *(TOLD[each] for each in SharedField if each in fields)]
    return _Told(*(tuple(name for each in told for name in each[place]) for place in range(3)))


def _blanked(record: R, kept: Collection[str]) -> R:
    empty = {
        field.name: field.default
        for field in msgspec.structs.fields(type(record))
        if field.name not in kept
    }
    return msgspec.structs.replace(record, **empty)
