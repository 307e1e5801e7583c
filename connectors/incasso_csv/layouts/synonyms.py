"""The headings under which programs export each field, in Italian and English, strongest first.

Beside Italian ERPs: Business Central, SAP (FBL5N), Odoo, Xero, TeamSystem, Danea, openSTAManager,
Fatture in Cloud.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from incasso_csv.cells.words import normal


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
  cliente fornitore, cliente, societa, inquilino, conduttore, locazione, ragione soc,
  descrizione conto, customer name, contact name, partner name, name 1, account name, client name
  ! nominativo, soggetto, anagrafica, customer, partner, debtor, company, name
surname: cognome
first_name: nome
vat: partita iva, p iva, piva, codice iva, part iva, vat number, vat no, vat registration no,
  tax number 1, vat id
tax_code: codice fiscale, cod fiscale, cod fisc, c f, cf, fiscal code
tax_id: cfpiva, cf piva, cf p iva, codice fiscale partita iva, p iva c f
email: e mail, posta elettronica, mail, indirizzo email, email address, e mail address
pec: posta certificata, posta elettronica certificata, indirizzo pec
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
  customer number, customer code, customer id, account number, partner id, contact id, kunnr
  ! cod, codice
document_number: numero fattura, num fatt, n fattura, nr fattura, numero documento, num documento,
  num doc, n documento, rif doc, riferimento documento, nomepdf, nr documento, n doc, nr doc,
  fattura, invoice number, invoice no, document number, document no
  ! riferimento, num, numero, documento, number, reference, attribuzione, assignment
document_date: data fattura, data fatt, data documento, data doc, data emissione, emissione, dt doc,
  invoice date, document date, invoice bill date ! data, data di registrazione, posting date, date
document_kind: tipo documento, tipo doc, causale, document type ! tipologia documento, tipologia,
  tipo, type
installment_number: numero rata, n rata, nr rata, rata, num rata
due_date: scadenza, data scadenza, data scad, datascadenza, data di scadenza, dt scadenza, scad,
  dt scad, scadenza rata, prossima scadenza, scadenza netto, due date, net due date, maturity date
amount: importo rata, imp scad, importo scadenza, importo effetto, importo atteso, importo pag,
  importo, imp, importo originale, original amount, amount, importo in divisa interna,
  amount in local currency ! importo lordo, totale fattura, importo totale, totale, tot doc,
  totale documento, importo documento, importo in divisa documento, amount in doc curr, total,
  invoice total, total signed
residual: residuo, importo residuo, saldo partita, da pagare, importo dovuto, da incassare, aperto,
  importo aperto, differenza, residuo da incassare, saldo residuo, importo da pagare,
  residuo da pagare, da saldare, saldo aperto, saldo scadenza, residuo rata, ancora da incassare,
  importo residuo valuta locale, importo residuo vl, remaining amount, remaining amt lcy,
  amount due, invoice amount due, amount due signed, open amount, outstanding amount,
  balance due ! saldo, balance, outstanding, open
paid: imp pagato, importo pagato, incassato, pagato, importo incassato, acconti, gia pagato,
  gia incassato, gia versato, totale pagato, amount paid, paid amount, invoice amount paid, paid
debit: dare, importo dare, imp dare
credit: avere, importo avere, imp avere
currency: valuta, divisa, cod valuta, codice valuta, currency code, document currency
payment_method: tipo pag, tipo pagamento, mod pagamento, modalita di pagamento, modalita pagamento,
  mpxx, tp, tipo effetto, metodo di pagamento, metodo pagamento, forma di pagamento,
  forma pagamento, codice pagamento, cod pagamento, cod metodo di pagamento, tipologia pagamento,
  payment method code, payment type
  ! pagamento, condizioni di pagamento, condizioni pagamento, cod condizioni pagamento,
  payment terms, tipologia, tipo
unpaid: insoluto, insoluta, di cui insoluti, data insoluto, insoluti
presented_on: data presentazione, presentata il, data emissione effetto
paid_on: data incasso, data pagamento, incassato il, pagato il
status: stato rata, stato, esito, stato pagamento, payment status
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

_LONG: Final = {
    short: word
    for word, shorts in {
        "numero": "n nr num no",
        "codice": "cod",
        "cliente": "cli clienti",
        "documento": "doc docum",
        "fattura": "fatt fat ft",
        "scadenza": "scad",
        "importo": "imp",
        "pagamento": "pag",
        "ragione": "rag",
        "sociale": "soc",
        "data": "dt",
        "totale": "tot",
        "valuta": "val",
        "fornitore": "forn for",
    }.items()
    for short in shorts.split()
}
_LINKS: Final = frozenset("di del della dello dell d in la il l of the".split())
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=4096)
def folded(heading: str) -> str:
    """The words of a heading without links, abbreviations written out: `CodCliente`, `Nr. doc.`."""
    words = normal(_CAMEL.sub(" ", heading)).split()
    return " ".join(_LONG.get(word, word) for word in words if word not in _LINKS)


def _with_folded(found: Mapping[str, list[Meaning]]) -> dict[str, tuple[Meaning, ...]]:
    """The same and its folded forms; those that would mean several fields are left out."""
    every = {word: tuple(meanings) for word, meanings in found.items()}
    forms: dict[str, list[tuple[Meaning, ...]]] = {}
    for word, meanings in every.items():
        forms.setdefault(folded(word), []).append(meanings)
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
    return vocabulary.get(_FOLDED + folded(heading), ())


REQUIRED: Final = MappingProxyType(
    {
        "ledger": (("due_date",), ("amount", "residual", "debit")),
        "clients": (("name", "surname"), ("code", "vat", "tax_code", "tax_id")),
        "people": (("code",), ("name",)),
    }
)
"""What a heading must have: one field of each group."""
