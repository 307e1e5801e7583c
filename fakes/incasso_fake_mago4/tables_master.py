"""Customers, suppliers, branches, people, agents, depots: the master tables of a company."""

from __future__ import annotations

from typing import Final

from incasso_fake_mago4.codes import NOT_BY_MAIL
from incasso_fake_mago4.columns import (
    Columns,
    amount,
    amounts,
    audit,
    days,
    flag,
    flags,
    number,
    text,
    texts,
)

_ADDRESS = {"Address": 128, "ZIPCode": 10, "City": 64, "County": 3, "Country": 64}
_CHECK = 11599872


def _subject() -> Columns:
    return {
        **texts(CompanyName=128, TaxIdNumber=20, FiscalCode=20),
        **texts(**_ADDRESS, Address2=64, StreetNo=10, Region=32, ISOCountryCode=2),
        **texts(Telephone1=20, Telephone2=20, Telex=16, Fax=16),
        **texts(EMail=128, CertifiedEMail=64, Internet=64, ContactPerson=64),
        **texts(Payment=8, CustSuppBank=11, CA=18, CIN=1, IBAN=34, CompanyBank=11),
        **texts(Currency=8, Language=8, PriceList=8),
        **texts(SendDocumentsTo=8, PaymentAddress=8, ShipToAddress=8, Account=16, PymtAccount=16),
        **flags("NaturalPerson", "Disabled", "Draft", "InLiquidation"),
        **flags("PublicSector", "ElectronicInvoicing", "SendByCertifiedEmail"),
        **flags("BlackListCustSupp", "NoBlackList"),
        **texts(IPACode=20, ExternalCode=12, OldCustSupp=12, LinkedCustSupp=12, Notes=1024),
    }


def _options() -> Columns:
    return {
        **texts(Category=8, Area=8, Salesperson=8, AreaManager=8, CustomerClassification=8),
        **flags("Blocked", "OpenedAdmCases", "NoPrintDueDate", "PublicAuthority"),
        **flags("PASplitPayment", "IsAPrivatePerson", "UseReqForPymt"),
        **amounts("OpenedAdmCasesAmount", "ReqForPymtThreshold"),
        "GroupBills": flag("1"),
        "InvoicingCustomer": text(12),
        "ReqForPymtLastLevel": number(),
        "NoOfMaxLevelReqForPymt": number(),
        **days("ReqForPymtLastDate", "MaximumCreditDate"),
        **amounts("MaxOrderValue", "MaxOrderedValue", "MaximumCredit"),
        "MaximumCreditCheckType": number(_CHECK),
    }


def _credit() -> Columns:
    return {
        "CreditLimitManage": flag("1"),
        **amounts("MaxOrderValue", "MaxOrderedValue", "MaximumCredit", "TotalExposure"),
        "MaximumCreditCheckType": number(28049408),
        "TotalExposureCheckType": number(28049408),
    }


def _branch() -> Columns:
    return {
        **texts(CompanyName=128, **_ADDRESS, ISOCountryCode=2, TaxIdNumber=20, FiscalCode=20),
        **texts(Telephone1=20, Telephone2=20, Fax=16, ContactPerson=64, EMail=128, IPACode=20),
        **texts(Salesperson=8, AreaManager=8, Notes=64),
        "Disabled": flag(),
    }


def _person() -> Columns:
    return {
        **texts(TitleCode=8, LastName=64, Name=64, WorkingPosition=32, Branch=8),
        **texts(Telephone1=20, Telephone2=20, Telex=16, Fax=16, EMail=128, Notes=64),
        "LegalRepresentative": flag(),
        **{name: number(NOT_BY_MAIL) for name in ("Invoice", "CreditNote", "DeliveryNote")},
    }


def _described(key: str) -> dict[str, Columns]:
    return {"key": {key: text()}, "rest": {"Description": text(32), "Disabled": flag()}}


MASTER: Final[dict[str, dict[str, Columns]]] = {
    "MA_CustSupp": {
        "key": {"CustSuppType": number(), "CustSupp": text(12)},
        "rest": _subject(),
    },
    "MA_CustSuppCustomerOptions": {
        "key": {"CustSuppType": number(), "Customer": text(12)},
        "rest": _options(),
    },
    "MA_CreditCustomer": {
        "key": {"CustSuppType": number(), "Customer": text(12)},
        "rest": _credit(),
    },
    "MA_CustSuppBranches": {
        "key": {"CustSuppType": number(), "CustSupp": text(12), "Branch": text()},
        "rest": _branch(),
    },
    "MA_CustSuppPeople": {
        "key": {"CustSuppType": number(), "CustSupp": text(12), "Line": number(small=True)},
        "rest": _person(),
    },
    "MA_CustSuppOutstandings": {
        "key": {"CustSuppType": number(), "CustSupp": text(12), "FiscalYear": number(small=True)},
        "rest": {"NoOfOutstandings": number(), "OutstandingsTotAmt": amount()},
    },
    "MA_PaymentTerms": {
        "key": {"Payment": text()},
        "rest": {"Description": text(32), "InstallmentType": number(), "Disabled": flag()},
    },
    "MA_SalesPeople": {
        "key": {"Salesperson": text()},
        "rest": {
            **texts(Name=64, AreaManager=8, Supplier=12),
            **flags("Disabled", "IsAnAreaManager"),
            **days("HiringDate", "FiringDate"),
        },
    },
    "MA_Areas": _described("Area"),
    "MA_CustomerCtg": _described("Category"),
    "MA_Storages": _described("Storage"),
    "MA_Company": {
        "key": {"CompanyId": number()},
        "rest": texts(CompanyName=128, TaxIdNumber=20, FiscalCode=20),
    },
}
"""Table to its key columns and the rest; the audit columns come on top."""

for _table in MASTER.values():
    _table["rest"].update(audit())
