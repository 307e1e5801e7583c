"""What stands in the way of filing: notices, documents, the court, promises that hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from incasso.contract.text import text
from incasso.domain.law.limitation import Doubt, InterruptionKind
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementStatus
from incasso.services.law.caution_words import grave, note, numbers_of, several
from incasso.services.law.facts import Facts
from incasso.services.law.italian import day, money
from incasso.services.law.papers import Invoice
from incasso.services.law.records import Caution, CautionCode, Dossier

_ELECTRONIC_PROOF_SINCE: Final = date(2024, 11, 26)
"""D.Lgs. 164/2024 in force: an electronic invoice is written proof (art. 634 c.p.c.)."""

_HOME: Final = "IT"


def about_notices(dossier: Dossier) -> Iterator[Caution]:
    notices = [
        each
        for credit in dossier.credits
        for each in credit.limitation.interruptions
        if each.kind is InterruptionKind.NOTICE and each.doubt is not Doubt.NOT_FORMAL
    ]
    without = [
        credit
        for credit in dossier.credits
        if not any(
            each.kind is InterruptionKind.NOTICE and each.doubt is not Doubt.NOT_FORMAL
            for each in credit.limitation.interruptions
        )
    ]
    if without:
        yield note(
            CautionCode.NO_NOTICE,
            text("No formal notice left for: {documents}.", documents=several(without)),
        )
    if any(each.doubt is Doubt.NO_PROOF for each in notices):
        yield note(
            CautionCode.UNPROVEN,
            text(
                "Of some formal notices nothing proves that they arrived: see the page "
                "of limitation."
            ),
        )
    if any(each.doubt is Doubt.NO_SIGNATURE for each in notices):
        yield note(
            CautionCode.UNSIGNED,
            text(
                "The company's letters bear no signature: as long as none stands on a notice, it "
                "interrupts nothing (Cass. 2335/2024)."
            ),
        )


def about_documents(dossier: Dossier, invoices: Sequence[Invoice]) -> Iterator[Caution]:
    none = [each for each in invoices if not each.found.papers]
    if none:
        why = none[0].found.why
        yield grave(
            CautionCode.NO_INVOICE,
            text(
                "Not enclosed, because not found: {documents} ({why}).",
                documents=numbers_of(none),
                why=why,
            ),
        )
    paper = [each for each in invoices if each.found.papers and not each.is_electronic]
    if paper:
        yield note(
            CautionCode.NO_ELECTRONIC,
            text(
                "Enclosed without the electronic invoice; as proof a notarised extract "
                "of the ledger "
                "may be needed: {documents}.",
                documents=numbers_of(paper),
            ),
        )
    electronic = [each for each in invoices if each.is_electronic]
    bare = [each for each in electronic if not each.receipts]
    if bare:
        yield note(
            CautionCode.NO_RECEIPT,
            text(
                "Enclosed without receipts of the exchange system: {documents}.",
                documents=numbers_of(bare),
            ),
        )
    if electronic and dossier.on >= _ELECTRONIC_PROOF_SINCE:
        yield note(
            CautionCode.ELECTRONIC_PROOF,
            text(
                "Electronic invoices that went through the exchange system are written proof; no "
                "notarised extract is needed (art. 634 c.p.c. since 26 November 2024)."
            ),
        )


def about_the_court(dossier: Dossier) -> Iterator[Caution]:
    found = dossier.injunction
    if (country := dossier.debtor.country) not in ("", _HOME):
        yield grave(
            CautionCode.ABROAD,
            text(
                "The debtor is abroad ({country}): court and law may be others, an injunction must "
                "be served within 90 days, and a European order for payment may serve better.",
                country=country,
            ),
        )
    if found is not None and found.court_in_doubt:
        yield grave(
            CautionCode.COURT_LIMIT,
            text(
                "The justice of the peace decides up to {limit} since 31 October 2026, unless that "
                "day was put off once more: check it before filing, or write it into "
                "[companies.{source}.legal] as justice_of_the_peace.",
                limit=money(found.court_limit),
                source=dossier.source,
            ),
        )


def about_agreements(dossier: Dossier, facts: Facts) -> Iterator[Caution]:
    for each in facts.agreements:
        if each.kind in OF_PAYMENTS and each.status is AgreementStatus.ACTIVE:
            yield grave(
                CautionCode.AGREEMENT,
                text(
                    "A {kind} of {day} still holds, up to {until}: what it covers cannot "
                    "be asked for.",
                    kind=each.kind,
                    day=each.made_on,
                    until=day(each.until_on),
                ),
            )
