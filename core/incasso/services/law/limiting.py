"""Find what started the limitation of each credit anew, and how well it can be proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import Final

from incasso.contract.channel import DeliveryState
from incasso.contract.ledger import PaymentKind
from incasso.contract.media import Medium
from incasso.domain.law.limitation import (
    CreditClass,
    Doubt,
    Interruption,
    InterruptionKind,
    interest_alive_from,
    limitation,
)
from incasso.domain.recovery.states import AgreementKind
from incasso.services.law.counting import payments_by_installment
from incasso.services.law.facts import Facts
from incasso.services.law.records import Interrupted, LimitationOf
from incasso.store.law.credits import CreditRow
from incasso.store.law.papers import ProofRow, SentRow

_ARRIVED: Final = (DeliveryState.DELIVERED, DeliveryState.READ)


class Limiting:
    """The limitation of one client's credits."""

    def __init__(
        self, facts: Facts, credit: CreditClass, timezone: tzinfo, *, is_signed: bool
    ) -> None:
        """`is_signed`: the company's letters bear the creditor's signature."""
        self._facts, self._credit = facts, credit
        self._timezone, self._is_signed = timezone, is_signed
        self._paid = payments_by_installment(facts)

    def of(self, row: CreditRow) -> LimitationOf:
        """What is known about one installment."""
        found = sorted(self._interruptions(row), key=lambda each: (each.on, each.about))
        limited = limitation(self._credit, row.due_date, found)
        on = self._facts.on
        return LimitationOf(
            credit=limited.credit,
            basis=limited.basis,
            start=limited.start,
            runs_from=limited.runs_from,
            last_day=limited.last_day,
            if_claimed=limited.if_claimed,
            urgency=limited.urgency(on),
            interruptions=tuple(map(_shown, found)),
            interest_alive_from=interest_alive_from(row.due_date, found, on),
        )

    def _interruptions(self, row: CreditRow) -> Iterator[Interruption]:
        yield from self._notices(row)
        yield from self._recognitions(row)
        yield from self._payments(row)

    def _notices(self, row: CreditRow) -> Iterator[Interruption]:
        for sent in self._facts.messages:
            if row.id not in self._facts.asked_for.get(sent.step_id, ()):
                continue
            if sent.on_date <= row.due_date or not Medium(sent.medium).traits.formal:
                continue
            if sent.accepted_at is not None:
                arrived = self._arrived(sent)
                doubt = self._doubt(sent, arrived)
                on = arrived or sent.on_date
                yield Interruption(InterruptionKind.NOTICE, on, doubt, f"delivery {sent.id}")

    def _arrived(self, sent: SentRow) -> date | None:
        """The day of the receipt that proves it; a receipt is bytes in the archive."""
        return next(
            (
                each.at.astimezone(self._timezone).date()
                for each in self._facts.proofs.get(sent.id, ())
                if _proves(each)
            ),
            None,
        )

    def _doubt(self, sent: SentRow, arrived: date | None) -> Doubt | None:
        if sent.step_id not in self._facts.formal_steps:
            return Doubt.NOT_FORMAL
        if arrived is None:
            return Doubt.NO_PROOF
        return None if self._is_signed else Doubt.NO_SIGNATURE

    def _recognitions(self, row: CreditRow) -> Iterator[Interruption]:
        """Whoever promises to pay, or asks for instalments, recognises the debt."""
        for each in self._facts.agreements:
            named = each.installments or (each.installment_id,)
            if each.kind is not AgreementKind.DISPUTE and row.id in named:
                yield Interruption(
                    InterruptionKind.RECOGNITION,
                    each.made_on,
                    Doubt.OF_FACT,
                    f"{each.kind} {each.id}",
                )

    def _payments(self, row: CreditRow) -> Iterator[Interruption]:
        for each in self._paid.get(row.id, ()):
            if each.kind == PaymentKind.MONEY and each.amount > 0:
                yield Interruption(
                    InterruptionKind.PART_PAYMENT, each.paid_on, Doubt.OF_FACT, "payment"
                )


def _proves(news: ProofRow) -> bool:
    return news.state in _ARRIVED and bool(news.sha256)


def _shown(each: Interruption) -> Interrupted:
    return Interrupted(
        kind=each.kind, on=each.on, evidence=each.evidence, doubt=each.doubt, about=each.about
    )
