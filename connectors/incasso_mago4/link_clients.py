"""Clients out of the document Customers; what the profile leaves out stays empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import xxhash

from incasso.api import ClientRecord, Unreadable
from incasso_mago4.link_items import Reminder
from incasso_mago4.link_values import BadValueError, amount, day, text, whole, yes
from incasso_mago4.link_xml import Record

Fields = Mapping[str, str]

BRANCHES: Final = "OtherBranches"
FLAG: Final = "Blocked"
_NOT_BY_MAIL: Final = 12451840


def client(record: Record) -> ClientRecord | Unreadable:
    """One customer; where reminders go is the branch that Mago names for payments."""
    try:
        return _client(record)
    except BadValueError as error:
        code = record.master.get("CustSupp", "")
        raw = repr(dict(record.master))[:2000]
        return Unreadable(external_id=code, problems=(error.problem,), raw=raw)


def _client(record: Record) -> ClientRecord:
    master, options = record.master, options_of(record)
    code, name = text(master, "CustSupp"), text(master, "CompanyName")
    if not code:
        raise BadValueError("CustSupp", "the customer has no code")
    if not name:
        raise BadValueError("CompanyName", "the customer has no name")
    place = _branch(record) or master
    person = _person(record)
    return ClientRecord(
        code=code,
        name=name,
        vat=text(master, "TaxIdNumber"),
        tax_code=text(master, "FiscalCode"),
        is_person=yes(master, "NaturalPerson"),
        address=f"{text(place, 'Address')} {text(place, 'StreetNo')}".strip(),
        zip=text(place, "ZIPCode"),
        city=text(place, "City"),
        province=text(place, "County"),
        country=text(place, "ISOCountryCode"),
        email=text(place, "EMail") or text(master, "EMail"),
        pec=text(master, "CertifiedEMail"),
        phone=text(place, "Telephone1") or text(master, "Telephone1"),
        fax=text(place, "Fax") or text(master, "Fax"),
        contact_person=text(person, "ContactPerson") or text(master, "ContactPerson"),
        agent=text(options, "Salesperson"),
        area=text(options, "Area"),
        category=text(options, "Category"),
        payment_terms=text(master, "Payment"),
        credit_limit=_limit(options),
        blocked=yes(options, FLAG),
        public_body=yes(options, "PublicAuthority"),
        notes=text(master, "Notes"),
        formerly=text(master, "OldCustSupp"),
        fingerprint=xxhash.xxh3_128_digest(repr(record).encode()),
    )


def _limit(options: Fields) -> Decimal | None:
    """The credit limit; Mago writes 0 where there is none."""
    return amount(options, "MaximumCredit") or None if "MaximumCredit" in options else None


def options_of(record: Record) -> Fields:
    """The block with the customer's options, which is the one that holds the flag."""
    found = options_block(record)
    return found[1] if found else {}


def options_block(record: Record) -> tuple[str, Fields] | None:
    """Name and fields of the block with `Blocked`; None if the profile leaves it out."""
    for name in record.single:
        fields = record.blocks[name][0]
        if FLAG in fields:
            return name, fields
    return None


def reminder(record: Record) -> Reminder:
    """What Mago reminded this customer of by itself."""
    options = options_of(record)
    try:
        on = day(options, "ReqForPymtLastDate")
        return Reminder(on, whole(options, "ReqForPymtLastLevel", 0)) if on else Reminder()
    except BadValueError:
        return Reminder()


def _branch(record: Record) -> Fields | None:
    """The branch that receives payment requests, else the one that receives documents."""
    branches: Sequence[Fields] = record.blocks.get(BRANCHES, ())
    for field in ("PaymentAddress", "SendDocumentsTo"):
        wanted = record.master.get(field, "")
        for branch in branches:
            if wanted and branch.get("Branch") == wanted:
                return branch
    return None


def _person(record: Record) -> Fields:
    """Who gets the invoices by mail."""
    for row in record.blocks.get("People", ()):
        if whole(row, "Invoice", _NOT_BY_MAIL) != _NOT_BY_MAIL:
            name = f"{text(row, 'Name')} {text(row, 'LastName')}".strip()
            return {"ContactPerson": name, "EMail": text(row, "EMail")}
    return {}
