"""Clients out of the document Customers; what the profile leaves out stays empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import xxhash

from incasso.api import ClientItem, Problem, Unreadable
from incasso.api import text as sentence
from incasso_mago4.client_rows import ClientRow
from incasso_mago4.clients import client_of
from incasso_mago4.codes import NOT_BY_MAIL
from incasso_mago4.link.items import Reminder
from incasso_mago4.link.values import (
    BadValueError,
    Fields,
    Reader,
    amount,
    day,
    flag,
    text,
    value,
    whole,
)
from incasso_mago4.link.xml import Record
from incasso_mago4.raw import NotMoneyError
from incasso_mago4.rules import Rules

BRANCHES: Final = "OtherBranches"
PEOPLE: Final = "People"
FLAG: Final = "Blocked"

_MASTER: Final = {
    "code": "CustSupp",
    "name": "CompanyName",
    "vat": "TaxIdNumber",
    "tax_code": "FiscalCode",
    "address": "Address",
    "address_more": "Address2",
    "street_number": "StreetNo",
    "zip": "ZIPCode",
    "city": "City",
    "province": "County",
    "country": "ISOCountryCode",
    "phone": "Telephone1",
    "second_phone": "Telephone2",
    "telex": "Telex",
    "fax": "Fax",
    "email": "EMail",
    "pec": "CertifiedEMail",
    "contact": "ContactPerson",
    "payment": "Payment",
    "language": "Language",
    "person": "NaturalPerson",
    "disabled": "Disabled",
    "liquidation": "InLiquidation",
    "public_sector": "PublicSector",
    "formerly": "OldCustSupp",
    "notes": "Notes",
}
_OPTIONS: Final = {
    "category": "Category",
    "area": "Area",
    "agent": "Salesperson",
    "blocked": FLAG,
    "legal": "OpenedAdmCases",
    "legal_amount": "OpenedAdmCasesAmount",
    "public_authority": "PublicAuthority",
    "classification": "CustomerClassification",
    "first_limit": "MaximumCredit",
}
_BRANCH: Final = {
    "branch": "Branch",
    "disabled": "Disabled",
    "name": "CompanyName",
    "address": "Address",
    "zip": "ZIPCode",
    "city": "City",
    "province": "County",
    "country": "ISOCountryCode",
    "phone": "Telephone1",
    "fax": "Fax",
    "contact": "ContactPerson",
    "email": "EMail",
}
_PERSON: Final = {
    "who_last": "LastName",
    "who_first": "Name",
    "who_role": "WorkingPosition",
    "who_phone": "Telephone1",
    "who_second_phone": "Telephone2",
    "who_email": "EMail",
}
_READERS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys("NaturalPerson Disabled InLiquidation PublicSector".split(), flag),
    **dict.fromkeys(f"{FLAG} OpenedAdmCases PublicAuthority".split(), flag),
    **dict.fromkeys("OpenedAdmCasesAmount MaximumCredit".split(), amount),
}
_encode = msgspec.msgpack.Encoder().encode


def client(record: Record, settings: Rules, seed: int) -> ClientItem:
    """One customer, mapped as a row of the database is."""
    code = record.master.get("CustSupp", "").strip()
    try:
        if not code:
            raise BadValueError("CustSupp", sentence("the customer has no code"))
        row = _row(record)
        return client_of(row, settings, xxhash.xxh3_128_digest(_encode(row), seed))
    except BadValueError as error:
        problem = error.problem
    except (NotMoneyError, ArithmeticError, TypeError, ValueError) as error:
        problem = Problem(
            code="unreadable", message=str(error), hint=sentence("look at it in Mago")
        )
    raw = repr(dict(record.master))[:2000]
    return Unreadable(external_id=code, problems=(problem,), raw=raw)


def options_block(record: Record) -> tuple[str, Fields] | None:
    """Name and fields of the block with `Blocked`; None if the profile leaves it out."""
    for name in sorted(record.single):
        fields = record.blocks[name][0]
        if FLAG in fields:
            return name, fields
    return None


def reminder(record: Record) -> Reminder:
    """What Mago reminded this customer of by itself."""
    found = options_block(record)
    try:
        on = value(found[1], "ReqForPymtLastDate", day) if found else None
        level = value(found[1], "ReqForPymtLastLevel", whole) if found else 0
    except BadValueError:
        return Reminder()
    return Reminder(on, level or 0) if on and on.year >= 1900 else Reminder()


def reminders_of(records: Iterable[Record]) -> dict[str, Reminder]:
    """Mago's own reminders by customer, of those who got one."""
    found = {record.master.get("CustSupp", "").strip(): reminder(record) for record in records}
    return {code: each for code, each in found.items() if each.on}


def _row(record: Record) -> ClientRow:
    values: dict[str, Any] = dict.fromkeys(ClientRow._fields)
    found = options_block(record)
    values |= _read(record.master, _MASTER)
    values |= _read(found[1] if found else {}, _OPTIONS)
    for prefix, naming in (("pay_", "PaymentAddress"), ("doc_", "SendDocumentsTo")):
        branch = _branch(record, record.master.get(naming, ""))
        values |= {f"{prefix}{name}": each for name, each in _read(branch, _BRANCH).items()}
    values |= _read(_person(record), _PERSON)
    return ClientRow(**values)


def _read(fields: Fields, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        ours: value(fields, theirs, _READERS.get(theirs, text)) for ours, theirs in names.items()
    }


def _branch(record: Record, code: str) -> Fields:
    rows = record.blocks.get(BRANCHES, ())
    return next((row for row in rows if code and row.get("Branch") == code), {})


def _person(record: Record) -> Fields:
    """The first person to whom invoices go by mail."""
    rows = record.blocks.get(PEOPLE, ())
    found = [row for row in rows if value(row, "Invoice", whole) not in (None, NOT_BY_MAIL)]
    return min(found, key=lambda row: value(row, "Line", whole) or 0, default={})
