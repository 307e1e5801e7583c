"""Mago4's enums: family × 65536 + item. Written down apart from any connector, on purpose."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

CUSTOMER: Final = 3211264
SUPPLIER: Final = 3211265
DEBIT: Final = 4980736
CREDIT: Final = 4980737
OPENING: Final = 5505024
CLOSING: Final = 5505025
SALE_DOCUMENT: Final = 3801088
NOT_BY_MAIL: Final = 12451840
"""The default of a person's column per kind of document: this person does not get it."""


class Closing(IntEnum):
    """Why an installment became smaller, or larger again."""

    NORMAL = 6946816
    ALLOWANCE = 6946817
    REOPENING = 6946818
    EXCHANGE = 6946819
    OVERPAYMENT = 6946820
    WITHHOLDING = 6946821
    REVALUATION = 6946822


class Term(IntEnum):
    """How an installment is to be paid."""

    CASH = 2686976
    DIRECT = 2686977
    ON_DELIVERY = 2686978
    BILL_OF_EXCHANGE = 2686980
    RIBA = 2686981
    TRANSFER = 2686982
    CHEQUE = 2686983
    SDD_CORE = 2686989
    CREDIT_CARD = 2686992
    FACTORING = 2686996
    SDD_B2B = 2686997


class BillStatus(IntEnum):
    """The status of a bill."""

    PRESENTED = 5701633
    COLLECTED = 5701634
    UNPAID = 5701636
    ISSUED = 5701641
    PAID = 5701642


class SaleDocument(IntEnum):
    """What a sale document is."""

    INVOICE = 3407874
    CREDIT_NOTE = 3407876
    ADVANCE = 3407883
    DEBIT_NOTE = 3407889
