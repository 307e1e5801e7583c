"""The tables and columns that are read, which are required, and what is lost without the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from incasso.api import text as sentence


@dataclass(frozen=True)
class Wanted:
    """One table. Without a needed table or column nothing can be read."""

    name: str
    needed: tuple[str, ...]
    """Columns without which the table is of no use."""
    rest: tuple[str, ...] = ()
    """Columns that older releases may lack; they are then read as empty."""
    lost: str = ""
    """What the office does not see without the table; empty: nothing works without it."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TABLES: Final = (
    Wanted(
        "MA_CustSupp",
        _words("CustSuppType CustSupp CompanyName"),
        _words(
            "TaxIdNumber FiscalCode Address Address2 StreetNo ZIPCode City County ISOCountryCode "
            "Telephone1 Telephone2 Telex Fax EMail CertifiedEMail ContactPerson Payment Language "
            "SendDocumentsTo PaymentAddress NaturalPerson Disabled InLiquidation PublicSector "
            "OldCustSupp Notes TBModified"
        ),
    ),
    Wanted(
        "MA_PyblsRcvbls",
        _words("PymtSchedId CustSuppType CustSupp DocNo DocumentDate CreditNote Settled"),
        _words(
            "Advance Blocked Currency Salesperson Area TotalAmount Description ContractCode "
            "ProjectCode Notes TBModified"
        ),
    ),
    Wanted(
        "MA_PyblsRcvblsDetails",
        _words(
            "PymtSchedId InstallmentNo InstallmentType ClosingType InstallmentDate "
            "DebitCreditSign Amount"
        ),
        _words(
            "PayableAmountInBaseCurr OpeningDate PaymentTerm Currency Closed Blocked Notes "
            "Salesperson Area BillNo BillCode PresentationBank Presented PresentationDate "
            "Presentation PresentationAmount Collected Outstanding OutstandingDate "
            "OutstandingAmount ReopeningInstallmentNo OpenedAdmCases CompensationNo DocumentId "
            "DocumentType TBModified"
        ),
    ),
    Wanted(
        "MA_CustSuppCustomerOptions",
        _words("CustSuppType Customer"),
        _words(
            "Category Area Salesperson Blocked OpenedAdmCases OpenedAdmCasesAmount "
            "PublicAuthority CustomerClassification ReqForPymtLastLevel ReqForPymtLastDate "
            "MaximumCredit TBModified TBModifiedID"
        ),
        sentence("agent, area, category, the block and the credit limit of customers"),
    ),
    Wanted(
        "MA_CreditCustomer",
        _words("CustSuppType Customer"),
        _words("CreditLimitManage MaximumCredit TotalExposure"),
        sentence("credit limits of the second generation"),
    ),
    Wanted(
        "MA_CustSuppBranches",
        _words("CustSuppType CustSupp Branch"),
        _words(
            "CompanyName Address ZIPCode City County ISOCountryCode Telephone1 Telephone2 Fax "
            "ContactPerson EMail Disabled"
        ),
        sentence("addresses of branches that reminders should go to"),
    ),
    Wanted(
        "MA_CustSuppPeople",
        _words("CustSuppType CustSupp Line"),
        _words("LastName Name WorkingPosition Telephone1 Telephone2 EMail Invoice"),
        sentence("the person who gets the invoices"),
    ),
    Wanted(
        "MA_CustSuppOutstandings",
        _words("CustSuppType CustSupp NoOfOutstandings"),
        (),
        sentence("how many bills of a customer came back"),
    ),
    Wanted(
        "MA_PaymentTerms",
        _words("Payment Description"),
        (),
        sentence("the description of payment terms"),
    ),
    Wanted(
        "MA_Bills",
        _words("BillCode BillStatus"),
        _words("DueDate RePresentationDate OutstandingDate Return1Date TBModified"),
        sentence("bills that came back and are not yet marked in the open items"),
    ),
    Wanted(
        "MA_SaleDoc",
        _words("SaleDocId DocumentType"),
        _words("PymtSchedId StoragePhase1 TBModified"),
        sentence("the depot and the kind of each document"),
    ),
    Wanted(
        "MA_SaleDocSummary",
        _words("SaleDocId TotalAmount"),
        (),
        sentence("the totals of documents"),
    ),
    Wanted(
        "MA_SalesPeople",
        _words("Salesperson Name"),
        _words("Supplier"),
        sentence("the sales agents"),
    ),
    Wanted("MA_Storages", _words("Storage"), _words("Description"), sentence("the depots")),
    Wanted(
        "MA_JournalEntriesGLDetail",
        _words("CustSuppType CustSupp DebitCreditSign Amount"),
        (),
        sentence("the balances of the journal, to compare with"),
    ),
    Wanted(
        "MA_PyblsRcvblsParameters",
        (),
        (),
        sentence("how the company keeps its bills, shown by the check"),
    ),
    Wanted(
        "MA_Company", _words("CompanyName"), (), sentence("the company's name, shown by the check")
    ),
    Wanted("TB_DBMark", (), _words("DBRelease"), sentence("the release, shown by the check")),
)
"""In the order in which a reader would look at them."""

BY_NAME: Final = {wanted.name: wanted for wanted in TABLES}
