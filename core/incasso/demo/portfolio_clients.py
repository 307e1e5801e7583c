"""Invented clients, each a pure function of the seed and its number."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from random import Random
from typing import Final, NamedTuple

import xxhash

from incasso.contract.ledger import ClientRecord, PaymentMethod
from incasso.demo.portfolio_identity import foreign_vat, italian_vat, tax_code
from incasso.demo.portfolio_places import ABROAD, PLACES, Place, agent_of

_TRADES: Final = (
    "Officine", "Ceramiche", "Arredi", "Molino", "Tessitura", "Cantine", "Ferramenta", "Edilizia",
    "Meccanica", "Trasporti", "Panificio", "Falegnameria", "Termoidraulica", "Carpenteria",
    "Vetreria", "Tipografia", "Salumificio", "Vivai", "Elettroimpianti", "Calzaturificio",
)  # fmt: skip
_SEASONAL_TRADES: Final = ("Hotel", "Bagno", "Camping", "Rifugio", "Gelateria", "Agriturismo")
_BODIES: Final = ("Comune di", "Istituto Comprensivo di", "Azienda Sanitaria di", "Consorzio di")
_INVENTED: Final = (
    "Valdora", "Brentalta", "Solmare", "Montefosco", "Rivachiara", "Casteldoro", "Pietralba",
    "Lagoscuro", "Fontesecca", "Ponteverde", "Roccamara", "Selvanera", "Acquaforte", "Terralta",
    "Campolungo", "Bellariva", "Sassogrigio", "Vallescura", "Montebaro", "Colledoro",
)  # fmt: skip
_FORMS: Final = ("Srl", "Srl", "Srl", "SpA", "Snc", "Sas")
_FOREIGN_FORMS: Final = {"DE": "GmbH", "AT": "GmbH", "FR": "SARL", "CH": "SA"}
_FIRST: Final = ("Anna", "Luca", "Giulia", "Pietro", "Marta", "Nicola", "Irene", "Davide")
_LAST: Final = (
    "Bruganti", "Calvesini", "Dorighelli", "Fanturri", "Gavardesi", "Lomastri", "Nervolini",
    "Pastrengo", "Quaresmi", "Rovellasca", "Tamburlini", "Zanfrognini",
)  # fmt: skip
_STREETS: Final = ("Via dei Mulini", "Via del Porto", "Via Cavalieri", "Corso Libertà", "Via Larga")
_LANGUAGES: Final = {"IT": "it", "DE": "de", "AT": "de", "FR": "fr", "CH": "it"}
_CALL_HOURS: Final = ("", "", "", "9-12", "lun-gio 14-17", "mattina")


class Profile(NamedTuple):
    """The properties of a client that its documents depend on."""

    number: int
    kind: str
    """company, person, body, seasonal or foreign."""
    country: str
    currency: str
    method: PaymentMethod
    quality: float
    """From 0, never pays in time, to 1, always does."""
    place: Place
    agent: str
    terms: int
    """Days from the document to the first due date."""


def dice_for(seed: int, kind: str, number: int) -> Random:
    """A random generator seeded by its subject, so that results repeat."""
    return Random(f"{seed}/{kind}/{number}")


# One entry for each per cent of the clients.
_KINDS: Final = (
    ("company",) * 70 + ("person",) * 10 + ("body",) * 5 + ("seasonal",) * 8 + ("foreign",) * 7
)
_METHODS: Final = (
    (PaymentMethod.TRANSFER,) * 40
    + (PaymentMethod.RIBA,) * 30
    + (PaymentMethod.DIRECT,) * 12
    + (PaymentMethod.SDD,) * 8
    + (PaymentMethod.COD,) * 7
    + (PaymentMethod.CHEQUE,) * 3
)
_COUNTRIES: Final = ("DE", "AT", "FR", "CH")
_SWISS_MONEY: Final = ("CHF", "CHF", "USD", "EUR")
_TERMS: Final = (30, 30, 60, 60, 90)


def profile(seed: int, number: int) -> Profile:
    """The client's nature, the same on every day of the portfolio's life.

    Taken from one digest instead of a generator, because a million installments use it.
    """
    bits = iter(xxhash.xxh3_128_digest(f"{seed}/profile/{number}".encode()))
    kind = _KINDS[next(bits) % 100]
    country = _COUNTRIES[next(bits) % 4] if kind == "foreign" else "IT"
    place = ABROAD[country] if country != "IT" else PLACES[next(bits) % len(PLACES)]
    method = _METHODS[next(bits) % 100]
    if kind in ("body", "foreign"):
        method = PaymentMethod.TRANSFER
    return Profile(
        number=number,
        kind=kind,
        country=country,
        currency=_SWISS_MONEY[next(bits) % 4] if country == "CH" else "EUR",
        method=method,
        quality=max(next(bits), next(bits)) / 256,  # the better of two draws: most people pay
        place=place,
        agent=agent_of(place.depot, number),
        terms=0 if method is PaymentMethod.COD else _TERMS[next(bits) % 5],
    )


def code_of(number: int) -> str:
    """The client's code in the invented ERP."""
    return f"C{number:06d}"


def client(seed: int, number: int) -> ClientRecord:
    """The client as the invented ERP exports it."""
    known = profile(seed, number)
    dice = dice_for(seed, "client", number)
    person = known.kind == "person"
    first, last = dice.choice(_FIRST), dice.choice(_LAST)
    name = f"{last} {first}" if person else _company_name(known, dice)
    handle = _handle(name, number)
    italian = known.country == "IT"
    vat = italian_vat(dice) if italian else foreign_vat(known.country, dice)
    reach = dice.random()
    email = f"{handle}@posta.example" if person else f"crediti@{handle}.example"
    return ClientRecord(
        code=code_of(number),
        name=name,
        vat="" if person else vat,
        tax_code=tax_code(last, first, dice) if person else vat if italian else "",
        is_person=person,
        address=f"{dice.choice(_STREETS)} {dice.randrange(1, 180)}",
        zip=known.place.zip,
        city=known.place.city,
        province=known.place.province,
        country=known.country,
        language=_LANGUAGES[known.country],
        email="" if reach < 0.12 else email,
        pec="" if person or not italian or dice.random() < 0.2 else f"{handle}@pec.example",
        phone="" if reach < 0.05 else _phone(known, dice),
        mobile=f"+39 347 000 {dice.randrange(10_000):04d}" if dice.random() < 0.6 else "",
        contact_person="" if person else f"{first} {last}",
        contact_role="" if person else dice.choice(("amministrazione", "titolare", "contabilità")),
        call_hours=dice.choice(_CALL_HOURS),
        agent=known.agent,
        depot=known.place.depot,
        area=known.place.area,
        category=_category(known, dice),
        payment_terms=_terms(known),
        credit_limit=Decimal(dice.randrange(2, 60) * 1000),
        blocked=known.quality < 0.12,
        excluded=dice.random() < 0.01,
        seasonal=known.kind == "seasonal",
        rating="DCBA"[min(3, int(known.quality * 4))],
    )


def _company_name(known: Profile, dice: Random) -> str:
    word = dice.choice(_INVENTED)
    if known.kind == "body":
        return f"{dice.choice(_BODIES)} {word}"
    trade = dice.choice(_SEASONAL_TRADES if known.kind == "seasonal" else _TRADES)
    form = _FOREIGN_FORMS.get(known.country) or dice.choice(_FORMS)
    return f"{trade} {word} {form}"


def _handle(name: str, number: int) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return f"{'-'.join(plain.split()[:2])}-{number}"


def _phone(known: Profile, dice: Random) -> str:
    line = dice.randrange(10_000)
    prefix = {"IT": "+39 02 5550", "DE": "+49 89 5550", "AT": "+43 316 555"}
    return f"{prefix.get(known.country, '+41 91 555 00')} {line:04d}"


def _category(known: Profile, dice: Random) -> str:
    if known.kind == "body":
        return "PA"
    return dice.choice(("rivenditori", "installatori", "industria", "ristorazione", "dettaglio"))


def _terms(known: Profile) -> str:
    words = {
        PaymentMethod.TRANSFER: "bonifico",
        PaymentMethod.RIBA: "RiBa",
        PaymentMethod.DIRECT: "rimessa diretta",
        PaymentMethod.SDD: "SDD",
        PaymentMethod.COD: "contrassegno",
        PaymentMethod.CHEQUE: "assegno",
    }
    return f"{words[known.method]} {known.terms} gg" if known.terms else words[known.method]
