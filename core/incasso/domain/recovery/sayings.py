"""What each condition says in an office's words: when it does not block, and when it does."""

from __future__ import annotations

from collections.abc import Mapping

from incasso.domain.recovery.words import Words

# {value} and {until} stand for the condition's own; empty: there is nothing worth saying.
SAYINGS: Mapping[str, tuple[Words, Words]] = {
    "open": (
        ("La rata è aperta.", "The installment is open."),
        ("La rata è chiusa: {value}.", "The installment is closed: {value}."),
    ),
    "owed": (
        ("È un importo dovuto dal cliente.", "It is owed by the client."),
        (
            "È un credito del cliente (nota di credito o anticipo): non si sollecita.",
            "It is the client's own credit (credit note or advance): it is never dunned.",
        ),
    ),
    "excluded": (
        ("Nessuna esclusione.", "Nothing excludes it."),
        ("Esclusa: {value}.", "Excluded: {value}."),
    ),
    "finished": (
        ("Nessun iter l'ha conclusa.", "No iter has closed it."),
        ("Il suo iter l'ha conclusa.", "Its iter has closed it."),
    ),
    "iter": (
        ("Segue l'iter {value}.", "It follows the iter {value}."),
        (
            "Nessun iter pubblicato vale per questa rata.",
            "No published iter is meant for it.",
        ),
    ),
    "iter_override": (
        ("L'iter {value} è stato scelto a mano.", "The iter {value} was chosen by hand."),
        (
            "L'iter scelto a mano, {value}, non è pubblicato.",
            "The iter chosen by hand, {value}, is not published.",
        ),
    ),
    "tolerance": (
        (
            "Il residuo supera la tolleranza di {value}.",
            "The residual is above the tolerance of {value}.",
        ),
        (
            "Il residuo è entro la tolleranza di {value}.",
            "The residual is within the tolerance of {value}.",
        ),
    ),
    "hold": (("Nessuna sospensione.", "No hold."), ("Sospesa {until}.", "On hold {until}.")),
    "promise": (
        ("Nessuna promessa in corso.", "No promise stands."),
        ("Il cliente ha promesso di pagare {until}.", "The client promised to pay {until}."),
    ),
    "dispute": (
        ("Nessuna contestazione.", "No dispute."),
        ("Contestata {until}.", "Disputed {until}."),
    ),
    "plan": (
        ("Nessun piano di rientro.", "No payment plan."),
        (
            "Piano di rientro rispettato, prossima scadenza {until}.",
            "Payment plan kept, next date {until}.",
        ),
    ),
    "parked": (
        ("Non è parcheggiata.", "Not parked."),
        ("Parcheggiata in {value}.", "Parked in {value}."),
    ),
    "placed": (
        ("Non è affidata a un fornitore.", "Not placed with a provider."),
        ("Affidata a un fornitore.", "Placed with a provider."),
    ),
    "erp_hold": (
        ("", ""),
        (
            "Secondo il gestionale è {value}: non si sollecita.",
            "According to the ERP it is {value}: it is not dunned.",
        ),
    ),
    "reminded": (
        (
            "Il gestionale l'ha già sollecitata il {value}: si va avanti da lì.",
            "The ERP itself reminded of it on {value}: the hub goes on from there.",
        ),
        ("", ""),
    ),
    "net_credits": (
        (
            "I crediti del cliente non coprono lo scaduto.",
            "The client's credits do not cover what is past due.",
        ),
        (
            "I crediti aperti del cliente coprono lo scaduto {until}.",
            "The client's open credits cover what is past due {until}.",
        ),
    ),
    "source_trusted": (
        ("I dati di {value} sono aggiornati.", "The ledger of {value} is up to date."),
        (
            "I dati di {value} non sono aggiornati: non parte nulla finché non si rileggono.",
            "The ledger of {value} is not up to date: nothing leaves until it is read again.",
        ),
    ),
    "absent": (
        ("", ""),
        (
            "L'ultima lettura del gestionale non la riporta: forse è pagata.",
            "The last read of the ledger did not bring it: it may be paid.",
        ),
    ),
    "stage": (("Prossimo stato: {value}.", "Next stage: {value}."), ("", "")),
    "at_bank": (
        ("Nessun effetto in attesa presso la banca.", "No bill waits at the bank."),
        ("L'effetto è ancora in banca {until}.", "The bill is still at the bank {until}."),
    ),
    "stage_due": (
        ("La data dello stato, {value}, è arrivata.", "The stage's day, {value}, has come."),
        ("Lo stato è previsto per il {value}.", "The stage is due on {value}."),
    ),
    "too_late": (
        ("", ""),
        (
            "Il promemoria {value} non è partito entro la scadenza: si salta.",
            "The reminder {value} did not leave by the due date: it is skipped.",
        ),
    ),
    "put_off": (
        ("", ""),
        (
            "La scadenza è stata spostata: lo stato è previsto per il {value}.",
            "The due date was put off: the stage is due on {value}.",
        ),
    ),
    "min_gap": (
        (
            "È passato l'intervallo minimo dallo stato precedente.",
            "The least distance from the stage before has passed.",
        ),
        (
            "L'intervallo minimo dallo stato precedente finisce il {value}.",
            "The least distance from the stage before ends on {value}.",
        ),
    ),
    "contact_policy": (
        (
            "Le regole di contatto permettono {value} oggi.",
            "The contact policy allows {value} today.",
        ),
        (
            "Rimandata dalle regole di contatto ({value}) {until}.",
            "Postponed by the contact policy ({value}) {until}.",
        ),
    ),
    "address": (("Recapito per {value}.", "Address for {value}."), ("", "")),
    "step": (
        ("", ""),
        ("È già in un'azione: {value}.", "It is in a step already: {value}."),
    ),
    "proof": (
        ("La prova attesa non è arrivata: {value}.", "The proof did not come: {value}."),
        ("", ""),
    ),
    "stages_left": (
        ("", ""),
        ("L'iter non ha altri stati da percorrere.", "The iter has no stage left."),
    ),
    "review": (
        ("", ""),
        (
            "Più stati sono già passati: una persona sceglie da dove cominciare.",
            "Several stages have passed: a person chooses where to begin.",
        ),
    ),
    "moved": (
        ("", ""),
        (
            "La pratica passa a un altro iter: insoluto e mancato pagamento sono cambiati.",
            "The case moves to another iter: it became unpaid, or stopped being so.",
        ),
    ),
    "case": (("", ""), ("Non c'è una pratica aperta.", "There is no open case.")),
}
