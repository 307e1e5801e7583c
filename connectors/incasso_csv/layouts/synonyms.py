"""The headings under which Italian programs export each field, strongest first."""

from __future__ import annotations

from collections.abc import Mapping
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
  descrizione conto ! nominativo, soggetto, anagrafica
surname: cognome
first_name: nome
vat: partita iva, p iva, piva, codice iva, part iva, vat number
tax_code: codice fiscale, cod fiscale, cod fisc, c f, cf
tax_id: cfpiva, cf piva, cf p iva, codice fiscale partita iva, p iva c f
email: e mail, posta elettronica, mail, indirizzo email
pec: posta certificata, posta elettronica certificata, indirizzo pec
phone: telefono, tel, telefono 1, recapito telefonico
mobile: cellulare, cell, telefono cellulare
fax: n fax, numero fax
address: indirizzo, via, sede
zip: cap
city: localita, citta, comune
province: provincia, prov, pr
country: nazione, paese, cod paese, codice paese, iso nazione
agent: agente, cod agente, codice agente, venditore
depot: deposito, filiale, magazzino, cod deposito
area: zona, cod zona
"""

_LEDGER: Final = """
key: id rata, id scadenza, id partita, chiave, iuv, progressivo rata ! id
client: codice cliente, cod cliente, cod conto, codice conto, conto, cif, codice soggetto
  ! cod, codice
document_number: numero fattura, num fatt, n fattura, nr fattura, numero documento, num documento,
  num doc, n documento, rif doc, riferimento documento, nomepdf, nr documento, n doc, nr doc,
  fattura ! riferimento, num, numero, documento
document_date: data fattura, data fatt, data documento, data doc, data emissione, emissione, dt doc
  ! data
document_kind: tipo documento, tipo doc, causale ! tipologia documento, tipologia, tipo
installment_number: numero rata, n rata, nr rata, rata, num rata
due_date: scadenza, data scadenza, data scad, datascadenza, data di scadenza, dt scadenza, scad,
  dt scad, scadenza rata
amount: importo rata, imp scad, importo scadenza, importo effetto, importo atteso, importo pag,
  importo, imp, importo originale ! importo lordo, totale fattura, importo totale, totale
residual: residuo, importo residuo, saldo partita, da pagare, importo dovuto, da incassare, aperto,
  importo aperto, differenza, residuo da incassare ! saldo
paid: imp pagato, importo pagato, incassato, pagato, importo incassato, acconti
debit: dare, importo dare, imp dare
credit: avere, importo avere, imp avere
currency: valuta, divisa, cod valuta, codice valuta
payment_method: tipo pag, tipo pagamento, mod pagamento, modalita di pagamento, modalita pagamento,
  mpxx, tp, tipo effetto ! pagamento, tipologia, tipo
unpaid: insoluto, insoluta, di cui insoluti, data insoluto, insoluti
presented_on: data presentazione, presentata il, data emissione effetto
paid_on: data incasso, data pagamento, incassato il, pagato il
status: stato rata, stato, esito
credit_limit: fido totale ! fido
notes: note, nota, annotazioni
bank: banca appoggio, banca, abi, cab, iban
"""

_CLIENTS: Final = """
code: codice cliente, cod cliente, codice, cod, cod conto, codice conto, conto, cif
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
    return MappingProxyType({word: tuple(meanings) for word, meanings in found.items()})


LEDGER: Final = _vocabulary(_CANONICAL_LEDGER, _LEDGER, _PARTY)
CLIENTS: Final = _vocabulary(
    _CANONICAL_CLIENT, _CLIENTS, "\n".join(_PARTY.strip().splitlines()[3:])
)
PEOPLE: Final = _vocabulary(_CANONICAL_PERSON, _PEOPLE)

REQUIRED: Final = MappingProxyType(
    {
        "ledger": (("due_date",), ("amount", "residual", "debit")),
        "clients": (("name", "surname"), ("code", "vat", "tax_code", "tax_id")),
        "people": (("code",), ("name",)),
    }
)
"""What a heading must have: one field of each group."""
