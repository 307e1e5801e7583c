"""What is due in a company: invoices, credit notes, advances, and their documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from incasso_fake_mexal.clock import Clock
from incasso_fake_mexal.masters import Masters
from incasso_fake_mexal.posting import Posting, Rate
from incasso_fake_mexal.wire import day

INVOICE: Final = "FE"
CREDIT_NOTE: Final = "NE"
ADVANCE: Final = "AC"
COLLECTION: Final = "IC"
UNPAID: Final = "IN"
OPENING: Final = "AP"
"""Accounting reasons (causali) these companies use; other companies use others."""

_DOCUMENT_TYPES: Final = {INVOICE: "FT", CREDIT_NOTE: "NC"}


def cents(amount: Decimal | str | int) -> Decimal:
    """Money from text, rounded to cents."""
    return Decimal(amount).quantize(Decimal("0.01"))


class Documents(Masters):
    """The ledger as documents make it."""

    negative_credits = True

    def __init__(self, code: str, name: str, years: tuple[int, ...], clock: Clock) -> None:
        super().__init__(code, name, years, clock)
        self._numbers = 0
        self._progressive = 0

    def next_progressive(self) -> int:
        """The number of the next posting."""
        self._progressive += 1
        return self._progressive

    def post(
        self,
        client: str,
        rates: Iterable[Rate],
        *,
        on: date,
        reason: str = INVOICE,
        number: int = 0,
        **fields: Any,
    ) -> Posting:
        """A posting of any reason; the number is given if none is."""
        self._numbers = max(self._numbers + 1, number)
        agent = self.tables.get("clienti", {}).get(client, {}).get("cod_agente", "")
        usual: dict[str, Any] = {"document_date": on, "year": on.year, "agent": agent}
        posting = Posting(
            client=client,
            registered=on,
            progressive=self.next_progressive(),
            number=number or self._numbers,
            reason=reason,
            rates=list(rates),
            **{**usual, **fields},
        )
        self.years.add(posting.year)
        self.postings.append(self.touch(posting))
        self._document(posting)
        return posting

    def invoice(
        self,
        client: str,
        amounts: Iterable[tuple[date, str | Decimal]],
        *,
        on: date,
        kind: str = "B",
        **fields: Any,
    ) -> Posting:
        """An invoice with an instalment per due date, in the company's currency unless it says.

        With `currency` and `exchange` the amounts are the document's, and the base follows.
        """
        exchange = fields["exchange"] = Decimal(fields.get("exchange", 1))
        rates = [
            Rate(
                due=due,
                kind=kind,
                amount=cents(cents(amount) / exchange),
                document_amount=cents(amount),
            )
            for due, amount in amounts
        ]
        return self.post(client, rates, on=on, **fields)

    def credit_note(self, client: str, amount: str, *, on: date, **fields: Any) -> Posting:
        """A credit note, with the sign this company's ERP shows."""
        signed = -cents(amount) if self.negative_credits else cents(amount)
        return self.post(client, [Rate(due=on, amount=signed)], on=on, reason=CREDIT_NOTE, **fields)

    def advance(self, client: str, amount: str, *, on: date, **fields: Any) -> Posting:
        """Money on account, without an invoice."""
        rate = Rate(due=on, amount=-cents(amount))
        return self.post(client, [rate], on=on, reason=ADVANCE, **fields)

    def delete(self, posting: Posting) -> None:
        """The posting was wrong and is gone."""
        self.postings.remove(posting)
        self.note_deletion("scadenzario", "+".join(map(str, posting.key)))

    def _document(self, posting: Posting) -> None:
        kind = _DOCUMENT_TYPES.get(posting.reason)
        if kind is None:
            return
        total = posting.total
        self.put(
            "documenti/movimenti-magazzino",
            (kind, posting.series, posting.number, posting.client, posting.year),
            _year=posting.year,
            _total=sum((r.amount for r in posting.rates), Decimal(0)) if total is None else total,
            sigla=kind,
            serie=posting.series,
            numero=posting.number,
            cod_conto=posting.client,
            data_documento=day(posting.document_date),
            id_magazzino=posting.depot,
            codice_agente=posting.agent,
            id_valuta=posting.currency,
            cambio_vlt_euro=posting.exchange,
            id_pagamento=posting.payment_terms,
            nota=posting.note,
        )
