"""The records of one company: what belongs to a year and what all years share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from incasso_fake_mexal.clock import Clock
from incasso_fake_mexal.posting import Posting
from incasso_fake_mexal.wire import Row, day, instant

YEARLY: Final = frozenset({"scadenzario", "prima-nota/righe", "documenti/movimenti-magazzino"})
"""Resources kept in one archive per accounting year: the wrong year reads as empty."""


class Archive:
    """Everything a company has, by resource; `rows` is what the server may show of it."""

    def __init__(self, code: str, name: str, years: tuple[int, ...], clock: Clock) -> None:
        self.code = code
        self.name = name
        self.years = set(years)
        self.clock = clock
        self.tables: dict[str, dict[Any, Row]] = {}
        self.postings: list[Posting] = []
        self.deleted: list[Row] = []
        """The register of deletions."""
        self.papers: dict[tuple[Any, ...], bytes] = {}
        """Stored files by document."""

    def rows(self, resource: str, year: int) -> Iterator[Row]:
        """The rows of a resource in a year's archive."""
        if resource in YEARLY and year not in self.years:
            return
        if resource == "scadenzario":
            for posting in self.postings:
                if year == posting.year or year in posting.years:
                    yield posting.row()
            return
        for row in self.tables.get(resource, {}).values():
            if resource not in YEARLY or row["_year"] == year:
                yield row

    def put(self, resource: str, key: Any, **fields: Any) -> Row:
        """Add or replace a record; its time of change is the server's."""
        row = {**fields, "utente_ult_mod": "AMM", "data_ult_mod": instant(self.clock.now)}
        self.tables.setdefault(resource, {})[key] = row
        return row

    def change(self, resource: str, key: Any, *, by: str = "AMM", **fields: Any) -> Row:
        """Change some fields of a record. Raises KeyError if there is none."""
        row = self.tables[resource][key]
        row.update(fields, utente_ult_mod=by, data_ult_mod=instant(self.clock.now))
        return row

    def remove(self, resource: str, key: Any) -> None:
        """Delete a record; the register of deletions remembers it."""
        del self.tables[resource][key]
        self.note_deletion(resource, str(key))

    def note_deletion(self, resource: str, key: str) -> None:
        """The answer of `get_registro_operazioni_utente`."""
        at: datetime = self.clock.now
        self.deleted.append(
            {"archivio": resource, "chiave": key, "operazione": "C", "data_ora": instant(at)}
        )

    def touch(self, posting: Posting) -> Posting:
        """A posting changed now."""
        posting.changed = self.clock.now
        return posting

    def listed(self) -> Row:
        """The company in the list of companies."""
        return {
            "id": 1,
            "sigla": self.code,
            "ragione_sociale": self.name,
            "descrizione": self.name,
            "stato": "A",
            "tipo": "I",
            "primo_anno_gest": min(self.years),
            "ult_anno_gest": max(self.years),
            "livello_azienda": "2",
        }

    def created_today(self) -> str:
        """The server's day, as the ERP writes it."""
        return day(self.clock.today)
