"""What tables call things, in the office's language; machine formats never use these words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

_ITALIAN = {
    "accepted_at": "accettato",
    "action": "azione",
    "active": "attivo",
    "actor": "chi",
    "agent": "agente",
    "amount": "importo",
    "area": "zona",
    "at": "quando",
    "attempts": "tentativi",
    "band": "fascia",
    "blocked_by": "blocco",
    "case": "pratica",
    "channel": "canale",
    "city": "città",
    "client": "cliente",
    "client_name": "ragione sociale",
    "code": "codice",
    "cost": "costo",
    "count": "rate",
    "currency": "valuta",
    "depot": "deposito",
    "document_number": "documento",
    "due_date": "scadenza",
    "due_on": "per il",
    "effective_due_date": "scadenza",
    "email": "e-mail",
    "family": "famiglia",
    "field": "campo",
    "file": "file",
    "final_at": "esito",
    "hint": "rimedio",
    "id": "n.",
    "installment": "rata",
    "installments": "rate",
    "iter": "iter",
    "key": "chiave",
    "kind": "tipo",
    "label": "descrizione",
    "language": "lingua",
    "login": "utente",
    "medium": "mezzo",
    "mode": "modo",
    "name": "nome",
    "next_due_on": "prossima",
    "next_stage": "prossimo stato",
    "not_due": "a scadere",
    "on": "giorno",
    "operator": "addetto",
    "overdue": "scaduto",
    "overdue_days": "gg.",
    "payment_method": "pagamento",
    "phone": "telefono",
    "priority": "priorità",
    "problem": "problema",
    "published_on": "pubblicato",
    "reason": "motivo",
    "residual": "residuo",
    "responsible": "responsabile",
    "role": "ruolo",
    "row": "riga",
    "run": "lettura",
    "since": "da",
    "source": "azienda",
    "stage": "stato",
    "stages": "stati",
    "state": "situazione",
    "status": "situazione",
    "step": "azione n.",
    "subject": "oggetto",
    "summary": "descrizione",
    "to": "a",
    "total": "totale",
    "version": "versione",
}
_VALUES = {
    # Only words that stand for a state: codes, keys and names stay as they are.
    "open": "aperta",
    "parked": "parcheggiata",
    "placed": "affidata",
    "closed": "chiusa",
    "paid": "pagata",
    "vanished": "sparita",
    "gone": "eliminata",
    "proposed": "da approvare",
    "ready": "pronta",
    "working": "in corso",
    "done": "eseguita",
    "counted": "conclusa",
    "skipped": "saltata",
    "cancelled": "annullata",
    "failed": "fallita",
    "queued": "in coda",
    "sending": "in invio",
    "accepted": "accettato",
    "delivered": "consegnato",
    "bounced": "respinto",
    "uncertain": "incerto",
}
_STATES = ("status", "state")


def heading(field: str, language: str) -> str:
    """The title of a column."""
    plain = field.replace("_", " ")
    return _ITALIAN.get(field, plain) if language == "it" else plain


def shown(field: str, value: Any, language: str) -> str:
    """A value as a person of that language writes it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return written_amount(value, language)
    if isinstance(value, bool):
        return ("sì" if language == "it" else "yes") if value else ""
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%y %H:%M" if language == "it" else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%y" if language == "it" else "%Y-%m-%d")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if language == "it" and field in _STATES:
        return _VALUES.get(value, str(value))
    return str(value)


def written_amount(amount: Decimal, language: str) -> str:
    """1.234,56 in Italian, 1,234.56 in English."""
    text = f"{amount:,f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "it" else text
