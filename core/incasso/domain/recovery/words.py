"""What decisions are called in an office's words, in Italian and in English."""

from __future__ import annotations

from collections.abc import Mapping

from incasso.contract.values import Medium

Words = tuple[str, str]
"""Italian, English."""

MEDIA: Mapping[str, Words] = {
    Medium.EMAIL: ("e-mail", "e-mail"),
    Medium.PEC: ("PEC", "certified mail (PEC)"),
    Medium.SMS: ("SMS", "SMS"),
    Medium.FAX: ("fax", "fax"),
    Medium.LETTER: ("lettera", "letter"),
    Medium.REGISTERED: ("raccomandata", "registered letter"),
    Medium.TELEGRAM: ("telegramma", "telegram"),
    "call": ("telefonata", "phone call"),
    "visit": ("visita", "visit"),
}
TASKS: Mapping[str, Words] = {
    "no_address": ("nessun recapito valido per {media}", "no usable address for {media}"),
    "no_proof": ("nessuna prova di consegna per {media}", "no proof of delivery by {media}"),
    "reminded": ("già sollecitata dal gestionale il {media}", "the ERP reminded on {media}"),
    "failed": ("invio non riuscito per {media}", "sending failed by {media}"),
}
REASONS: Mapping[str, Words] = {
    "paid": ("pagata", "paid"),
    "vanished": ("non più presente nel gestionale", "no longer in the ERP"),
    "gone": ("eliminata dal gestionale", "deleted in the ERP"),
    "moved": ("cambiata tra insoluto e mancato pagamento", "became unpaid, or stopped being so"),
    "open": ("chiusa", "closed"),
    "client_moved": ("passata a un altro codice cliente", "moved to another client code"),
    "owed": ("non è un debito", "nothing owed"),
    "excluded": ("esclusa", "excluded"),
    "finished": ("conclusa dal suo iter", "closed by its iter"),
    "iter": ("nessun iter", "no iter"),
    "tolerance": ("residuo entro la tolleranza", "residual within tolerance"),
    "hold": ("sospesa", "on hold"),
    "promise": ("promessa di pagamento", "promised"),
    "dispute": ("contestata", "disputed"),
    "plan": ("piano di rientro", "payment plan"),
    "parked": ("parcheggiata", "parked"),
    "placed": ("affidata", "placed with a provider"),
    "erp_hold": ("trattenuta nel gestionale", "held back in the ERP"),
    "net_credits": ("coperta da crediti del cliente", "covered by the client's credits"),
    "source_trusted": ("gestionale non aggiornato", "ledger not up to date"),
    "absent": ("assente dall'ultima lettura", "missing from the last read"),
    "at_bank": ("effetto ancora in banca", "bill still at the bank"),
    "contact_policy": ("regole di contatto", "contact policy"),
    "too_late": ("promemoria oltre la scadenza", "the reminder's due date has passed"),
    "put_off": ("scadenza spostata in avanti", "the due date was put off"),
    "review": ("attende una scelta", "waits for a person"),
    "case": ("nessuna pratica", "no case"),
}


def pick(words: Words, language: str) -> str:
    """The words in the office's language."""
    return words[0] if language == "it" else words[1]


def media_text(media: str, language: str) -> str:
    """Media by name: "email pec" is "e-mail, PEC"."""
    return ", ".join(pick(MEDIA.get(name, (name, name)), language) for name in media.split())


def task_reason(code: str, language: str) -> str:
    """Why a person gets a task: `no_address email pec` in words."""
    what, _, media = code.partition(" ")
    words = TASKS.get(what)
    if words is None:
        return code
    return pick(words, language).format(media=media_text(media, language) or "-")


def reason_text(name: str, language: str) -> str:
    """Why a case left its step or stands still."""
    return pick(REASONS.get(name, (name, name)), language)


ACTIONS: Mapping[str, Words] = {
    "send": ("messaggio", "message"),
    "call": ("telefonata", "phone call"),
    "visit": ("visita", "visit"),
    "task": ("attività", "task"),
    "notify": ("avviso interno", "internal notice"),
    "park": ("parcheggio", "parking"),
    "place": ("affidamento", "placement"),
    "block_orders": ("blocco ordini", "order block"),
    "close": ("chiusura", "closing"),
}
STATUSES: Mapping[str, Words] = {
    "proposed": ("da approvare", "waits for approval"),
    "ready": ("pronta", "ready"),
    "working": ("in corso", "begun"),
    "done": ("fatta, attende la prova", "done, waits for proof"),
    "failed": ("non riuscita", "failed"),
}
ERP_HOLDS: Mapping[str, Words] = {
    "legal": ("al legale", "with the lawyers"),
    "blocked": ("bloccata", "blocked"),
    "factoring": ("ceduta al factor", "sold to a factor"),
    "at_bank": ("in banca", "at the bank"),
}
EXCLUDED: Mapping[str, Words] = {
    "client": ("il cliente è escluso", "the client is excluded"),
    "category": ("la categoria del cliente è esclusa", "the client's category is excluded"),
    "payment_method": ("il tipo di pagamento è escluso", "the payment method is excluded"),
    "document_kind": ("il tipo di documento è escluso", "the document kind is excluded"),
    "min_amount": ("l'importo è sotto il minimo", "the amount is below the minimum"),
}
