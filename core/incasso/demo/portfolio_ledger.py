"""The life of each invented installment: issued, presented, paid in part or in full, returned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

from incasso.contract.ledger import DocumentKind, InstallmentRecord, PaymentMethod
from incasso.demo.portfolio_clients import Profile, code_of, dice_for, profile

_BANK: Final = (PaymentMethod.RIBA, PaymentMethod.SDD)
_PRESENTED_BEFORE: Final = timedelta(days=20)
# Like most ERPs, the invented one keeps a paid row in its export for a while, with nothing open.
PAID_ROWS_STAY: Final = timedelta(days=10)
_FOR_EVER: Final = date(2200, 1, 1)


class Life(NamedTuple):
    """The whole life of one installment."""

    key: str
    client: Profile
    kind: DocumentKind
    number: str
    issued: date
    installment: int
    due: date
    amount: int
    """In cents; negative for credit notes and advances."""
    part: int
    """Cents paid on account."""
    part_on: date
    paid_on: date
    returned_on: date
    """The day the bank returned the bill unpaid."""
    reported: bool
    """False: it leaves the ledger on the day it is paid, without a paid row."""

    def on(self, day: date) -> InstallmentRecord | None:
        """The row in the ledger of that day; None if it is not there yet or any more."""
        if day < self.issued:
            return None
        if day >= self.paid_on and (not self.reported or day >= self.paid_on + PAID_ROWS_STAY):
            return None
        open_cents = 0 if day >= self.paid_on else self.amount
        if open_cents and day >= self.part_on:
            open_cents -= self.part
        bank = self.client.method in _BANK and self.amount > 0
        presented = max(self.issued, self.due - _PRESENTED_BEFORE)
        return InstallmentRecord(
            key=self.key,
            client=code_of(self.client.number),
            document_kind=self.kind,
            document_number=self.number,
            document_date=self.issued,
            installment_number=self.installment,
            due_date=self.due,
            amount=Decimal(self.amount).scaleb(-2),
            residual=Decimal(open_cents).scaleb(-2),
            currency=self.client.currency,
            payment_method=self.client.method,
            presented_on=presented if bank and day >= presented else None,
            unpaid_on=self.returned_on if bank and day >= self.returned_on else None,
            agent=self.client.agent,
            depot=self.client.place.depot,
            area=self.client.place.area,
        )


class Books:
    """The documents of a company: those open on the first day, and those issued afterwards."""

    def __init__(self, seed: int, start: date, clients: int, installments: int) -> None:
        self.seed = seed
        self.start = start
        self.clients = clients
        self.installments = installments
        self._profile = lru_cache(maxsize=50_000)(profile)

    def lives(self, until: date) -> Iterator[Life]:
        """Every installment that was open on the first day or issued since, until that day."""
        yield from self._opening()
        day = self.start + timedelta(days=1)
        while day <= until:
            yield from self._issued_on(day)
            day += timedelta(days=1)

    def _opening(self) -> Iterator[Life]:
        """Exactly so many open installments, due from a year ago to three months from now."""
        number = 0
        left = self.installments
        while left:
            dice = dice_for(self.seed, "document", number)
            client = self._client(dice)
            lateness = self._lateness(client, dice)
            issued = self.start - timedelta(days=max(1, lateness + client.terms))
            for life in self._document(f"{number:07d}", client, issued, dice)[:left]:
                left -= 1
                yield life
            number += 1

    def _issued_on(self, day: date) -> Iterator[Life]:
        """About as many new documents a day as keep the ledger at its size."""
        if day.weekday() > 4:
            return
        for number in range(max(1, self.installments // 80)):
            dice = dice_for(self.seed, f"new {day:%Y%m%d}", number)
            yield from self._document(f"{day:%y%m%d}{number:05d}", self._client(dice), day, dice)

    def _client(self, dice: Random) -> Profile:
        """A few clients have many documents, many have a few."""
        return self._profile(self.seed, int(self.clients * dice.random() ** 1.5))

    def _lateness(self, client: Profile, dice: Random) -> int:
        """Days between the first due date and the first day: negative if it is not yet due."""
        if dice.random() < 0.35 + 0.25 * client.quality:
            return -dice.randrange(0, max(1, min(90, client.terms)))
        late = int(dice.expovariate(1 / (25 + 90 * (1 - client.quality))))
        return min(late, 540)

    def _document(self, number: str, client: Profile, issued: date, dice: Random) -> list[Life]:
        kind = _kind(dice)
        cents = _cents(client, dice)
        if kind is not DocumentKind.INVOICE:
            return [self._credit(number, client, issued, kind, -cents // 5, dice)]
        rates = dice.choices((1, 2, 3), (75, 15, 10))[0] if client.terms else 1
        shares = [cents // rates] * rates
        shares[0] += cents - sum(shares)
        return [
            self._installment(number, client, issued, rate, share, dice)
            for rate, share in enumerate(shares, start=1)
        ]

    def _installment(
        self, number: str, client: Profile, issued: date, rate: int, cents: int, dice: Random
    ) -> Life:
        due = issued + timedelta(days=client.terms + 30 * (rate - 1))
        opened = max(self.start, issued)
        paid = self._paid_on(client, due, opened, dice)
        part_on, part = _FOR_EVER, 0
        if dice.random() < 0.12:
            part_on = min(paid, opened + timedelta(days=dice.randrange(-5, 40)))
            part = cents * dice.randrange(20, 70) // 100
        return Life(
            key=f"{number}-{rate}",
            client=client,
            kind=DocumentKind.INVOICE,
            number=f"{issued.year}/{number}",
            issued=issued,
            installment=rate,
            due=due,
            amount=cents,
            part=part,
            part_on=part_on,
            paid_on=paid,
            returned_on=self._returned_on(client, due, paid, dice),
            reported=dice.random() > 0.03,
        )

    def _paid_on(self, client: Profile, due: date, opened: date, dice: Random) -> date:
        """A Monday to Friday after the first day; one bad payer in six never pays."""
        if dice.random() < 0.16 * (1 - client.quality):
            return _FOR_EVER
        wait = dice.expovariate(1 / (5 + 65 * (1 - client.quality)))
        day = max(due, opened) + timedelta(days=1 + int(wait))
        return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)

    def _returned_on(self, client: Profile, due: date, paid: date, dice: Random) -> date:
        """Bills that were not paid within the bank's days came back; of the others none did."""
        back = due + timedelta(days=dice.randrange(3, 9))
        return back if paid > back else _FOR_EVER

    def _credit(
        self,
        number: str,
        client: Profile,
        issued: date,
        kind: DocumentKind,
        cents: int,
        dice: Random,
    ) -> Life:
        """A credit note or an advance: negative, and set off some weeks later."""
        return Life(
            key=f"{number}-1",
            client=client,
            kind=kind,
            number=f"{'NC' if kind is DocumentKind.CREDIT_NOTE else 'AC'}/{number}",
            issued=issued,
            installment=1,
            due=issued,
            amount=cents,
            part=0,
            part_on=_FOR_EVER,
            paid_on=max(self.start, issued) + timedelta(days=dice.randrange(5, 60)),
            returned_on=_FOR_EVER,
            reported=True,
        )


def _kind(dice: Random) -> DocumentKind:
    roll = dice.random()
    if roll < 0.04:
        return DocumentKind.CREDIT_NOTE
    return DocumentKind.ADVANCE if roll < 0.05 else DocumentKind.INVOICE


def _cents(client: Profile, dice: Random) -> int:
    """Most invoices are of a few hundred euros, some of many thousands; public bodies buy more."""
    euros = dice.lognormvariate(6.6 if client.kind == "body" else 6.1, 1.0)
    return max(1500, min(int(euros * 100), 9_000_000))
