"""What a lawyer must know before filing: contested, time-barred, unproven, incomplete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from incasso.contract.text import Text, counted, term, text
from incasso.domain.law.limitation import Doubt, InterruptionKind, Urgency
from incasso.domain.law.terms import Rule
from incasso.domain.recovery.states import OF_PAYMENTS, AgreementStatus
from incasso.services.law.facts import Facts
from incasso.services.law.italian import day, money
from incasso.services.law.papers import Invoice
from incasso.services.law.records import Caution, CautionCode, Credit, Dossier, Party

_ELECTRONIC_PROOF_SINCE: Final = date(2024, 11, 26)
"""D.Lgs. 164/2024 in force: an electronic invoice is written proof (art. 634 c.p.c.)."""

_HOME: Final = "IT"
_MOST_NAMED: Final = 8
_NEAR: Final = (Urgency.WITHIN_30, Urgency.WITHIN_90, Urgency.WITHIN_180)


def cautions_of(dossier: Dossier, facts: Facts, invoices: Sequence[Invoice]) -> Iterator[Caution]:
    """Grave ones first."""
    found = [
        *_about_credits(dossier),
        *_about_limitation(dossier),
        *_about_interest(dossier),
        *_about_notices(dossier),
        *_about_documents(dossier, invoices),
        *_about_the_court(dossier),
        *_about_agreements(dossier, facts),
    ]
    yield from sorted(found, key=lambda each: not each.grave)


def grave(code: CautionCode, words: Text) -> Caution:
    """One that stops a careful lawyer."""
    return Caution(code=code, text=words, grave=True)


def note(code: CautionCode, words: Text) -> Caution:
    """One to know."""
    return Caution(code=code, text=words, grave=False)


def _about_credits(dossier: Dossier) -> Iterator[Caution]:
    for each in dossier.credits:
        if each.disputed is not None:
            words = text("{document} is contested", document=_called(each))
            if each.disputed:
                words = text("{told}: {why}", told=words, why=each.disputed)
            yield grave(CautionCode.DISPUTED, words)
    foreign = sorted({each.currency for each in dossier.sums} - {"EUR"})
    if foreign:
        yield note(
            CautionCode.OTHER_CURRENCY,
            text(
                "No interest is counted in {currencies}: the law gives rates for euro only.",
                currencies=foreign,
            ),
        )
    for label, party in (
        (term("dossier", "creditor"), dossier.creditor),
        (term("dossier", "debtor"), dossier.debtor),
    ):
        if lacks := list(_lacking(party)):
            yield grave(
                CautionCode.MISSING,
                text("Missing of the {party}: {lacks}.", party=label, lacks=lacks),
            )


def _lacking(party: Party) -> Iterator[Text]:
    if not party.address:
        yield term("dossier", "address")
    if not (party.vat or party.tax_code):
        yield text("VAT number or tax code")
    if not party.pec and not party.is_consumer:
        yield text("certified mail address")


def _about_limitation(dossier: Dossier) -> Iterator[Caution]:
    for each in dossier.credits:
        limit = each.limitation
        if limit.urgency is Urgency.BARRED:
            words = text(
                "{document} is time-barred since {day}", document=_called(each), day=limit.last_day
            )
            if limit.if_claimed and limit.if_claimed >= dossier.on:
                words = text(
                    "{told}, unless what is doubtful counts: then it ends on {day}",
                    told=words,
                    day=limit.if_claimed,
                )
            yield grave(CautionCode.BARRED, words)
        elif limit.urgency in _NEAR:
            yield grave(
                CautionCode.NEAR,
                text(
                    "{document} is time-barred after {day}: {urgency}",
                    document=_called(each),
                    day=limit.last_day,
                    urgency=counted("{n} day is left", "{n} days are left", n=_left(dossier, each)),
                ),
            )
    old = [each for each in dossier.credits if _interest_is_old(each)]
    if old:
        yield grave(
            CautionCode.INTEREST_BARRED,
            text(
                "Interest older than five years may be time-barred (art. 2948 c.c.): {documents}.",
                documents=_several(old),
            ),
        )
    yield note(
        CautionCode.FILING,
        text(
            "Filing the petition does not interrupt limitation: its service does (Cass. "
            "27944/2022)."
        ),
    )


def _left(dossier: Dossier, credit: Credit) -> int:
    last = credit.limitation.last_day
    return 0 if last is None else (last - dossier.on).days


def _interest_is_old(credit: Credit) -> bool:
    return bool(credit.rows) and credit.limitation.interest_alive_from > credit.rows[0].first


def _about_interest(dossier: Dossier) -> Iterator[Caution]:
    if any(each.provisional for each in dossier.sums):
        since = min(
            each.first for credit in dossier.credits for each in credit.rows if each.provisional
        )
        yield grave(
            CautionCode.PROVISIONAL,
            text(
                "From {day} on interest is counted by the last known rate: the one in force is not "
                "published, or this version of Incasso does not have it.",
                day=since,
            ),
        )
    without = [each for each in dossier.credits if each.interest is None and each.currency == "EUR"]
    if without:
        yield grave(
            CautionCode.NO_RATE,
            text("There is no rate for: {documents}.", documents=_several(without)),
        )
    unknown = [each for each in dossier.credits if not each.payments_known]
    if unknown:
        yield note(
            CautionCode.PAYMENTS_UNKNOWN,
            text(
                "The ERP does not tell when parts of these were paid; interest runs on "
                "what is left "
                "alone: {documents}.",
                documents=_several(unknown),
            ),
        )
    if dossier.debtor.is_consumer:
        yield note(
            CautionCode.CONSUMER,
            text(
                "The debtor is taken for a consumer: legal interest, no fixed sum, and "
                "the court of "
                "their residence alone."
            ),
        )
    if dossier.debtor.is_public_body:
        yield note(
            CautionCode.PUBLIC_BODY,
            text(
                "The debtor is a public body: no lower rate could be agreed on (D.Lgs. "
                "231/2002, art. 5)."
            ),
        )
    if dossier.counting.rule is Rule.AGREED:
        yield note(
            CautionCode.AGREED,
            text("An agreed rate above the law's must be in writing; enclose the contract."),
        )


def _about_notices(dossier: Dossier) -> Iterator[Caution]:
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
            text("No formal notice left for: {documents}.", documents=_several(without)),
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


def _about_documents(dossier: Dossier, invoices: Sequence[Invoice]) -> Iterator[Caution]:
    none = [each for each in invoices if not each.found.papers]
    if none:
        why = none[0].found.why
        yield grave(
            CautionCode.NO_INVOICE,
            text(
                "Not enclosed, because not found: {documents} ({why}).",
                documents=_rows(none),
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
                documents=_rows(paper),
            ),
        )
    electronic = [each for each in invoices if each.is_electronic]
    bare = [each for each in electronic if not each.receipts]
    if bare:
        yield note(
            CautionCode.NO_RECEIPT,
            text(
                "Enclosed without receipts of the exchange system: {documents}.",
                documents=_rows(bare),
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


def _about_the_court(dossier: Dossier) -> Iterator[Caution]:
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


def _about_agreements(dossier: Dossier, facts: Facts) -> Iterator[Caution]:
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


def _called(credit: Credit) -> str:
    return credit.document_number or credit.installment


def _several(credits: Sequence[Credit]) -> str:
    return _listed([_called(each) for each in credits])


def _rows(invoices: Sequence[Invoice]) -> str:
    return _listed([each.row.document_number or each.row.key for each in invoices])


def _listed(names: Sequence[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = len(shown) - _MOST_NAMED
    return ", ".join(shown[:_MOST_NAMED]) + (f" (+{more})" if more > 0 else "")
