"""The query of customers: one row each, with options, limits, branches, the person to write to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from incasso_mago4.codes import CUSTOMER, NOT_BY_MAIL
from incasso_mago4.database.schema import Relation, Schema


class ClientRow(NamedTuple):
    """One customer as the driver gave it."""

    code: str
    name: str
    vat: str
    tax_code: str
    address: str
    address_more: str
    street_number: str
    zip: str
    city: str
    province: str
    country: str
    phone: str
    second_phone: str
    telex: str
    fax: str
    email: str
    pec: str
    contact: str
    payment: str
    language: str
    person: str
    disabled: str
    liquidation: str
    public_sector: str
    formerly: str
    notes: str
    category: str
    area: str
    agent: str
    blocked: str
    legal: str
    legal_amount: Any
    public_authority: str
    classification: str
    first_limit: Any
    has_second: str | None
    second_managed: str
    second_limit: Any
    second_exposure: Any
    payment_text: str
    unpaid_count: int | None
    pay_branch: str | None
    pay_disabled: str
    pay_name: str
    pay_address: str
    pay_zip: str
    pay_city: str
    pay_province: str
    pay_country: str
    pay_phone: str
    pay_fax: str
    pay_contact: str
    pay_email: str
    doc_branch: str | None
    doc_disabled: str
    doc_name: str
    doc_address: str
    doc_zip: str
    doc_city: str
    doc_province: str
    doc_country: str
    doc_phone: str
    doc_fax: str
    doc_contact: str
    doc_email: str
    who_last: str
    who_first: str
    who_role: str
    who_phone: str
    who_second_phone: str
    who_email: str


_SUBJECT: Final = (
    "CustSupp CompanyName TaxIdNumber FiscalCode Address Address2 StreetNo ZIPCode City County "
    "ISOCountryCode Telephone1 Telephone2 Telex Fax EMail CertifiedEMail ContactPerson Payment "
    "Language NaturalPerson Disabled InLiquidation PublicSector OldCustSupp Notes"
).split()
_OPTIONS: Final = (
    "Category Area Salesperson Blocked OpenedAdmCases OpenedAdmCasesAmount PublicAuthority "
    "CustomerClassification MaximumCredit"
).split()
_CREDIT: Final = "Customer CreditLimitManage MaximumCredit TotalExposure".split()
_BRANCH: Final = (
    "Branch Disabled CompanyName Address ZIPCode City County ISOCountryCode Telephone1 Fax "
    "ContactPerson EMail"
).split()
_PERSON: Final = "LastName Name WorkingPosition Telephone1 Telephone2 EMail".split()


def statement(schema: Schema) -> sa.Select[Any]:
    """Every customer, by code. No row is duplicated: each join is on a whole key."""
    subject = schema.relation("MA_CustSupp", "c")
    joined: Any = subject.table
    parts: dict[str, Relation] = {}
    for name, alias in (("MA_CustSuppCustomerOptions", "o"), ("MA_CreditCustomer", "k")):
        parts[alias] = relation = schema.relation(name, alias)
        if relation:
            joined = joined.outerjoin(relation.table, _same(relation, subject, "Customer"))
    for alias, column in (("p", "PaymentAddress"), ("q", "SendDocumentsTo")):
        parts[alias] = relation = schema.relation("MA_CustSuppBranches", alias)
        if relation and subject.has(column):
            is_it = relation["Branch"] == subject[column]
            joined = joined.outerjoin(
                relation.table, sa.and_(_same(relation, subject, "CustSupp"), is_it)
            )
        else:
            parts[alias] = Relation("MA_CustSuppBranches", {}, None)
    terms = schema.relation("MA_PaymentTerms", "t")
    if terms and subject.has("Payment"):
        joined = joined.outerjoin(terms.table, terms["Payment"] == subject["Payment"])
    else:
        terms = Relation("MA_PaymentTerms", {}, None)
    joined, person = _with_person(schema, joined, subject)
    joined, unpaid = _with_unpaid(schema, joined, subject)
    columns = [
        *(subject[name] for name in _SUBJECT),
        *(parts["o"][name] for name in _OPTIONS),
        *(parts["k"][name] for name in _CREDIT),
        terms["Description"],
        unpaid,
        *(parts["p"][name] for name in _BRANCH),
        *(parts["q"][name] for name in _BRANCH),
        *(person[name] for name in _PERSON),
    ]
    labelled = [c.label(name) for c, name in zip(columns, ClientRow._fields, strict=True)]
    return (
        sa.select(*labelled)
        .select_from(joined)
        .where(subject["CustSuppType"] == CUSTOMER)
        .order_by(subject["CustSupp"])
    )


def _same(relation: Relation, subject: Relation, code: str) -> sa.ColumnElement[bool]:
    """By type and code: the same code may be a customer and a supplier."""
    return sa.and_(
        relation["CustSuppType"] == subject["CustSuppType"],
        relation[code] == subject["CustSupp"],
    )


def _with_person(schema: Schema, joined: Any, subject: Relation) -> tuple[Any, Relation]:
    """The first person whom the company mails its invoices to."""
    person = schema.relation("MA_CustSuppPeople", "w")
    if not person.has("Invoice"):
        return joined, Relation("MA_CustSuppPeople", {}, None)
    each = schema.relation("MA_CustSuppPeople", "v")
    first = (
        sa.select(each["CustSupp"].label("who"), sa.func.min(each["Line"]).label("line"))
        .where(each["CustSuppType"] == CUSTOMER, each["Invoice"] != NOT_BY_MAIL)
        .group_by(each["CustSupp"])
        .subquery("f")
    )
    joined = joined.outerjoin(first, first.c.who == subject["CustSupp"]).outerjoin(
        person.table,
        sa.and_(_same(person, subject, "CustSupp"), person["Line"] == first.c.line),
    )
    return joined, person


def _with_unpaid(
    schema: Schema, joined: Any, subject: Relation
) -> tuple[Any, sa.ColumnElement[Any]]:
    """Bills that came back, over all years."""
    years = schema.relation("MA_CustSuppOutstandings", "u")
    if not years:
        return joined, sa.null()
    total = (
        sa.select(
            years["CustSupp"].label("who"),
            sa.func.sum(years["NoOfOutstandings"]).label("bills"),
        )
        .where(years["CustSuppType"] == CUSTOMER)
        .group_by(years["CustSupp"])
        .subquery("z")
    )
    return joined.outerjoin(total, total.c.who == subject["CustSupp"]), total.c.bills


LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("I", "IT", "ITA", "ITALIANO"), "it"),
        **dict.fromkeys(("E", "EN", "ENG", "GB", "UK", "ING"), "en"),
        **dict.fromkeys(("D", "DE", "DEU", "GER", "TED"), "de"),
        **dict.fromkeys(("F", "FR", "FRA"), "fr"),
        **dict.fromkeys(("ES", "ESP", "SPA"), "es"),
    }
)
"""Each company names its languages itself; these are the usual names."""
