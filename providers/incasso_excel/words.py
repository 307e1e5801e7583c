"""The words of our workbooks in each language: headings, kinds, codes. They are read back too."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Final, TypeVar

from incasso.api import (
    ActivityResult,
    ClosingReason,
    DebtorKind,
    DocumentKind,
    NoticeKind,
    PaymentMethod,
    RefusalReason,
    UpdateKind,
)

T = TypeVar("T", bound=StrEnum)


class Language(StrEnum):
    """A language that our workbooks speak."""

    IT = "it"
    EN = "en"


HEADINGS: Final[Mapping[str, tuple[str, str]]] = {
    "placement": ("Affidamento", "Placement"),
    "row": ("Riga", "Row"),
    "code": ("Codice cliente", "Client code"),
    "name": ("Debitore", "Debtor"),
    "kind": ("Tipo debitore", "Kind of debtor"),
    "vat": ("Partita IVA", "VAT number"),
    "tax_code": ("Codice fiscale", "Tax code"),
    "address": ("Indirizzo", "Address"),
    "zip": ("CAP", "Postcode"),
    "city": ("Località", "Town"),
    "province": ("Provincia", "Province"),
    "country": ("Nazione", "Country"),
    "language": ("Lingua", "Language"),
    "email": ("E-mail", "E-mail"),
    "pec": ("PEC", "PEC"),
    "phone": ("Telefono", "Phone"),
    "mobile": ("Cellulare", "Mobile"),
    "contact_person": ("Referente", "Contact person"),
    "call_hours": ("Orari di chiamata", "Call hours"),
    "key": ("Chiave scadenza", "Installment key"),
    "document_kind": ("Tipo documento", "Kind of document"),
    "document_number": ("Numero documento", "Document number"),
    "document_date": ("Data documento", "Document date"),
    "installment_number": ("Rata", "Installment"),
    "due_date": ("Scadenza", "Due date"),
    "amount": ("Importo originario", "Original amount"),
    "residual": ("Da recuperare", "To recover"),
    "currency": ("Valuta", "Currency"),
    "payment_method": ("Tipo di pagamento", "Payment method"),
    "unpaid_on": ("Insoluto del", "Unpaid on"),
    "interest": ("Interessi di mora", "Late interest"),
    "prescribed_on": ("Prescrizione", "Limitation"),
    "disputed": ("Contestato", "Disputed"),
    "until": ("Mandato fino al", "Mandate until"),
    "history": ("Già fatto", "Done so far"),
    "notes": ("Note", "Notes"),
}
"""Of the credits, Italian and English, in the order of the columns."""

RESULT_HEADINGS: Final[Mapping[str, tuple[str, str]]] = {
    "placement": ("Affidamento", "Placement"),
    "row": ("Riga", "Row"),
    "on": ("Data", "Date"),
    "kind": ("Esito", "Result"),
    "detail": ("Dettaglio", "Detail"),
    "amount": ("Importo", "Amount"),
    "currency": ("Valuta", "Currency"),
    "update_id": ("Identificativo", "Reference"),
    "corrects": ("Rettifica", "Corrects"),
    "remittance": ("Riversamento", "Remittance"),
    "until": ("Entro il", "Until"),
    "medium": ("Mezzo", "Medium"),
    "text": ("Note", "Notes"),
    "lot": ("Lotto", "Lot"),
}
"""Of the results that come back."""

SHEETS: Final[Mapping[str, tuple[str, str]]] = {
    "credits": ("Crediti", "Credits"),
    "results": ("Esiti", "Results"),
    "help": ("Istruzioni", "Instructions"),
    "notices": ("Avvisi", "Notices"),
    "refusals": ("Righe respinte", "Refused rows"),
}
HIDDEN: Final = "_incasso"
"""The sheet with the lot's number, version and digest: the same in every language."""

_WORDS: Final[tuple[tuple[StrEnum, str, str], ...]] = (
    (DebtorKind.COMPANY, "società", "company"),
    (DebtorKind.PERSON, "persona", "person"),
    (DebtorKind.PUBLIC_BODY, "ente pubblico", "public body"),
    (DocumentKind.INVOICE, "fattura", "invoice"),
    (DocumentKind.CREDIT_NOTE, "nota di credito", "credit note"),
    (DocumentKind.ADVANCE, "acconto", "advance"),
    (DocumentKind.DEBIT_NOTE, "nota di debito", "debit note"),
    (DocumentKind.OTHER, "altro", "other"),
    (PaymentMethod.TRANSFER, "bonifico", "transfer"),
    (PaymentMethod.RIBA, "RiBa", "RiBa"),
    (PaymentMethod.SDD, "SDD", "SDD"),
    (PaymentMethod.DIRECT, "rimessa diretta", "direct"),
    (PaymentMethod.CHEQUE, "assegno", "cheque"),
    (PaymentMethod.COD, "contrassegno", "cash on delivery"),
    (PaymentMethod.CARD, "carta", "card"),
    (PaymentMethod.BILL, "cambiale", "bill"),
    (PaymentMethod.OTHER, "altro", "other"),
    (UpdateKind.ACKNOWLEDGED, "preso in carico", "acknowledged"),
    (UpdateKind.REFUSED, "rifiutato", "refused"),
    (UpdateKind.ACTIVITY, "attività", "activity"),
    (UpdateKind.PROMISE, "promessa", "promise"),
    (UpdateKind.PAYMENT, "incasso", "payment"),
    (UpdateKind.REVERSAL, "storno incasso", "reversal"),
    (UpdateKind.CORRECTION, "rettifica", "correction"),
    (UpdateKind.DIRECT_PAYMENT, "pagamento diretto", "direct payment"),
    (UpdateKind.DOCUMENT_REQUEST, "richiesta documenti", "document request"),
    (UpdateKind.SETTLEMENT, "proposta saldo e stralcio", "settlement"),
    (UpdateKind.EXTENSION_REQUEST, "richiesta proroga", "extension request"),
    (UpdateKind.RECALL_TAKEN, "ritiro confermato", "recall taken"),
    (UpdateKind.CLOSED, "chiuso", "closed"),
    (UpdateKind.RETURNED, "restituito", "returned"),
    (UpdateKind.COMPLAINT, "reclamo", "complaint"),
    (UpdateKind.FEE, "compenso", "fee"),
    (UpdateKind.DELETED, "dati cancellati", "data deleted"),
    (UpdateKind.NOTE, "nota", "note"),
    (RefusalReason.DUPLICATE, "già affidato", "duplicate"),
    (RefusalReason.CONFLICT, "conflitto d'interessi", "conflict"),
    (RefusalReason.TERRITORY, "fuori zona", "territory"),
    (RefusalReason.INCOMPLETE, "dati incompleti", "incomplete"),
    (RefusalReason.PRESCRIBED, "prescritto", "prescribed"),
    (RefusalReason.OTHER, "altro", "other"),
    (ActivityResult.REACHED, "contattato", "reached"),
    (ActivityResult.THIRD_PARTY, "risponde un terzo", "third party"),
    (ActivityResult.NO_ANSWER, "non risponde", "no answer"),
    (ActivityResult.WRONG_NUMBER, "numero errato", "wrong number"),
    (ActivityResult.CALL_BACK, "da richiamare", "call back"),
    (ActivityResult.SENT, "inviato", "sent"),
    (ActivityResult.DELIVERED, "consegnato", "delivered"),
    (ActivityResult.NOT_DELIVERED, "non consegnato", "not delivered"),
    (ActivityResult.REFUSES, "rifiuta di pagare", "refuses"),
    (ActivityResult.DISPUTES, "contesta", "disputes"),
    (ActivityResult.ALREADY_PAID, "dice di aver pagato", "already paid"),
    (ActivityResult.FOUND, "rintracciato", "found"),
    (ActivityResult.NOT_FOUND, "non rintracciato", "not found"),
    (ActivityResult.FILED, "atto depositato o notificato", "filed"),
    (ActivityResult.OTHER, "altro", "other"),
    (ClosingReason.PAID, "incassato", "paid"),
    (ClosingReason.PARTLY_PAID, "incassato in parte", "partly paid"),
    (ClosingReason.UNTRACEABLE, "irreperibile", "untraceable"),
    (ClosingReason.DISPUTED, "contestato", "disputed"),
    (ClosingReason.INSOLVENT, "insolvente o fallito", "insolvent"),
    (ClosingReason.CEASED, "cessato", "ceased"),
    (ClosingReason.DECEASED, "deceduto", "deceased"),
    (ClosingReason.UNECONOMICAL, "antieconomico", "uneconomical"),
    (ClosingReason.PRESCRIBED, "prescritto", "prescribed"),
    (ClosingReason.WITHDRAWN, "ritirato", "withdrawn"),
    (ClosingReason.NEGATIVE, "esito negativo", "negative"),
    (ClosingReason.SETTLEMENT_REJECTED, "accordo non accettato", "settlement rejected"),
    (ClosingReason.INVALID_DATA, "dati errati", "invalid data"),
    (ClosingReason.NEVER_STARTED, "mai iniziato", "never started"),
    (ClosingReason.OTHER, "altro", "other"),
    (NoticeKind.DIRECT_PAYMENT, "pagato direttamente", "direct payment"),
    (NoticeKind.PAYMENT_REVERSED, "pagamento stornato", "payment reversed"),
    (NoticeKind.CORRECTION, "importo corretto", "correction"),
    (NoticeKind.SUSPENSION, "sospendere", "suspension"),
    (NoticeKind.RESUMPTION, "riprendere", "resumption"),
    (NoticeKind.RECALL, "ritiro", "recall"),
    (NoticeKind.EXTENSION, "mandato prorogato", "extension"),
    (NoticeKind.ANSWER, "risposta", "answer"),
    (NoticeKind.DOCUMENT, "documento", "document"),
    (NoticeKind.RETURN_TAKEN, "restituzione ricevuta", "return taken"),
    (NoticeKind.CLOSING, "lotto chiuso: cancellare i dati", "lot closed: delete the data"),
)


def column_of(language: str) -> int:
    """Which of the two words a language has; others than Italian read English."""
    return 0 if language.startswith("it") else 1


def word_of(member: StrEnum, language: str) -> str:
    """What a workbook of this language says for a member."""
    return _named(member)[column_of(language)]


def words_for(kind: type[StrEnum], language: str) -> list[str]:
    """What a list of choices in this language holds."""
    return [word_of(member, language) for member in kind]


def member_of(kind: type[T], said: str) -> T | None:
    """The member that a word of any language, or its code, means; None: none."""
    return _meant(kind).get(plain(said))


def known_words(kind: type[StrEnum]) -> list[str]:
    """Every word that `member_of` knows."""
    return sorted(_meant(kind))


def plain(said: str) -> str:
    """A word as it is compared: without case, accents do count, spaces made one."""
    return " ".join(said.replace("_", " ").casefold().split())


@cache
def _meant(kind: type[T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for member in kind:
        for word in (member.value, *_named(member)):
            found.setdefault(plain(word), member)
    return found


@cache
def _table() -> dict[tuple[type, str], tuple[str, str]]:
    # By class and value: members of two enumerations are equal if their words are.
    return {(type(member), member.value): (italian, english) for member, italian, english in _WORDS}


def _named(member: StrEnum) -> tuple[str, str]:
    return _table()[type(member), member.value]
