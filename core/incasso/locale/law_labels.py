"""Words for codes of the law: interest, limitation, courts, negative reports."""

from __future__ import annotations

from typing import Final

from incasso.contract.text import term, text
from incasso.locale.labels import Labels

INTEREST_RULES: Final[Labels] = {
    "commercial": text("default interest under D.Lgs. 231/2002"),
    "legal": text("interest at the legal rate (art. 1284 c.c.)"),
    "agrifood": text("default interest for farm produce and food (D.Lgs. 198/2021)"),
    "agreed": text("default interest at the agreed rate"),
}
CREDIT_CLASSES: Final[Labels] = {
    "ordinary": term("credit class", "ordinary credit"),
    "periodic": term("credit class", "periodic credit"),
    "electricity": term("credit class", "electricity"),
    "gas": term("credit class", "gas"),
    "water": term("credit class", "water"),
    "transport": term("credit class", "transport"),
    "transport_overseas": term("credit class", "transport outside Europe"),
    "brokerage": term("credit class", "brokerage"),
    "insurance": term("credit class", "insurance premium"),
    "company": term("credit class", "company relations"),
    "judgment": term("credit class", "final judgment"),
}
INTERRUPTIONS: Final[Labels] = {
    "notice": term("interruption", "written demand"),
    "recognition": term("interruption", "recognition of the debt"),
    "part_payment": term("interruption", "part payment"),
    "court": term("interruption", "act served"),
}
DOUBTS: Final[Labels] = {
    "no_proof": text("nothing proves that it arrived"),
    "no_signature": text("it bears no signature of the creditor"),
    "not_formal": text("it is a reminder, not a formal notice"),
    "of_fact": text("whether it recognises the debt is for a judge"),
}
URGENCIES: Final[Labels] = {
    "far": term("limitation", "more than 180 days left"),
    "within_180": term("limitation", "180 days at most"),
    "within_90": term("limitation", "90 days at most"),
    "within_30": term("limitation", "30 days at most"),
    "barred": term("limitation", "time-barred"),
    "suspended": term("limitation", "suspended by a lawsuit"),
}
COURTS: Final[Labels] = {
    "justice_of_the_peace": term("court", "justice of the peace"),
    "tribunal": term("court", "tribunal"),
}
MISSING: Final[Labels] = {
    "agency": text("the agency's name"),
    "licence": text("the number of its licence (art. 115 TULPS)"),
    "licensed_by": text("the Questura that gave the licence"),
    "mandate": text("the mandate"),
    "lot": text("the lot"),
    "debtor": text("the debtor's name"),
    "debtor_number": text("the debtor's tax code or VAT number"),
    "credits": text("the credits, one by one"),
    "credit_details": text("number, date, due date and amount of each credit"),
    "actions": text("what was done to collect"),
    "action_details": text("day, medium, address and result of each attempt"),
    "receipts": text("receipts of what was done"),
    "tracing": text("the look-ups on which the conclusion rests"),
    "conclusion": text("the conclusion"),
    "reasons": text("the reasons of the conclusion"),
    "definitive": text("the statement that the credit is lost for good"),
    "date": text("the date of the report"),
    "signature": text("who signed it"),
    "attachments": text("the attachments"),
}
"""What a negative report lacks, by `domain.law.negative_report.Missing`."""
