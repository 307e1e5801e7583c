"""Rows without a client code: whose they are must be certain, or they go to quarantine.

A name alone, or a VAT number alone, identifies nobody if the same file shows two clients of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from incasso.api import Problem
from incasso.api import text as sentence
from incasso_csv.cells.entry import EntryCells
from incasso_csv.cells.values import Cell, is_blank
from incasso_csv.cells.words import normal
from incasso_csv.records.debtor import party_code, party_name, tax_ids

_PLACES: Final = (
    "city", "zip", "province", "address", "email", "pec", "phone", "mobile", "fax",
)  # fmt: skip
_WHO: Final = (
    "client", "client_name", "surname", "first_name", "vat", "tax_code", "tax_id", *_PLACES,
)  # fmt: skip
_Said: TypeAlias = tuple[Cell | None, ...]
"""What one row says of its client."""
_FORMS: Final = frozenset(
    "srl srls spa sas snc s r l p a c n di e soc societa coop cooperativa unipersonale ditta "
    "gmbh ag ltd llc sa sarl".split()
)
"""Words that do not tell one company from another."""


@dataclass
class _Named:
    """What the rows of one identity said of it so far."""

    names: list[str] = field(default_factory=list)
    tax_code: str = ""
    places: dict[str, str] = field(default_factory=dict)


@dataclass
class Identities:
    """Every client that the rows of one file name, and which identities are of several clients."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    """Names of today in normal form, and the code that the hub has for each."""

    _named: dict[str, _Named] = field(default_factory=lambda: defaultdict(_Named))
    _of_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _of_vat: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _wrong: dict[str, Problem] = field(default_factory=dict)
    _seen: set[_Said] = field(default_factory=set)
    _judged: dict[_Said, Problem | None] = field(default_factory=dict)

    def add(self, fields: Mapping[str, Cell]) -> None:
        """Take notice of one row; most rows say of their client what an earlier one said."""
        said = _said(fields)
        if said not in self._seen:
            self._seen.add(said)
            self._add(fields)

    def _add(self, fields: Mapping[str, Cell]) -> None:
        row = EntryCells(fields)
        code, name = party_code(row, self.renamed), party_name(row)
        if not code:
            return
        vat, tax_code = tax_ids(row)
        self._of_name[normal(name)].add(code)
        if vat:
            self._of_vat[vat].add(code)
        if not is_blank(fields.get("client")):
            return
        if code == vat:
            self._note_vat(code, name, tax_code)
        elif not tax_code:
            self._note_name(code, name, row)

    def problem(self, fields: Mapping[str, Cell]) -> Problem | None:
        """Why the client of a row is uncertain, once every row was added; None if it is certain."""
        if not is_blank(fields.get("client")):
            return None
        said = _said(fields)
        if said not in self._judged:
            self._judged[said] = self._problem(fields)
        return self._judged[said]

    def _problem(self, fields: Mapping[str, Cell]) -> Problem | None:
        row = EntryCells(fields)
        code, (vat, tax_code) = party_code(row, self.renamed), tax_ids(row)
        if wrong := self._wrong.get(code):
            return wrong
        if code == vat and len(self._of_vat[vat]) > 1:
            return _of_several_vat(vat, sorted(self._of_vat[vat] - {vat}))
        name = normal(party_name(row))
        if not (vat or tax_code) and len(self._of_name[name]) > 1:
            return _of_several_name(party_name(row), sorted(self._of_name[name] - {code}))
        return None

    def _note_vat(self, code: str, name: str, tax_code: str) -> None:
        """Two companies of a VAT group, whose tax codes the file does not give or that differ."""
        noted = self._named[code]
        other = next((each for each in noted.names if not _same_company(each, name)), "")
        if other and name:
            self._wrong.setdefault(code, _of_several_vat(code, [other, name]))
        if tax_code and noted.tax_code and tax_code != noted.tax_code:
            self._wrong.setdefault(code, _of_several_vat(code, [noted.tax_code, tax_code]))
        if name and name not in noted.names:
            noted.names.append(name)
        noted.tax_code = noted.tax_code or tax_code

    def _note_name(self, code: str, name: str, row: EntryCells) -> None:
        noted = self._named[code]
        for place in _PLACES:
            there = row.text(place)
            if not there:
                continue
            before = noted.places.setdefault(place, there)
            if _bare(before) != _bare(there):
                self._wrong.setdefault(code, _of_several_name(name, [before, there]))


def _said(fields: Mapping[str, Cell]) -> _Said:
    return tuple(map(fields.get, _WHO))


def _bare(text: str) -> str:
    return normal(text).replace(" ", "")


def _same_company(one: str, other: str) -> bool:
    """Whether two spellings may be of one company: shortened, or with more words than the other."""
    if not (one and other):
        return True
    bare = sorted((_bare(one), _bare(other)), key=len)
    words = [set(normal(name).split()) - _FORMS for name in (one, other)]
    return bare[1].startswith(bare[0]) or words[0] <= words[1] or words[1] <= words[0]


def _of_several_name(name: str, others: Iterable[str]) -> Problem:
    return Problem(
        code="several_clients",
        field="client",
        message=sentence(
            "the file shows several clients called {name} ({others}), and nothing says whose this "
            "is",
            name=name,
            others=", ".join(others),
        ),
        hint=sentence("export the client's code, or the VAT number of every client"),
    )


def _of_several_vat(vat: str, others: Iterable[str]) -> Problem:
    return Problem(
        code="several_clients",
        field="client",
        message=sentence(
            "the file shows several clients of the VAT number {vat} ({others}), perhaps a VAT "
            "group, and nothing says whose this is",
            vat=vat,
            others=", ".join(others),
        ),
        hint=sentence("export the client's code, or the tax code of every client"),
    )
