"""A company to drive in tests: payments, bills and what comes back, as an accountant posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from incasso_fake_mexal.clock import Clock
from incasso_fake_mexal.documents import COLLECTION, OPENING, UNPAID, Documents, cents
from incasso_fake_mexal.posting import Posting, Rate
from incasso_fake_mexal.wire import day, pairs

BANK: Final = "204.00001"
"""The other side of a payment in the journal."""


class Company(Documents):
    """One company of the installation.

    `ledger` is the irreversible choice made at its set-up: by document (a part payment splits the
    instalment in a paid and an open position) or by open item (`partite`: the payment is a record
    of its own, negative, linked by the document). `negative_credits` says how its credit notes
    show: with a negative amount, or positive with only the reason telling.
    """

    def __init__(
        self,
        code: str = "ACM",
        name: str = "ACME Srl",
        *,
        years: tuple[int, ...] = (2026,),
        clock: Clock | None = None,
        ledger: Literal["documento", "partite"] = "documento",
        negative_credits: bool = True,
        bank_days: int = 10,
    ) -> None:
        super().__init__(code, name, years, clock or Clock())
        self.ledger = ledger
        self.negative_credits = negative_credits
        self.bank_days = bank_days
        """Days after which the company's own balance takes an issued bill for collected."""

    def pay(
        self, posting: Posting, index: int = 1, *, on: date, amount: str | None = None
    ) -> Posting | None:
        """Money for an instalment, in the document's currency; less is a part payment.

        Gives the posting of the payment where the ledger's mode makes one.
        """
        rate = posting.rate(index)
        whole = rate.in_document_currency
        paid = whole if amount is None else cents(amount)
        base = rate.amount if paid == whole else cents(paid / posting.exchange)
        self._journal(posting, base, on)
        if paid == whole:
            self._settle(rate, on)
        elif self.ledger == "partite":
            self.touch(posting)
            return self._linked(posting, rate, paid, base, on)
        else:
            rest = replace(rate, amount=rate.amount - base, document_amount=whole - paid)
            posting.rates.append(rest)
            rate.amount, rate.document_amount = base, paid
            self._settle(rate, on)
        self.touch(posting)
        return None

    def _settle(self, rate: Rate, on: date) -> None:
        rate.origin = rate.origin or rate.due
        rate.status, rate.due = "P", on

    def _linked(
        self, posting: Posting, rate: Rate, paid: Decimal, base: Decimal, on: date
    ) -> Posting:
        part = Rate(due=on, amount=-base, document_amount=-paid, kind=rate.kind)
        return self.post(
            posting.client,
            [part],
            on=on,
            reason=COLLECTION,
            number=posting.number,
            series=posting.series,
            document_date=posting.document_date,
            currency=posting.currency,
            exchange=posting.exchange,
        )

    def set_off(self, posting: Posting, credit: Posting, *, on: date) -> None:
        """A credit note used up against an invoice of the same amount: both are settled."""
        for each in (posting, credit):
            for index, rate in enumerate(each.rates, 1):
                if not rate.status:
                    self.pay(each, index, on=on)

    def issue_bills(
        self, *items: tuple[Posting, int], on: date, bill: str, slip: int = 1, letter: str = "E"
    ) -> None:
        """RiBa leave for the bank; several instalments under one bill make a grouped one."""
        for posting, index in items:
            rate = posting.rate(index)
            rate.status, rate.bill, rate.slip, rate.issued = letter, bill, slip, on
            self.touch(posting)

    def return_bill(
        self,
        bill: str,
        *,
        on: date,
        how: Literal["reopened", "posting"] = "reopened",
        charges: str = "0",
        reason: str = UNPAID,
    ) -> list[Posting]:
        """The bank sends a bill back: every instalment of it is open again.

        `reopened`: the status goes back to empty. `posting`: the old instalment stays as issued
        and is settled, and a new record of reason IN carries the debt. Charges are an item of
        their own. The client's counters grow either way.
        """
        made = []
        for posting, rate in self._in_bill(bill):
            self._count_unpaid(posting.client, rate.amount)
            self._journal(posting, -rate.amount, on, reason)
            if how == "reopened":
                rate.status = ""
            else:
                back = replace(rate, status="", origin=rate.origin or rate.due)
                self._settle(rate, rate.due)
                made.append(self._again(posting, [back], on, reason))
            self.touch(posting)
        for posting, _ in self._in_bill(bill)[:1] if cents(charges) else ():
            cost = Rate(due=on, amount=cents(charges), kind="M", note="Spese insoluto")
            made.append(self.post(posting.client, [cost], on=on, reason=reason))
        return made

    def _in_bill(self, bill: str) -> list[tuple[Posting, Rate]]:
        return [(p, rate) for p in self.postings for rate in p.rates if rate.bill == bill]

    def _again(self, posting: Posting, rates: Sequence[Rate], on: date, reason: str) -> Posting:
        """The same document in a posting of its own."""
        return self.post(
            posting.client,
            rates,
            on=on,
            reason=reason,
            number=posting.number,
            series=posting.series,
            document_date=posting.document_date,
            currency=posting.currency,
            exchange=posting.exchange,
            agent=posting.agent,
        )

    def _count_unpaid(self, client: str, amount: Decimal) -> None:
        row = self.tables["clienti"][client]
        self.change_client(
            client,
            nr_insoluti=row.get("nr_insoluti", 0) + 1,
            tot_insoluti=Decimal(row.get("tot_insoluti", 0)) + amount,
        )

    def dun(self, posting: Posting, index: int = 1, **dates: date) -> None:
        """The ERP's own dunning: `reminded`, `recovered`, `legal`."""
        for name, on in dates.items():
            setattr(posting.rate(index), name, on)
        self.touch(posting)

    def postpone(self, posting: Posting, index: int = 1, *, to: date) -> None:
        """Another due date was granted; the first one stays in `dt_sca_origine`."""
        rate = posting.rate(index)
        rate.origin, rate.due = rate.origin or rate.due, to
        self.touch(posting)

    def split(self, posting: Posting, index: int, *parts: tuple[date, str]) -> None:
        """One instalment becomes several; those behind it move."""
        rate = posting.rate(index)
        made = [replace(rate, due=due, amount=cents(a), document_amount=None) for due, a in parts]
        posting.rates[index - 1 : index] = made
        self.touch(posting)

    def drop_rate(self, posting: Posting, index: int) -> None:
        """An instalment is deleted; those behind it move up."""
        del posting.rates[index - 1]
        self.touch(posting)

    def turn_year(self, year: int, *, how: Literal["carried", "reposted"] = "carried") -> None:
        """A new accounting year begins.

        `carried`: open postings of the years before show in the new archive too, under their own
        keys. `reposted`: opening postings double what is open, under new keys; the old ones stay.
        """
        self.years.add(year)
        before = [p for p in self.postings if p.year < year]
        for posting in before:
            left = [replace(rate) for rate in posting.rates if rate.status != "P"]
            if how == "carried" and left:
                posting.years |= {year}
            elif left:
                made = self._again(posting, left, date(year, 1, 1), OPENING)
                made.year = year

    def balance(self, client: str, on: date) -> Decimal:
        """The account's balance in the company's currency, as the exposure service tells it."""
        return sum(
            (
                rate.amount if self.negative_credits else self._signed(posting, rate)
                for posting in self.postings
                if posting.client == client and not self._is_doubled(posting)
                for rate in posting.rates
                if self._counts(rate, on)
            ),
            Decimal(0),
        )

    def _signed(self, posting: Posting, rate: Rate) -> Decimal:
        return -abs(rate.amount) if posting.reason == "NE" else rate.amount

    def _is_doubled(self, posting: Posting) -> bool:
        return posting.reason == OPENING

    def _counts(self, rate: Rate, on: date) -> bool:
        """An issued bill is owed until its paper falls due, and the bank has had its days."""
        if rate.status in ("E", "e"):
            due = max(each for each in (rate.origin, rate.due, rate.issued) if each is not None)
            return (on - due).days <= self.bank_days
        return rate.status != "P"

    def _journal(
        self, posting: Posting, amount: Decimal, on: date, reason: str = COLLECTION
    ) -> None:
        """The journal entry; its `ps_*` arrays are the only link from money to invoice."""
        number = self.next_progressive()
        series, document, dated = posting.document
        self.put(
            "prima-nota/righe",
            (on.year, number, posting.client),
            _year=on.year,
            data_registr=day(on),
            progressivo=number,
            cau_contabile=reason,
            data_documento=day(on),
            codice_conto=posting.client,
            descr_riga=f"Fattura {document}",
            importo_riga=-amount,
            ps_cod_conto=pairs([posting.client]),
            ps_serie_doc=pairs([series]),
            ps_nr_documento=pairs([document]),
            ps_dt_documento=pairs([day(dated)]),
        )
        self.put(
            "prima-nota/righe",
            (on.year, number, BANK),
            _year=on.year,
            data_registr=day(on),
            progressivo=number,
            cau_contabile=reason,
            data_documento=day(on),
            codice_conto=BANK,
            descr_riga=f"Fattura {document}",
            importo_riga=amount,
        )
