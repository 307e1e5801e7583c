"""The headings under which programs export each field, in Italian and English, strongest first.

Beside Italian ERPs: Business Central, SAP (FBL5N), Odoo, Xero, TeamSystem, Danea, openSTAManager,
Fatture in Cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from incasso_csv.cells.words import normal
from incasso_csv.layouts.folding import folded, squeezed


class Meaning(NamedTuple):
    """What a heading may mean; of two candidates for a field the lower rank wins."""

    field: str
    rank: int


Vocabulary: TypeAlias = Mapping[str, tuple[Meaning, ...]]
"""Normalised heading to its meanings, most likely first."""

# Each line: field, then headings from the unambiguous to the vague; `!` begins the vague ones,
# which yield when another column says the same more clearly.
_PARTY: Final = """
client_name: ragione sociale, rag sociale, denominazione, debitore, intestatario, nome cliente,
  cliente fornitore, cliente, inquilino, conduttore, locazione, ragione soc,
  descrizione conto, customer name, contact name, partner name, name 1, account name, client name,
  nome 1, ragione sociale 1, nome visualizzato partner, nome visualizzato partner fattura,
  partner display name, invoice partner display name, debtor name, bill to name,
  sell to customer name, nome debitore
  ! nominativo, soggetto, anagrafica, customer, partner, debtor, contact, societa, company, name
surname: cognome
first_name: nome
vat: partita iva, p iva, piva, codice iva, part iva, p i, vat number, vat no, vat registration no,
  tax number 1, vat id
tax_code: codice fiscale, cod fiscale, cod fisc, c f, cf, fiscal code
tax_id: cfpiva, cf piva, cf p iva, codice fiscale partita iva, p iva c f,
  codice fiscale p iva, cf pi
email: e mail, posta elettronica, mail, indirizzo email, email address, e mail address
pec: posta certificata, posta elettronica certificata, indirizzo pec, e mail pec, email pec
phone: telefono, tel, telefono 1, recapito telefonico, phone no, telephone, phone number
mobile: cellulare, cell, telefono cellulare, mobile phone
fax: n fax, numero fax
address: indirizzo, via, sede
zip: cap
city: localita, citta, comune
province: provincia, prov, pr
country: nazione, paese, cod paese, codice paese, iso nazione
agent: agente, cod agente, codice agente, venditore, salesperson, salesperson code
depot: deposito, filiale, magazzino, cod deposito
area: zona, cod zona
"""

_LEDGER: Final = """
key: id rata, id scadenza, id partita, chiave, iuv, progressivo rata ! id
client: codice cliente, cod cliente, numero cliente, id cliente, codice anagrafica,
  codice cliente fornitore, numero cliente fornitore, cod cf, codice cf, codice c f, sottoconto,
  codice debitore, cod conto, codice conto, conto, cif, codice soggetto, customer no,
  customer number, customer code, customer id, account number, partner id, contact id, kunnr,
  client id, client code, client no, debtor no, debtor code, debtor number, account no,
  account code, bill to customer no, sell to customer no, conto cliente, cod sogg, id soggetto,
  id anagrafica, cod anag
  ! cod, codice, account
document_number: numero fattura, num fatt, n fattura, nr fattura, numero documento, num documento,
  num doc, n documento, rif doc, riferimento documento, nomepdf, nr documento, n doc, nr doc,
  fattura, fattura n, fattura numero, rif fattura, riferimento fattura, n ro doc, n ro documento,
  nro doc, n ro fattura, invoice number, invoice no, document number, document no
  ! riferimento, num, numero, documento, number, reference, attribuzione, assignment
document_date: data fattura, data fatt, data documento, data doc, data emissione, emissione, dt doc,
  invoice date, document date, invoice bill date, data fattura conto, data ft
  ! data, data di registrazione, posting date, date
document_kind: tipo documento, tipo doc, tp doc, causale, document type, sigla doc,
  sigla documento, journal entry type ! tipologia documento, tipologia,
  tipo, type
installment_number: numero rata, n rata, nr rata, rata, num rata
due_date: scadenza, data scadenza, data scad, datascadenza, data di scadenza, dt scadenza, scad,
  dt scad, scadenza rata, prossima scadenza, scadenza netto, due date, net due date, maturity date,
  scadenza pagamento, data scadenza pagamento, invoice date due, date due, scadenza netta,
  scadenza fattura, scad ft, data scadenza netta, data scadenza fattura
amount: importo rata, imp scad, importo scadenza, importo effetto, importo atteso, importo pag,
  importo, imp, importo originale, original amount, amount, importo in divisa interna,
  amount in local currency, importo vl, importo originale vl, amount lcy, original amt lcy,
  importo eur, amount cocd crcy, amount in company code currency,
  amount company code currency ! importo lordo, totale fattura, importo totale, totale, tot doc,
  totale documento, importo documento, importo fattura, importo doc, importo in divisa documento,
  amount in doc curr, amount in currency, total, invoice total, total signed, totale con segno,
  totale lordo,
  gross total, lordo, ammontare, valore
residual: residuo, importo residuo, saldo partita, da pagare, importo dovuto, da incassare, aperto,
  importo aperto, differenza, residuo da incassare, saldo residuo, importo da pagare,
  residuo da pagare, da saldare, saldo aperto, saldo scadenza, residuo rata, ancora da incassare,
  importo residuo valuta locale, importo residuo vl, remaining amount, remaining amt lcy,
  amount due, invoice amount due, amount due signed, open amount, outstanding amount,
  balance due, amount residual, residual amount, importo dovuto con segno, saldo rata, saldo dovuto,
  resta, resta da incassare, saldo da pagare, open balance, open amt, resta da pagare,
  importo rimanente, ammontare residuo, valore residuo, debito residuo, restante, importo restante,
  rimanenza da incassare, importo da incassare, da riscuotere, saldo da incassare, da avere
  ! saldo, balance, outstanding, open, rimanente, rimanenza, dovuto
paid: imp pagato, importo pagato, incassato, pagato, importo incassato, acconti, gia pagato,
  gia incassato, gia versato, totale pagato, amount paid, paid amount, invoice amount paid, paid,
  acconto, acconti versati, acconto versato, acconto ricevuto, importo versato, versato,
  importo gia versato, importo saldato, saldato, paid to date, total paid, amount received
debit: dare, importo dare, imp dare, entrate, entrata
credit: avere, importo avere, imp avere, uscite, uscita
sign: segno, d a, dare avere, segno importo, debit credit, indicatore dare avere, dare avere d a,
  debit credit indicator, segno d a
currency: valuta, divisa, cod valuta, codice valuta, currency code, document currency,
  divisa documento, company code currency
payment_method: tipo pag, tipo pagamento, mod pagamento, modalita di pagamento, modalita pagamento,
  mpxx, tp, tipo effetto, tp effetto, metodo di pagamento, metodo pagamento, forma di pagamento,
  forma pagamento, codice pagamento, cod pagamento, cod metodo di pagamento, tipologia pagamento,
  payment method code, payment type, payt method, modo pagamento, modo di pagamento, tipo incasso
  ! pagamento, condizioni di pagamento, condizioni pagamento, cod condizioni pagamento,
  cond pagamento, termini di pagamento, cod termini pagamento, payment terms, payment terms code,
  terms of payment, tipologia, tipo
unpaid: insoluto, insoluta, di cui insoluti, data insoluto, insoluti
presented_on: data presentazione, presentata il, data emissione effetto
paid_on: data incasso, data pagamento, incassato il, pagato il, saldo il, saldato il, data saldo
status: stato rata, stato, esito, stato pagamento, payment status, payment state
credit_limit: fido totale ! fido
notes: note, nota, annotazioni
bank: banca appoggio, banca, abi, cab, iban
"""

_CLIENTS: Final = """
code: codice cliente, cod cliente, numero cliente, id cliente, codice, cod, cod conto, codice conto,
  conto, cif, codice anagrafica, customer no, customer number, account number
name: ragione sociale, rag sociale, denominazione, intestatario, nome cliente, cliente, debitore,
  societa ! nominativo, nome
vat: partita iva, p iva, piva, codice iva, part iva
tax_code: codice fiscale, cod fiscale, cod fisc, c f, cf
is_person: persona fisica, privato
language: lingua
contact_person: referente, contatto, persona di riferimento
contact_role: qualifica, ruolo
call_hours: orari chiamata, orario chiamata, giorni e ore
category: categoria, cat, categoria cliente
payment_terms: pagamento, condizioni di pagamento, condizioni pagamento, cod pagamento
credit_limit: fido, importo fido, fido accordato
blocked: bloccato, blocco
excluded: escluso, no solleciti, escluso solleciti
seasonal: stagionale
rating: classe di rischio
notes: note, nota, annotazioni
"""

_PEOPLE: Final = """
code: codice, cod, codice agente, cod agente, codice deposito, cod deposito, agente, deposito
name: nome, ragione sociale, denominazione, descrizione, nominativo, nome agente, nome deposito
email: e mail, posta elettronica, mail
pec: posta certificata
phone: telefono, tel
mobile: cellulare, cell
"""

_CANONICAL_LEDGER: Final = (
    "key client document_kind document_number document_date installment_number due_date amount "
    "residual currency payment_method unpaid_on presented_on agent depot area notes"
).split()
_CANONICAL_CLIENT: Final = (
    "code name vat tax_code is_person address zip city province country language email pec phone "
    "mobile fax contact_person contact_role call_hours agent depot area category payment_terms "
    "credit_limit blocked excluded seasonal rating notes"
).split()
_CANONICAL_PERSON: Final = ["code", "name", "email", "pec", "phone", "mobile"]


_FOLDED: Final = "~"
"""Begins the entries of a vocabulary with the abbreviations written out."""


def _with_folded(found: Mapping[str, list[Meaning]]) -> dict[str, tuple[Meaning, ...]]:
    """The same and its folded forms; those that would mean several fields are left out."""
    every = {word: tuple(meanings) for word, meanings in found.items()}
    forms: dict[str, list[tuple[Meaning, ...]]] = {}
    for word, meanings in every.items():
        for form in {folded(word), squeezed(word)}:
            forms.setdefault(form, []).append(meanings)
    for form, several in forms.items():
        if len({meanings[0].field for meanings in several}) == 1:
            every[_FOLDED + form] = min(several, key=lambda each: each[0].rank)
    return every


def _vocabulary(canonical: list[str], *blocks: str) -> Vocabulary:
    found: dict[str, list[Meaning]] = {normal(field): [Meaning(field, 0)] for field in canonical}
    for block in blocks:
        for line in block.replace("\n  ", " ").strip().splitlines():
            field, _, headings = line.partition(":")
            found.setdefault(normal(field), []).append(Meaning(field, 0))
            clear, _, vague = headings.partition("!")
            for base, group in ((1, clear), (100, vague)):
                for rank, heading in enumerate(group.split(",")):
                    if word := normal(heading):
                        found.setdefault(word, []).append(Meaning(field, base + rank))
    return MappingProxyType(_with_folded(found))


LEDGER: Final = _vocabulary(_CANONICAL_LEDGER, _LEDGER, _PARTY)
CLIENTS: Final = _vocabulary(
    _CANONICAL_CLIENT, _CLIENTS, "\n".join(_PARTY.strip().splitlines()[3:])
)
PEOPLE: Final = _vocabulary(_CANONICAL_PERSON, _PEOPLE)


def meanings(heading: str, vocabulary: Vocabulary) -> tuple[Meaning, ...]:
    """What a heading may mean, as it is written, else with its abbreviations written out."""
    word = normal(heading)
    if word in vocabulary:
        return vocabulary[word]
    for form in (folded(heading), squeezed(heading)):
        if found := vocabulary.get(_FOLDED + form):
            return found
    return ()


REQUIRED: Final = MappingProxyType(
    {
        "ledger": (("due_date",), ("amount", "residual", "debit")),
        "clients": (("name", "surname"), ("code", "vat", "tax_code", "tax_id")),
        "people": (("code",), ("name",)),
    }
)
"""What a heading must have: one field of each group."""
