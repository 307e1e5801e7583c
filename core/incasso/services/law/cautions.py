"""What a lawyer must know before filing: contested, time-barred, unproven, incomplete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from incasso.contract.text import Text, counted, term, text
from incasso.domain.law.limitation import Urgency
from incasso.domain.law.terms import Rule
from incasso.services.law.caution_words import called, grave, note, several
from incasso.services.law.facts import Facts
from incasso.services.law.filing_cautions import (
    about_agreements,
    about_documents,
    about_notices,
    about_the_court,
)
from incasso.services.law.papers import Invoice
from incasso.services.law.records import Caution, CautionCode, Credit, Dossier, Party

_NEAR: Final = (Urgency.WITHIN_30, Urgency.WITHIN_90, Urgency.WITHIN_180)


def cautions_of(dossier: Dossier, facts: Facts, invoices: Sequence[Invoice]) -> Iterator[Caution]:
    """Grave ones first."""
    found = [
        *_about_credits(dossier),
        *_about_limitation(dossier),
        *_about_interest(dossier),
        *about_notices(dossier),
        *about_documents(dossier, invoices),
        *about_the_court(dossier),
        *about_agreements(dossier, facts),
    ]
    yield from sorted(found, key=lambda each: not each.grave)


def _about_credits(dossier: Dossier) -> Iterator[Caution]:
    for each in dossier.credits:
        if each.disputed is not None:
            words = text("{document} is contested", document=called(each))
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
                "{document} is time-barred since {day}", document=called(each), day=limit.last_day
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
                    document=called(each),
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
                documents=several(old),
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
            text("There is no rate for: {documents}.", documents=several(without)),
        )
    unknown = [each for each in dossier.credits if not each.payments_known]
    if unknown:
        yield note(
            CautionCode.PAYMENTS_UNKNOWN,
            text(
                "The ERP does not tell when parts of these were paid; interest runs on "
                "what is left "
                "alone: {documents}.",
                documents=several(unknown),
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
