"""Clients of the WebAPI (`clienti`) as records of the hub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from incasso.api import ClientItem, ClientRecord, Page, Unreadable
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, amount, first_of, is_yes, text, whole
from incasso_mexal.spelling import country_code, mail_address, vat_number
from incasso_mexal.web.archive import Archive, group_of
from incasso_mexal.web.arrays import by_index
from incasso_mexal.web.contacts import Contact, contacts_of
from incasso_mexal.web.cursor import changed_since, cursor
from incasso_mexal.web.paging import Filter, Listing, Stream
from incasso_mexal.web.settings import MexalSettings
from incasso_mexal.web.tables import CATEGORIES, PAYMENTS, ZONES, words_of

FILE: Final = "clienti"
NEEDED: Final = ("codice",)
FIELDS: Final = (
    "codice",
    "cod_alternativo",
    "ragione_sociale",
    "denominazione",
    "cognome",
    "nome",
    "gest_per_fisica",
    "tp_nazionalita",
    "cod_paese",
    "partita_iva",
    "codice_fiscale",
    "indirizzo",
    "cap",
    "localita",
    "provincia",
    "telefono",
    "fax",
    "email",
    "pec",
    "cod_pagamento",
    "cod_agente",
    "cod_zona",
    "cod_cat_sta",
    "gest_ente_pa",
    "tp_rating",
    "nr_insoluti",
    "fido",
    "gest_fuori_fido",
    "descr_nota",
)
_ACCOUNT: Final = re.compile(r"\d{1,4}\.\d{1,8}")


class GroupsAndAgents:
    """Collected while reading clients: their groups of accounts, their agents."""

    def __init__(self) -> None:
        self.groups: set[str] = set()
        self.agents: set[str] = set()

    def take(self, item: ClientItem) -> None:
        """Adds the values of one client."""
        if isinstance(item, ClientRecord):
            self.groups.add(group_of(item.code))
            self.agents.add(item.agent)
        elif isinstance(item, Unreadable) and item.external_id:
            self.groups.add(group_of(item.external_id))


def pull_clients(archive: Archive, since: str | None) -> Iterator[Page[ClientItem]]:
    """Every client, or those that changed; the last page of a whole reading is complete."""
    settings = archive.settings
    filters: tuple[Filter, ...] = ()
    if since is not None:
        filters = (Filter("data_ult_mod", ">=", changed_since(settings, since)),)
    where = archive.where("clients")
    what = sentence("clients of {where}", where=str(where))
    listing = Listing(what, "clienti", where, FIELDS, NEEDED, filters)
    stream = Stream(archive.api, listing)
    # A list position expires soon: contacts are read before the list, or after a short one.
    batches = (batch.records for batch in stream)
    changed = None if since is None else [raw for records in batches for raw in records]
    if changed is None or changed:
        contacts: dict[str, Contact] = {}
        for _ in contacts_of(archive, contacts):
            yield Page(file=FILE)  # a page has five minutes
        reader = ClientReader(archive, contacts)
        yield from _pages(batches if changed is None else [changed], reader)
    yield Page(file=FILE, complete=since is None, cursor=cursor(settings, stream.elaborated))


def _pages(batches: Iterable[Sequence[Any]], reader: ClientReader) -> Iterator[Page[ClientItem]]:
    """Each client once, although the server may start its list again."""
    seen: set[str] = set()
    for records in batches:
        items: list[ClientItem] = []
        for raw in records:
            item = _client(raw, reader)
            key = item.code if isinstance(item, ClientRecord) else str(item)
            if key not in seen:
                seen.add(key)
                items.append(item)
        for start in range(0, max(len(items), 1), 1000):
            yield Page(file=FILE, items=tuple(items[start : start + 1000]))


def _client(raw: Any, reader: ClientReader) -> ClientItem:
    try:
        if not isinstance(raw, Mapping):
            raise CellError(
                "", sentence("it is no record"), sentence("look at the client in Mexal")
            )
        return reader.record(raw)
    except CellError as error:
        code = str(raw.get("codice") or "").strip() if isinstance(raw, Mapping) else ""
        problems = (error.problem,)
        return Unreadable(external_id=code[:128], file=FILE, problems=problems, raw=str(raw)[:2000])


class ClientReader:
    """Makes records of clients, with the words behind their codes."""

    def __init__(self, archive: Archive, contacts: Mapping[str, Contact]) -> None:
        api, tables = archive.api, archive.where("tables")
        self._settings: MexalSettings = archive.settings
        self._payments = words_of(api, PAYMENTS, tables)
        self._zones = words_of(api, ZONES, tables)
        self._categories = words_of(api, CATEGORIES, tables)
        self._contacts = contacts

    def record(self, raw: Mapping[str, Any]) -> ClientRecord:
        """The record. Raises CellError for a client without code or a field that is no text."""
        code = _text(raw, "codice")
        if not code:
            raise CellError("codice", sentence("the client has no code"), code="missing")
        contact = self._contacts.get(code, Contact())
        country = country_code(_text(raw, "cod_paese"))
        return ClientRecord(
            code=code,
            name=_name(raw),
            vat=vat_number(_text(raw, "partita_iva"), country),
            tax_code=_text(raw, "codice_fiscale").replace(" ", "").upper(),
            is_person=is_yes(raw.get("gest_per_fisica")),
            address=_text(raw, "indirizzo"),
            zip=_text(raw, "cap"),
            city=_text(raw, "localita"),
            province=_text(raw, "provincia"),
            country=country,
            email=first_of((contact.email, mail_address(_text(raw, "email")))),
            pec=mail_address(_text(raw, "pec")),
            phone=first_of((contact.phone, _text(raw, "telefono"))),
            mobile=contact.mobile,
            fax=_text(raw, "fax"),
            contact_person=contact.name,
            contact_role=contact.role,
            agent=_text(raw, "cod_agente"),
            area=_worded(raw, "cod_zona", self._zones),
            category=_worded(raw, "cod_cat_sta", self._categories),
            payment_terms=_worded(raw, "cod_pagamento", self._payments),
            credit_limit=amount(raw.get("fido"), "fido") or None,
            blocked=is_blocked(raw, self._settings.block_orders),
            rating=_text(raw, "tp_rating"),
            notes=_notes(raw),
            public_body=is_yes(raw.get("gest_ente_pa")),
            unpaid_count=_count(raw.get("nr_insoluti")),
            formerly=_former(raw, code),
        )


def is_blocked(raw: Mapping[str, Any], block: Mapping[str, str]) -> bool:
    """Whether a client holds every value that the settings give a blocked one."""
    return bool(block) and all(same_value(raw.get(name), value) for name, value in block.items())


def same_value(held: Any, value: str) -> bool:
    """Whether a field holds a value; amounts are compared as amounts, the rest as text."""
    try:
        plain = text(held, "value")
        if plain == value.strip():
            return True
        return amount(plain or "0", "value") == amount(value or "0", "value")
    except CellError:
        return False


def _text(raw: Mapping[str, Any], field: str) -> str:
    return text(raw.get(field), field)


def _name(raw: Mapping[str, Any]) -> str:
    person = f"{_text(raw, 'cognome')} {_text(raw, 'nome')}".strip()
    return first_of((_text(raw, "ragione_sociale"), _text(raw, "denominazione"), person))


def _worded(raw: Mapping[str, Any], field: str, words: Mapping[str, str]) -> str:
    code = _text(raw, field)
    return "" if code in ("", "0") else words.get(code, code)


def _count(value: Any) -> int | None:
    return None if value is None else whole(value, "nr_insoluti")


def _notes(raw: Mapping[str, Any]) -> str:
    notes = by_index(raw.get("descr_nota"), "descr_nota")
    return "; ".join(note for each in notes.values() if (note := text(each, "descr_nota")))


def _former(raw: Mapping[str, Any], code: str) -> str:
    """The account a renumbered client had, where the alternative code is one."""
    other = _text(raw, "cod_alternativo")
    return other if other != code and _ACCOUNT.fullmatch(other) else ""
