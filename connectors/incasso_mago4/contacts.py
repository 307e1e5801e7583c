"""The recipient of a reminder: the person for invoices, the branch for payments, the customer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from incasso_mago4.client_rows import ClientRow
from incasso_mago4.raw import flag, text
from incasso_mago4.rules import Rules

_MOBILE: Final = re.compile(r"(?:\+39|0039)?3\d{8,9}")
_COUNTRY: Final = re.compile("[A-Z]{2}")
_NOT_DIGITS: Final = re.compile(r"[^\d+]")


@dataclass(frozen=True, kw_only=True)
class ContactData:
    """Address and ways to reach a customer about its debts."""

    address: str
    zip: str
    city: str
    province: str
    country: str
    email: str
    phone: str
    mobile: str
    fax: str
    person: str
    role: str


def contact_data(row: ClientRow, settings: Rules) -> ContactData:
    """The address comes whole from one place; each way to reach it from the nearest that has it."""
    branch = "" if settings.contacts == "customer" else _branch(row)
    people = settings.contacts == "people"
    at = _At(row, branch)
    place = branch if text(at["address"]) or text(at["city"]) else ""
    where = _At(row, place)
    person = " ".join(filter(None, (text(row.who_first), text(row.who_last)))) if people else ""
    phones = [row.who_phone, row.who_second_phone] if people else []
    phones += [at["phone"], row.phone, row.second_phone]
    return ContactData(
        address=_street(row) if not place else text(where["address"]),
        zip=text(where["zip"]),
        city=text(where["city"]),
        province=text(where["province"]),
        country=_country(text(where["country"])),
        email=_first(row.who_email if people else "", at["email"], row.email),
        phone=_first(*phones),
        mobile=_mobile(*phones, row.telex if settings.telex_is_mobile else ""),
        fax=_first(at["fax"], row.fax),
        person=person or _first(at["contact"], row.contact),
        role=text(row.who_role) if person else "",
    )


def _country(written: str) -> str:
    """Two letters, or nothing: the field also takes other signs."""
    country = written.upper()
    return country if _COUNTRY.fullmatch(country) else ""


class _At:
    """The columns of one place of a customer: a branch, or with an empty prefix itself."""

    def __init__(self, row: ClientRow, prefix: str) -> None:
        self._row = row
        self._prefix = prefix

    def __getitem__(self, name: str) -> Any:
        return getattr(self._row, f"{self._prefix}{name}")


def _branch(row: ClientRow) -> str:
    """The branch for payments, else the one for documents; a disabled one is none."""
    for prefix in ("pay_", "doc_"):
        found, disabled = getattr(row, f"{prefix}branch"), getattr(row, f"{prefix}disabled")
        if text(found) and not flag(disabled):
            return prefix
    return ""


def _street(row: ClientRow) -> str:
    street = " ".join(filter(None, (text(row.address), text(row.street_number))))
    return ", ".join(filter(None, (street, text(row.address_more))))


def _first(*found: Any) -> str:
    return next((plain for each in found if (plain := text(each))), "")


def _mobile(*found: Any) -> str:
    """The first number that can only be an Italian mobile."""
    return next((text(each) for each in found if is_mobile(text(each))), "")


def is_mobile(number: str) -> bool:
    """Whether a telephone number is an Italian mobile: landlines begin with 0."""
    return bool(_MOBILE.fullmatch(_NOT_DIGITS.sub("", number)))
