"""Open items, bills, sale documents and journal lines: the tables that hold the credits."""

from __future__ import annotations

from typing import Final

from incasso_fake_mago4.codes import CUSTOMER, DEBIT, Closing, Term
from incasso_fake_mago4.columns import (
    Columns,
    amounts,
    audit,
    day,
    days,
    flags,
    number,
    text,
    texts,
)


def _header() -> Columns:
    return {
        "CustSuppType": number(CUSTOMER),
        **texts(CustSupp=12, DocNo=20, LogNo=10),
        **days("DocumentDate", "InstallmStartDate"),
        **amounts("TotalAmount", "TaxAmount", "TotalAmountCN", "WHTaxable"),
        **flags("CreditNote", "Advance", "Settled", "Blocked", "AmountsWithWHTax"),
        **texts(Payment=8, Currency=8, Salesperson=8, Area=8, SendDocumentsTo=8),
        **texts(Description=32, Notes=64, Group1=16, Group2=16),
        **texts(ContractCode=15, ProjectCode=16),
        **{name: number() for name in ("JournalEntryId", "CRRefType", "CRRefID")},
    }


def _detail() -> Columns:
    return {
        "CustSuppType": number(CUSTOMER),
        **texts(CustSupp=12, Currency=8, Notes=64, Salesperson=8, Area=8),
        **days("OpeningDate", "FixingDate"),
        "PaymentTerm": number(Term.DIRECT),
        "DebitCreditSign": number(DEBIT),
        **amounts("Amount", "PayableAmountInBaseCurr", "Fixing"),
        "AmountType": number(6356992),
        **flags("Closed", "Blocked", "Advance", "FixingIsManual"),
        **texts(BillNo=10, BillCode=10, Slip=10, CustSuppBank=11, PresentationBank=11),
        **flags("AtSight", "NotPresentable", "Printed", "Presented", "Approved", "Collected"),
        **flags("Outstanding", "OpenedAdmCases", "ToBeCompensated"),
        **days("PresentationDate", "OpeningDateBeforePres", "ValueDate", "ApprovalDate"),
        **days("CollectionDate", "OutstandingDate"),
        "Presentation": number(1376256),
        **amounts("PresentationAmount", "PresentationAmountBaseCurr", "ApprovedAmount"),
        **amounts("OutstandingAmount", "OutstandingAmountBaseCurr", "CompensationAmount"),
        "ReopeningInstallmentNo": number(small=True),
        **{
            name: number()
            for name in "PresentationJEId CollectionJEId JournalEntryId DocumentId "
            "DocumentType CompensationNo".split()
        },
        **texts(MandateCode=16, PymtCash=8, PymtAccount=16, CostCenter=8),
    }


def _bill() -> Columns:
    return {
        **texts(Customer=12, Supplier=12, PresentationBank=11),
        **days("DueDate", "IssueDate", "ReceiptDate", "PresentationDate", "RePresentationDate"),
        **days("CollectionDate", "OutstandingDate", "Return1Date", "Return2Date"),
        **texts(Return1Reason=32, Return2Reason=32),
        **amounts("Amount"),
        **{
            name: number() for name in "BillType BillStatus PresentationJEId CollectionJEId".split()
        },
        **flags("Disabled"),
    }


def _sale_document() -> Columns:
    return {
        **{name: number() for name in "DocumentType PymtSchedId AdvancePymtSchedId".split()},
        "JournalEntryId": number(),
        "CustSuppType": number(CUSTOMER),
        **texts(DocNo=20, CustSupp=12, InvoicingCustomer=12, Payment=8, Currency=8),
        **days("DocumentDate", "PostingDate", "InstallmStartDate"),
        **texts(Salesperson=8, AreaManager=8, Area=8, StoragePhase1=8, TaxJournal=8, Notes=64),
        **flags("Issued", "PostedToAccounting", "PostedToPyblsRcvbls"),
    }


LEDGER: Final[dict[str, dict[str, Columns]]] = {
    "MA_PyblsRcvbls": {"key": {"PymtSchedId": number()}, "rest": _header()},
    "MA_PyblsRcvblsDetails": {
        "key": {
            "PymtSchedId": number(),
            "InstallmentNo": number(small=True),
            "InstallmentType": number(),
            "ClosingType": number(Closing.NORMAL),
            "InstallmentDate": day(),
        },
        "rest": _detail(),
    },
    "MA_PyblsRcvblsParameters": {
        "key": {"PyblsRcvblsParametersId": number()},
        "rest": {**flags("BillsClosingOnPresentation", "UseBills")},
    },
    "MA_Bills": {"key": {"BillCode": text(10)}, "rest": _bill()},
    "MA_SaleDoc": {"key": {"SaleDocId": number()}, "rest": _sale_document()},
    "MA_SaleDocSummary": {
        "key": {"SaleDocId": number()},
        "rest": amounts("TaxableAmount", "TaxAmount", "TotalAmount", "PayableAmount"),
    },
    "MA_JournalEntriesGLDetail": {
        "key": {"JournalEntryId": number(), "Line": number(small=True)},
        "rest": {
            "PostingDate": day(),
            "CustSuppType": number(CUSTOMER),
            "DebitCreditSign": number(DEBIT),
            **texts(Account=16, CustSupp=12),
            **amounts("Amount"),
        },
    },
}
"""Table to its key columns and the rest; the audit columns come on top."""

for _table in LEDGER.values():
    _table["rest"].update(audit())
