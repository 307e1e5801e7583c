"""Who invoices whom: the head of a file, ordinary or simplified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from incasso.contract.text import text
from incasso.fatturapa.elements import Element
from incasso.fatturapa.records import FatturaError, Party

_SUPPLIER, _CUSTOMER = "CedentePrestatore", "CessionarioCommittente"


class Head(NamedTuple):
    """What all invoices of a file share."""

    format: str
    supplier: Party
    customer: Party
    reencoded: bool
    """The file said UTF-8 and was Latin-1."""


def ordinary_parties(header: Element) -> tuple[Party, Party]:
    """Supplier and customer of FPR12, FPA12 and 1.1. Raises FatturaError without a number."""
    supplier, customer = (
        _party(name, party.first("DatiAnagrafici"), "Anagrafica", party)
        for name, party in _both(header)
    )
    return supplier, customer


def simplified_parties(header: Element) -> tuple[Party, Party]:
    """Those of FSM10, where numbers and names stand elsewhere."""
    (_, supplier), (_, customer) = _both(header)
    other = customer.first("AltriDatiIdentificativi")
    numbers = customer.first("IdentificativiFiscali")
    named = _party(_CUSTOMER, numbers, "", other or customer)
    return _party(_SUPPLIER, supplier, "", supplier), named


def _both(header: Element) -> Iterator[tuple[str, Element]]:
    for name in (_SUPPLIER, _CUSTOMER):
        party = header.first(name)
        if party is None:
            raise FatturaError(text("{name} is missing", name=name))
        yield name, party


def _party(name: str, numbers: Element | None, names: str, seat: Element) -> Party:
    """`numbers` holds the tax numbers, `names` within it (or `seat` itself) how it is called."""
    if numbers is None:
        raise FatturaError(text("{name} is missing", name=name))
    vat, tax_code = numbers.text("IdFiscaleIVA/IdCodice"), numbers.text("CodiceFiscale")
    if not vat and not tax_code:
        raise FatturaError(text("{name} has neither IdFiscaleIVA nor CodiceFiscale", name=name))
    return Party(
        name=_called(numbers.first(names) if names else seat),
        country=numbers.text("IdFiscaleIVA/IdPaese"),
        vat=vat,
        tax_code=tax_code,
        address=tuple(_address(seat)),
    )


def _called(facts: Element | None) -> str:
    if facts is None:
        return ""
    return facts.text("Denominazione") or f"{facts.text('Nome')} {facts.text('Cognome')}".strip()


def _address(party: Element) -> Iterator[str]:
    seat = party.first("Sede")
    if seat is None:
        return
    yield " ".join(filter(None, (seat.text("Indirizzo"), seat.text("NumeroCivico"))))
    province = seat.text("Provincia")
    town = (seat.text("CAP"), seat.text("Comune"), f"({province})" if province else "")
    yield " ".join(filter(None, town))
    if (country := seat.text("Nazione")) not in ("", "IT"):
        yield country
