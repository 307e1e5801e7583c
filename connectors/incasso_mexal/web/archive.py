"""The archives of one company as this day asks for them: which years, which coordinates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from incasso.api import RejectedError
from incasso.api import text as sentence
from incasso_mexal.cells import CellError, text
from incasso_mexal.web.login import Coordinates, coordinates
from incasso_mexal.web.paging import Filter, Listing, Stream
from incasso_mexal.web.postings import FIELDS, NEEDED
from incasso_mexal.web.settings import MexalSettings
from incasso_mexal.web.webapi import WebApi


class Archive:
    """Ways to read one company on one day."""

    def __init__(self, api: WebApi, on: date) -> None:
        self.api = api
        self.settings: MexalSettings = api.settings
        self.years = self.settings.years_on(on)

    def where(self, kind: str, year: int = 0) -> Coordinates:
        """The coordinates of one kind of record; without a year the newest."""
        return coordinates(self.settings, kind, year or self.years[0])

    def postings(self, year: int, filters: tuple[Filter, ...] = (), *, most: int = 0) -> Stream:
        """Records of the ledger of one year; `most` asks for smaller pages than usual."""
        where = self.where("installments", year)
        what = sentence("ledger (scadenzario) of {where}", where=str(where))
        listing = Listing(what, "scadenzario", where, FIELDS, NEEDED, filters, most)
        return Stream(self.api, listing)


class Groups:
    """Which accounts are clients': the ledger holds suppliers too."""

    def __init__(self, groups: Iterable[str]) -> None:
        self.names = frozenset(groups) - {""}

    def has(self, code: str) -> bool:
        """Whether an account belongs to one of the clients' groups."""
        return group_of(code) in self.names


def group_of(code: str) -> str:
    """The group (mastro) of an account: what stands before the dot."""
    return code.partition(".")[0].strip()


def groups_set(settings: MexalSettings) -> Groups:
    """The clients' groups as the settings name them; empty if they name none."""
    return Groups(each.strip().rstrip(".") for each in settings.customer_groups)


def groups_of(archive: Archive) -> Groups:
    """The clients' groups: as set, else those of the clients that Mexal lists."""
    if (groups := groups_set(archive.settings)).names:
        return groups
    what = sentence("accounts of clients of {where}", where=str(archive.where("clients")))
    listing = Listing(what, "clienti", archive.where("clients"), ("codice",), ("codice",))
    found: set[str] = set()
    for batch in Stream(archive.api, listing):
        for record in batch.records:
            try:
                code = text(record.get("codice"), "codice")
            except (CellError, AttributeError):
                continue
            found.add(group_of(code))
    if not found:
        raise RejectedError(
            sentence(
                "{what}: Mexal lists no client, so nobody can tell clients from suppliers; "
                "look at company and years, or set customer_groups",
                what=what,
            ),
            code="no_clients",
        )
    return Groups(found)
