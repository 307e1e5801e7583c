"""A posting of the instalment ledger: one document, up to 250 instalments in parallel arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from incasso_fake_mexal.wire import Row, day, instant, pairs

EUR: Final = 1
"""`numero_valuta` of the euro."""

MOST_RATES: Final = 250


@dataclass(kw_only=True)
class Rate:
    """One position of the arrays. Its number is its place: who goes before it moves it."""

    due: date
    """`dt_sca_pg`: the due date, and in a paid position the day of the payment."""
    amount: Decimal
    """In the company's currency, with the sign the ERP shows."""
    kind: str = "B"
    """`tipo_scadenza`: A charge, B transfer, C cash, R RiBa, T draft, M direct, V MAV, X Y Z."""
    status: str = ""
    """`stato_pagamento`: empty open, P paid, E or e bill issued."""
    origin: date | None = None
    document_amount: Decimal | None = None
    """In the document's currency; None: the same."""
    bill: str = ""
    slip: int = 0
    issued: date | None = None
    bank_account: str = ""
    reminded: date | None = None
    recovered: date | None = None
    legal: date | None = None
    note: str = ""
    cig: str = ""
    cup: str = ""
    bank: int = 0

    @property
    def in_document_currency(self) -> Decimal:
        """What letters quote."""
        return self.amount if self.document_amount is None else self.document_amount


@dataclass(kw_only=True)
class Posting:
    """One record of `scadenzario`; change it through its Company, which keeps `data_ult_mod`."""

    client: str
    year: int
    registered: date
    progressive: int
    number: int
    document_date: date
    reason: str
    series: int = 1
    long_number: str = ""
    currency: int = EUR
    exchange: Decimal = Decimal(1)
    """Units of the document's currency for one of the company's."""
    agent: str = ""
    note: str = ""
    depot: int = 1
    payment_terms: int = 1
    total: Decimal | None = None
    """Of the document, where it is not the sum of its instalments (split payment, withholding)."""
    rates: list[Rate] = field(default_factory=list)
    changed: datetime | None = None
    years: frozenset[int] = frozenset()
    """In which year archives it shows beside its own."""

    @property
    def key(self) -> tuple[str, str, int, int]:
        """Account, posting date, progressive, year: what makes a record of the resource."""
        return (self.client, day(self.registered), self.progressive, self.year)

    @property
    def document(self) -> tuple[int, int, date]:
        """Series, number and date: how payments name it."""
        return (self.series, self.number, self.document_date)

    def rate(self, index: int) -> Rate:
        """The instalment at a position, counted from 1."""
        return self.rates[index - 1]

    def row(self) -> Row:
        """The record as it travels."""
        return {
            "codice": self.client,
            "dt_registr_doc": day(self.registered),
            "prog_primanota": self.progressive,
            "anno_primanota": self.year,
            "data_documento": day(self.document_date),
            "serie": self.series,
            "numero": self.number,
            "numero_esteso": self.long_number,
            "protocollo_iva": f"{self.number}/{self.series}",
            "causale": self.reason,
            "codice_agente": self.agent,
            "imp_provvigione": 0,
            "numero_valuta": self.currency,
            "nota_documento": self.note,
            "sottoazienda": 0,
            "utente_ult_mod": "AMM",
            "data_ult_mod": instant(self.changed) if self.changed else "",
            **self._arrays(),
        }

    def _arrays(self) -> Row:
        def column(value: Callable[[Rate], Any]) -> list[list[Any]]:
            return pairs([value(rate) for rate in self.rates])

        return {
            "tipo_scadenza": column(lambda r: r.kind),
            "dt_sca_pg": column(lambda r: day(r.due)),
            "dt_sca_origine": column(lambda r: day(r.origin)),
            "imp_scadenza": column(lambda r: r.amount),
            "imp_sca_vlt_doc": column(lambda r: r.in_document_currency),
            "stato_pagamento": column(lambda r: r.status),
            "nota_rata": column(lambda r: r.note),
            "conto_eff": column(lambda r: r.bank_account),
            "nr_prot_effetti": column(lambda r: r.slip),
            "dt_sca_emissione_eff": column(lambda r: day(r.issued)),
            "id_effetto": column(lambda r: r.bill),
            "data_sollecito": column(lambda r: day(r.reminded)),
            "data_recupero": column(lambda r: day(r.recovered)),
            "data_legale": column(lambda r: day(r.legal)),
            "codice_id_gara": column(lambda r: r.cig),
            "cod_uni_progetto": column(lambda r: r.cup),
            "banca_appoggio": column(lambda r: r.bank),
            "conto_presso": [],
        }
