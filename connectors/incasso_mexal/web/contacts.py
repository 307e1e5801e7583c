"""The contact of a client (`referenti/clienti`) who pays the invoices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from incasso.api import RejectedError
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, first_of, text, whole
from incasso_mexal.web.archive import Archive
from incasso_mexal.web.paging import Listing, Stream
from incasso_mexal.web.tables import POSITIONS, words_of

FIELDS: Final = (
    "codice_cli_for",
    "cod_referente",
    "cod_posizione",
    "nome",
    "nota",
    "telefono",
    "cellulare",
    "email",
)
_ACCOUNTS: Final = re.compile(r"ammin|contab|pagament|fornitor|account|credit", re.IGNORECASE)


@dataclass(frozen=True)
class Contact:
    """A person at a client's; empty where there is none."""

    name: str = ""
    role: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    rank: int = 0


def contacts_of(archive: Archive, found: dict[str, Contact]) -> Iterator[None]:
    """Gather the best contact of each client, a page of the server at a time.

    Nothing is found where the installation has no such archive.
    """
    where = archive.where("clients")
    positions = words_of(archive.api, POSITIONS, archive.where("tables"))
    what = sentence("contacts of {where}", where=str(where))
    listing = Listing(what, "referenti/clienti", where, FIELDS)
    try:
        for batch in Stream(archive.api, listing):
            for row in batch.records:
                _take(row, positions, archive.settings.contacts, found)
            yield
    except RejectedError as error:
        archive.api.ctx.log.info("%s", error)


def _take(
    row: Any, positions: Mapping[str, str], wanted: tuple[int, ...], found: dict[str, Contact]
) -> None:
    try:
        code = text(row.get("codice_cli_for"), "codice_cli_for")
        contact = _contact(row, positions, wanted)
    except (CellError, AttributeError):
        return
    if contact is not None and (code not in found or contact.rank < found[code].rank):
        found[code] = contact


def _contact(
    row: Mapping[str, Any], positions: Mapping[str, str], wanted: tuple[int, ...]
) -> Contact | None:
    """The row as a contact with its rank, the lowest being the best; None if it is not for us."""
    position = whole(row.get("cod_posizione"), "cod_posizione")
    role = first_of((positions.get(str(position), ""), text(row.get("nota"), "nota")))
    rank = _rank(position, f"{role} {text(row.get('email'), 'email')}", wanted)
    if rank is None:
        return None
    return Contact(
        name=text(row.get("nome"), "nome"),
        role=role,
        email=text(row.get("email"), "email").lower(),
        phone=text(row.get("telefono"), "telefono"),
        mobile=text(row.get("cellulare"), "cellulare"),
        rank=rank,
    )


def _rank(position: int, words: str, wanted: tuple[int, ...]) -> int | None:
    if wanted:
        return wanted.index(position) if position in wanted else None
    return 0 if _ACCOUNTS.search(words) else None
