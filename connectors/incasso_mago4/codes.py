"""Mago4's enums as this connector reads them: family × 65536 + item."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from incasso.api import PaymentKind, PaymentMethod

CUSTOMER: Final = 3211264
SUPPLIER: Final = 3211265

DEBIT: Final = 4980736
CREDIT: Final = 4980737

OPENING: Final = 5505024
CLOSING: Final = 5505025

NORMAL: Final = 6946816
ALLOWANCE: Final = 6946817
REOPENING: Final = 6946818
EXCHANGE: Final = 6946819
OVERPAYMENT: Final = 6946820
WITHHOLDING: Final = 6946821
REVALUATION: Final = 6946822

BASE_ONLY: Final = frozenset({EXCHANGE, REVALUATION})
"""Rows that exist in the company's currency only; they change nothing of what the client owes."""

BILL_PRESENTED: Final = 5701633
BILL_UNPAID: Final = 5701636

FACTORING: Final = 2686996
PRESENTED_TO_FACTOR: Final = 1376261

SALE_DOCUMENT: Final = 3801088
DEBIT_NOTE: Final = 3407889

NOT_BY_MAIL: Final = 12451840
"""A person's column for a kind of document has this value unless the person gets it by mail."""

METHODS: Final[Mapping[int, PaymentMethod]] = MappingProxyType(
    {
        2686976: PaymentMethod.DIRECT,  # cash
        2686977: PaymentMethod.DIRECT,
        2686978: PaymentMethod.COD,
        2686979: PaymentMethod.DIRECT,  # at sight of the invoice
        2686980: PaymentMethod.BILL,
        2686981: PaymentMethod.RIBA,
        2686982: PaymentMethod.TRANSFER,
        2686983: PaymentMethod.CHEQUE,
        2686984: PaymentMethod.CHEQUE,  # bank draft
        2686985: PaymentMethod.DIRECT,  # money orders
        2686986: PaymentMethod.DIRECT,
        2686987: PaymentMethod.DIRECT,
        2686988: PaymentMethod.BILL,  # pagherò
        2686989: PaymentMethod.SDD,
        2686990: PaymentMethod.CHEQUE,  # foreign
        2686991: PaymentMethod.TRANSFER,  # foreign
        2686992: PaymentMethod.CARD,
        2686993: PaymentMethod.DIRECT,  # MAV
        2686994: PaymentMethod.DIRECT,  # postal slip
        2686995: PaymentMethod.OTHER,  # letter of credit
        2686996: PaymentMethod.OTHER,  # factoring
        2686997: PaymentMethod.SDD,  # B2B
        2686998: PaymentMethod.CARD,
    }
)
"""PaymentTerm to how the installment was to be paid; a setting may say otherwise."""

KINDS: Final[Mapping[int, PaymentKind]] = MappingProxyType(
    {
        NORMAL: PaymentKind.MONEY,
        ALLOWANCE: PaymentKind.ALLOWANCE,
        REOPENING: PaymentKind.REVERSAL,
        EXCHANGE: PaymentKind.EXCHANGE,
        OVERPAYMENT: PaymentKind.MONEY,
        WITHHOLDING: PaymentKind.WITHHOLDING,
        REVALUATION: PaymentKind.EXCHANGE,
    }
)

BILLS: Final = frozenset({PaymentMethod.RIBA, PaymentMethod.SDD, PaymentMethod.BILL})
"""Methods by which the bank collects, and may send back."""

SALE_DOCUMENTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        3407873: "documento di trasporto",
        3407874: "fattura",
        3407875: "fattura accompagnatoria",
        3407876: "nota di credito",
        3407878: "ricevuta fiscale",
        3407879: "ricevuta fiscale non incassata",
        3407882: "fattura a correzione",
        3407883: "fattura di acconto",
        3407888: "fattura pro forma",
        3407889: "nota di debito",
    }
)
