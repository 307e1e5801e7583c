"""What tables call things, in the office's language; machine formats never use these words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
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
    "balance": "saldo nel gestionale",
    "band": "fascia",
    "blocked_by": "blocco",
    "case": "pratica",
    "cases": "pratiche",
    "channel": "canale",
    "checked_on": "confrontato",
    "city": "città",
    "client": "cliente",
    "client_name": "ragione sociale",
    "code": "codice",
    "cost": "costo",
    "count": "rate",
    "currency": "valuta",
    "customer_vat": "P. IVA cliente",
    "date": "data",
    "day": "data",
    "depot": "deposito",
    "difference": "differenza",
    "document_number": "documento",
    "due_date": "scadenza",
    "due_on": "per il",
    "effective_due_date": "scadenza",
    "email": "e-mail",
    "erp": "gestionale",
    "family": "famiglia",
    "field": "campo",
    "file": "file",
    "final_at": "esito",
    "form": "forma",
    "hint": "rimedio",
    "id": "n.",
    "installment": "rata",
    "installments": "rate",
    "iter": "iter",
    "key": "chiave",
    "kind": "tipo",
    "label": "descrizione",
    "language": "lingua",
    "last_used_at": "ultimo uso",
    "login": "utente",
    "made_at": "creato",
    "made_by": "autore",
    "medium": "mezzo",
    "mode": "modo",
    "name": "nome",
    "next_due_on": "prossima",
    "next_stage": "prossimo stato",
    "number": "numero",
    "not_due": "a scadere",
    "on": "giorno",
    "open_items": "partite aperte",
    "operator": "addetto",
    "overdue": "scaduto",
    "overdue_days": "gg.",
    "paid_on": "data",
    "path": "file",
    "payment_method": "pagamento",
    "phone": "telefono",
    "priority": "priorità",
    "pool": "a chi",
    "problem": "problema",
    "published_at": "pubblicato",
    "reason": "motivo",
    "release_reason": "motivo sblocco",
    "released_by": "sbloccato da",
    "released_on": "sbloccato",
    "residual": "residuo",
    "responsible": "responsabile",
    "revoked_at": "revocato",
    "role": "ruolo",
    "row": "riga",
    "run": "lettura",
    "scopes": "permessi",
    "since": "da",
    "source": "azienda",
    "sources": "aziende",
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
_STATES = {
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
    "manual": "a mano",
    "active": "attivo",
    "released": "sbloccato",
    "draft": "bozza",
    "published": "in uso",
    "retired": "superato",
}
_VALUES = {
    # Only words with a fixed meaning: codes, keys and names stay as they are.
    "status": _STATES,
    "state": _STATES,
    "erp": {**_STATES, "no": "", "theirs": "già bloccato", "done": "scritto", "queued": "in coda"},
    "band": {"not_due": "a scadere", "credits": "crediti"},
    "kind": {
        "block_orders": "blocco ordini",
        "release_orders": "sblocco ordini",
        "invoice": "fattura",
        "credit_note": "nota di credito",
        "advance": "anticipo",
        "debit_note": "nota di debito",
        "money": "incasso",
        "allowance": "abbuono",
        "withholding": "ritenuta",
        "exchange": "differenza di cambio",
        "set_off": "compensazione",
        "reversal": "storno",
        "other": "altro",
    },
    "action": {
        "send": "invio",
        "call": "telefonata",
        "visit": "visita",
        "task": "attività",
        "notify": "avviso interno",
        "park": "parcheggio",
        "place": "affidamento",
        "block_orders": "blocco ordini",
        "close": "chiusura",
    },
    "payment_method": {
        "transfer": "bonifico",
        "riba": "RiBa",
        "sdd": "SDD",
        "direct": "rimessa diretta",
        "cheque": "assegno",
        "cod": "contrassegno",
        "card": "carta",
        "bill": "effetto",
        "other": "altro",
    },
}


@dataclass(frozen=True)
class Words:
    """The language of an office, and the time zone its clocks show."""

    language: str
    timezone: tzinfo

    @property
    def nothing(self) -> str:
        """What an empty table says."""
        return "Niente da mostrare." if self._italian else "Nothing to show."

    @property
    def cut(self) -> str:
        """What follows a table that does not show everything; takes the number of rows."""
        if self._italian:
            return "Solo le prime {} righe: filtri, --limit o --format jsonl per le altre."
        return "Only the first {} rows: filters, --limit or --format jsonl for the rest."

    def heading(self, field: str) -> str:
        """The title of a column."""
        plain = field.replace("_", " ")
        return _ITALIAN.get(field, plain) if self._italian else plain

    def shown(self, field: str, value: Any) -> str:
        """A value as a person of that office writes it."""
        match value:
            case None:
                return ""
            case bool():
                return ("sì" if self._italian else "yes") if value else ""
            case Decimal():
                return self.amount(value)
            case datetime():
                local = value.astimezone(self.timezone)
                return local.strftime("%d/%m/%y %H:%M" if self._italian else "%Y-%m-%d %H:%M")
            case date():
                return value.strftime("%d/%m/%y" if self._italian else "%Y-%m-%d")
            case list() | tuple():
                return ", ".join(str(item) for item in value)
        if field == "blocked_by":
            return self._reason(str(value))
        known = _VALUES.get(field, {}) if self._italian else {}
        return known.get(value, str(value))

    def amount(self, amount: Decimal) -> str:
        """1.234,56 in Italian, 1,234.56 in English."""
        text = f"{amount:,f}"
        return text.translate(str.maketrans(",.", ".,")) if self._italian else text

    @property
    def _italian(self) -> bool:
        return self.language == "it"

    def _reason(self, code: str) -> str:
        from incasso.domain.recovery.words import reason_text

        return reason_text(code, self.language) if code else ""
