"""Agents and depots: accounts that clients name, and Mexal's table of stores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from incasso.api import Page, PersonRecord, RejectedError
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, first_of, text
from incasso_mexal.web.archive import Archive, group_of
from incasso_mexal.web.paging import Filter, Listing, Stream, everything

DEPOTS: Final = "dati-generali/magazzini"
_AT_ONCE: Final = 40
_FIELDS: Final = ("codice", "ragione_sociale", "cognome", "nome", "telefono", "email", "pec")


def pull_agents(archive: Archive, named: Iterable[str] | None) -> Iterator[Page[PersonRecord]]:
    """The agents that clients and groups name, found among suppliers, else among accounts.

    `named` is what a reading of the clients heard; None asks Mexal for it.
    """
    codes = _of_groups(archive) | (_of_clients(archive) if named is None else set(named))
    codes -= {""}
    found: dict[str, PersonRecord] = {}
    for resource, fields in (("fornitori", _FIELDS), ("conti", ("codice", "descrizione"))):
        missing = sorted(codes - found.keys())
        for start in range(0, len(missing), _AT_ONCE):
            part = tuple(missing[start : start + _AT_ONCE])
            for person in _accounts(archive, resource, fields, part):
                found.setdefault(person.code, person)
    for code in codes - found.keys():
        found[code] = PersonRecord(code=code, name=code)
    people = [found[code] for code in sorted(found)]
    for start in range(0, len(people), 1000):
        yield Page(items=tuple(people[start : start + 1000]))


def pull_depots(archive: Archive) -> Iterator[Page[PersonRecord]]:
    """The company's stores."""
    try:
        rows = everything(archive.api, Listing(sentence("depots"), DEPOTS, archive.where("people")))
    except RejectedError as error:
        archive.api.ctx.log.info("%s", error)
        return
    found: dict[str, PersonRecord] = {}
    for row in rows:
        try:
            code, name = text(row.get("id"), "id"), text(row.get("descrizione"), "descrizione")
        except CellError:
            continue
        if code and code not in found:
            found[code] = PersonRecord(code=code, name=name or code)
    people = list(found.values())
    for start in range(0, len(people), 1000):
        yield Page(items=tuple(people[start : start + 1000]))


def _of_clients(archive: Archive) -> set[str]:
    """Accounts that clients name as their agent."""
    where = archive.where("clients")
    wanted = ("codice", "cod_agente")
    what = sentence("agents of the clients of {where}", where=str(where))
    stream = Stream(archive.api, Listing(what, "clienti", where, wanted))
    return {_code(row, "cod_agente") for batch in stream for row in batch.records}


def _of_groups(archive: Archive) -> set[str]:
    """The accounts of the agents' groups, where the settings name such groups."""
    codes: set[str] = set()
    for group in archive.settings.agent_groups:
        mark = Filter("codice", "inizia_per", f"{group.rstrip('.')}.")
        people = archive.where("people")
        listing = Listing(sentence("agents"), "fornitori", people, ("codice",), filters=(mark,))
        rows = (row for batch in Stream(archive.api, listing) for row in batch.records)
        codes |= {code for row in rows if group_of(code := _code(row, "codice")) == group}
    return codes


def _accounts(
    archive: Archive, resource: str, fields: tuple[str, ...], codes: tuple[str, ...]
) -> Iterator[PersonRecord]:
    listing = Listing(
        sentence("agents among {resource}", resource=resource),
        resource,
        archive.where("people"),
        fields,
        ("codice",),
        (Filter("codice", "=", codes),),
    )
    try:
        rows = everything(archive.api, listing)
    except RejectedError as error:
        archive.api.ctx.log.info("%s", error)
        return
    for row in rows:
        try:
            yield _person(row)
        except CellError:
            continue


def _person(row: Mapping[str, Any]) -> PersonRecord:
    texts = {name: text(row.get(name), name) for name in (*_FIELDS, "descrizione")}
    name = (texts["ragione_sociale"], f"{texts['cognome']} {texts['nome']}".strip())
    return PersonRecord(
        code=texts["codice"],
        name=first_of((*name, texts["descrizione"], texts["codice"])),
        email=texts["email"].lower(),
        pec=texts["pec"].lower(),
        phone=texts["telefono"],
    )


def _code(row: Any, field: str) -> str:
    try:
        return text(row.get(field), field)
    except (CellError, AttributeError):
        return ""
