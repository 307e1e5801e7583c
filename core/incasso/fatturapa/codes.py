"""The codes of the FatturaPA tables that a reminder needs, and the words people know them by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incasso.contract.ledger import DocumentKind, PaymentMethod

DOCUMENT_KINDS: Final[Mapping[str, DocumentKind]] = {
    "TD02": DocumentKind.ADVANCE,
    "TD03": DocumentKind.ADVANCE,
    "TD04": DocumentKind.CREDIT_NOTE,
    "TD05": DocumentKind.DEBIT_NOTE,
    "TD08": DocumentKind.CREDIT_NOTE,
    "TD09": DocumentKind.DEBIT_NOTE,
}
"""Every other type is an invoice; an advance invoice is owed, so its credit is positive."""

PAYMENT_METHODS: Final[Mapping[str, PaymentMethod]] = {
    "MP01": PaymentMethod.DIRECT,
    "MP02": PaymentMethod.CHEQUE,
    "MP03": PaymentMethod.CHEQUE,
    "MP05": PaymentMethod.TRANSFER,
    "MP06": PaymentMethod.BILL,
    "MP08": PaymentMethod.CARD,
    "MP09": PaymentMethod.SDD,
    "MP10": PaymentMethod.SDD,
    "MP11": PaymentMethod.SDD,
    "MP12": PaymentMethod.RIBA,
    "MP16": PaymentMethod.SDD,
    "MP19": PaymentMethod.SDD,
    "MP20": PaymentMethod.SDD,
    "MP21": PaymentMethod.SDD,
}

TYPE_WORDS: Final[Mapping[str, str]] = {
    "TD01": "Fattura",
    "TD02": "Acconto/anticipo su fattura",
    "TD03": "Acconto/anticipo su parcella",
    "TD04": "Nota di credito",
    "TD05": "Nota di debito",
    "TD06": "Parcella",
    "TD07": "Fattura semplificata",
    "TD08": "Nota di credito semplificata",
    "TD09": "Nota di debito semplificata",
    "TD16": "Integrazione fattura reverse charge interno",
    "TD17": "Integrazione/autofattura per servizi dall'estero",
    "TD18": "Integrazione per beni intracomunitari",
    "TD19": "Integrazione/autofattura per beni ex art. 17 c. 2",
    "TD20": "Autofattura per regolarizzazione",
    "TD21": "Autofattura per splafonamento",
    "TD22": "Estrazione beni da deposito IVA",
    "TD23": "Estrazione beni da deposito IVA con versamento",
    "TD24": "Fattura differita",
    "TD25": "Fattura differita (triangolazione)",
    "TD26": "Cessione di beni ammortizzabili",
    "TD27": "Fattura per autoconsumo o cessione gratuita",
    "TD28": "Acquisti da San Marino con IVA",
    "TD29": "Comunicazione per omessa o irregolare fatturazione",
}

CONDITION_WORDS: Final[Mapping[str, str]] = {
    "TP01": "pagamento a rate",
    "TP02": "pagamento completo",
    "TP03": "anticipo",
}

METHOD_WORDS: Final[Mapping[str, str]] = {
    "MP01": "contanti",
    "MP02": "assegno",
    "MP03": "assegno circolare",
    "MP04": "contanti presso tesoreria",
    "MP05": "bonifico",
    "MP06": "vaglia cambiario",
    "MP07": "bollettino bancario",
    "MP08": "carta di pagamento",
    "MP09": "RID",
    "MP10": "RID utenze",
    "MP11": "RID veloce",
    "MP12": "RiBa",
    "MP13": "MAV",
    "MP14": "quietanza erario",
    "MP15": "giroconto su conti di contabilità speciale",
    "MP16": "domiciliazione bancaria",
    "MP17": "domiciliazione postale",
    "MP18": "bollettino di conto corrente postale",
    "MP19": "SEPA Direct Debit",
    "MP20": "SEPA Direct Debit CORE",
    "MP21": "SEPA Direct Debit B2B",
    "MP22": "trattenuta su somme già riscosse",
    "MP23": "PagoPA",
}
