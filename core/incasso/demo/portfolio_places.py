"""Where the invented clients live, and the depots and agents that look after them."""

from __future__ import annotations

from typing import Final, NamedTuple

from incasso.contract.ledger import PersonRecord


class Place(NamedTuple):
    """A town with its province, post code, sales area and depot."""

    city: str
    province: str
    zip: str
    area: str
    depot: str


PLACES: Final = (
    Place("Milano", "MI", "20124", "Nord Ovest", "D01"),
    Place("Torino", "TO", "10121", "Nord Ovest", "D01"),
    Place("Bergamo", "BG", "24121", "Nord Ovest", "D01"),
    Place("Brescia", "BS", "25121", "Nord Ovest", "D01"),
    Place("Genova", "GE", "16121", "Nord Ovest", "D01"),
    Place("Padova", "PD", "35121", "Nord Est", "D02"),
    Place("Verona", "VR", "37121", "Nord Est", "D02"),
    Place("Treviso", "TV", "31100", "Nord Est", "D02"),
    Place("Bologna", "BO", "40121", "Nord Est", "D02"),
    Place("Rimini", "RN", "47921", "Nord Est", "D02"),
    Place("Firenze", "FI", "50123", "Centro", "D03"),
    Place("Perugia", "PG", "06121", "Centro", "D03"),
    Place("Ancona", "AN", "60121", "Centro", "D03"),
    Place("Roma", "RM", "00184", "Centro", "D03"),
    Place("Pescara", "PE", "65121", "Centro", "D03"),
    Place("Napoli", "NA", "80121", "Sud", "D04"),
    Place("Bari", "BA", "70121", "Sud", "D04"),
    Place("Lecce", "LE", "73100", "Sud", "D04"),
    Place("Catania", "CT", "95121", "Sud", "D04"),
    Place("Cagliari", "CA", "09121", "Sud", "D04"),
)

ABROAD: Final = {
    "DE": Place("München", "", "80331", "Estero", "D02"),
    "AT": Place("Graz", "", "8010", "Estero", "D02"),
    "FR": Place("Lyon", "", "69001", "Estero", "D01"),
    "CH": Place("Lugano", "", "6900", "Estero", "D01"),
}

_DEPOTS: Final = {"D01": "Milano", "D02": "Padova", "D03": "Roma", "D04": "Bari"}
_AGENTS: Final = (
    ("Livia", "Torresani"),
    ("Marco", "Bellanti"),
    ("Elena", "Vardesi"),
    ("Paolo", "Orsenigo"),
    ("Chiara", "Montelvo"),
    ("Dario", "Piovanelli"),
    ("Sara", "Lucenti"),
    ("Fabio", "Grantorre"),
)
AGENTS_PER_DEPOT: Final = 2


def depots() -> tuple[PersonRecord, ...]:
    """The company's four branches."""
    return tuple(
        PersonRecord(
            code=code,
            name=f"Deposito di {city}",
            email=f"deposito.{city.lower()}@acme.example",
            phone=f"+39 02 5550 10{code[-2:]}",
        )
        for code, city in _DEPOTS.items()
    )


def agents() -> tuple[PersonRecord, ...]:
    """Two sales agents for each branch."""
    return tuple(
        PersonRecord(
            code=f"A{number:02d}",
            name=f"{first} {last}",
            email=f"{first}.{last}@agenti.example".lower(),
            mobile=f"+39 333 555 01{number:02d}",
        )
        for number, (first, last) in enumerate(_AGENTS, start=1)
    )


def agent_of(depot: str, number: int) -> str:
    """The agent who visits a client of that depot."""
    first = (int(depot[-2:]) - 1) * AGENTS_PER_DEPOT + 1
    return f"A{first + number % AGENTS_PER_DEPOT:02d}"
